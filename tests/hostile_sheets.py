"""Workbooks that mean harm, or that nobody could mean: made when the tests run, none of them kept.

Each entry names what is handed in and the code of the refusal that must follow.
"""

import io
import zipfile
from collections.abc import Callable, Iterable

from openpyxl import Workbook

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c></row>'

TYPES = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
    f'"application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/></Types>'
)
TOP = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELS}">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def sheet(rows: str = "", before: str = "") -> str:
    return f'{XML}<worksheet xmlns="{MAIN}">{before}<sheetData>{HEAD}{rows}</sheetData></worksheet>'


def packed(extra: Iterable[tuple[str, str | bytes]] = (), **parts: str | bytes) -> bytes:
    """A workbook of hand-written parts. Named ones replace: types, top, book, links, sheet."""
    names = {
        "types": ("[Content_Types].xml", TYPES),
        "top": ("_rels/.rels", TOP),
        "book": ("xl/workbook.xml", BOOK),
        "links": ("xl/_rels/workbook.xml.rels", LINKS),
        "sheet": ("xl/worksheets/sheet1.xml", sheet('<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c></row>')),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, (name, usual) in names.items():
            archive.writestr(name, parts.get(key, usual))
        for name, content in extra:
            archive.writestr(name, content)
    return out.getvalue()


def honest(rows: int = 1) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["sku"])
    for number in range(rows):
        page.append([f"S{number}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zip_bomb() -> bytes:
    """Three hundred megabytes of one letter in a third of one."""
    out = io.BytesIO(packed())
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/a.xml", "w", force_zip64=True) as part,
    ):
        for _megabyte in range(300):
            part.write(b"A" * 1024 * 1024)
    return out.getvalue()


def lying_sizes() -> bytes:
    """Its directory says that the sheet has ten bytes."""
    content = bytearray(packed(sheet=sheet('<row r="2"/>' * 200_000)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    true, lie = info.file_size.to_bytes(4, "little"), (10).to_bytes(4, "little")
    return bytes(content).replace(true, lie)


def encrypted() -> bytes:
    content = bytearray(honest())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 4)
    return bytes(content)


def billion_laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    return packed(
        sheet=f"{XML}<!DOCTYPE x [{entities}]>" + sheet("<row r='2'><c r='A2'><v>&j;</v></c></row>")[len(XML) :]
    )


def outside_file(part: str) -> bytes:
    doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    usual = {"sheet": sheet('<row r="2"><c r="A2"><v>&e;</v></c></row>'), "book": BOOK, "types": TYPES}[part]
    return packed(**{part: XML + doctype + usual[len(XML) :]})


def duplicates() -> bytes:
    out = io.BytesIO(packed())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/workbook.xml", BOOK)
    return out.getvalue()


def many_rows(number: int) -> bytes:
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(2, number + 2))
    return packed(sheet=sheet(rows))


def huge_string() -> bytes:
    text = "ab" * 60_000_000
    return packed([("xl/sharedStrings.xml", f'{XML}<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>')])


def million_styles() -> bytes:
    styles = '<xf numFmtId="1"/>' * 2_000_000
    return packed([("xl/styles.xml", f'{XML}<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')])


def formulas_without_end() -> bytes:
    return packed(sheet=sheet("".join(f'<row r="{at}"><c r="A{at}"><f>1</f></c></row>' for at in range(2, 25_000))))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an empty file": (lambda: b"", "empty_file"),
    "a program": (lambda: b"MZ\x90\x00" + b"\x00" * 200, "program"),
    "a shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", "program"),
    "a web page": (lambda: b"<!DOCTYPE html><html><table><tr><td>sku</td></tr></table>", "web_page"),
    "a text file": (lambda: b"sku,name\nA,b\n", "text_file"),
    "a PDF": (lambda: b"%PDF-1.7\n", "pdf"),
    "an old or locked workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_or_locked"),
    "noise": (lambda: bytes(range(256)) * 8, "not_a_workbook"),
    "a workbook cut in two": (lambda: honest()[:2000], "damaged"),
    "an encrypted zip": (encrypted, "old_or_locked"),
    "a zip that is no workbook": (lambda: packed(types="<Types/>"), "not_a_workbook"),
    "a bomb": (zip_bomb, "bomb"),
    "a directory that lies about sizes": (lying_sizes, "damaged"),
    "a workbook in a workbook": (lambda: packed([("xl/embeddings/a.xlsx", honest())]), "embedded"),
    "a zip in a workbook": (lambda: packed([("xl/media/a.zip", honest())]), "embedded"),
    "a program in a workbook": (lambda: packed([("xl/media/a.exe", b"MZ")]), "embedded"),
    "macros": (lambda: packed([("xl/vbaProject.bin", b"x")]), "macros"),
    "macros by type": (lambda: packed(types=TYPES.replace(".sheet.main+", ".sheet.macroEnabled.main+")), "macros"),
    "links to other files": (lambda: packed([("xl/externalLinks/externalLink1.xml", "<a/>")]), "links"),
    "a data connection": (lambda: packed([("xl/connections.xml", "<a/>")]), "links"),
    "a sheet from the web": (
        lambda: packed(links=LINKS.replace("worksheets/sheet1.xml", 'http://x/" TargetMode="External')),
        "links",
    ),
    "billion laughs": (billion_laughs, "entities"),
    "an outside file in the sheet": (lambda: outside_file("sheet"), "entities"),
    "an outside file in the book": (lambda: outside_file("book"), "entities"),
    "an outside file in the types": (lambda: outside_file("types"), "entities"),
    "entities in UTF-16": (
        lambda: packed(sheet=sheet().replace("UTF-8", "UTF-16").encode("utf-16")),
        "damaged",
    ),
    "names that climb": (lambda: packed([("../../etc/cron.d/x.xml", "<a/>")]), "odd_names"),
    "names from the root": (lambda: packed([("/etc/x.xml", "<a/>")]), "odd_names"),
    "names of another system": (lambda: packed([("C:/x.xml", "<a/>")]), "odd_names"),
    "two parts of one name": (duplicates, "odd_names"),
    "thousands of parts": (lambda: packed([(f"xl/media/{n}.xml", "<a/>") for n in range(2000)]), "too_many_parts"),
    "a cell at the end of the world": (
        lambda: packed(sheet=sheet('<row r="2"><c r="XFD1048576"><v>1</v></c></row>')), "too_many_rows|far_cell"
    ),
    "a far column": (lambda: packed(sheet=sheet('<row r="2"><c r="ZZ2"><v>1</v></c></row>')), "far_cell"),
    "a row far below": (
        lambda: packed(sheet=sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')), "too_many_rows|far_cell"
    ),
    "a size of seventeen billion cells": (
        lambda: packed(sheet=sheet(before='<dimension ref="A1:XFD1048576"/>')), "far_cell"
    ),
    "a million rows": (lambda: many_rows(1_000_000), "too_many_rows|too_large|far_cell"),
    "one row too many": (lambda: many_rows(50_001), "too_many_rows"),
    "a million rows that do not say their number": (
        lambda: packed(sheet=sheet("<row><c><v>1</v></c></row>" * 1_000_000)), "bomb|too_many_rows"
    ),
    "a huge shared string": (huge_string, "bomb|too_large_inside"),
    "a million styles": (million_styles, "bomb|too_large_inside"),
    "a sheet with a number below nought": (lambda: packed(book=BOOK.replace('sheetId="1"', 'sheetId="-1"')), "damaged"),
    "a sheet that is not there": (lambda: packed(book=BOOK.replace("rId1", "rId7")), "damaged"),
    "a sheet that climbs": (
        lambda: packed(links=LINKS.replace("worksheets/sheet1.xml", "../../../etc/passwd")), "damaged"
    ),
    "no sheet to be seen": (lambda: packed(book=BOOK.replace('name="S"', 'name="S" state="hidden"')), "no_sheet"),
    "broken XML": (lambda: packed(book="<workbook><sheets>"), "damaged"),
    "more than sixty columns": (
        lambda: packed(sheet=sheet('<row r="2">' + "<c><v>1</v></c>" * 80 + "</row>")), "too_many_columns"
    ),
    "formulas without end": (formulas_without_end, "too_many_formulas"),
}  # fmt: skip
