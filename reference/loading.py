"""Facts are loaded from files: all or nothing, the same files twice change nothing, nothing is deleted.

A folder holds one CSV per table of `TABLES`, UTF-8 in NFC. Everything is read and checked first; a broken
folder is refused with every fault at once, each by file, row and column, with what was found and what was
expected.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import models, transaction

from core.names import Confidence
from core.periods import period
from reference.models import (
    District,
    Division,
    Flagship,
    GiRegistration,
    GiStatus,
    OdopList,
    OdopListing,
    Product,
    State,
    StateKind,
    TaxCode,
    TaxRate,
    TaxScheme,
)

FACTS = Path(__file__).resolve().parent / "facts"
DEVANAGARI = re.compile("[\u0900-\u097f]")
Reader = Callable[[str], Any]


class Wrong(Exception):
    """A cell is not what its column expects; the message says what was expected."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one cell."""

    file: str
    row: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, column {self.column}: found {self.found!r}, expected {self.expected}"


class BrokenFacts(Exception):
    """The folder cannot be loaded; nothing was changed."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@dataclass
class Report:
    """What loading did to one table: names of rows."""

    table: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    not_in_files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A file, the model it fills, the columns that identify a row, and how each column is read."""

    file: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: Mapping[str, Reader]
    many: tuple[str, ...] = ()


# -- readers of cells ---------------------------------------------------------------------------------


def text(cell: str) -> str:
    if not cell:
        raise Wrong("some text")
    return cell


def maybe_text(cell: str) -> str:
    return cell


def hindi(cell: str) -> str:
    if not DEVANAGARI.search(cell):
        raise Wrong("a text in Devanagari")
    return cell


def whole(cell: str) -> int:
    if not cell.isascii() or not cell.isdigit():
        raise Wrong("a whole number")
    return int(cell)


def maybe_whole(cell: str) -> int | None:
    return whole(cell) if cell else None


