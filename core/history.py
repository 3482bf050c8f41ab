"""Every business change is kept with who, when, what and why.

Operations write through `record` and `record_many`, so that no change goes by without its history row;
the rows themselves are append-only in the database (`core.append_only`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from simple_history.utils import bulk_create_with_history, bulk_update_with_history


def record(thing: Model, *, by: Any, why: str = "") -> Any:
    """Save `thing` with a history row that says who did it and why. Returns the thing."""
    sign(thing, by=by, why=why)
    thing.save()
    return thing


def remove(thing: Model, *, by: Any, why: str = "") -> None:
    """Delete `thing`; its history stays, with a last row that says who did it and why."""
    sign(thing, by=by, why=why)
    thing.delete()


def sign(thing: Any, *, by: Any, why: str = "") -> None:
    """Say who makes the next change of `thing` and why, where it is not saved through `record`."""
    thing._history_user = by
    thing._change_reason = why or None


def record_many(model: Any, things: Iterable[Model], *, by: Any, why: str = "") -> list[Any]:
    """Insert many things with a history row each. Returns them with their keys."""
    return bulk_create_with_history(
        list(things), model, batch_size=500, default_user=by, default_change_reason=why or None
    )


def record_changes(model: Any, things: Iterable[Model], fields: Sequence[str], *, by: Any, why: str = "") -> int:
    """Update `fields` of many things with a history row each. Returns how many."""
    things = list(things)
    if things:
        bulk_update_with_history(
            things, model, fields, batch_size=500, default_user=by, default_change_reason=why or None
        )
    return len(things)


@dataclass(frozen=True)
class Change:
    """One line of an object's history: who, when, what (field, before, after) and why."""

    at: datetime
    who: Any
    kind: str  # "+" created, "~" changed, "-" deleted
    why: str
    fields: tuple[tuple[str, str, str], ...]
    of: str = ""


def changes(thing: Any, limit: int = 50) -> list[Change]:
    """The newest changes of one object, newest first, with what each changed. Two queries."""
    rows = list(thing.history.select_related("history_user").order_by("-history_id")[: limit + 1])
    return [_change(rows[i], rows[i + 1] if i + 1 < len(rows) else None) for i in range(min(limit, len(rows)))]


def _change(row: Any, before: Any | None) -> Change:
    model = row.instance_type
    fields = []
    if before is not None and row.history_type == "~":
        for field in row.tracked_fields:
            old, new = getattr(before, field.attname), getattr(row, field.attname)
            if old != new:
                fields.append((str(field.verbose_name), _shown(before, field), _shown(row, field)))
    return Change(
        at=row.history_date,
        who=row.history_user,
        kind=row.history_type,
        why=row.history_change_reason or "",
        fields=tuple(fields),
        of=str(model._meta.verbose_name),
    )


def _shown(row: Any, field: Any) -> str:
    value = getattr(row, field.attname)
    if value is None or value == "":
        return "–"
    display = getattr(row, f"get_{field.name}_display", None)
    return str(display() if display else value)
