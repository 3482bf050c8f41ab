"""Lists come in pages by number.

Numbers, not cursors: the mall's lists are short (a unit list of 132, tenants in the hundreds), readers jump
to a page and want the count. Every list ends its order with the row's key, so that no row falls between
two pages of a list that stands still.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

LARGEST = 100


class Pages(PageNumberPagination):
    """`page` from 1, `page_size` from 1 to 100; else it is refused. A page past the end is not found."""

    page_size_query_param = "page_size"
    max_page_size = LARGEST
    last_page_strings = ()
    # Set when the page is cut, before anything is answered.
    page: Any
    request: Any

    def get_page_size(self, request: Request) -> int:
        return _number(request, "page_size", at_most=LARGEST) or self.page_size or LARGEST

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return _number(request, "page") or 1

    def get_next_link(self) -> str | None:
        return self._link(self.page.next_page_number()) if self.page.has_next() else None

    def get_previous_link(self) -> str | None:
        return self._link(self.page.previous_page_number()) if self.page.has_previous() else None

    def _link(self, number: int) -> str:
        """A relative address: right behind every proxy."""
        address = self.request.get_full_path()
        return remove_query_param(address, "page") if number == 1 else replace_query_param(address, "page", number)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": self.page.paginator.count,
                "page": self.page.number,
                "pages": self.page.paginator.num_pages,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0}
        link = {"type": "string", "format": "uri-reference", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "page", "pages", "next", "previous", "results"],
            "properties": {
                "count": number,
                "page": number,
                "pages": number,
                "next": link,
                "previous": link,
                "results": schema,
            },
        }


def _number(request: Request, name: str, at_most: int | None = None) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or not 1 <= int(text) <= (at_most or 10**9):
        limit = _("from 1 to %(most)s") % {"most": at_most} if at_most else _("from 1")
        detail = _("Must be a whole number %(limit)s.") % {"limit": limit}
        raise ValidationError({name: [detail]}, code=f"bad_{name}")
    return int(text)
