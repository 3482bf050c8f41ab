"""A sheet is judged row by row before anything changes: new, changed, the same, or wrong, and then where and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper
from stdnum import ean

from core.devanagari import folded
from inventory import codes
from inventory.models import Lot, Product, UnitOfMeasure, Verdict
from inventory.sheet_cells import WrongCell, compact, day, number, text, yes_or_no
from inventory.sheet_columns import FIELDS, Column, letter, said_in_both
from inventory.sheet_errors import sentence
from inventory.sheet_reading import Row
from inventory.sheet_references import Book

MEMORY_OF_CELLS = 5_000  # what a column has read before is not read anew
SINGLE_UNITS = (UnitOfMeasure.PIECE, UnitOfMeasure.PAIR, UnitOfMeasure.SET)
NAMES = tuple(column.name for column in FIELDS)
# An empty cell leaves these as they are, since there is no such thing as none of them.
NEVER_EMPTY = ("litres", "unit_of_measure")
DEFAULTS: dict[str, Any] = {
    it.attname: it.get_default() for it in Product._meta.concrete_fields if it.attname in NAMES
}  # fmt: skip


@dataclass
class Judged:
    """What is to become of a row."""

    row: Row
    verdict: str = Verdict.SAME
    product: int | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


Reader = Callable[[Any], Any]


def reader_of(column: Column, book: Book | None = None) -> Reader:
    """How a column's cells are read. The reader raises WrongCell."""
    if column.reads == "reference":
        assert book is not None
        return book.find
    if column.reads == "number":
        return lambda value: number(value, places=column.places, largest=column.largest)
    if column.reads == "flag":
        return lambda value: bool(yes_or_no(value))
    if column.reads == "day":
        return day
    if column.reads == "choice":
        return _choice(column)
    if column.name == "gtin":
        return lambda value: compact(value).replace(" ", "").replace("-", "")
    plain = compact if column.reads == "code" else text
    return lambda value: _fitting(plain(value), column.longest)


def _fitting(said: str, longest: int) -> str:
    if longest and len(said) > longest:
        raise WrongCell("too_long", longest=longest, length=len(said))
    return said


def _choice(column: Column) -> Reader:
    meant: dict[str, str] = {}
    for value, label in column.choices:
        for name in {folded(str(value)), *said_in_both(label)}:
            meant.setdefault(name, value)

    def read(cell: Any) -> str:
        said = folded(compact(cell))
        if not said:
            return ""
        if said not in meant:
            raise WrongCell("not_on_the_list", choices=", ".join(str(label) for _value, label in column.choices))
        return meant[said]

    return read


def as_json(value: Any) -> Any:
    """A value as the rows of a sheet keep it, and as the database compares it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


class Head:
    """Which column stands where in this sheet."""

    def __init__(self, columns: Mapping[int, Column]) -> None:
        self.columns = {place: column for place, column in columns.items() if column.reads != "note"}
        self.places = {column.name: place for place, column in self.columns.items()}
        self.letters = {place: letter(place) for place in columns}

    def error(self, judged: Judged, name: str, code: str, **facts: Any) -> None:
        """Note what is wrong with the cell of a column in a row."""
        place = self.places.get(name)
        found = judged.row.cells[place] if place is not None and place < len(judged.row.cells) else None
        error = {
            "cell": f"{self.letters[place]}{judged.row.number}" if place is not None else "",
            "column": name,
            "found": text(found)[:120],
            "code": code,
            "facts": {key: str(value) for key, value in facts.items()},
        }
        error["expected"] = sentence(error)
        judged.errors.append(error)
        judged.verdict = Verdict.FAULTY


class Cells:
    """Reads the cells of a sheet by its head, all of a row's mistakes at once."""

    def __init__(self, head: Head, books: Mapping[str, Book]) -> None:
        self.head = head
        self.readers: list[tuple[int, str, Column, Reader, dict[Any, Any]]] = [
            (place, head.letters[place], column, reader_of(column, books.get(column.name)), {})
            for place, column in head.columns.items()
        ]

    def read(self, row: Row) -> Judged:
        judged = Judged(row)
        values, cells, width = judged.values, row.cells, len(row.cells)
        for place, column_letter, column, reader, known in self.readers:
            cell = cells[place] if place < width else None
            if row.formulas and column_letter in row.formulas:
                self.head.error(judged, column.name, "formula")
                continue
            try:
                if type(cell) not in (str, float):  # True is 1 to a dictionary, and not to a shopkeeper
                    value = reader(cell)
                elif cell in known:
                    value = known[cell]
                else:
                    value = reader(cell)
                    if len(known) < MEMORY_OF_CELLS:
                        known[cell] = value
            except WrongCell as wrong:
                self.head.error(judged, column.name, wrong.code, **wrong.facts)
                continue
            if column.is_required and value in ("", None):
                self.head.error(judged, column.name, "required")
                continue
            values[column.name] = value
        return judged


