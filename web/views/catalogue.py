"""The catalogue: products listed, shown, and their history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.policy import Policy
from accounts.roles import Right
from core.timeline import Source, timeline
from inventory.models import Product
from inventory.publishing import marks, missing, unit_price
from web.forms.catalogue import FIELDS, SECTIONS, ProductFilter
from web.views.base import Page, page_of
from web.views.catalogue_frame import abilities, lines, listed, narrowed, product_for
from web.views.tenant_frame import tenant_for


class TenantProducts(Page):
    """What a tenant makes and sells."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")
    template = "catalogue/list.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_STOCK, pk)
        products = Product.objects.visible_to(request.user).filter(tenant=tenant)
        return self.show(
            request,
            tenant=tenant,
            can=abilities(request, tenant),
            **_list(request, products),
        )


class Products(Page):
    """The products of all tenants that the reader may see."""

    policy = Policy({"GET": Right.SEE_STOCK})
    template = "catalogue/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, tenant=None, can={}, **_list(request, Product.objects.visible_to(request.user)))


def _list(request: HttpRequest, products: Any) -> dict[str, Any]:
    form = ProductFilter(request.GET)
    form.is_valid()
    page = page_of(request, narrowed(listed(products), form.cleaned_data))
    return {
        "form": form,
        "page_obj": page,
        "lines": lines(page, timezone.localdate()),
        "narrowed": any(form.cleaned_data.values()),
    }


class ProductShow(Page):
    """A product's card: what it tells, what it lacks, its pictures, and what can be done with it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="product")
    template = "catalogue/product.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.SEE_STOCK, pk)
        today = timezone.localdate()
        can = abilities(request, product.tenant)
        lacks = missing(product, day=today)
        return self.show(
            request,
            product=product,
            tenant=product.tenant,
            can=can,
            marks=marks(product, day=today),
            missing=lacks,
            form_fields=FIELDS,
            stock_url=reverse("shop-product", args=[product.pk]),
            pictures=list(product.pictures.all()),
            sections=_told(product),
            unit_price=unit_price(product),
        )


class ProductHistory(Page):
    """Every change of a product: who, when, what, why."""

    policy = Policy({"GET": Right.SEE_HISTORY}, object_of="product")
    template = "catalogue/history.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.SEE_HISTORY, pk)
        page = timeline([Source(Product.history.filter(id=product.pk))]).get_page(request.GET.get("page"))
        return self.show(request, product=product, tenant=product.tenant, page_obj=page, entries=page.object_list)


# Drawn in a place of their own on the card
ELSEWHERE = frozenset(
    ("name_hi", "name_en", "price", "mrp", "description_hi", "description_en", "story_hi", "story_en")
)


def _told(product: Product) -> list[dict[str, Any]]:
    """The filled fields of the card, in the sections of its form: title, key, facts (name, label, value)."""
    told = []
    for title, key, rows in SECTIONS:
        names = [name for row in rows for name in row if name not in ELSEWHERE]
        facts = [fact for name in names if (fact := _fact(product, name)) is not None]
        if facts:
            told.append({"title": title, "key": key, "facts": facts})
    return told


def _fact(product: Product, name: str) -> dict[str, Any] | None:
    field: Any = Product._meta.get_field(name)
    value = getattr(product, name)
    if value in (None, "", False):
        return None
    kind = "text"
    if value is True:
        kind = "yes"
    elif field.choices:
        value = getattr(product, f"get_{name}_display")()
    elif name == "hsn":
        kind = "tax"
    elif name in ("litres", "reorder_level", "shelf_life_days"):
        kind = "quantity"
    return {"name": name, "label": field.verbose_name, "value": value, "kind": kind}
