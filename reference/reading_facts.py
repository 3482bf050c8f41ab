"""A folder of facts read and checked: every fault by file, row and column, all of them at once.

The heading is row 1. A row with a faulty cell still takes part in the later checks with its other cells, so
that mending one fault does not bring up the next.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from reference.cells import Unreadable, plain
from reference.tables import TABLES, Table

Row = dict[str, Any]
Rows = dict[str, list[tuple[int, Row]]]  # file -> its rows with their numbers


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one cell. Without a row the whole file is meant, without a column the whole row."""

    file: str
    row: int | None
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: found {self.found!r}, expected {self.expected}"


class BrokenFacts(Exception):
    """The folder cannot be loaded; nothing was changed."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def read(folder: Path) -> Rows:
    """All rows of all files of `folder`. Raises BrokenFacts with every fault there is."""
    faults: list[Fault] = []
    rows: Rows = {}
    for table in TABLES:
        try:
            rows[table.file] = [
                (number, _cells(table, number, cells, faults)) for number, cells in _lines(folder, table)
            ]
        except BrokenFacts as broken:
            faults += broken.faults
    for table in TABLES:
        if table.file in rows:
            faults += _shared_keys(table, rows)
            faults += _dangling_pointers(table, rows)
            faults += _impossible_periods(table, rows)
    if faults:
        order = [table.file for table in TABLES]
        raise BrokenFacts(sorted(faults, key=lambda fault: (order.index(fault.file), fault.row or 0)))
    return rows


def _lines(folder: Path, table: Table) -> Iterator[tuple[int, Mapping[Any, Any]]]:
    """The lines under the heading. Raises BrokenFacts where the file as a whole cannot be read."""
    try:
        content = (folder / table.file).read_bytes()
    except OSError:
        raise BrokenFacts([Fault(table.file, None, "", "no file", f"it in {folder}")]) from None
    try:
        lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        _check_heading(table, list(lines.fieldnames or []))
        for cells in lines:
            yield lines.line_num, cells
    except UnicodeDecodeError as wrong:
        row = content[: wrong.start].count(b"\n") + 1
        found = f"byte 0x{content[wrong.start]:02x}"
        raise BrokenFacts([Fault(table.file, row, "", found, "text in UTF-8")]) from None
    except csv.Error as wrong:
        row = lines.line_num + 1  # the row begun after the last good one
        raise BrokenFacts([Fault(table.file, row, "", str(wrong), "a row of comma-separated values")]) from None


def _check_heading(table: Table, heading: list[str]) -> None:
    expected = f"the columns {', '.join(table.columns)}, each once"
    wrong = [(name, "no such column") for name in table.columns if name not in heading]
    wrong += [(name, "an unknown column") for name in heading if name not in table.columns]
    wrong += [(name, "a column twice") for name in table.columns if heading.count(name) > 1]
    if wrong:
        raise BrokenFacts([Fault(table.file, 1, name, found, expected) for name, found in wrong])


def _cells(table: Table, number: int, cells: Mapping[Any, Any], faults: list[Fault]) -> Row:
    """The values of the cells that can be read; the others become faults."""
    if None in cells or None in cells.values():
        count = sum(cell is not None for name, cell in cells.items() if name) + len(cells.get(None, ()))
        expected = f"{len(table.columns)} cells"
        faults.append(Fault(table.file, number, "", f"{count} cells", expected))
        return {}
    row: Row = {}
    longest = {field.name: getattr(field, "max_length", None) for field in table.model._meta.fields}
    for name, reader in table.columns.items():
        cell = cells[name].strip(" ")
        try:
            row[name] = reader(plain(cell))
            if (most := longest.get(name)) and len(cell) > most:
                raise Unreadable(f"at most {most} characters")
        except Unreadable as expected:
            faults.append(Fault(table.file, number, name, cell, str(expected)))
    return row


def values(row: Row, columns: tuple[str, ...]) -> tuple[Any, ...] | None:
    """The row's values in `columns`, or None where one of them could not be read."""
    return tuple(row[name] for name in columns) if all(name in row for name in columns) else None


def _shared_keys(table: Table, rows: Rows) -> Iterator[Fault]:
    for group in (table.key, *table.unique):
        first: dict[tuple[Any, ...], int] = {}
        for number, row in rows[table.file]:
            key = values(row, group)
            if key is None:
                continue
            if key in first:
                found = ", ".join(map(str, key))
                yield Fault(table.file, number, " + ".join(group), found, f"not the same as in row {first[key]}")
            first.setdefault(key, number)


def _dangling_pointers(table: Table, rows: Rows) -> Iterator[Fault]:
    keys = {other.file: other.key for other in TABLES}
    for pointer in table.pointers:
        if pointer.file not in rows:
            continue
        there = {values(row, keys[pointer.file]) for _number, row in rows[pointer.file]}
        for number, row in rows[table.file]:
            named = values(row, pointer.columns)
            if named is None:
                continue
            for key in ((code,) for code in named[0]) if pointer.many else (named,):
                if key not in there:
                    yield Fault(
                        table.file, number, " + ".join(pointer.columns), ", ".join(map(str, key)),
                        f"the {' + '.join(keys[pointer.file])} of a row of {pointer.file}",
                    )  # fmt: skip


def _impossible_periods(table: Table, rows: Rows) -> Iterator[Fault]:
    if not table.period:
        return
    spans: dict[tuple[Any, ...], list[tuple[date, date, int]]] = {}
    for number, row in rows[table.file]:
        days = values(row, ("valid_from", "valid_to"))
        if days is None:
            continue
        begins, ends = days
        if ends and (not begins or ends < begins):
            yield Fault(table.file, number, "valid_to", ends.isoformat(), "a day not before valid_from")
        elif table.one_at_a_time and (of := values(row, table.key[:-1])) is not None:
            spans.setdefault(of, []).append((begins, ends or date.max, number))
    for of_one in spans.values():
        of_one.sort()
        for (_begins, ends, earlier), (begins, _ends, number) in pairwise(of_one):
            if begins <= ends:
                yield Fault(
                    table.file, number, "valid_from", begins.isoformat(),
                    f"a day after the period of row {earlier}",
                )  # fmt: skip
