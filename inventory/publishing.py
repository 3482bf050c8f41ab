"""What a product's card must say before visitors see it, by the law that asks for it; and the marks it may carry."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.refusals import Refusal
from inventory.models import Product, ProductKind
from tenants.models import GiAuthorisation, Paper, PaperKind

BOTH_LANGUAGES = _("The mall speaks Hindi and English")
CARD = _("The mall's rule for every card")
GST = _("CGST Rules, 2017, r. 46: a bill names the HSN code")
PACKED = "Legal Metrology (Packaged Commodities) Rules, 2011, r. "
FIBRE = _("Textiles (Consumer Protection) Regulation, 1988: cloth names its fibre")
LICENCE = _("Food Safety and Standards Act, 2006, s. 31")
FOOD_LABEL = _("Food Safety and Standards (Labelling and Display) Regulations, 2020, reg. 5")
GI_ACT = _("Geographical Indications Act, 1999, s. 21: only authorised users")
ODOP = _("One District One Product: a listing belongs to its district")

# How a net quantity may be written, so that the price of one unit follows from it: unit -> (base unit, how many).
UNITS = {
    "g": ("g", Decimal(1)),
    "kg": ("g", Decimal(1000)),
    "ml": ("ml", Decimal(1)),
    "l": ("ml", Decimal(1000)),
    "cm": ("cm", Decimal(1)),
    "m": ("cm", Decimal(100)),
    "n": ("N", Decimal(1)),
    "u": ("N", Decimal(1)),
}
NET_QUANTITY = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(kg|g|ml|l|cm|m|n|u)", re.IGNORECASE)
GREATER = {"g": "kg", "ml": "l", "cm": "m"}


class NotPublishable(Refusal):
    """`details`: missing, a list of field, sentence and rule."""

    code = "not_publishable"
    sentence = _("This card cannot be shown to visitors yet: something is missing.")


class LaidAside(Refusal):
    code = "product_laid_aside"
    sentence = _("This product is laid aside. Take it up again first.")


@dataclass(frozen=True)
class Missing:
    """One thing that a card lacks: the field, what to do, and the rule that asks for it."""

    field: str
    sentence: Any
    rule: Any


@dataclass(frozen=True)
class Mark:
    """A mark that a card may carry: gi, odop, handloom or silk; and what stands behind it."""

    code: str
    label: Any
    detail: str = ""


@dataclass(frozen=True)
class UnitPrice:
    """The unit sale price: so many rupees for one gram, kilogram, millilitre, litre, centimetre, metre or piece."""

    rupees: Decimal
    unit: str


def missing(product: Product, *, day: date) -> list[Missing]:
    """All that the card of a product lacks on `day`, in the order of its form. Empty: it may be shown."""
    return [*unfinished(product), *_food_licence(product, day), *_gi(product, day)]


def unfinished(product: Product) -> list[Missing]:
    """What the card itself lacks, whatever the day: papers that end are asked about by `missing`."""
    return [*_every_card(product), *_package(product), *_textile(product), *_food(product), *_odop(product)]


def _every_card(product: Product) -> list[Missing]:
    asked = [
        ("name_en", product.name_en, _("Give the name in English."), BOTH_LANGUAGES),
        ("name_hi", product.name_hi, _("Give the name in Hindi."), BOTH_LANGUAGES),
        ("pictures", product.pictures.exists(), _("Add at least one picture."), CARD),
        ("price", product.price or product.mrp, _("Give the price in the shop or the MRP."), CARD),
        ("hsn", product.hsn_id, _("Choose the HSN code, so that bills carry the right GST."), GST),
    ]
    return _lacking(asked)


def _package(product: Product) -> list[Missing]:
    if not is_packed(product):
        return []
    asked = [
        (
            "maker_address",
            product.maker_address,
            _("Give name and address of the maker or packer."),
            PACKED + "6(1)(a)",
        ),
        ("country_of_origin", product.country_of_origin, _("Give the country of origin."), PACKED + "6(1)"),
        ("net_quantity", product.net_quantity, _("Give the net quantity on the package."), PACKED + "6(1)(c)"),
        ("mrp", product.mrp, _("Give the MRP with all taxes."), PACKED + "6(1)(e)"),
        ("consumer_care", product.consumer_care, _("Give name, phone and e-mail for consumer care."), PACKED + "6(2)"),
    ]
    lacks = _lacking(asked)
    if product.net_quantity and NET_QUANTITY.fullmatch(product.net_quantity.strip()) is None:
        sentence = _("Write the net quantity as a number with g, kg, ml, l, cm, m or N (pieces), such as 250 g.")
        lacks.append(Missing("net_quantity", sentence, PACKED + "6(11), 13"))
    return lacks


def _textile(product: Product) -> list[Missing]:
    if product.kind != ProductKind.TEXTILE:
        return []
    asked = [
        ("material", product.material, _("Name the fibre: silk, cotton and their shares."), FIBRE),
        ("size", product.size, _("Give the size: length and width."), PACKED + "6(1)(f)"),
    ]
    return _lacking(asked)


def _food(product: Product) -> list[Missing]:
    if product.kind != ProductKind.FOOD:
        return []
    asked = [
        ("ingredients", product.ingredients, _("List the ingredients and allergens."), FOOD_LABEL),
        ("food_mark", product.food_mark, _("Choose the vegetarian or non-vegetarian mark."), FOOD_LABEL),
        ("shelf_life_days", product.shelf_life_days, _("Say for how many days the food is good."), FOOD_LABEL),
    ]
    return _lacking(asked)


def _food_licence(product: Product, day: date) -> list[Missing]:
    if product.kind != ProductKind.FOOD or product.tenant.fssai_no:
        return []
    if Paper.objects.valid_on(day).filter(tenant=product.tenant_id, kind=PaperKind.FSSAI).exists():
        return []
    return [Missing("tenant", _("Hand in the FSSAI licence, or enter its number with your particulars."), LICENCE)]


def _odop(product: Product) -> list[Missing]:
    listing = product.odop_listing
    if listing is None or listing.district_id == product.district_id:
        return []
    sentence = _(
        "The ODOP listing is of another district. Choose the district that the goods come from, or no listing."
    )
    return [Missing("odop_listing", sentence, ODOP)]


def _gi(product: Product, day: date) -> list[Missing]:
    registration = product.gi_registration
    if registration is None:
        return []
    if not registration.is_valid_on(day):
        sentence = _("This GI registration is not valid today. Take it off the card.")
        return [Missing("gi_registration", sentence, GI_ACT)]
    if _authorised(product, day):
        return []
    sentence = _(
        "You are not an authorised user of this GI today. Hand in the certificate, or take the GI off the card."
    )
    return [Missing("gi_registration", sentence, GI_ACT)]


def _authorised(product: Product, day: date) -> bool:
    authorisations = GiAuthorisation.objects.badge_on(day).filter(tenant=product.tenant_id)
    return bool(authorisations.filter(registration=product.gi_registration_id).exists())


def _lacking(asked: Iterable[tuple[str, Any, Any, Any]]) -> list[Missing]:
    return [Missing(field, sentence, rule) for field, value, sentence, rule in asked if not value]


def is_packed(product: Product) -> bool:
    """Whether the rules for packages bind it."""
    return product.is_packed or product.kind == ProductKind.OTHER


def unit_price(product: Product) -> UnitPrice | None:
    """The unit sale price of a package: per gram, millilitre or centimetre below 1,000 g, 1,000 ml or 100 cm, else
    per kilogram, litre or metre; per piece for counted goods (Packaged Commodities Rules, r. 6(11)). None where it
    does not follow from the card, or where the package is one unit.
    """
    price = product.price or product.mrp
    written = NET_QUANTITY.fullmatch(product.net_quantity.strip())
    if price is None or written is None:
        return None
    unit, times = UNITS[written[2].lower()]
    quantity = Decimal(written[1]) * times
    enough = Decimal(100) if unit == "cm" else Decimal(1000)
    if unit in GREATER and quantity >= enough:
        unit, quantity = GREATER[unit], quantity / enough
    if quantity <= 0 or quantity == 1:
        return None
    return UnitPrice((price / quantity).quantize(Decimal("0.01")), unit)


@transaction.atomic
def publish(*, product: Product, by: User, at: datetime) -> Product:
    """Show a product to visitors; shown already, it stays as it is. Raises NotPublishable, LaidAside."""
    product = Product.objects.select_for_update(of=("self",)).with_facts().get(pk=product.pk)
    if product.laid_aside_at is not None:
        raise LaidAside
    lacks = missing(product, day=timezone.localdate(at))
    if lacks:
        raise NotPublishable(
            missing=[{"field": lack.field, "sentence": str(lack.sentence), "rule": str(lack.rule)} for lack in lacks]
        )
    if product.published_at is not None:
        return product
    product.published_at = at
    return record(product, by=by)


@transaction.atomic
def take_back(*, product: Product, by: User, why: str = "") -> Product:
    """Show a product to visitors no more; not shown, it stays as it is."""
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if product.published_at is None:
        return product
    product.published_at = None
    return record(product, by=by, why=why)


def marks(product: Product, *, day: date) -> tuple[Mark, ...]:
    """The marks that a card may carry on `day`."""
    return marks_of([product], day=day)[product.pk]


def marks_of(products: Iterable[Product], *, day: date) -> dict[int, tuple[Mark, ...]]:
    """Product key -> its marks on `day`. One query for all; the products come `with_facts`.

    The GI badge needs a valid registration and the tenant's own valid authorisation for it, both on the day.
    """
    products = list(products)
    tenants = {product.tenant_id for product in products if product.gi_registration_id}
    authorisations = GiAuthorisation.objects.badge_on(day).filter(tenant__in=tenants) if tenants else ()
    numbers = {(row.tenant_id, row.registration_id): row.authorised_user_no for row in authorisations}
    return {product.pk: tuple(_marks(product, numbers)) for product in products}


def _marks(product: Product, numbers: dict[tuple[int, int], str]) -> Iterable[Mark]:
    authorised_user_no = numbers.get((product.tenant_id, product.gi_registration_id or 0))
    if authorised_user_no is not None:
        yield Mark("gi", _("GI"), f"{product.gi_registration} · {authorised_user_no}")
    listing = product.odop_listing
    if listing is not None and listing.district_id == product.district_id:
        yield Mark("odop", _("ODOP"), str(listing))
    if product.has_handloom_mark:
        yield Mark("handloom", _("Handloom Mark"))
    if product.has_silk_mark:
        yield Mark("silk", _("Silk Mark"))