class ProductFinder:
    """The products that rows are about: by our code where it stands there, else by SKU."""

    def __init__(self, tenant: int, head: Head, fields: tuple[str, ...]) -> None:
        self.tenant, self.head, self.fields = tenant, head, fields
        self.by_key: dict[int, dict[str, Any]] = {}
        self.by_sku: dict[str, dict[str, Any]] = {}

    def fetch(self, rows: Iterable[Judged]) -> None:
        """Fetch what these rows may be about; what earlier rows were about is forgotten."""
        keys: set[int] = set()
        skus: set[str] = set()
        for judged in rows:
            judged.product = self._key(judged)
            if judged.product:
                keys.add(judged.product)
            if judged.values.get("sku"):
                skus.add(judged.values["sku"].upper())
        products = Product.objects.filter(tenant=self.tenant).annotate(upper_sku=Upper("sku"))
        found = products.filter(Q(pk__in=keys) | Q(upper_sku__in=skus))
        names = ("pk", "upper_sku", "laid_aside_at", *self.fields)
        self.by_key, self.by_sku = {}, {}
        for line in found.values_list(*names):
            product = dict(zip(names, line, strict=True))
            self.by_key[product["pk"]] = self.by_sku[product["upper_sku"]] = product

    def _key(self, judged: Judged) -> int | None:
        said = judged.values.get("code")
        if not said:
            return None
        try:
            read = codes.read(said)
        except codes.WrongCode:
            read = None
        if read is None or read[0] != "P":
            self.head.error(judged, "code", "wrong_code")
            return None
        return read[1]

    def of(self, judged: Judged) -> dict[str, Any] | None:
        """The product of a row, or None where there is none; a code that names none is an error."""
        if judged.product is not None:
            found = self.by_key.get(judged.product)
            if found is None:
                judged.product = None
                self.head.error(judged, "code", "wrong_code")
            return found
        return self.by_sku.get((judged.values.get("sku") or "").upper())


