"""The columns of the two sheets: what each is called in both languages, and what may stand in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.devanagari import folded
from inventory.models import Product, SheetKind
from inventory.models.stock import QUANTITY

LANGUAGES = ("en", "hi")


@dataclass(frozen=True)
class Column:
    """A column. `name` is the field it fills (its database name), or a name of ours where it fills none."""

    name: str
    header: Any
    reads: str  # text, code, choice, flag, number, day, reference, note (shown, never read)
    help: Any = ""
    is_required: bool = False
    longest: int = 0
    places: int = 0
    largest: Decimal = Decimal(0)
    choices: tuple[tuple[str, Any], ...] = ()
    width: int = 16


CODE = Column("code", _("our code"), "code", _("Ours. Leave it; leave it empty for a new product."), width=13)
EXPLANATION = Column("explanation", _("what is wrong"), "note", _("Only in the workbook that comes back."), width=60)

# The order in which they stand in the sheet, with what a person should know beyond the name.
CATALOGUE_FIELDS: dict[str, Any] = {
    "sku": _("Your own number of the product; each product has another."),
    "name_en": "",
    "name_hi": "",
    "kind": _("Choose from the list: it decides what the law wants on the card."),
    "unit_of_measure": _("Choose from the list: how you count or measure it."),
    "price": _("In rupees, with GST; never above the MRP. You may write 1,23,456.50 or 1.5 lakh."),
    "mrp": _("In rupees, all taxes included, as printed on the package."),
    "hsn": _("The HSN code, or its words."),
    "gtin": _("The number under the barcode, if there is one."),
    "is_one_of_a_kind": _("Yes or no."),
    "district": _("Name or LGD code of the district of Madhya Pradesh; empty if made elsewhere."),
    "odop_listing": _("As “District: product”; choose from the list."),
    "gi_registration": _("Name of the GI registration, in either language."),
    "craft": _("Name of the craft, in either language."),
    "description_en": "",
    "description_hi": "",
    "maker_en": "",
    "maker_hi": "",
    "story_en": "",
    "story_hi": "",
    "has_handloom_mark": _("Yes or no."),
    "has_silk_mark": _("Yes or no."),
    "is_packed": _("Yes or no."),
    "net_quantity": _("As on the package: 250 g, 1 saree."),
    "maker_address": "",
    "country_of_origin": "",
    "consumer_care": "",
    "size": "",
    "material": "",
    "ingredients": "",
    "food_mark": _("Only for food: choose from the list."),
    "shelf_life_days": _("In days."),
    "litres": _("In litres: a box of 10 × 10 × 10 cm is 1."),
    "reorder_level": _("We warn you when no more are left than this."),
}
WIDE = frozenset({"name_en", "name_hi", "description_en", "description_hi", "story_en", "story_hi", "odop_listing"})
QUANTITY_LARGEST = Decimal(10) ** (QUANTITY["max_digits"] - QUANTITY["decimal_places"])


def _of_field(name: str, help_text: Any) -> Column:
    """The column of a product's field, with the field's own limits."""
    field: Any = Product._meta.get_field(name)
    column = Column(
        name=field.attname,
        header=field.verbose_name,
        reads="text",
        help=help_text,
        is_required=not field.blank and not field.null and not field.has_default(),
        width=32 if name in WIDE else 16,
    )
    if isinstance(field, models.ForeignKey):
        return replace(column, reads="reference", width=28)
    if isinstance(field, models.BooleanField):
        return replace(column, reads="flag", width=11, is_required=False)
    if field.choices:
        return replace(column, reads="choice", choices=tuple(field.choices))
    if isinstance(field, models.DecimalField):
        largest = Decimal(10) ** (field.max_digits - field.decimal_places)
        return replace(column, reads="number", places=field.decimal_places, largest=largest, is_required=False)
    if isinstance(field, models.PositiveSmallIntegerField):
        return replace(column, reads="number", largest=Decimal(32_768), is_required=False)
    reads = "code" if name in ("sku", "gtin", "net_quantity") else "text"
    return replace(column, reads=reads, longest=field.max_length or 0)


CATALOGUE: tuple[Column, ...] = (CODE, *(_of_field(name, help_) for name, help_ in CATALOGUE_FIELDS.items()))
FIELDS: tuple[Column, ...] = CATALOGUE[1:]

STOCK: tuple[Column, ...] = (
    CODE,
    Column("sku", _("SKU"), "code", _("Leave it: it names the product."), longest=40),
    Column("product", _("product"), "note", _("Only so that you know it."), width=36),
    Column("shop", _("shop"), "code", _("Leave it: it names the shop."), is_required=True, longest=200),
    Column("unit", _("counted in"), "note", _("Only so that you know it.")),
    Column("on_record", _("on record"), "note", _("What our books said at the time of the download.")),
    Column(
        "counted", _("counted now"), "number",
        _("What you counted. Leave it empty where you did not count: then nothing changes."),
        places=3, largest=QUANTITY_LARGEST,
    ),
    Column("made_date", _("made on"), "day", _("Only for goods that come new with this sheet."), width=14),
    Column("expiry_date", _("good until"), "day", _("Needed for food that comes new with this sheet."), width=14),
)  # fmt: skip

BY_KIND: dict[str, tuple[Column, ...]] = {SheetKind.CATALOGUE: CATALOGUE, SheetKind.STOCK: STOCK}
# Without these a sheet says nothing. A catalogue of changes alone may leave out all the rest.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    SheetKind.CATALOGUE: (("sku", "code"),),
    SheetKind.STOCK: (("sku", "code"), ("shop",), ("counted",)),
}


def said_in_both(words: Any) -> set[str]:
    """Words as they stand in both languages, folded for comparison."""
    spoken = set()
    for language in LANGUAGES:
        with translation.override(language):
            spoken.add(folded(str(words)))
    return spoken


def by_header(columns: Iterable[Column]) -> dict[str, Column]:
    """Every name under which a head may give a column: in Hindi, in English, or our own."""
    found: dict[str, Column] = {}
    for column in (*columns, EXPLANATION):
        for name in {*said_in_both(column.header), column.name.casefold(), column.name.removesuffix("_id")}:
            found.setdefault(name, column)
    return found


def letter(place: int) -> str:
    """The letter of the column at a place counted from 0: A, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
