"""Long lists come by place: "what follows this row". The last page costs what the first one does.

Lots, balances and ledger entries go into millions: counting them, or skipping to a page by number, would read them
all. What such an address takes is written here by hand, for the reader of the parameters as for the documentation.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

MOST_ROWS = 100
USUAL_ROWS = 50
LARGEST_KEY = 2**63 - 1

Parameters = Mapping[str, Mapping[str, Any]]

NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 1}
MOMENT: Mapping[str, Any] = {"type": "string", "format": "date-time"}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
TEXT: Mapping[str, Any] = {"type": "string", "maxLength": 100}
NEXT = "Ask again with `after` set to this; null on the last page."


def one_of(values: Collection[Any]) -> Mapping[str, Any]:
    """The parameter that takes one of these words."""
    return {"type": "string", "enum": [str(value) for value in values]}


KEYSET: Parameters = {
    "after": {"type": "string", "description": "`next` of the page before; left out, the list begins."},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS},
}


def keyset_page(
    request: Request,
    rows: QuerySet[Any],
    *,
    key: str = "pk",
    row: Callable[[Any], Any],
    finish: Callable[[list[Any]], None] | None = None,
) -> Response:
    """One page of `rows` (of `values()`, with `id` among them), in the order of their key.

    `finish` may fetch for the whole page what the rows still lack.
    """
    limit = limit_in(request)
    after = number(request, "after")
    if after is not None:
        rows = rows.filter(**{f"{key}__gt": after})
    found = list(rows.order_by(key)[: limit + 1])
    page = found[:limit]
    if finish:
        finish(page)
    last = page[-1]["id"] if len(found) > limit else None
    return Response({"results": [row(it) for it in page], "next": last})


def limit_in(request: Request) -> int:
    return number(request, "limit", at_most=MOST_ROWS) or USUAL_ROWS


def number(request: Request, name: str, at_most: int = LARGEST_KEY) -> int | None:
    """A whole number above 0 from the address. Raises ValidationError."""
    written = request.query_params.get(name)
    if written is None:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= 19) or not 1 <= int(written) <= at_most:
        raise wrong(name, "invalid", _("A whole number from 1 to %(most)s.") % {"most": at_most})
    return int(written)


def choice(request: Request, name: str, values: Collection[Any]) -> str | None:
    """One of the words that the parameter knows. Raises ValidationError."""
    written = request.query_params.get(name)
    known = [str(value) for value in values]
    if written is not None and written not in known:
        raise wrong(name, "invalid_choice", _("One of: %(known)s.") % {"known": ", ".join(known)})
    return written


def words(request: Request, name: str) -> str | None:
    """A text of at most 100 characters. Raises ValidationError."""
    written = request.query_params.get(name)
    if written is not None and ("\x00" in written or len(written) > TEXT["maxLength"]):
        raise wrong(name, "invalid", _("A text of at most 100 characters."))
    return written


def moment(request: Request, name: str) -> datetime | None:
    """A moment with its offset, as ISO 8601 has it. Raises ValidationError."""
    written = request.query_params.get(name)
    if written is None:
        return None
    # An unwritten "+" of an offset reaches us as a space.
    try:
        read = parse_datetime(written.replace(" ", "+"))
    except ValueError:
        read = None
    if read is None or timezone.is_naive(read) or not 1900 <= read.year <= 2999:
        raise wrong(name, "invalid", _("A date and time with its offset, as ISO 8601."))
    return read


def day(request: Request, name: str) -> date | None:
    """A day, as ISO 8601 has it. Raises ValidationError."""
    written = request.query_params.get(name)
    if written is None:
        return None
    try:
        read = parse_date(written) if written.isascii() else None
    except ValueError:
        read = None
    if read is None or not 1900 <= read.year <= 2999:
        raise wrong(name, "invalid", _("A day, written as 2026-11-30."))
    return read


def flag(request: Request, name: str) -> bool | None:
    """`true` or `false`. Raises ValidationError."""
    written = choice(request, name, ("true", "false"))
    return None if written is None else written == "true"


def wrong(field: str, code: str, sentence: Any) -> ValidationError:
    """The problem of one wrong input."""
    return ValidationError({field: [ErrorDetail(str(sentence), code)]})


def local(at: datetime | None) -> datetime | None:
    """A moment of `values()` in the mall's own time, as serializers write it."""
    return timezone.localtime(at) if at else None


def exact(number: Decimal | None) -> str | None:
    """A number of `values()` with all its decimals, as serializers write it; JSON's own numbers may lose some."""
    return None if number is None else str(number)
