"""Who changed what, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.policy import Policy
from accounts.roles import Right
from core.timeline import Line
from insights.changes import kinds_for, newest
from web.forms.office import ChangesFilter
from web.views.base import PAGE_SIZE, Page

# Where the object of a change can be read: kind of thing -> its address. Others have no page of their own.
PAGES: dict[str, Callable[[Line], str]] = {
    "unit": lambda line: reverse("unit", args=[line.label]),
    "tenant": lambda line: reverse("tenant", args=[line.key]),
    "paper": lambda line: reverse("paper", args=[line.key]),
    "user": lambda line: reverse("person", args=[line.key]),
    "device": lambda line: reverse("device", args=[line.key]),
}


@dataclass(frozen=True)
class Linked:
    """A change with the address of what was changed, where there is one."""

    change: Line
    url: str


class Changes(Page):
    """The feed of all changes that the reader may see."""

    policy = Policy({"GET": Right.SEE_HISTORY})
    template = "office/changes.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = ChangesFilter(request.GET, kinds=kinds_for(request.user))
        form.is_valid()
        wish = form.cleaned_data
        pages = newest(
            request.user,
            kind=wish.get("kind") or "",
            who=wish.get("who") or "",
            on=wish.get("day"),
            per_page=PAGE_SIZE,
        )
        page = pages.get_page(request.GET.get("page"))
        return self.show(request, form=form, page_obj=page, lines=with_links(page.object_list))


def with_links(lines: Iterable[Line]) -> list[Linked]:
    """Each change with where to read its object."""
    return [Linked(line, _address(line)) for line in lines]


def _address(line: Line) -> str:
    model: Any = line.model
    find = PAGES.get(model._meta.model_name)
    return find(line) if find and line.kind != "-" else ""
