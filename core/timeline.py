"""The history of several kinds of things as one timeline, a page at a time, in a fixed number of queries.

`core.history.changes` reads one object. A timeline reads the history tables of many kinds as one: also of
objects that are gone, and without a query per line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.backends.postgresql.psycopg_any import Range
from django.db.models import CharField, Model, OuterRef, QuerySet, Subquery, Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.history import Change
from core.indian_format import day, moment
from core.periods import last_day


@dataclass(frozen=True)
class Source:
    """History rows of one kind, and how to name the thing that such a row is about.

    `label` may read what `rows` selects along (`select_related`), so that naming asks nothing more.
    """

    rows: QuerySet[Any]
    label: Callable[[Any], Any] = lambda _row: ""


@dataclass(frozen=True)
class Line(Change):
    """A change that also says which object it is of, for a link."""

    model: type[Model] | None = None
    key: Any = None
    label: str = ""


Names = dict[tuple[Any, Any], str]


def timeline(sources: Sequence[Source], per_page: int = 50) -> "Timeline":
    """Pages of `Line`, newest first. One query counts, one finds a page, two or three load each kind on it."""
    found = [
        source.rows.order_by()
        .annotate(source=Value(str(place), output_field=CharField()))
        .values_list("source", "history_id", "history_date")
        for place, source in enumerate(sources)
    ]
    keys = found[0].union(*found[1:], all=True).order_by("-history_date", "-source", "-history_id")
    return Timeline(sources, keys, per_page)


class Timeline(Paginator):  # type: ignore[type-arg]
    """Cuts the keys of all history rows into pages and loads only the rows of one page."""

    def __init__(self, sources: Sequence[Source], keys: Any, per_page: int) -> None:
        super().__init__(keys, per_page)
        self.sources = sources

    def page(self, number: Any) -> Any:
        page = super().page(number)
        page.object_list = self._load(list(page.object_list))
        return page

    def _load(self, keys: list[tuple[str, int, Any]]) -> list[Line]:
        wanted: dict[str, list[int]] = defaultdict(list)
        for place, key, _at in keys:
            wanted[place].append(key)
        pairs: dict[tuple[str, int], tuple[Source, Any, Any]] = {}
        for place, ids in wanted.items():
            source = self.sources[int(place)]
            for row, before in _with_predecessors(source.rows, ids):
                pairs[place, row.pk] = (source, row, before)
        names = _names_of(row for _source, *both in pairs.values() for row in both if row is not None)
        return [_line(*pairs[place, key], names) for place, key, _at in keys]


def _with_predecessors(rows: QuerySet[Any], ids: list[int]) -> list[tuple[Any, Any]]:
    """Each of these history rows with the row before it of the same object, whoever wrote that one and when."""
    every = rows.model.objects
    earlier = every.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    found = list(
        rows.order_by()
        .select_related(*_select_along(rows), "history_user")
        .filter(pk__in=ids)
        .annotate(before_id=Subquery(earlier.values("history_id")[:1]))
    )
    before = every.in_bulk([row.before_id for row in found if row.before_id])
    _load_links(rows.model, [*found, *before.values()])
    return [(row, before.get(row.before_id)) for row in found]


def _select_along(rows: QuerySet[Any]) -> list[str]:
    along = rows.query.select_related
    return list(along) if isinstance(along, dict) else []


def _load_links(model: Any, rows: list[Any]) -> None:
    """Give each row `links`: many-to-many field -> the keys it held when the row was written."""
    for row in rows:
        row.links = {field.name: set() for field in model._history_m2m_fields}
    by_key = {row.pk: row for row in rows}
    for field in model._history_m2m_fields:
        target = f"{field.m2m_reverse_field_name()}_id"
        found = getattr(model, field.name).model.objects.filter(history__in=by_key)
        for history, key in found.values_list("history_id", target):
            by_key[history].links[field.name].add(key)


def _fields(row: Any) -> list[Any]:
    """What a reader can make sense of: fields that someone can fill, and many-to-many fields."""
    return [*(field for field in row.tracked_fields if field.editable), *row._history_m2m_fields]


def _names_of(rows: Iterable[Any]) -> Names:
    """What the rows' foreign keys point at, in words: one query per kind of thing pointed at."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for row in rows:
        for field in _fields(row):
            if field.many_to_many:
                wanted[field.related_model] |= row.links[field.name]
            elif field.is_relation:
                wanted[field.related_model].add(getattr(row, field.attname))
    return {
        (model, thing.pk): str(thing)
        for model, keys in wanted.items()
        if (there := keys - {None})
        for thing in model._default_manager.filter(pk__in=there)
    }


def _line(source: Source, row: Any, before: Any, names: Names) -> Line:
    changed = []
    if before is not None and row.history_type == "~":
        for field in _fields(row):
            old, new = _shown(before, field, names), _shown(row, field, names)
            if old != new:
                changed.append((capfirst(str(field.verbose_name)), old, new))
    kind, label = str(row.instance_type._meta.verbose_name), str(source.label(row))
    return Line(
        at=row.history_date,
        who=row.history_user,
        kind=row.history_type,
        why=row.history_change_reason or "",
        fields=tuple(changed),
        of=f"{kind} – {label}" if label else kind,
        model=row.instance_type,
        key=row.id,
        label=label,
    )


def _shown(row: Any, field: Any, names: Names) -> str:
    if field.many_to_many:
        return ", ".join(sorted(names.get((field.related_model, key), "") for key in row.links[field.name])) or "–"
    value = getattr(row, field.attname)
    if value is None or value == "":
        return "–"
    if field.is_relation:
        return names.get((field.related_model, value), str(value))
    display = getattr(row, f"get_{field.name}_display", None)
    return in_words(display() if display else value)


def in_words(value: Any) -> str:
    """A stored value as a reader expects it: days and moments in Indian format, a period by its first and last day."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Range):
        end = last_day(value)
        return f"{day(value.lower)} – {day(end) if end else '…'}"
    return str(value)
