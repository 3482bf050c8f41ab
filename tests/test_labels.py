"""Labels, read back as a scanner reads them."""

import io
import re
import zlib
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from inventory import barcodes, labels
from inventory.labels import FONTS, MOST, Layout, NoLabels, Paper, TooManyLabels, Wanted, sheet
from inventory.models import Lot, Product

PDF_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def sari(**facts):
    named = {
        "pk": 12345, "sku": "CHN-114", "price": Decimal("12499.50"), "mrp": Decimal(12999),
        "name_en": "Chanderi sari with block print", "name_hi": "चंदेरी साड़ी, हस्तशिल्प ब्लॉक प्रिंट",
    }  # fmt: skip
    return Product(**(named | facts))


def laddu(**facts):
    named = {
        "pk": 2, "sku": "MHU-2", "mrp": Decimal(180), "gtin": "8901234567890", "net_quantity": "250 g",
        "name_en": "Mahua laddu", "name_hi": "महुआ लड्डू",
    }  # fmt: skip
    return Product(**(named | facts))


def read(picture):
    """What a scanner reads from a printed page."""
    return sorted((code.text, str(code.format)) for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture))))


@pytest.mark.parametrize("paper", list(Paper))
def test_every_code_on_every_paper_is_read_back_as_it_was_meant(paper):
    lot = Lot(pk=77, product=laddu(), expiry_date=date(2027, 3, 12))
    pages = labels.pictures([Wanted(sari(), 1), Wanted(laddu(), 1), Wanted(laddu(), 1, lot)], paper=paper)
    assert sorted(code for page in pages for code in read(page)) == [
        ("8901234567890", "EAN-13"),
        ("8901234567890", "EAN-13"),
        ("L0000778", "QR Code"),
        ("P0000026", "QR Code"),
        ("P0123455", "Code 128"),
        ("P0123455", "QR Code"),
    ]


def test_a_full_sheet_of_the_smallest_labels_is_read_back_from_an_office_printer():
    [page] = labels.pictures([Wanted(sari(), 65)], paper=Paper.A4_65)
    assert read(page) == [("P0123455", "Code 128")] * 65 + [("P0123455", "QR Code")] * 65


@pytest.mark.parametrize("paper", list(Paper))
def test_labels_lie_inside_their_paper(paper):
    layout: Layout = labels.LAYOUTS[paper]
    across = layout.left + layout.columns * layout.label_width + (layout.columns - 1) * layout.column_gap
    down = layout.top + layout.rows * layout.label_height + (layout.rows - 1) * layout.row_gap
    assert across <= layout.width
    assert down <= layout.height
    assert layout.bars_width + 2 * layout.inset <= layout.label_width


def test_sheets_hold_24_and_65_labels_and_a_roll_one():
    assert [labels.LAYOUTS[paper].on_a_page for paper in Paper] == [24, 65, 1]
    assert len(labels.pictures([Wanted(sari(), 25)], paper=Paper.A4_24, dots_per_inch=40)) == 2
    assert len(labels.pictures([Wanted(sari(), 3)], paper=Paper.ROLL, dots_per_inch=40)) == 3


def test_places_whose_labels_are_used_up_stay_empty():
    [first, second] = labels.pictures([Wanted(sari(), 2)], paper=Paper.A4_24, skip=23)
    assert (len(read(first)), len(read(second))) == (2, 2)


def test_a_label_says_the_price_as_the_law_words_it():
    assert (labels.label(sari()).price, labels.label(sari()).taxes) == ("₹12,499.50", "(सभी कर सहित) · MRP ₹12,999")
    assert (labels.label(laddu()).price, labels.label(laddu()).taxes) == ("MRP ₹180", "(सभी कर सहित)")
    bare = labels.label(sari(price=None, mrp=None))
    assert (bare.price, bare.taxes) == ("", "")


def test_the_label_of_a_lot_says_until_when_it_is_good():
    lot = Lot(pk=77, product=laddu(), expiry_date=date(2027, 3, 12))
    wanted = labels._data([Wanted(laddu(), 1, lot)], labels.LAYOUTS[Paper.A4_24], 0)
    assert wanted["labels"][0]["about"] == ["SKU MHU-2 · 250 g", "12 मार्च 2027 तक उपयोग करें"]


@pytest.mark.parametrize(
    ("gtin", "kind"),
    [("96385074", "EAN-8"), ("036000291452", "UPC-A"), ("8901234567890", "EAN-13"), ("08901234567890", "EAN-13")],
)
def test_a_barcode_number_is_drawn_as_it_stands_on_packages(gtin, kind):
    [page] = labels.pictures([Wanted(laddu(gtin=gtin), 1)], paper=Paper.ROLL)
    found = {form: text for text, form in read(page)}
    bars = next(text for form, text in found.items() if form != "QR Code")
    assert bars.lstrip("0") == gtin.lstrip("0")
    assert (kind in found) or (kind == "UPC-A" and "EAN-13" in found)


def test_the_drawings_keep_the_white_margin_that_readers_need():
    assert 'viewBox="0 0 29 29"' in barcodes.qr("P0000123")  # 21 modules and four on each side
    assert 'width="121"' in barcodes.code128("P0000123")  # 101 modules and ten on each side


def test_the_fonts_hold_every_letter_that_hindi_labels_need():
    fonts = {path.stem: TTFont(path) for path in FONTS.glob("*.ttf")}
    assert sorted(fonts) == [
        "noto-sans-devanagari-devanagari-400-normal",
        "noto-sans-devanagari-devanagari-700-normal",
        "noto-sans-latin-400-normal",
        "noto-sans-latin-700-normal",
    ]
    for name, font in fonts.items():
        letters = font.getBestCmap()
        if "latin" in name:
            assert [sign for sign in "₹·–…€" if ord(sign) not in letters] in ([], ["₹"])
            continue
        assert [chr(sign) for sign in range(0x0900, 0x0980) if sign not in letters] == []
        assert ord("₹") in letters
        tags = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
        assert {"half", "rphf", "rkrf", "cjct", "nukt"} <= tags  # what joins प्रिंट, हस्तशिल्प, वर्क्स


def test_the_sheet_carries_our_fonts_and_no_other():
    pdf = sheet([Wanted(sari(), 1)], paper=Paper.A4_24)
    assert pdf.startswith(b"%PDF-")
    inside = pdf + b"".join(_unpacked(stream) for stream in PDF_STREAM.findall(pdf))
    fonts = {
        name.decode() for name in re.findall(rb"/BaseFont ?/[A-Z]{6}\+([A-Za-z-]+?)(?:-Identity-H)?[\s/>]", inside)
    }
    assert {"NotoSansDevanagari-Bold", "NotoSans-Regular"} <= fonts
    assert all(name.startswith("NotoSans") for name in fonts)


def _unpacked(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_what_people_typed_is_text_and_never_a_command_of_the_printer():
    wild = '#panic("no") $x$ *bold* [a] \\ "quoted" @ref <b> /* */ ' + "क्ष" * 60
    assert sheet([Wanted(sari(name_hi=wild, name_en=wild, sku=wild[:40]), 1)], paper=Paper.A4_65).startswith(b"%PDF-")


def test_at_most_500_labels_are_printed_at_once():
    with pytest.raises(TooManyLabels) as refused:
        sheet([Wanted(sari(), MOST), Wanted(laddu(), 1)], paper=Paper.A4_24)
    assert refused.value.details == {"labels": 501, "most": 500}
    with pytest.raises(NoLabels):
        sheet([Wanted(sari(), 0)], paper=Paper.A4_24)
