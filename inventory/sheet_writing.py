"""Sheets to take along: what is on record, with lists to choose from and a page that explains each column."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from inventory import codes
from inventory.models import Balance, Location, Product, SheetImport, SheetKind, SheetRow, UnitOfMeasure, Verdict
from inventory.sheet_child import OUR_SHEET
from inventory.sheet_columns import BY_KIND, CATALOGUE, EXPLANATION, FIELDS, STOCK, Column, letter
from inventory.sheet_errors import sentence
from inventory.sheet_guard import MOST_ROWS
from inventory.sheet_references import Book, books
from tenants.models import Tenant

LISTS = "lists"
EXCEL_TEXT = 32_767
WRONG = PatternFill("solid", fgColor="FFF4C7C3")
HEAD = PatternFill("solid", fgColor="FFEFE6D8")
OURS = PatternFill("solid", fgColor="FFF3F3F3")
MARKED_AT_MOST = 10_000
YES, NO = gettext_lazy("yes"), gettext_lazy("no")


class Writer:
    """One workbook: the sheet itself, the lists behind its choices, the explanations, and a word to ourselves."""

    def __init__(self, kind: str, columns: Sequence[Column], language: str, title: str) -> None:
        self.kind, self.columns, self.language = kind, columns, language
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet(title[:31])
        self.sheet.freeze_panes = "C2" if kind == SheetKind.CATALOGUE else "D2"
        for place, column in enumerate(columns):
            self.sheet.column_dimensions[letter(place)].width = column.width
        self.lists: list[list[str]] = []

    def head(self) -> None:
        line = []
        for column in self.columns:
            cell = self.text(
                str(column.header)[:1].upper() + str(column.header)[1:] + ("*" if column.is_required else "")
            )
            cell.font, cell.fill = Font(bold=True), HEAD
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            line.append(cell)
        self.sheet.append(line)

    def row(self, values: Iterable[Any], wrong: dict[int, str] | None = None) -> None:
        line = []
        for place, value in enumerate(values):
            cell = self.cell(value)
            if wrong and place in wrong:
                cell.fill = WRONG
                cell.comment = Comment(wrong[place], "Unity Mall", height=80, width=260)
            line.append(cell)
        self.sheet.append(line)

    def cell(self, value: Any) -> WriteOnlyCell:
        """Numbers and days stay what they are; all else is text."""
        if isinstance(value, date):
            cell = WriteOnlyCell(self.sheet, value)
            cell.number_format = "DD-MM-YYYY"
            return cell
        if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
            return WriteOnlyCell(self.sheet, value)
        return self.text(str(value))

    def text(self, value: str) -> WriteOnlyCell:
        """Text that is never a formula, not even after someone has clicked into it and pressed Enter."""
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:EXCEL_TEXT]
        cell = WriteOnlyCell(self.sheet, value)
        cell.data_type = "s"
        cell.number_format = "@"
        if value[:1] in "=+-@\t" and value:
            cell.quotePrefix = True
        return cell

    def offer(self, place: int, choices: Sequence[str], *, strict: bool) -> None:
        """A list to choose from in a column. `strict`: nothing else may be typed."""
        self.lists.append([str(choice) for choice in choices])
        where = letter(len(self.lists) - 1)
        choice = DataValidation(
            type="list", formula1=f"{LISTS}!${where}$1:${where}${max(len(choices), 1)}", allow_blank=True
        )
        choice.showErrorMessage = strict
        choice.error = _("Choose one of the list.")
        choice.add(f"{letter(place)}2:{letter(place)}{MOST_ROWS}")
        self.sheet.data_validations.append(choice)

    def done(self, explanations: bool = True) -> bytes:
        if explanations:
            self._explain()
        if self.lists:
            lists = self.book.create_sheet(LISTS)
            lists.sheet_state = "hidden"
            for place in range(max(map(len, self.lists))):
                lists.append([self.text(one[place]) if place < len(one) else None for one in self.lists])
        ours = self.book.create_sheet(OUR_SHEET)
        ours.sheet_state = "veryHidden"
        ours.append(["kind", str(self.kind)])
        ours.append(["language", self.language])
        for column in self.columns:
            ours.append([f"column {column.name}", str(column.header)])
        content = io.BytesIO()
        self.book.save(content)
        return content.getvalue()

    def _explain(self) -> None:
        sheet = self.book.create_sheet(_("How to fill it in")[:31])
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 90
        bold = Font(bold=True)
        for words in (
            _("Fill in the first sheet and hand it in. Nothing changes before you have seen what would, and agreed."),
            _("Rows and columns that you leave out stay as they are. An emptied cell empties the field."),
            _("Formulas are not read: paste the values."),
        ):
            sheet.append([self.text(words)])
        sheet.append([])
        for column in self.columns:
            name = self.text(str(column.header))
            name.font = bold
            sheet.append([name, self.text(_help(column))])


def _help(column: Column) -> str:
    """What may stand in a column, in a sentence or two."""
    parts = [str(column.help)] if column.help else []
    if column.is_required:
        parts.append(_("Must be filled in."))
    if column.choices:
        parts.append(", ".join(str(label) for _value, label in column.choices))
    if column.longest and column.reads == "text":
        parts.append(_("At most %(longest)s characters.") % {"longest": column.longest})
    return " ".join(parts)


def catalogue_sheet(tenant: Tenant, language: str) -> bytes:
    """All products of a tenant that are not laid aside, as a workbook that may be handed in again."""
    with translation.override(language):
        lists = books()
        writer = Writer(SheetKind.CATALOGUE, CATALOGUE, language, _("Catalogue"))
        _offer_choices(writer, lists)
        writer.head()
        names = [column.name for column in FIELDS]
        written = [_written(column, lists, language) for column in FIELDS]
        products = Product.objects.kept().filter(tenant=tenant).order_by("sku")
        for key, *values in products.values_list("pk", *names).iterator(chunk_size=2_000):
            cells = [write(value) for write, value in zip(written, values, strict=True)]
            writer.row([codes.written("P", key), *cells])
        return writer.done()


def _offer_choices(writer: Writer, lists: dict[str, Book]) -> None:
    for place, column in enumerate(writer.columns):
        if column.reads == "choice":
            writer.offer(place, [str(label) for _value, label in column.choices], strict=True)
        elif column.reads == "flag":
            writer.offer(place, [str(YES), str(NO)], strict=True)
        elif column.reads == "reference":
            writer.offer(place, lists[column.name].choices(writer.language), strict=False)


def _written(column: Column, lists: dict[str, Book], language: str) -> Any:
    """How the values of a column are written."""
    if column.reads == "choice":
        labels = {str(value): str(label) for value, label in column.choices}
        return lambda value: labels.get(value, value) if value else None
    if column.reads == "flag":
        yes, no = str(YES), str(NO)
        return lambda value: yes if value else no
    if column.reads == "reference":
        book = lists[column.name]
        return lambda value: book.written(value, language) or None
    return lambda value: value if value != "" else None


def stock_sheet(tenant: Tenant, language: str, shops: Iterable[Location]) -> bytes:
    """Every product in every shop of a tenant, with what is on record there and an empty column to count in."""
    with translation.override(language):
        writer = Writer(SheetKind.STOCK, STOCK, language, _("Stock of the shop"))
        writer.head()
        shops = list(shops)
        rows = Balance.objects.physical().filter(tenant=tenant, location__in=shops)
        sums = rows.values_list("lot__product", "location").annotate(sum=Sum("on_hand"))
        record = {(product, location): total for product, location, total in sums}
        products = list(Product.objects.kept().filter(tenant=tenant).order_by("sku"))
        for shop in shops:
            for product in products:
                unit = UnitOfMeasure(product.unit_of_measure).label
                on_record = record.get((product.pk, shop.pk), Decimal(0))
                writer.row([product.code, product.sku, str(product), shop.slug, str(unit), on_record, None, None, None])
        return writer.done()


def marked_sheet(sheet: SheetImport, language: str) -> bytes:
    """The wrong rows of a sheet as they were handed in, wrong cells coloured and explained; mend and hand in again."""
    with translation.override(language):
        rows = SheetRow.objects.filter(sheet=sheet, verdict=Verdict.FAULTY).order_by("row_no")[:MARKED_AT_MOST]
        places = _places(sheet)
        names = {name: place for place, name in enumerate(places)}
        by_name = {column.name: column for column in BY_KIND[sheet.kind]}
        columns = [*(by_name[name] for name in places), EXPLANATION]
        writer = Writer(sheet.kind, columns, language, _("Wrong rows"))
        if sheet.kind == SheetKind.CATALOGUE:
            _offer_choices(writer, books())
        writer.head()
        for row in rows.iterator(chunk_size=1_000):
            values = _found_cells(sheet, row, places)
            wrong: dict[int, str] = {}
            said = []
            for error in row.errors:
                place = names.get(error["column"])
                words = sentence(error)
                if place is not None:
                    wrong[place] = f"{wrong[place]}\n{words}" if place in wrong else words
                header = str(by_name[error["column"]].header) if error["column"] in by_name else ""
                said.append(f"{error['cell'] or row.row_no} {header}: {words}")
            writer.row([*values, "\n".join(said)], wrong)
        return writer.done(explanations=False)


def _places(sheet: SheetImport) -> list[str]:
    """The columns that the sheet had, in its order."""
    return [name for name in sheet.columns if name]


def _found_cells(sheet: SheetImport, row: SheetRow, places: list[str]) -> list[Any]:
    """What stood in the cells of a row that is read, in the order of its columns."""
    cells = (row.after or {}).get("cells") or []
    by_name = {
        name: cells[place] if place < len(cells) else None for place, name in enumerate(sheet.columns) if name
    }  # fmt: skip
    found = [by_name.get(name) for name in places]
    return [date.fromisoformat(it["day"]) if isinstance(it, dict) else it for it in found]
