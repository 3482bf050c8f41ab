"""A workbook that somebody handed in is read by a small process of its own; what comes back are plain rows.

Whatever the file does to its reader, the mall goes on: the reader has little memory, little time, and no database.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal
from inventory.sheet_guard import LARGEST_FILE, MOST_COLUMNS, Unreadable, look

PATIENCE = 40  # seconds on the clock

WHY: dict[str, Any] = {
    "empty_file": _("This file is empty. Save the workbook again and hand it in."),
    "too_large": _("This file is larger than 10 MB. Split it into several sheets, and leave pictures out."),
    "wrong_ending": _("Hand in an Excel workbook: its name ends in .xlsx."),
    "old_or_locked": _("This is an old .xls file or locked by a password. Save it as .xlsx without a password."),
    "program": _("This is a program, not a workbook. It was not opened."),
    "pdf": _("This is a PDF. Hand in the Excel workbook itself."),
    "empty_archive": _("This workbook has nothing in it. Download ours and fill it in."),
    "web_page": _("This is a web page with the name of a workbook. Open it in Excel and save it as .xlsx."),
    "other_xml": _("This is an XML file, not a workbook. Open it in Excel and save it as .xlsx."),
    "text_file": _("This is a text or CSV file. Open it in Excel and save it as .xlsx."),
    "not_a_workbook": _("This is not an Excel workbook. Save it as .xlsx and hand it in again."),
    "damaged": _("This workbook is damaged or not as Excel writes it. Open it, save it anew as .xlsx and try again."),
    "too_many_parts": _("There is too much besides rows in this workbook. Copy the rows into our download."),
    "odd_names": _("This file was not written by a spreadsheet program, and was not opened."),
    "bomb": _("This file would grow far beyond any list of goods, and was not opened."),
    "too_large_inside": _("This workbook is too large when opened. Copy the rows alone into our download."),
    "macros": _("This workbook has macros. Save it as .xlsx, without macros."),
    "links": _("This workbook takes values from other files. Copy it and paste the values only."),
    "embedded": _("Other files stand inside this workbook. Copy the rows alone into our download."),
    "entities": _("This file was not written by a spreadsheet program, and was not opened."),
    "no_sheet": _("No sheet of this workbook can be seen. Show the sheet with the rows."),
    "far_cell": _("Something stands far outside, in cell %(cell)s. Delete all empty columns and rows around the list."),
    "too_many_rows": _("There are more than 50,000 rows, or empty ones with a format. Delete them or split the sheet."),
    "too_many_columns": _("There are more than 60 columns. Delete those that are not in our download."),
    "too_many_formulas": _("This sheet is full of formulas. Copy it and paste the values only."),
    "too_slow": _("Reading this workbook took too long. Copy the rows alone into our download."),
    "no_rows": _("There are no rows under the head. Fill in at least one."),
    "no_head": _("The first row does not name the columns. Begin with our download and keep its first row."),
    "other_kind": _("This is a sheet of the other kind. Hand it in where you downloaded it."),
    "column_missing": _("These columns are missing: %(columns)s. Begin with our download and keep its first row."),
    "column_twice": _("These columns stand there twice: %(columns)s. Keep one of each."),
}


class SheetRefused(Refusal):
    """`details`: code of `WHY`."""

    code = "sheet_refused"
    status = 400
    sentence = _("This file cannot be read as a sheet.")

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(WHY[why] % facts if facts else WHY[why], field="file", why=why)
        self.why = why


@dataclass(frozen=True)
class Row:
    """A row as it stands in the sheet; `formulas` are the letters of columns where a formula stands."""

    number: int
    cells: list[Any]
    formulas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """The first visible sheet of a workbook. `ours` is what our own download wrote about itself.

    `peak` is the memory that the reader used, in kilobytes.
    """

    rows: Iterator[Row]
    count: int
    ours: dict[str, str]
    peak: int = 0


def first_look(name: str, size: int, head: bytes) -> None:
    """What can be said of a file before it is kept. Raises SheetRefused."""
    if not size:
        raise SheetRefused("empty_file")
    if size > LARGEST_FILE:
        raise SheetRefused("too_large")
    try:
        look(head)
    except Unreadable as wrong:
        raise SheetRefused(wrong.code) from wrong
    if name.lower().endswith((".xlsm", ".xltm")):
        raise SheetRefused("macros")
    if not name.lower().endswith(".xlsx"):
        raise SheetRefused("wrong_ending")


@contextmanager
def opened(path: str) -> Iterator[Sheet]:
    """The rows of the workbook at `path`, one after the other. Raises SheetRefused."""
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        out = Path(folder) / "rows"
        said = _asked(path, str(out))
        if "refused" in said:
            raise SheetRefused(said["refused"] if said["refused"] in WHY else "damaged", **said.get("facts", {}))
        yield Sheet(_rows(out), int(said["rows"]), said.get("ours", {}), int(said.get("peak", 0)))


def _asked(path: str, out: str) -> dict[str, Any]:
    """What the reader says. However it ends, there is an answer."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inventory.sheet_child", path, out],
            cwd=settings.BASE_DIR,
            env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "too_slow"}
    if done.returncode in (-24, -9):  # its seconds of work were used up
        return {"refused": "too_slow"}
    if done.returncode == -6:  # there was no memory left for it
        return {"refused": "too_large_inside"}
    try:
        return orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        return {"refused": "damaged"}


def _rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                number, cells, formulas = orjson.loads(line)
                if len(cells) > MOST_COLUMNS:
                    raise SheetRefused("too_many_columns")
                yield Row(number, cells, frozenset(formulas or ()))