class CatalogueChecker:
    """Judges rows of a catalogue against the products that there are."""

    def __init__(self, tenant: int, head: Head, books: Mapping[str, Book]) -> None:
        self.tenant, self.head = tenant, head
        self.cells = Cells(head, books)
        self.finder = ProductFinder(tenant, head, NAMES)
        self.missing = [column for column in FIELDS if column.is_required and column.name not in head.places]
        self.seen: dict[Any, int] = {}
        self.seen_gtins: dict[str, int] = {}

    def judge(self, rows: list[Row]) -> list[Judged]:
        """The verdicts on some rows. Call once for each run of rows, in order."""
        lines = [self.cells.read(row) for row in rows]
        self.finder.fetch(lines)
        taken = self._taken_gtins(lines)
        recount: list[Judged] = []
        for judged in lines:
            for name in NEVER_EMPTY:
                if judged.values.get(name) in ("", None):
                    judged.values.pop(name, None)
            product = self.finder.of(judged)
            self._check_doubles(judged, product)
            self._check_rules(judged, product)
            self._check_gtin(judged, product, taken)
            self._compare(judged, product)
            if product and judged.after and {"unit_of_measure", "is_one_of_a_kind"} & judged.after.keys():
                recount.append(judged)
        self._check_grain(recount)
        return lines

    def _check_doubles(self, judged: Judged, product: dict[str, Any] | None) -> None:
        sku = (judged.values.get("sku") or "").upper()
        for key in ([product["pk"]] if product else []) + ([sku] if sku else []):
            first = self.seen.setdefault(key, judged.row.number)
            if first != judged.row.number:
                name = "sku" if "sku" in self.head.places else "code"
                self.head.error(judged, name, "twice", row=first)
                return
        if not sku:
            return
        if codes.WRITTEN.fullmatch(sku):
            self.head.error(judged, "sku", "sku_like_code")
        other = self.finder.by_sku.get(sku)
        if product and other and other["pk"] != product["pk"]:
            self.head.error(judged, "sku", "sku_taken")

    def _check_rules(self, judged: Judged, product: dict[str, Any] | None) -> None:
        values, error = judged.values, self.head.error
        if product and product["laid_aside_at"]:
            error(judged, "sku" if "sku" in self.head.places else "code", "laid_aside")
        if not product and not judged.errors:
            if not values.get("sku"):
                error(judged, "sku", "required")
            for column in self.missing:
                if column.name != "sku":
                    error(judged, column.name, "required")
        for name in ("price", "mrp", "litres"):
            if values.get(name) is not None and values[name] <= 0:
                error(judged, name, "not_above_zero")
        for name in ("reorder_level", "shelf_life_days"):
            if values.get(name) is not None and values[name] < 0:
                error(judged, name, "negative")
        now = {**(product or DEFAULTS), **values}
        if now["price"] is not None and now["mrp"] is not None and now["price"] > now["mrp"] > 0:
            error(judged, "price" if "price" in values else "mrp", "price_above_mrp", mrp=now["mrp"])
        if now["is_one_of_a_kind"] and now["unit_of_measure"] not in SINGLE_UNITS:
            error(judged, "unit_of_measure", "one_of_a_kind_unit")

    def _taken_gtins(self, lines: list[Judged]) -> dict[str, tuple[int, str]]:
        gtins = {judged.values["gtin"] for judged in lines if judged.values.get("gtin")}
        if not gtins:
            return {}
        having = Product.objects.kept().filter(tenant=self.tenant, gtin__in=gtins)
        return {gtin: (key, sku) for key, gtin, sku in having.values_list("pk", "gtin", "sku")}

    def _check_gtin(
        self, judged: Judged, product: dict[str, Any] | None, taken: dict[str, tuple[int, str]]
    ) -> None:  # fmt: skip
        gtin = judged.values.get("gtin")
        if not gtin or (product and product["gtin"] == gtin):
            return
        if not ean.is_valid(gtin):
            self.head.error(judged, "gtin", "wrong_gtin")
            return
        if gtin in taken and (product is None or taken[gtin][0] != product["pk"]):
            self.head.error(judged, "gtin", "gtin_taken", sku=taken[gtin][1])
        first = self.seen_gtins.setdefault(gtin, judged.row.number)
        if first != judged.row.number:
            self.head.error(judged, "gtin", "gtin_twice", row=first)

    def _compare(self, judged: Judged, product: dict[str, Any] | None) -> None:
        """Say what would change; keep of a wrong row what was in it."""
        if judged.errors:
            judged.after = {"cells": judged.row.cells}
            judged.product = product["pk"] if product else None
            return
        said = {name: value for name, value in judged.values.items() if name != "code"}
        if product is None:
            judged.verdict, judged.after = Verdict.NEW, {name: as_json(value) for name, value in said.items()}
            return
        judged.product = product["pk"]
        other = {
            name: value
            for name, value in said.items()
            if value != product[name] and not _reads_as(product[name], value)
        }
        if other:
            judged.verdict = Verdict.CHANGED
            judged.before = {name: as_json(product[name]) for name in other}
            judged.after = {name: as_json(value) for name, value in other.items()}

    def _check_grain(self, lines: list[Judged]) -> None:
        """What is counted keeps its way of counting for as long as there are lots of it."""
        if not lines:
            return
        counted = set(
            Lot.objects.filter(product__in=[judged.product for judged in lines]).values_list("product_id", flat=True)
        )
        for judged in lines:
            if judged.product in counted:
                after = judged.after or {}
                name = "unit_of_measure" if "unit_of_measure" in after else "is_one_of_a_kind"
                self.head.error(judged, name, "has_stock_in_unit")
                judged.before, judged.after = None, {"cells": judged.row.cells}


def _reads_as(kept: Any, said: Any) -> bool:
    """Whether text that is kept only differs in what a spreadsheet does not keep: outer spaces, odd spaces."""
    return isinstance(kept, str) and text(kept) == said
