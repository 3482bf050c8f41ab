"""Sheets: what a tenant hands in is judged first, applied once, and taken back if it was a mistake."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from inventory import ledger, sheets
from inventory.models import (
    MovementKind,
    PlaceKind,
    Product,
    SheetImport,
    SheetKind,
    SheetRow,
    SheetStatus,
    UnitOfMeasure,
)
from inventory.places import shop as shop_of
from inventory.places import the
from inventory.sheet_cells import WrongCell, day, number, yes_or_no
from inventory.sheet_columns import CATALOGUE
from inventory.sheet_undoing import not_undone
from inventory.sheet_writing import catalogue_sheet, marked_sheet, stock_sheet
from reference.models import Craft, District, GiRegistration, TaxCode


def workbook(*rows, name="catalogue.xlsx"):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile(name, content.getvalue())


@pytest.fixture
def hand(chanderi, owner, now):
    """Hand in rows of a catalogue and have them checked."""

    def do(*rows, kind=SheetKind.CATALOGUE, upload=None, language="en", shops=()):
        upload = upload or workbook(*rows)
        sheet = sheets.hand_in(
            tenant=chanderi, kind=kind, upload=upload, by=owner, at=now, language=language, shops=shops
        )
        return sheets.check(sheet=sheet.pk, at=now)

    return do


@pytest.fixture
def confirmed(hand, owner, now):
    """The same, confirmed and applied."""

    def do(*rows, only_good=False, **kwargs):
        sheet = hand(*rows, **kwargs)
        assert sheet.status == SheetStatus.CHECKED, sheet.refusal
        sheets.confirm(sheet=sheet, by=owner, at=now, only_good=only_good)
        return sheets.apply(sheet=sheet.pk, at=timezone.now())

    return do


@pytest.fixture
def saree(chanderi, owner):
    product = Product(
        tenant=chanderi, sku="CH-1", name_en="Silk saree", name_hi="रेशमी साड़ी", kind="textile",
        price=Decimal("4500"), mrp=Decimal("5000"), district=District.objects.get(name_en="Ashoknagar"),
    )  # fmt: skip
    product._history_user = owner
    product.save()
    return product


HEADS = ("sku", "name_en", "name_hi", "kind", "price", "mrp")


def counts(sheet):
    return (sheet.new, sheet.changed, sheet.same, sheet.faulty)


def errors(sheet):
    rows = SheetRow.objects.filter(sheet=sheet).exclude(errors=[])
    return {(error["cell"], error["code"]) for row in rows for error in row.errors}


# Cells


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("₹ 1,23,456.50", "123456.50"),
        ("1.5 lakh", "150000"),
        ("1.5 लाख", "150000"),
        ("१२३.५", "123.5"),
        ("１２３", "123"),
        ("Rs. 500/-", "500"),
        ("\u00a0 12 ", "12"),
        (0.1 + 0.2, "0.3"),
        ("(5)", "-5"),
    ],
)
def test_numbers_are_read_as_people_in_india_type_them(typed, meant):
    assert number(typed, places=2, largest=Decimal(10**8)) == Decimal(meant)


@pytest.mark.parametrize("typed", ["1,5", "abc", "5 kg", True, "1.234", "12345678901", float("nan"), "--5"])
def test_what_may_mean_two_things_is_asked_again(typed):
    with pytest.raises(WrongCell):
        number(typed, places=2, largest=Decimal(10**8))


@pytest.mark.parametrize(
    "typed", ["22-11-2026", "22/11/26", "22 नव॰ 2026", "२२ नवंबर २०२६", "22-Nov-26", {"day": "2026-11-22"}, "2026-11-22"]
)
def test_days_are_read_in_every_usual_form(typed):
    assert day(typed).isoformat() == "2026-11-22"


def test_no_day_is_made_of_what_is_none():
    for typed in ("31-02-2026", "11/22/2026", 46000.0, "tomorrow"):
        with pytest.raises(WrongCell):
            day(typed)


def test_yes_and_no_are_known_in_both_languages():
    assert [yes_or_no(cell) for cell in ("हाँ", "Yes", "नहीं", "NO", True, "")] == [True, True, False, False, True, None]


# The dry run


def test_a_sheet_says_what_it_would_do_and_does_nothing(hand, saree):
    sheet = hand(
        HEADS,
        ["CH-1", "Silk saree", "रेशमी साड़ी", "Textile", 4800, 5000],
        ["CH-2", "Cotton stole", "सूती स्टोल", "textile", "₹ 1,250", None],
        [None, None, None, None, None, None],
        ["ch-3", " Dupatta\u00a0", "दुपट्टा", "Textile", "abc", -5],
    )
    assert counts(sheet) == (1, 1, 0, 1)
    assert errors(sheet) == {("E5", "not_a_number"), ("F5", "not_above_zero")}
    assert list(Product.objects.values_list("sku", "price")) == [("CH-1", Decimal("4500.00"))]
    changed = sheet.row_set.get(verdict="changed")
    assert (changed.before, changed.after) == ({"price": 4500}, {"price": 4800})


def test_every_wrong_cell_is_named_at_once_in_the_readers_language(hand, saree):
    sheet = hand(
        ["SKU", "name in English", "name in Hindi", "kind", "price", "mrp", "barcode (EAN)", "craft", "district"],
        ["", "x" * 201, "नाम", "cloth", 10, 5, "8901234567891", "Nowhere craft", "Ashoknagar"],
        ["A", "a", "a", "textile", 10, 20, None, None, 999],
        ["a", "a", "a", "textile", 10, 20, None, None, None],
        language="hi",
    )
    assert errors(sheet) == {
        ("A2", "required"),
        ("B2", "too_long"),
        ("D2", "not_on_the_list"),
        ("E2", "price_above_mrp"),
        ("G2", "wrong_gtin"),
        ("H2", "not_found"),
        ("I3", "not_found"),
        ("A4", "twice"),
    }


def test_formulas_are_refused_by_their_address(hand):
    sheet = hand(HEADS, ["A", "a", "a", "textile", "=1+1", 20])
    assert errors(sheet) == {("E2", "formula")}


def test_references_are_found_by_code_and_by_name_in_either_language(hand, db):
    craft = Craft.objects.create(code="hand-weaving", name_en="Hand weaving", name_hi="हाथ की बुनाई")
    gi = GiRegistration.objects.get(name_en__startswith="Chanderi")
    code = next(it for it in TaxCode.objects.filter(scheme="hsn"))
    district = District.objects.get(name_en="Ashoknagar")
    sheet = hand(
        [*HEADS[:4], "craft", "gi_registration", "hsn", "district"],
        ["A", "a", "a", "textile", craft.name_hi, gi.code, str(code), district.lgd_code],
        ["B", "b", "b", "textile", craft.code, gi.name_en, str(code), district.name_hi],
    )
    assert counts(sheet) == (2, 0, 0, 0), errors(sheet)
    wanted = {"craft_id": craft.pk, "gi_registration_id": gi.pk, "hsn_id": code.pk, "district_id": district.pk}
    for row in sheet.row_set.all():
        assert wanted.items() <= row.after.items()


def test_a_column_that_is_missing_or_unknown_is_named(hand):
    assert hand(["name in English"], ["a"]).refusal_code == "column_missing"
    assert hand(["colour", "weight"], ["a", "b"]).refusal_code == "no_head"
    assert hand(["SKU", "SKU"], ["a", "b"]).refusal_code == "column_twice"
    assert hand(["SKU"]).refusal_code == "no_rows"
    sheet = hand([*HEADS, "colour"], ["A", "a", "a", "textile", 1, 2, "red"])
    assert (sheet.status, sheet.refusal) == (SheetStatus.CHECKED, "colour")


def test_another_tenants_code_is_as_wrong_as_none(hand, saree, batik, owner):
    foreign = Product.objects.create(tenant=batik, sku="X", name_en="x", name_hi="x", kind="textile")
    sheet = hand(["our code", *HEADS], [foreign.code, "CH-9", "a", "a", "textile", 1, 2])
    assert errors(sheet) == {("A2", "wrong_code")}


# Applying


def test_a_confirmed_sheet_is_applied_with_history_and_once(confirmed, hand, saree, owner):
    rows = (
        HEADS,
        ["CH-1", "Silk saree", "रेशमी साड़ी", "textile", 4800, 5000],
        ["CH-2", "Stole", "स्टोल", "textile", 1250, None],
    )
    sheet = confirmed(*rows)
    assert (sheet.status, sheet.rows_done) == (SheetStatus.APPLIED, 2)
    stole = Product.objects.get(sku="CH-2")
    assert (stole.price, stole.unit_of_measure, stole.litres) == (Decimal("1250.00"), UnitOfMeasure.PIECE, Decimal(1))
    saree.refresh_from_db()
    assert saree.price == Decimal("4800.00")
    newest = saree.history.first()
    assert (newest.history_type, newest.history_user, newest.price) == ("~", owner, Decimal("4800.00"))
    assert newest.history_change_reason == f"{sheet.code}: catalogue.xlsx"
    assert stole.history.get().history_type == "+"
    assert counts(hand(*rows)) == (0, 0, 2, 0)


def test_wrong_rows_stop_the_whole_sheet_unless_the_good_ones_are_asked_for(hand, owner, now):
    sheet = hand(HEADS, ["A", "a", "a", "textile", 1, 2], ["B", "b", "b", "textile", "x", 2])
    with pytest.raises(sheets.SheetHasErrors):
        sheets.confirm(sheet=sheet, by=owner, at=now)
    sheets.confirm(sheet=sheet, by=owner, at=now, only_good=True)
    with pytest.raises(sheets.SheetNotChecked):
        sheets.confirm(sheet=sheet, by=owner, at=now, only_good=True)
    sheets.apply(sheet=sheet.pk, at=timezone.now())
    assert list(Product.objects.values_list("sku", flat=True)) == ["A"]


def test_what_someone_changed_since_the_check_is_not_overwritten(hand, saree, owner, now):
    sheet = hand(HEADS, ["CH-1", "Silk saree", "रेशमी साड़ी", "textile", 4800, 5000], ["CH-2", "b", "b", "textile", 1, 2])
    Product.objects.filter(pk=saree.pk).update(price=Decimal(4600))
    Product.objects.create(tenant=saree.tenant, sku="ch-2", name_en="x", name_hi="x", kind="textile")
    sheets.confirm(sheet=sheet, by=owner, at=now)
    sheet = sheets.apply(sheet=sheet.pk, at=timezone.now())
    saree.refresh_from_db()
    assert (saree.price, counts(sheet)) == (Decimal("4600.00"), (0, 0, 0, 2))
    assert errors(sheet) == {("", "changed_meanwhile"), ("", "not_applied")}


def test_a_worker_that_died_is_followed_by_one_that_goes_on(hand, owner, now, monkeypatch):
    sheet = hand(HEADS, *[[f"S{n}", "a", "a", "textile", 1, 2] for n in range(5)])
    sheets.confirm(sheet=sheet, by=owner, at=now)
    monkeypatch.setattr("inventory.sheet_applying.ROWS_AT_ONCE", 2)
    steps = []

    def dies(_sheet, **fields):
        steps.append(fields)
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(sheets, "_step", dies)
        with pytest.raises(KeyboardInterrupt):
            sheets.apply(sheet=sheet.pk, at=now)
    assert Product.objects.count() == 2
    assert sheets.apply(sheet=sheet.pk, at=now) is None  # the lease of the dead one stands
    later = now + sheets.LEASE * 2
    assert sheets.apply(sheet=sheet.pk, at=later).status == SheetStatus.APPLIED
    assert Product.objects.count() == 5
    assert Product.history.count() == 5


# Taking back


def test_a_sheet_is_taken_back_where_nobody_touched_it_since(confirmed, saree, owner, now):
    sheet = confirmed(
        HEADS,
        ["CH-1", "Silk saree", "रेशमी साड़ी", "textile", 4800, 5000],
        ["CH-2", "Stole", "स्टोल", "textile", 1250, None],
        ["CH-3", "Cloth", "कपड़ा", "textile", 10, None],
    )
    kept = Product.objects.get(sku="CH-3")
    ledger.add_lot(product=kept, received_date=timezone.localdate())
    sheets.undo(sheet=sheet, by=owner, at=timezone.now())
    saree.refresh_from_db()
    assert saree.price == Decimal("4500.00")
    assert set(Product.objects.values_list("sku", flat=True)) == {"CH-1", "CH-3"}
    assert Product.history.filter(sku="CH-2").first().history_type == "-"
    assert [row.errors[0]["code"] for row in not_undone(sheet)] == ["undo_stock"]
    with pytest.raises(sheets.SheetNotApplied):
        sheets.undo(sheet=sheet, by=owner, at=timezone.now())


def test_what_was_changed_again_stays_when_a_sheet_is_taken_back(confirmed, saree, owner):
    sheet = confirmed(HEADS, ["CH-1", "Silk saree", "रेशमी साड़ी", "textile", 4800, 5000])
    Product.objects.filter(pk=saree.pk).update(price=Decimal(4900))
    sheets.undo(sheet=sheet, by=owner, at=timezone.now())
    saree.refresh_from_db()
    assert saree.price == Decimal("4900.00")
    assert [row.errors[0]["code"] for row in not_undone(sheet)] == ["undo_changed"]


# Downloads


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_untouched_download_changes_nothing_in_either_language(hand, saree, chanderi, language):
    gi, craft, code = GiRegistration.objects.first(), None, TaxCode.objects.filter(scheme="hsn").last()
    Product.objects.create(
        tenant=chanderi, sku="007", name_en="=SUM(A1)", name_hi="@नाम", kind="food", gtin="8901234567894",
        description_en="two\nlines ", litres=Decimal("0.125"), reorder_level=Decimal("2.5"), shelf_life_days=90,
        gi_registration=gi, craft=craft, hsn=code, odop_listing_id=1, is_packed=True, food_mark="veg",
    )  # fmt: skip
    content = catalogue_sheet(chanderi, language)
    with translation.override("hi" if language == "en" else "en"):
        sheet = hand(upload=SimpleUploadedFile("again.xlsx", content), language="hi" if language == "en" else "en")
    assert counts(sheet) == (0, 0, 2, 0), (
        sheet.refusal,
        errors(sheet),
        list(sheet.row_set.values_list("before", "after")),
    )


def test_a_download_keeps_text_as_text_and_numbers_as_numbers(chanderi, saree):
    Product.objects.filter(pk=saree.pk).update(name_en="=HYPERLINK(1)", sku="00123")
    book = load_workbook(io.BytesIO(catalogue_sheet(chanderi, "en")))
    sheet = book.worksheets[0]
    names = [column.name for column in CATALOGUE]
    cells = dict(zip(names, sheet[2], strict=True))
    assert (cells["sku"].value, cells["sku"].data_type) == ("00123", "s")
    assert (cells["name_en"].value, cells["name_en"].data_type) == ("=HYPERLINK(1)", "s")
    assert (cells["price"].value, cells["price"].data_type) == (4500, "n")
    assert (sheet.freeze_panes, len(sheet.data_validations.dataValidation)) == ("C2", 12)
    assert book["unity-mall"].sheet_state == "veryHidden"


def test_the_marked_workbook_holds_the_wrong_rows_and_can_be_handed_in_again(hand):
    sheet = hand(HEADS, ["A", "a", "a", "textile", 1, 2], ["B", "b", "b", "textile", "x", 2])
    content = marked_sheet(sheet, "en")
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in page[2]][:6] == ["B", "b", "b", "textile", "x", 2]
    assert page["E2"].fill.fgColor.rgb == "FFF4C7C3"
    assert page["E2"].comment.text == "A number, such as 1250 or 1,23,456.50."
    assert page["G2"].value.startswith("E3 ")
    again = hand(upload=SimpleUploadedFile("again.xlsx", content))
    assert again.refusal == ""
    assert errors(again) == {("E2", "not_a_number")}


# Stock


@pytest.fixture
def shop(vacant_unit):
    return shop_of(vacant_unit)


@pytest.fixture
def stocked(saree, shop, owner, now):
    """Ten sarees in the shop."""
    lot = ledger.add_lot(product=saree, received_date=timezone.localdate(now))
    lines = ledger.move(lot.pk, the(PlaceKind.SUPPLIER).pk, shop.pk, Decimal(10))
    ledger.post(tenant=saree.tenant_id, kind=MovementKind.SHOP_RECEIPT, lines=lines, key="k", at=now, by=owner)
    return lot


def on_hand(lot, shop):
    return lot.balances.get(location=shop).on_hand


def test_an_untouched_sheet_of_stock_changes_nothing_a_count_is_posted(hand, confirmed, stocked, shop, chanderi, owner):
    content = stock_sheet(chanderi, "hi", [shop])
    again = hand(kind=SheetKind.STOCK, upload=SimpleUploadedFile("s.xlsx", content), shops=[shop])
    assert (again.status, again.refusal_code) == (SheetStatus.CHECKED, "")
    assert counts(again) == (0, 0, 1, 0)
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0]["G2"] = 9.0
    filled = io.BytesIO()
    book.save(filled)
    Product.objects.update(price=Decimal(500))
    sheet = confirmed(kind=SheetKind.STOCK, upload=SimpleUploadedFile("s.xlsx", filled.getvalue()), shops=[shop])
    assert counts(sheet) == (0, 1, 0, 0), errors(sheet)
    assert on_hand(stocked, shop) == 9
    sheets.undo(sheet=sheet, by=owner, at=timezone.now())
    assert on_hand(stocked, shop) == 10


def test_a_sheet_of_stock_only_speaks_of_the_tenants_own_shops_and_goods(hand, stocked, shop):
    sheet = hand(
        ["sku", "shop", "counted"],
        ["CH-1", "elsewhere", 3],
        ["CH-9", shop.slug, 3],
        ["CH-1", shop.slug, 2.5],
        ["CH-1", shop.slug, -1],
        kind=SheetKind.STOCK,
        shops=[shop],
    )
    assert errors(sheet) == {
        ("B2", "no_such_shop"),
        ("A3", "no_such_product"),
        ("C4", "not_whole"),
        ("C5", "negative"),
        ("C5", "twice"),
    }


def test_stock_that_moved_since_the_check_is_left_alone(hand, stocked, shop, owner, now):
    sheet = hand(["sku", "shop", "counted"], ["CH-1", shop.slug, 9], kind=SheetKind.STOCK, shops=[shop])
    sheets.confirm(sheet=sheet, by=owner, at=now)
    lines = ledger.move(stocked.pk, shop.pk, the(PlaceKind.BUYER).pk, Decimal(1))
    ledger.post(tenant=stocked.tenant_id, kind=MovementKind.SALE, lines=lines, key="sold", at=timezone.now(), by=owner)
    sheet = sheets.apply(sheet=sheet.pk, at=timezone.now())
    assert (errors(sheet), on_hand(stocked, shop)) == ({("", "changed_meanwhile")}, 9)


def test_a_large_difference_waits_for_a_second_person(confirmed, stocked, shop, owner):
    sheet = confirmed(["sku", "shop", "counted"], ["CH-1", shop.slug, 2], kind=SheetKind.STOCK, shops=[shop])
    assert on_hand(stocked, shop) == 10
    sheets.undo(sheet=sheet, by=owner, at=timezone.now())
    assert [row.errors[0]["code"] for row in not_undone(sheet)] == ["undo_waits"]


def test_only_the_tenants_own_sheets_are_seen(hand, outsider, owner):
    sheet = hand(HEADS, ["A", "a", "a", "textile", 1, 2])
    assert list(SheetImport.objects.visible_to(owner)) == [sheet]
    assert list(SheetImport.objects.visible_to(outsider)) == []
