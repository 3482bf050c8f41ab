"""A workbook is looked at from outside before anyone reads it: nothing in it is believed, nothing large is opened.

This module knows neither Django nor the mall, so that the small process of its own that reads a stranger's file
(`inventory.sheet_child`) starts fast and holds nothing worth stealing.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UNPACKED = 200 * MEGABYTE
LARGEST_PART_OF_OTHERS = 20 * MEGABYTE  # styles, themes, drawings: everything but sheets and their strings
MOST_PARTS = 300
# Honest sheets shrink thirty-fold, very dull ones two hundred-fold; a bomb shrinks a thousand-fold.
STEEPEST = 400
STEEP_FROM = 4 * MEGABYTE
MOST_ROWS = 50_000
MOST_COLUMNS = 60
FARTHEST_ROW = MOST_ROWS + 1_000  # room for the head and for a few empty rows in between
LONGEST_TAG = MEGABYTE
MOST_FORMULAS = 20_000
CHUNK = 4 * MEGABYTE
FARTHEST_CELL_START = 300  # bytes between the beginning of a cell and of its formula

ALLOWED_ENDINGS = frozenset({"xml", "rels", "vml", "png", "jpg", "jpeg", "gif", "emf", "wmf"})
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
ADDRESS = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Z]{1,4})([0-9]{1,8})["']""")
# Column BI is the 61st.
FAR_COLUMN = re.compile(rb"""\sr\s*=\s*["']((?:[A-Z]{3,}|B[I-Z]|[C-Z][A-Z])[0-9]+)["']""")
FAR_ROW = re.compile(rb"""\sr\s*=\s*["']([A-Z]*[0-9]{6,})["']""")
ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])(?:[^>]*?\sr\s*=\s*[\"']([0-9]+)[\"'])?")
DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*["'](?:[A-Z0-9$]+:)?\$?([A-Z]+)\$?([0-9]+)["']""")


class Unreadable(Exception):
    """A file that is not read. `code` names why (`inventory.sheet_reading.WHY`), `facts` fill its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass
class Plan:
    """What may be read: the place of the first visible sheet, and where formulas stand in it."""

    index: int
    names: list[str]
    formulas: dict[int, list[str]] = field(default_factory=dict)  # row -> columns


def look(head: bytes) -> None:
    """Say from its first bytes what a file is, whatever its name says. Raises Unreadable unless it is a zip."""
    if head.startswith(b"PK\x03\x04"):
        return
    signs = (
        (b"\xd0\xcf\x11\xe0", "old_or_locked"),
        (b"MZ", "program"),
        (b"\x7fELF", "program"),
        (b"#!", "program"),
        (b"%PDF", "pdf"),
        (b"PK\x05\x06", "empty_archive"),
    )
    for sign, code in signs:
        if head.startswith(sign):
            raise Unreadable(code)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        raise Unreadable("web_page")
    if start.startswith(b"<?xml"):
        raise Unreadable("other_xml")
    if head and b"\x00" not in head and any(mark in head for mark in (b",", b";", b"\t")) and b"\n" in head:
        raise Unreadable("text_file")
    raise Unreadable("not_a_workbook" if head else "empty_file")


def guard(path: str | Path) -> Plan:
    """Whether a workbook may be read, part by part, in bounded memory. Raises Unreadable."""
    with open(path, "rb") as file:
        look(file.read(4096))
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                return _guarded(archive)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
            ValueError,
        ) as wrong:
            raise Unreadable("damaged") from wrong
        except (DefusedXmlException, ParseError) as wrong:
            raise Unreadable("damaged") from wrong


def _guarded(archive: zipfile.ZipFile) -> Plan:
    parts = _checked_parts(archive.infolist())
    types = _small(archive, parts, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise Unreadable("macros")
    if MAIN.encode() not in types:
        raise Unreadable("not_a_workbook")
    sheets, names = _sheets(archive, parts)
    chosen = next((place for place, (_part, hidden) in enumerate(sheets) if not hidden), None)
    if chosen is None:
        raise Unreadable("no_sheet")
    plan = Plan(chosen, names)
    wanted = sheets[chosen][0]
    for name, info in parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            with archive.open(info) as part:
                _scan(part, info, plan if name == wanted else None)
    return plan


def _checked_parts(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The parts by name, where all of them are what a workbook has. Raises Unreadable."""
    if len(infos) > MOST_PARTS:
        raise Unreadable("too_many_parts")
    parts: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if info.flag_bits & 0x1:
            raise Unreadable("old_or_locked")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("damaged")
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/") or "\x00" in name:
            raise Unreadable("odd_names")
        if name.lower() in seen:
            raise Unreadable("odd_names")
        seen.add(name.lower())
        if info.is_dir():
            continue
        _check_kind(name.lower())
        if info.file_size > STEEP_FROM and info.file_size > STEEPEST * max(info.compress_size, 1):
            raise Unreadable("bomb")
        if info.file_size > LARGEST_PART_OF_OTHERS and not name.startswith(("xl/worksheets/", "xl/sharedStrings")):
            raise Unreadable("too_large_inside")
        parts[name] = info
    if sum(info.file_size for info in infos) > LARGEST_UNPACKED:
        raise Unreadable("too_large_inside")
    return parts


def _check_kind(name: str) -> None:
    """Raises Unreadable for parts that no list of goods needs and that have done harm elsewhere."""
    if "vbaproject" in name or name.startswith("xl/macrosheets/"):
        raise Unreadable("macros")
    if name.startswith(("xl/externallinks/", "xl/connections.xml", "xl/querytables/")):
        raise Unreadable("links")
    if name.startswith("xl/printersettings/") and name.endswith(".bin"):
        return
    if name.startswith(("xl/embeddings/", "xl/activex/")) or name.rsplit(".", 1)[-1] not in ALLOWED_ENDINGS:
        raise Unreadable("embedded")


def _small(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    """A part that describes the workbook; it is small in every honest one."""
    info = parts.get(name)
    if info is None:
        raise Unreadable("not_a_workbook")
    if info.file_size > MEGABYTE:
        raise Unreadable("too_large_inside")
    content = archive.read(info)
    _check_start(content)
    if DOCTYPE.search(content):
        raise Unreadable("entities")
    return content


def _sheets(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> tuple[list[tuple[str, bool]], list[str]]:
    """The parts of the sheets in their order, whether each is hidden, and their names."""
    book = fromstring(_small(archive, parts, "xl/workbook.xml"), forbid_dtd=True)
    links = fromstring(_small(archive, parts, "xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {link.get("Id"): link for link in links}
    sheets, names = [], []
    for sheet in book.iter():
        if not str(sheet.tag).endswith("}sheet"):
            continue
        if not (sheet.get("sheetId") or "").isdigit():
            raise Unreadable("damaged")
        key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        link = targets.get(key)
        if link is None or link.get("TargetMode") == "External":
            raise Unreadable("links" if link is not None else "damaged")
        target = link.get("Target") or ""
        part = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part not in parts:
            raise Unreadable("damaged")
        # Chart sheets stand in the same list and are no sheets of rows.
        is_rows = (link.get("Type") or "").endswith("/worksheet")
        sheets.append((part, not is_rows or (sheet.get("state") or "visible") != "visible"))
        names.append(sheet.get("name") or "")
    return sheets, names


def _scan(part: BinaryIO | Any, info: zipfile.ZipInfo, plan: Plan | None) -> None:
    """Read one part through in pieces: no document types, no more than was declared; of the sheet also its extent."""
    rows = cells = formulas = read = 0
    for number, piece in enumerate(_pieces(part)):
        if number == 0:
            _check_start(piece)
            dimension = DIMENSION.search(piece) if plan else None
            if dimension and (len(dimension[1]) > 2 or int(dimension[2]) > FARTHEST_ROW * 2):
                raise Unreadable("far_cell", cell=(dimension[1] + dimension[2]).decode())
        read += len(piece)
        if read > info.file_size:
            raise Unreadable("damaged")
        if b"<!" in piece and DOCTYPE.search(piece):
            raise Unreadable("entities")
        if plan is None:
            continue
        _check_near(piece)
        rows += sum(1 for _row in ROW.finditer(piece))
        cells += piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b":c ")
        if rows > FARTHEST_ROW * 2 or cells > FARTHEST_ROW * MOST_COLUMNS:
            raise Unreadable("too_many_rows", most=MOST_ROWS)
        formulas += _note_formulas(piece, plan)
        if formulas > MOST_FORMULAS:
            raise Unreadable("too_many_formulas")


def _check_start(piece: bytes) -> None:
    """XML can hide its words in another encoding; workbooks are written in UTF-8."""
    said = ENCODING.search(piece[:200])
    other = said and said[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")
    if other or piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in piece[:4]:
        raise Unreadable("damaged")


def _check_near(piece: bytes) -> None:
    far = FAR_ROW.search(piece)
    if far and far[1].isdigit():
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    far = far or FAR_COLUMN.search(piece)
    if far:
        raise Unreadable("far_cell", cell=far[1].decode())


def _note_formulas(piece: bytes, plan: Plan) -> int:
    found = 0
    for formula in FORMULA.finditer(piece):
        # The cell begins a few bytes before its formula.
        near = max(formula.start() - FARTHEST_CELL_START, 0)
        starts = list(ADDRESS.finditer(piece, near, formula.start()))
        cell = starts[-1] if starts else None
        found += 1
        if cell:
            columns = plan.formulas.setdefault(int(cell[2]), [])
            columns.append(cell[1].decode())
        if found > MOST_FORMULAS:
            break
    return found


def _pieces(part: Any) -> Iterator[bytes]:
    """The part in pieces that end before a cell or row begins, so that no cell is cut in two."""
    kept = b""
    while chunk := part.read(CHUNK):
        piece = kept + chunk
        cut = max(piece.rfind(b"<c "), piece.rfind(b"<row"), piece.rfind(b":c "), piece.rfind(b"<si"))
        cut = piece.rfind(b"<", 0, cut + 1) if cut > 0 else piece.rfind(b"<")
        if cut <= 0 or len(piece) - cut > LONGEST_TAG + CHUNK:
            if len(piece) > LONGEST_TAG + 2 * CHUNK:
                raise Unreadable("too_large_inside")
            kept = piece
            continue
        kept = piece[cut:]
        yield piece[:cut]
    if kept:
        yield kept
