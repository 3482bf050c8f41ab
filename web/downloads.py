"""Lists as spreadsheets."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Excel groups by thousands unless told otherwise: these formats group by lakh and crore.
WHOLE = "[>=10000000]##\\,##\\,##\\,##0;[>=100000]##\\,##\\,##0;#,##0"
EXACT = "[>=10000000]##\\,##\\,##\\,##0.00;[>=100000]##\\,##\\,##0.00;#,##0.00"
DAY = "DD-MM-YYYY"

SEEN = 200  # rows that decide how wide the columns are
NARROWEST, WIDEST = 10, 60


def xlsx_response(name: str, title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A spreadsheet `name-2026-11-22.xlsx` with one sheet called `title`: a bold, frozen head and the rows.

    Text stays text, also where it begins with = + - or @: a name that somebody typed is never a formula.
    Days and numbers stay what they are, in Indian format.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", str(title))[:31])
    head = [str(column) for column in columns]
    first, rest = _split(rows)
    # A sheet that is written as it goes wants its widths before its first row.
    for place, width in enumerate(_widths(head, first), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, column, bold=True) for column in head])
    for row in chain(first, rest):
        sheet.append([_cell(sheet, value) for value in row])
    content = BytesIO()
    book.save(content)
    file_name = f"{name}-{timezone.localdate().isoformat()}.xlsx"
    return HttpResponse(
        content.getvalue(),
        content_type=XLSX,
        headers={
            "Content-Disposition": content_disposition_header(True, file_name),
            "Cache-Control": "private, no-store",
        },
    )


def _split(rows: Iterable[Sequence[Any]]) -> tuple[list[Sequence[Any]], Iterable[Sequence[Any]]]:
    rest = iter(rows)
    return list(islice(rest, SEEN)), rest


def _widths(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[int]:
    longest = [len(column) for column in head]
    for row in rows:
        for place, value in enumerate(row):
            longest[place] = max(longest[place], 10 if isinstance(value, date) else len(str(value or "")))
    return [max(NARROWEST, min(WIDEST, length + 2)) for length in longest]


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> WriteOnlyCell:
    """One cell. Whatever is not a number, a day or yes/no is text."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).replace(tzinfo=None)  # a sheet knows no time zones
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, date):
            cell.number_format = f"{DAY} HH:MM" if isinstance(value, datetime) else DAY
        elif isinstance(value, Decimal | float):
            cell.number_format = EXACT
        elif isinstance(value, int) and not isinstance(value, bool):
            cell.number_format = WHOLE
        return cell
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell
