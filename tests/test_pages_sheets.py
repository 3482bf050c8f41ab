"""The pages of sheets, as a tenant uses them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from inventory.models import Product, SheetImport, SheetStatus

HEADS = ("sku", "name_en", "name_hi", "kind", "price", "mrp")


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("list.xlsx", content.getvalue())


@pytest.fixture
def home(client, owner):
    client.force_login(owner)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def handed_in(home, chanderi, django_capture_on_commit_callbacks):
    def do(*rows, kind="catalogue"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = home.post(
                reverse("sheet-hand-in", args=[chanderi.pk]), {"kind": kind, "file": workbook(HEADS, *rows)}
            )
        assert answer.status_code == 302, answer.content.decode()
        return SheetImport.objects.latest("pk")

    return do


def text(response):
    return response.content.decode()


def test_a_sheet_goes_from_hand_in_to_applied_and_back(home, handed_in, chanderi, django_capture_on_commit_callbacks):
    sheet = handed_in(["A", "Stole", "स्टोल", "textile", 100, 120], ["B", "b", "b", "textile", "x", 1])
    page = text(home.get(reverse("sheet", args=[sheet.pk])))
    assert "E3" in page
    assert "A number, such as 1250 or 1,23,456.50." in page
    assert "Write numbers as numbers (1)" in page
    assert reverse("sheet-confirm", args=[sheet.pk]) in page
    refused = home.post(reverse("sheet-confirm", args=[sheet.pk]), {})
    assert refused.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        home.post(reverse("sheet-confirm", args=[sheet.pk]), {"only_good": "on"})
    assert Product.objects.get().sku == "A"
    assert "Taken back" not in text(home.get(reverse("sheet", args=[sheet.pk])))
    home.post(reverse("sheet-undo", args=[sheet.pk]))
    assert not Product.objects.exists()
    assert "Taken back" in text(home.get(reverse("sheet", args=[sheet.pk])))
    assert "list.xlsx" in text(home.get(reverse("sheets", args=[chanderi.pk])))


def test_what_would_change_is_shown_before_and_after(home, handed_in, chanderi):
    Product.objects.create(tenant=chanderi, sku="A", name_en="Stole", name_hi="स्टोल", kind="textile", price=90)
    sheet = handed_in(["A", "Stole", "स्टोल", "food", 100, 120])
    page = text(home.get(reverse("sheet", args=[sheet.pk])))
    assert "<del>Textile</del> → <ins>Food</ins>" in page
    assert "<del>90</del> → <ins>100</ins>" in page


def test_a_file_that_is_no_workbook_is_refused_on_the_spot(home, chanderi):
    page = home.post(
        reverse("sheet-hand-in", args=[chanderi.pk]),
        {"kind": "catalogue", "file": SimpleUploadedFile("list.xlsx", b"<html><table>")},
    )
    assert page.status_code == 422
    assert "This is a web page with the name of a workbook." in text(page)
    assert not SheetImport.objects.exists()


@pytest.mark.parametrize("kind", ["catalogue", "stock"])
def test_sheets_are_taken_along(home, chanderi, kind):
    answer = home.get(reverse("sheet-download", args=[chanderi.pk, kind]))
    assert f'filename="{kind}-' in answer["Content-Disposition"]
    assert load_workbook(io.BytesIO(answer.content)).worksheets[0].max_row == 1
    assert home.get(reverse("sheet-download", args=[chanderi.pk, "other"])).status_code == 404


def test_wrong_rows_come_back_as_a_workbook(home, handed_in):
    sheet = handed_in(["B", "b", "b", "textile", "x", 1])
    answer = home.get(reverse("sheet-marked", args=[sheet.pk]))
    assert load_workbook(io.BytesIO(answer.content)).worksheets[0]["E2"].value == "x"


def test_a_sheet_at_work_shows_how_far_it_is(home, handed_in):
    sheet = handed_in(["A", "a", "a", "textile", 1, 2])
    SheetImport.objects.filter(pk=sheet.pk).update(status=SheetStatus.APPLYING, rows=50_000, rows_done=12_500)
    page = text(home.get(reverse("sheet", args=[sheet.pk])))
    assert "12,500 of 50,000 rows" in page
    assert 'hx-trigger="every 1s"' in page


def test_the_neighbours_sheet_is_as_absent_as_none(client, outsider, handed_in, chanderi):
    sheet = handed_in(["A", "a", "a", "textile", 1, 2])
    client.force_login(outsider)
    for name, key in (("sheet", sheet.pk), ("sheet-confirm", sheet.pk), ("sheets", chanderi.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404
