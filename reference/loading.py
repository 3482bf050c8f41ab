"""Facts are loaded from files: all or nothing, the same files twice change nothing, nothing is deleted.

A folder holds one CSV per table of `reference/tables.py`; `reference/reading_facts.py` refuses a broken one.
"""

from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import IntegrityError, models, transaction

from core.periods import period
from reference.reading_facts import BrokenFacts, Fault, Row, read
from reference.tables import TABLES, Table

FACTS = Path(__file__).resolve().parent / "facts"

Key = tuple[Any, ...]
Written = dict[str, dict[Key, Any]]  # file -> key in the file -> stored row


@dataclass
class Report:
    """What loading did to one table; rows by their key and name."""

    table: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    not_in_files: list[str] = field(default_factory=list)


@transaction.atomic
def load(*, folder: Path = FACTS, dry_run: bool = False) -> list[Report]:
    """Bring the tables up to the files of `folder`. Rows that the files no longer have are named and kept.

    With `dry_run` everything is done, reported and undone. Raises BrokenFacts, with nothing changed, where the
    files are faulty or a stored row that they no longer have stands against a new one.
    """
    rows = read(folder)
    written: Written = {}
    reports = [_write(table, rows[table.file], written) for table in TABLES]
    if dry_run:
        transaction.set_rollback(True)
    return reports


def _write(table: Table, rows: list[tuple[int, Row]], written: Written) -> Report:
    report, faults = Report(table.file), []
    stored = _stored(table)
    kept = dict(stored)
    wanted = [(number, row, *_as_model(table, row, written)) for number, row in rows]
    _step_aside(table, wanted, stored)
    if table.one_at_a_time:  # an old period must end before the next one may begin
        wanted.sort(key=lambda entry: entry[1]["valid_from"])
    written[table.file] = {}
    for number, row, thing, many in wanted:
        before = kept.pop(_identity(table, thing), None)
        thing.pk = before.pk if before is not None else None
        differs = before is None or not _same(table, before, thing)
        try:
            with transaction.atomic():
                if differs:
                    thing.save()
                differs |= _point(thing, before, many)
        except IntegrityError as wrong:
            faults.append(_against_stored(table, number, row, wrong))
        if not differs:
            report.unchanged += 1
        else:
            (report.added if before is None else report.changed).append(_label(table, row))
        written[table.file][tuple(row[name] for name in table.key)] = thing
    if faults:
        raise BrokenFacts(faults)
    report.not_in_files = [str(thing) for thing in kept.values()]
    return report


def _stored(table: Table) -> dict[Key, Any]:
    many = [pointer.attribute for pointer in table.pointers if pointer.many]
    things = table.model._default_manager.prefetch_related(*many)
    return {_identity(table, thing): thing for thing in things}


def _identity(table: Table, thing: Any) -> Key:
    return tuple(attrgetter(name)(thing) for name in table.identity or table.key)


def _as_model(table: Table, row: Row, written: Written) -> tuple[Any, dict[str, set[int]]]:
    """The unsaved model of a row, and the keys of the many rows it names by attribute."""
    thing, many = table.model(), {}
    pointing = {name for pointer in table.pointers for name in pointer.columns}
    for name in set(table.columns) - pointing - {"valid_from", "valid_to"}:
        setattr(thing, name, row[name])
    for pointer in table.pointers:
        there = written[pointer.file]
        if pointer.many:
            many[pointer.attribute] = {there[(code,)].pk for code in row[pointer.columns[0]]}
        else:
            key = tuple(row[name] for name in pointer.columns)
            setattr(thing, f"{pointer.attribute}_id", there[key].pk)
    if table.period and row["valid_from"]:
        setattr(thing, table.period, period(row["valid_from"], row["valid_to"]))
    return thing, many


def _same(table: Table, before: Any, thing: Any) -> bool:
    names = [field.attname for field in table.model._meta.concrete_fields]
    return all(getattr(before, name) == getattr(thing, name) for name in names)


def _point(thing: Any, before: Any | None, many: dict[str, set[int]]) -> bool:
    """Set what the row points to; whether this changed anything."""
    changed = False
    for name, keys in many.items():
        if before is None or {other.pk for other in getattr(before, name).all()} != keys:
            getattr(thing, name).set(keys)
            changed = True
    return changed


def _step_aside(table: Table, wanted: list[Any], stored: dict[Key, Any]) -> None:
    """Free the tiles of the rows that move, so that two may swap theirs."""
    if "tile_column" not in table.columns:
        return
    for number, (_row_number, _row, thing, _many) in enumerate(wanted):
        before = stored.get(_identity(table, thing))
        if before and (before.tile_column, before.tile_row) != (thing.tile_column, thing.tile_row):
            of_one: models.QuerySet[Any] = table.model._default_manager.filter(pk=before.pk)
            of_one.update(tile_column=1000 + number)


def _against_stored(table: Table, number: int, row: Row, wrong: IntegrityError) -> Fault:
    """The database names the rule and the row that stands against it; constraints of ours are sentences."""
    diagnosis = getattr(wrong.__cause__, "diag", None)
    rule = (getattr(diagnosis, "constraint_name", None) or "a rule of the table").replace("_", " ")
    detail = getattr(diagnosis, "message_detail", None) or str(wrong)
    found = ", ".join(str(row[name]) for name in table.key)
    return Fault(table.file, number, " + ".join(table.key), found, f"no stored row against it: {rule}. {detail}")


def _label(table: Table, row: Row) -> str:
    label = ", ".join(str(row[name]) for name in table.key if row[name] != "")
    return f"{label} {row['name_en']}" if "name_en" in row and "name_en" not in table.key else label
