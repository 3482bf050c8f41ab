"""Labels for goods: what stands on each, and sheets of them as PDF."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.indian_format import day as shown_day
from core.indian_format import rupees
from core.refusals import Refusal
from inventory import barcodes
from inventory.models import Lot, Product

MOST = 500
TEMPLATE = Path(__file__).parent / "printing" / "labels.typ"
FONTS = Path(settings.BASE_DIR) / "static" / "vendor" / "ttf"


class TooManyLabels(Refusal):
    code = "too_many_labels"
    status = 400
    sentence = _("At most 500 labels are printed at once. Choose fewer products or fewer copies.")


class NoLabels(Refusal):
    code = "no_labels"
    status = 400
    sentence = _("Choose at least one product or lot, and how many labels of it.")


class NotPrinted(Refusal):
    code = "not_printed"
    status = 500
    sentence = _("The labels could not be drawn. Tell the mall's office which product it was.")


class Paper(models.TextChoices):
    """What labels are printed on."""

    A4_24 = "a4_24", _("A4, 24 labels of 70 × 37 mm")
    A4_65 = "a4_65", _("A4, 65 labels of 38 × 21 mm")
    ROLL = "roll", _("Roll, one label of 50 × 25 mm")


@dataclass(frozen=True)
class Layout:
    """Where labels lie on a paper, in millimetres; `text` in points."""

    width: float
    height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float
    top: float
    column_gap: float
    row_gap: float
    inset: float
    text: float
    code: float
    bars_width: float
    bars_height: float

    @property
    def on_a_page(self) -> int:
        return self.columns * self.rows


# The bar code's module is 0.26 mm and more, the QR code's 0.38 mm and more: three dots of an office printer.
LAYOUTS = {
    Paper.A4_24: Layout(210, 297, 3, 8, 70, 37, 0, 0.5, 0, 0, 3, 7.5, 16, 46, 9),
    Paper.A4_65: Layout(210, 297, 5, 13, 38.1, 21.2, 4.75, 10.7, 2.5, 0, 1.2, 4.4, 11, 34, 4.6),
    Paper.ROLL: Layout(50, 25, 1, 1, 50, 25, 0, 0, 0, 0, 1.5, 5.4, 13, 40, 5.5),
}


@dataclass(frozen=True)
class Label:
    """What stands on one label."""

    name_hi: str
    name_en: str
    price: str
    taxes: str
    about: list[str]
    qr: str
    bars: str
    bars_text: str


@dataclass(frozen=True)
class Wanted:
    """So many labels of a product, or of one of its lots."""

    product: Product
    copies: int
    lot: Lot | None = None


def label(product: Product, lot: Lot | None = None) -> Label:
    """The label of a product; that of a lot carries the lot's code and the day until which it is good.

    The QR code is always our own code. The bar code is the maker's barcode number where the product has one, so
    that any till reads it; else our own.
    """
    code = lot.code if lot else product.code
    price, taxes = _price(product)
    return Label(
        name_hi=product.name_hi or product.name_en,
        name_en=product.name_en if product.name_hi else "",
        price=price,
        taxes=taxes,
        about=_about(product, lot),
        qr=barcodes.qr(code),
        bars=barcodes.ean(product.gtin) if product.gtin else barcodes.code128(code),
        bars_text=f"{product.gtin} · {code}" if product.gtin else code,
    )


def sheet(wanted: Iterable[Wanted], *, paper: Paper, skip: int = 0) -> bytes:
    """A PDF with the labels, after `skip` places left empty because their labels are used up.

    Raises NoLabels, TooManyLabels, NotPrinted.
    """
    return bytes(_drawn(wanted, paper=paper, skip=skip, format="pdf"))


def pictures(wanted: Iterable[Wanted], *, paper: Paper, skip: int = 0, dots_per_inch: int = 300) -> list[bytes]:
    """The same sheets as PNG pictures, as a printer of so many dots would print them."""
    drawn = _drawn(wanted, paper=paper, skip=skip, format="png", ppi=float(dots_per_inch))
    return [bytes(page) for page in drawn] if isinstance(drawn, list) else [bytes(drawn)]


def _drawn(wanted: Iterable[Wanted], *, paper: Paper, skip: int, **how: Any) -> Any:
    wanted = [each for each in wanted if each.copies > 0]
    count = sum(each.copies for each in wanted)
    if not count:
        raise NoLabels
    if count > MOST:
        raise TooManyLabels(labels=count, most=MOST)
    data = json.dumps(_data(wanted, LAYOUTS[paper], skip))
    try:
        # The fonts are ours alone: a sheet looks the same wherever the mall runs.
        return typst.compile(
            TEMPLATE.read_bytes(), font_paths=[FONTS], ignore_system_fonts=True, sys_inputs={"data": data}, **how
        )
    except typst.TypstError as wrong:
        raise NotPrinted from wrong


def _data(wanted: Sequence[Wanted], layout: Layout, skip: int) -> dict[str, Any]:
    with override("hi"):
        labels = [asdict(label(each.product, each.lot)) for each in wanted]
    places: list[int | None] = [None] * (skip % layout.on_a_page)
    for place, each in enumerate(wanted):
        places += [place] * each.copies
    pages = list(_cut(iter(places), layout.on_a_page))
    return {"title": "Labels", "paper": asdict(layout), "labels": labels, "pages": pages}


def _cut(places: Iterator[int | None], size: int) -> Iterator[list[int | None]]:
    while page := list(islice(places, size)):
        yield page


def _price(product: Product) -> tuple[str, str]:
    """The price and what it includes, in Hindi as labels are read (Packaged Commodities Rules, r. 2(m))."""
    taxes = "(सभी कर सहित)"
    if product.mrp is not None and product.price in (None, product.mrp):
        return f"MRP {rupees(product.mrp)}", taxes
    if product.price is None:
        return "", ""
    return rupees(product.price), f"{taxes} · MRP {rupees(product.mrp)}" if product.mrp else taxes


def _about(product: Product, lot: Lot | None) -> list[str]:
    first = f"SKU {product.sku}"
    lines = [f"{first} · {product.net_quantity}" if product.net_quantity else first]
    if lot and lot.expiry_date:
        lines.append(f"{shown_day(lot.expiry_date)} तक उपयोग करें")
    return lines