def percent(cell: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        raise Wrong("a number such as 5 or 0.25") from None
    if not 0 <= number <= 100:
        raise Wrong("a percentage from 0 to 100")
    return number.quantize(Decimal("0.01"))


def yes_or_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise Wrong("yes or no")
    return cell == "yes"


def digits(cell: str) -> str:
    if not re.fullmatch(r"\d{2,8}", cell):
        raise Wrong("2 to 8 digits")
    return cell


def slug(cell: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell):
        raise Wrong("lower-case letters, digits and single hyphens")
    return cell


def maybe_slug(cell: str) -> str:
    return slug(cell) if cell else ""


def day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise Wrong("a day as YYYY-MM-DD") from None


def maybe_day(cell: str) -> date | None:
    return day(cell) if cell else None


def one_of(*words: str) -> Reader:
    def read(cell: str) -> str:
        if cell not in words:
            raise Wrong(f"one of {', '.join(words)}")
        return cell

    return read


def codes(cell: str) -> tuple[int, ...]:
    return tuple(whole(part.strip()) for part in cell.split(";") if part.strip())


NAMES: dict[str, Reader] = {"name_en": text, "name_hi": hindi}
SOURCED: dict[str, Reader] = {"source": text, "confidence": one_of(*Confidence.values)}
TILE: dict[str, Reader] = {"tile_column": whole, "tile_row": whole}
TAX_KEY: dict[str, Reader] = {"scheme": one_of(*TaxScheme.values), "code": digits, "variant": maybe_slug}

TABLES = (
    Table(
        "states.csv", State, ("lgd_code",),
        {"lgd_code": whole, "iso_code": text, "gst_code": digits, "kind": one_of(*StateKind.values)}
        | NAMES | TILE | SOURCED,
    ),
    Table(
        "flagships.csv", Flagship, ("state", "name_en"),
        {"state": whole, "named_by": one_of("GI", "ODOP", "none")} | NAMES | SOURCED,
    ),
    Table("divisions.csv", Division, ("code",), {"code": slug} | NAMES),
    Table(
        "districts.csv", District, ("lgd_code",),
        {"lgd_code": whole, "state": whole, "division": slug} | NAMES | TILE | SOURCED,
    ),
    Table(
        "products.csv", Product, ("code",),
        {"code": slug, "category": text, "hs_code": maybe_text, "is_physical": yes_or_no} | NAMES,
    ),
    Table("odop_lists.csv", OdopList, ("code",), {"code": slug, "is_current": yes_or_no} | NAMES | SOURCED),
    Table(
        "odop_listings.csv", OdopListing, ("odop_list", "district", "product"),
        {"odop_list": slug, "district": whole, "product": slug} | SOURCED,
    ),
    Table(
        "gi_registrations.csv", GiRegistration, ("code",),
        {
            "code": slug, "application_no": maybe_text, "goods_kind": text, "status": one_of(*GiStatus.values),
            "registered_year": maybe_whole, "valid_from": maybe_day, "valid_to": maybe_day, "proprietor": maybe_text,
            "districts": codes, "also_states": codes,
        } | NAMES | SOURCED,
        many=("districts", "also_states"),
    ),
    Table(
        "tax_codes.csv", TaxCode, ("scheme", "code", "variant"),
        TAX_KEY | {"description_en": text, "description_hi": hindi} | SOURCED,
    ),
    Table(
        "tax_rates.csv", TaxRate, ("scheme", "code", "variant", "valid_from"),
        TAX_KEY | {"percent": percent, "valid_from": day, "valid_to": maybe_day} | SOURCED,
    ),
)  # fmt: skip

# Columns that name a row of another file: column -> (that file, its key column).
POINTERS = {
    "state": ("states.csv", "lgd_code"),
    "division": ("divisions.csv", "code"),
    "district": ("districts.csv", "lgd_code"),
    "product": ("products.csv", "code"),
    "odop_list": ("odop_lists.csv", "code"),
    "districts": ("districts.csv", "lgd_code"),
    "also_states": ("states.csv", "lgd_code"),
}

Row = dict[str, Any]
Rows = dict[str, list[tuple[int, Row]]]


# -- reading and checking -----------------------------------------------------------------------------


def read(folder: Path) -> Rows:
    """All rows of all files with their row numbers (the heading is row 1). Raises BrokenFacts."""
    faults: list[Fault] = []
    rows = {table.file: _read_file(folder / table.file, table, faults) for table in TABLES}
    if not faults:
        _check_pointers(rows, faults)
        _check_tiles(rows, faults)
        _check_periods(rows, faults)
    if faults:
        raise BrokenFacts(faults)
    return rows


def _read_file(path: Path, table: Table, faults: list[Fault]) -> list[tuple[int, Row]]:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        faults.append(Fault(table.file, 0, "–", "no file", f"a file {table.file} in {path.parent}"))
        return []
    except UnicodeDecodeError as wrong:
        line = path.read_bytes()[: wrong.start].count(b"\n") + 1
        faults.append(Fault(table.file, line, "–", repr(wrong.object[wrong.start : wrong.end]), "UTF-8"))
        return []
    lines = csv.DictReader(io.StringIO(content), strict=True)
    missing = [name for name in table.columns if name not in (lines.fieldnames or [])]
    unknown = [name for name in lines.fieldnames or [] if name not in table.columns]
    for name in missing:
        faults.append(Fault(table.file, 1, name, "no such column", f"columns {', '.join(table.columns)}"))
    for name in unknown:
        faults.append(Fault(table.file, 1, name, "an unknown column", f"columns {', '.join(table.columns)}"))
    if missing or unknown:
        return []
    rows: list[tuple[int, Row]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in enumerate(lines, 2):
        row = _read_row(table, number, cells, faults)
        if row is None:
            continue
        key = tuple(row[name] for name in table.key)
        if key in seen:
            faults.append(
                Fault(
                    table.file,
                    number,
                    "+".join(table.key),
                    str(key),
                    f"a key not used yet (row {seen[key]} has it)",
                )
            )
        seen[key] = number
        rows.append((number, row))
    return rows


def _read_row(table: Table, number: int, cells: Mapping[Any, Any], faults: list[Fault]) -> Row | None:
    if None in cells or None in cells.values():
        faults.append(Fault(table.file, number, "–", "more or fewer cells", f"{len(table.columns)} cells"))
        return None
    row: Row = {}
    before = len(faults)
    for name, reader in table.columns.items():
        cell = cells[name].strip()
        if unicodedata.normalize("NFC", cell) != cell:
            faults.append(Fault(table.file, number, name, cell, "text in Unicode form NFC"))
            continue
        field_ = _field(table.model, name)
        if field_ is not None and field_.max_length and len(cell) > field_.max_length:
            faults.append(Fault(table.file, number, name, cell, f"at most {field_.max_length} characters"))
            continue
        try:
            row[name] = reader(cell)
        except Wrong as wrong:
            faults.append(Fault(table.file, number, name, cell, str(wrong)))
    return row if len(faults) == before else None


def _field(model: type[models.Model], name: str) -> Any:
    return next((field_ for field_ in model._meta.fields if field_.name == name), None)


def _check_pointers(rows: Rows, faults: list[Fault]) -> None:
    keys = {target: {row[target[1]] for _number, row in rows[target[0]]} for target in set(POINTERS.values())}
    for table in TABLES:
        for name in set(table.columns) & set(POINTERS):
            target = POINTERS[name]
            for number, row in rows[table.file]:
                named = row[name] if name in table.many else (row[name],)
                for code in named:
                    if code not in keys[target]:
                        faults.append(
                            Fault(table.file, number, name, str(code), f"a {target[1]} that {target[0]} has")
                        )
    tax = {tuple(row[name] for name in TAX_KEY) for _number, row in rows["tax_codes.csv"]}
    for number, row in rows["tax_rates.csv"]:
        key = tuple(row[name] for name in TAX_KEY)
        if key not in tax:
            faults.append(Fault("tax_rates.csv", number, "code", str(key), "a code that tax_codes.csv has"))


def _check_tiles(rows: Rows, faults: list[Fault]) -> None:
    for file, group in (("states.csv", ()), ("districts.csv", ("state",))):
        taken: dict[tuple[Any, ...], int] = {}
        for number, row in rows[file]:
            place = tuple(row[name] for name in (*group, "tile_column", "tile_row"))
            if place in taken:
                found = f"{row['tile_column']}, {row['tile_row']}"
                faults.append(
                    Fault(file, number, "tile_column", found, f"a free tile (row {taken[place]} has it)")
                )
            taken[place] = number


def _check_periods(rows: Rows, faults: list[Fault]) -> None:
    for file in ("tax_rates.csv", "gi_registrations.csv"):
        for number, row in rows[file]:
            if row["valid_to"] and (not row["valid_from"] or row["valid_to"] < row["valid_from"]):
                faults.append(
                    Fault(
                        file, number, "valid_to", row["valid_to"].isoformat(), "a day not before valid_from"
                    )
                )
    spans: dict[tuple[Any, ...], list[tuple[date, date, int]]] = {}
    for number, row in rows["tax_rates.csv"]:
        spans.setdefault(tuple(row[name] for name in TAX_KEY), []).append(
            (row["valid_from"], row["valid_to"] or date.max, number)
        )
    for of_code in spans.values():
        of_code.sort()
        for (_from, ends, earlier), (begins, _to, number) in zip(of_code, of_code[1:], strict=False):
            if begins <= ends:
                faults.append(
                    Fault(
                        "tax_rates.csv",
                        number,
                        "valid_from",
                        begins.isoformat(),
                        f"a day after the period of row {earlier}",
                    )  # fmt: skip
                )


# -- writing ------------------------------------------------------------------------------------------


@transaction.atomic
def load(*, folder: Path = FACTS, dry_run: bool = False) -> list[Report]:
    """Bring the tables up to the files of `folder`. Rows that the files no longer have are named and kept.

    Raises BrokenFacts before anything is changed. With `dry_run` everything is done and undone.
    """
    rows = read(folder)
    known: dict[str, dict[tuple[Any, ...], models.Model]] = {}
    reports = [_write(table, [row for _number, row in rows[table.file]], known) for table in TABLES]
    if dry_run:
        transaction.set_rollback(True)
    return reports


def _write(table: Table, rows: list[Row], known: dict[str, dict[tuple[Any, ...], models.Model]]) -> Report:
    report = Report(table.file)
    fields_of = [_as_fields(table, row, known) for row in rows]
    identity = _identity(table)
    there = {_key_of(thing, identity): thing for thing in table.model._default_manager.all()}
    kept: dict[tuple[Any, ...], models.Model] = {}
    _clear_the_way(table, fields_of, there, identity)
    for row, (fields, many) in zip(rows, fields_of, strict=True):
        wanted = table.model(**fields)
        key = _key_of(wanted, identity)
        thing = there.pop(key, None)
        differs = thing is not None and any(getattr(thing, name) != value for name, value in fields.items())
        if thing is None or differs:
            if thing is not None:
                wanted.pk = thing.pk
            wanted.save()
        many_differ = False
        target = wanted if thing is None or differs else thing
        for name, things in many.items():
            manager = getattr(target, name)
            if set(manager.values_list("pk", flat=True)) != {other.pk for other in things}:
                manager.set(things)
                many_differ = True
        label = ", ".join(str(row[name]) for name in table.key)
        if thing is None:
            report.added.append(label)
        elif differs or many_differ:
            report.changed.append(label)
        else:
            report.unchanged += 1
        kept[tuple(row[name] for name in table.key)] = target
    known[table.file] = kept
    report.not_in_files = [str(thing) for thing in there.values()]
    return report


def _clear_the_way(
    table: Table,
    fields_of: list[tuple[Row, Any]],
    there: dict[tuple[Any, ...], Any],
    identity: tuple[str, ...],
) -> None:
    """Rows that swap a unique place (two tiles, two periods) step aside first."""
    if "tile_column" not in table.columns:
        return
    moving = [
        there[key]
        for fields, _many in fields_of
        if (key := _key_of(table.model(**fields), identity)) in there
        and (there[key].tile_column, there[key].tile_row) != (fields["tile_column"], fields["tile_row"])
    ]
    for number, thing in enumerate(moving):
        table.model._default_manager.filter(pk=thing.pk).update(tile_column=1000 + number)


def _as_fields(
    table: Table, row: Row, known: dict[str, dict[tuple[Any, ...], models.Model]]
) -> tuple[Row, dict[str, list[models.Model]]]:
    fields: Row = {}
    many: dict[str, list[models.Model]] = {}
    for name, value in row.items():
        if name in table.many:
            many[name] = [known[POINTERS[name][0]][(code,)] for code in value]
        elif name in POINTERS:
            fields[name] = known[POINTERS[name][0]][(value,)]
        elif name not in ("valid_from", "valid_to"):
            fields[name] = value
    if "valid_from" in row:
        span = period(row["valid_from"], row["valid_to"]) if row["valid_from"] else None
        fields["period" if table.model is TaxRate else "validity"] = span
    if table.model is TaxRate:
        fields["tax_code"] = known["tax_codes.csv"][tuple(fields.pop(name) for name in TAX_KEY)]
    return fields, many


def _identity(table: Table) -> tuple[str, ...]:
    """The attributes of a stored row that say which row of the file it is."""
    if table.model is TaxRate:
        return ("tax_code_id", "begins")
    return tuple(f"{name}_id" if name in POINTERS else name for name in table.key)


def _key_of(thing: Any, identity: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(thing.period.lower if name == "begins" else getattr(thing, name) for name in identity)
