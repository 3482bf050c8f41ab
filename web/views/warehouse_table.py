"""Long lists of the warehouse: columns that serve page and sheet alike, pages by key, counts that stop counting."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.indian_format import day as shown_day
from core.indian_format import moment as shown_moment
from core.indian_format import rupees
from web.templatetags.goods import change, quantity

PAGE = 50
MOST = 1000  # further than this nobody counts
SHEET = 10_000  # rows of a sheet at most

SHOWN: dict[str, Callable[[Any], str]] = {
    "number": quantity,
    "change": change,
    "money": rupees,
    "day": shown_day,
    "moment": shown_moment,
}
NUMBERS = ("number", "change", "money")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with where it leads, or the tone of the badge that it is."""

    value: Any
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    label: Any
    kind: str = "text"  # text, number, change, money, day, moment

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as the template prints it."""

    label: Any
    text: str
    url: str
    tone: str
    is_number: bool


@dataclass
class Table:
    """Columns and rows; each row is given as its values, plain or as cells."""

    caption: Any
    columns: Sequence[Column]
    given: list[Sequence[Any]] = field(default_factory=list)

    def add(self, *values: Any) -> None:
        self.given.append(values)

    @property
    def rows(self) -> list[list[Shown]]:
        return [[_shown(column, value) for column, value in zip(self.columns, row, strict=True)] for row in self.given]

    @property
    def heads(self) -> list[Any]:
        return [column.label for column in self.columns]

    @property
    def plain(self) -> Iterable[list[Any]]:
        """The rows for a sheet: numbers and days stay what they are."""
        return ([value.value if isinstance(value, Cell) else value for value in row] for row in self.given)


def _shown(column: Column, value: Any) -> Shown:
    cell = value if isinstance(value, Cell) else Cell(value)
    empty = cell.value is None or cell.value == ""
    text = "–" if empty else str(SHOWN.get(column.kind, str)(cell.value))
    return Shown(column.label, text, cell.url, cell.tone, column.is_number)


@dataclass(frozen=True)
class Slice:
    """A page of a list that nobody counts: its rows, and behind which key the next page begins."""

    rows: list[Any]
    next_key: int | None
    is_first: bool


def slice_of(request: HttpRequest, rows: QuerySet[Any], order: Sequence[str], size: int = PAGE) -> Slice:
    """The rows that follow the one named by `after` in the address, in this order (the key comes last of it).

    One query; one more behind the first page. The database never counts off the rows before.
    """
    after = request.GET.get("after", "")
    is_first = True
    if after.isascii() and after.isdigit() and len(after) < 19:
        names = [name.lstrip("-") for name in order]
        last = rows.model._base_manager.filter(pk=int(after)).values_list(*names).first()
        if last is not None:
            rows, is_first = rows.filter(_behind(order, last)), False
    found = list(rows.order_by(*order)[: size + 1])
    return Slice(found[:size], found[size - 1].pk if len(found) > size else None, is_first)


def _behind(order: Sequence[str], last: Sequence[Any]) -> Q:
    """Whatever comes behind a row with these values."""
    wanted, same = Q(), Q()
    for name, value in zip(order, last, strict=True):
        further = "lt" if name.startswith("-") else "gt"
        wanted |= same & Q(**{f"{name.lstrip('-')}__{further}": value})
        same &= Q(**{name.lstrip("-"): value})
    return wanted


def capped_counts(wanted: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each list has; none is counted beyond MOST + 1. One query for all."""
    counts = dict.fromkeys(wanted, 0)
    parts: list[str] = []
    values: list[Any] = []
    for name, rows in wanted.items():
        try:
            statement, given = rows.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        # Names are ours; what people typed travels as values.
        parts.append(f"SELECT '{name}', count(*) FROM ({statement}) AS listed")  # noqa: S608
        values += given
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            counts |= dict(cursor.fetchall())
    return counts


def how_many(count: int) -> str:
    """A capped count in words."""
    return _("more than %(n)s") % {"n": quantity(MOST)} if count > MOST else quantity(count)
