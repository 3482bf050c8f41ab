"""What the pages of the catalogue share: the product, what the reader may do with it, its line in a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.roles import Right
from core.devanagari import clean, plain_digits
from inventory.models import Picture, Product
from inventory.publishing import Mark, marks_of
from inventory.scanning import same_gtins
from tenants.access import may
from tenants.models import Tenant
from web.finding import name_holds
from web.views.base import fetch
from web.views.shop_frame import lying


def product_for(request: HttpRequest, right: Right, pk: int) -> Product:
    """The product with its facts, where the reader holds `right` over it; else 404."""
    product: Product = fetch(Product.objects.visible_to(request.user, right).with_facts(), pk=pk)
    return product


def abilities(request: HttpRequest, tenant: Tenant) -> dict[str, bool]:
    """What the reader may do with this tenant's products. Of one that has left, only reading remains."""
    user, here = request.user, tenant.closed_date is None
    return {
        "edit": here and may(user, Right.EDIT_PRODUCTS, tenant),
        "publish": here and may(user, Right.PUBLISH_PRODUCTS, tenant),
        "see_history": may(user, Right.SEE_HISTORY, tenant),
    }


@dataclass(frozen=True)
class Line:
    """One product in a list."""

    product: Any
    marks: tuple[Mark, ...]
    is_low: bool


def listed(products: QuerySet[Product]) -> QuerySet[Any]:
    """With what a line needs: facts, the first picture, how much there is. One query."""
    pictures = Picture.objects.filter(product=OuterRef("pk")).order_by("place", "pk")
    return (
        products.with_facts()  # type: ignore[attr-defined]
        .annotate(picture=Subquery(pictures.values("pk")[:1]), on_hand=lying())
        .order_by("name_en", "pk")
    )


def lines(products: Iterable[Any], today: date) -> list[Line]:
    """The lines of products that were `listed`."""
    products = list(products)
    marks = marks_of(products, day=today)
    return [
        Line(
            product,
            marks[product.pk],
            product.reorder_level is not None and product.on_hand <= product.reorder_level,
        )
        for product in products
    ]


def narrowed(products: Any, wanted: dict[str, Any]) -> Any:
    """The `listed` products that the filter form asks for; only those in use unless it asks for the others."""
    shown = wanted.get("shown")
    if shown == "aside":
        products = products.exclude(laid_aside_at=None)
    else:
        products = products.filter(laid_aside_at=None)
        if shown:
            products = products.filter(published_at__isnull=shown == "no")
    for word in clean(wanted.get("q") or "").split():
        products = products.filter(_holds(word))
    if wanted.get("kind"):
        products = products.filter(kind=wanted["kind"])
    if wanted.get("low"):
        products = products.filter(reorder_level__isnull=False, on_hand__lte=F("reorder_level"))
    return products


def _holds(word: str) -> Q:
    digits = plain_digits(word)
    return name_holds(word) | Q(sku__icontains=digits) | Q(sku__icontains=word) | Q(gtin__in=same_gtins(digits))
