"""Files that mean harm are refused by name, within seconds, in little memory, while the mall goes on answering."""

import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inventory import sheets
from inventory.models import SheetImport, SheetKind, SheetRow, SheetStatus
from inventory.sheet_reading import SheetRefused, opened
from tests.hostile_sheets import HOSTILE, honest, packed, sheet

PATIENCE = 12  # seconds; the machine that tests is shared
MEMORY = 300 * 1024  # kilobytes


def code_of(content, tenant, by, at, name="list.xlsx"):
    """The code under which a file is refused, on the spot or when it is checked."""
    try:
        kept = sheets.hand_in(
            tenant=tenant,
            kind=SheetKind.CATALOGUE,
            upload=SimpleUploadedFile(name, content),
            by=by,
            at=at,
            language="en",
        )
    except SheetRefused as refusal:
        return refusal.why
    checked = sheets.check(sheet=kept.pk, at=at)
    assert checked.status == SheetStatus.REFUSED, checked.status
    assert checked.refusal
    return checked.refusal_code


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_by_name(name, chanderi, owner, now):
    make, code = HOSTILE[name]
    content = make()
    begun = time.monotonic()
    assert code_of(content, chanderi, owner, now) in code.split("|")
    assert time.monotonic() - begun < PATIENCE
    assert not SheetRow.objects.exists()


def test_the_reader_takes_little_memory(tmp_path):
    path = tmp_path / "rows.xlsx"
    row = "".join(f'<c t="inlineStr"><is><t>column {place} of a long row</t></is></c>' for place in range(36))
    path.write_bytes(packed(sheet=sheet(f"<row>{row}</row>" * 40_000)))
    with opened(str(path)) as read:
        assert read.count == 40_001
        assert 0 < read.peak < MEMORY


def test_the_name_of_a_file_decides_nothing_good(chanderi, owner, now):
    assert code_of(honest(), chanderi, owner, now, "list.xlsm") == "macros"
    assert code_of(honest(), chanderi, owner, now, "list.pdf") == "wrong_ending"
    assert not SheetImport.objects.exists()


def test_hidden_sheets_are_passed_over_and_honest_ones_read(tmp_path):
    path = tmp_path / "rows.xlsx"
    path.write_bytes(packed(sheet=sheet('<row r="3"><c r="B3"><v>7</v></c></row>')))
    with opened(str(path)) as read:
        assert [(row.number, row.cells) for row in read.rows] == [(1, ["sku", None]), (3, [None, 7.0])]


def test_the_mall_answers_while_a_hostile_file_is_read(client, tmp_path, db):
    path = tmp_path / "rows.xlsx"
    path.write_bytes(HOSTILE["a million rows that do not say their number"][0]())
    said = []

    def read():
        try:
            with opened(str(path)):
                pass
        except SheetRefused as refusal:
            said.append(refusal.why)

    reader = threading.Thread(target=read)
    reader.start()
    begun = time.monotonic()
    assert client.get(reverse("sign-in")).status_code == 200
    took = time.monotonic() - begun
    reader.join(PATIENCE)
    assert said
    assert took < 3
