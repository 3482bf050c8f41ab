"""What was scanned or typed: a product, and its lot where the code names one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.devanagari import clean, plain_digits
from core.refusals import Refusal
from inventory import codes
from inventory.models import Lot, Product

GTIN_LENGTHS = (8, 12, 13, 14)
LISTED_AT_MOST = 20


class NothingScanned(Refusal):
    code = "nothing_scanned"
    status = 404
    sentence = _("No product has this code. Scan it again, or look the product up by its name.")


class SeveralScanned(Refusal):
    """`details`: products, the keys of those that share the code."""

    code = "several_scanned"
    sentence = _("Several products share this code. Choose the one you hold in your hand.")


@dataclass(frozen=True)
class Found:
    """The product that a code names; the lot too, where the code is that of a lot."""

    product: Product
    lot: Lot | None = None


def find(text: str, *, products: QuerySet[Product]) -> Found:
    """What `text` names among `products`: our own code, a barcode number (GTIN), or the tenant's SKU, in this order.

    Digits may be Devanagari, letters small or great. A product in use goes before one that is laid aside.
    Raises NothingScanned, SeveralScanned, and WrongCode where one of our own codes has a wrong digit.
    """
    typed = plain_digits(clean(text))
    own = codes.read(typed)
    if own is not None:
        return _by_own_code(*own, products)
    if not typed:
        raise NothingScanned
    numbers = same_gtins(typed)
    if numbers:
        found = _one_of(products.filter(gtin__in=numbers))
        if found is not None:
            return Found(found)
    found = _one_of(products.filter(sku__iexact=typed)) or _one_of(products.filter(sku__iexact=clean(text)))
    if found is None:
        raise NothingScanned
    return Found(found)


def same_gtins(text: str) -> set[str]:
    """The ways in which a barcode number may be written: it stays the same with noughts before it.

    A UPC-12 on a package, an EAN-13 in a scanner and a GTIN-14 in a list may be one number (GS1 General
    Specifications, 3.3). Empty where the text is no such number.
    """
    digits = plain_digits(text).replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in GTIN_LENGTHS):
        return set()
    bare = digits.lstrip("0")
    return {bare.zfill(length) for length in GTIN_LENGTHS if len(bare) <= length}


def _by_own_code(letter: str, number: int, products: QuerySet[Product]) -> Found:
    if letter == "P":
        product = products.filter(pk=number).first()
        if product is not None:
            return Found(product)
    if letter == "L":
        lot = Lot.objects.filter(pk=number).first()
        product = products.filter(pk=lot.product_id).first() if lot else None
        if product is not None:
            return Found(product, lot)
    raise NothingScanned


def _one_of(products: Any) -> Product | None:
    """The only one; the only one in use; None where there is none. Raises SeveralScanned."""
    found: list[Product] = list(products[:LISTED_AT_MOST])
    in_use = [product for product in found if product.laid_aside_at is None]
    for choice in (in_use, found):
        if len(choice) == 1:
            return choice[0]
        if choice:
            raise SeveralScanned(products=[product.pk for product in choice])
    return None
