"""A shop's own goods on the phone: the tiles, the stock, one product down to its ledger lines, the scan."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean, plain_digits
from core.refusals import Refusal
from inventory import codes, scanning
from inventory.adjusting import rules
from inventory.models import (
    IN_WAREHOUSE,
    Balance,
    FactStatus,
    LedgerEntry,
    Movement,
    Picture,
    PlaceKind,
    Product,
    ScannedFact,
    TransferOrder,
)
from tenants.access import may
from tenants.models import Tenant
from web.finding import name_holds
from web.forms.shop import StockFilter
from web.views.base import fetch, page_of
from web.views.shop_frame import ShopPage, first_expiry, lying, own_products
from web.views.tenant_frame import tenant_for

MOVEMENTS_SHOWN = 25
# tile: word, url name, icon
TILES = (
    (gettext_lazy("Sell"), "shop-sell", "rupee"),
    (gettext_lazy("Accept"), "shop-transfers", "check"),
    (gettext_lazy("Ask for goods"), "shop-transfer", "box"),
    (gettext_lazy("Receive"), "shop-receive", "download"),
    (gettext_lazy("Count"), "shop-count", "list"),
    (gettext_lazy("Adjust"), "shop-adjust", "edit"),
    (gettext_lazy("Announce"), "shop-announce", "calendar"),
    (gettext_lazy("Scan"), "shop-scan", "search"),
)


@dataclass(frozen=True)
class Row:
    """One product in the list: how many where, and what needs a look."""

    product: Any
    is_low: bool
    is_expired: bool
    is_expiring: bool


class ShopStock(ShopPage):
    """The home of goods: what one can do, and what one has."""

    right = Right.SEE_STOCK
    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")
    template = "shop/stock.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = fetch(_with_work(Tenant.objects.visible_to(request.user, Right.SEE_STOCK)), pk=pk)
        warn = rules().expiry_warning_days
        products = _stock(request, tenant)
        form = StockFilter(request.GET)
        wanted = form.cleaned_data if form.is_valid() else {}
        products = _narrowed(products, wanted, warn)
        page = page_of(request, products)
        soon = timezone.localdate() + timedelta(days=warn)
        return self.show_shop(
            request,
            tenant,
            filter=form,
            page_obj=page,
            rows=[_row(product, soon) for product in page],
            tiles=_tiles(request, tenant),
            is_narrowed=any(wanted.values()),
        )


def _with_work(tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
    """With how many transfers wait to be accepted, and how many entries of phones need a look."""
    coming = TransferOrder.objects.in_transit().filter(tenant=OuterRef("pk")).order_by()
    conflicts = ScannedFact.objects.filter(tenant=OuterRef("pk"), status=FactStatus.CONFLICT).order_by()
    return tenants.annotate(
        coming=Subquery(coming.values("tenant").annotate(n=Count("pk")).values("n")),
        conflicts=Subquery(conflicts.values("tenant").annotate(n=Count("pk")).values("n")),
    )


def _stock(request: HttpRequest, tenant: Tenant) -> QuerySet[Any]:
    """The tenant's products with how many lie in the shop, in the warehouse and on the way, and their first picture."""
    picture = Picture.objects.filter(product=OuterRef("pk")).order_by("place", "pk")
    return (
        Product.objects.visible_to(request.user, Right.SEE_STOCK)
        .kept()
        .filter(tenant=tenant)
        .annotate(
            in_shop=lying(location__kind__in=[PlaceKind.UNIT, PlaceKind.FAIR]),
            in_warehouse=lying(location__kind__in=IN_WAREHOUSE),
            on_way=lying(location__kind=PlaceKind.TRANSIT),
            picture=Subquery(picture.values("pk")[:1]),
            good_until=first_expiry(timezone.localdate()),
        )
        .order_by("name_hi", "name_en", "pk")
    )


def _narrowed(products: QuerySet[Any], wanted: dict[str, Any], warn: int) -> QuerySet[Any]:
    word = clean(wanted.get("q") or "")
    if word:
        products = products.filter(
            name_holds(word) | Q(sku__icontains=word) | Q(gtin__endswith=plain_digits(word).lstrip("0") or "none")
        )
    show = wanted.get("show")
    if show == "shop":
        return products.filter(in_shop__gt=0)
    if show == "low":
        return products.filter(reorder_level__gte=F("in_shop") + F("in_warehouse") + F("on_way"))
    if show == "expiring":
        return products.filter(good_until__lte=timezone.localdate() + timedelta(days=warn))
    if show == "none":
        return products.filter(in_shop=0, in_warehouse=0, on_way=0)
    return products


def _row(product: Any, soon: Any) -> Row:
    left = product.in_shop + product.in_warehouse + product.on_way
    today = timezone.localdate()
    until = product.good_until
    return Row(
        product=product,
        is_low=product.reorder_level is not None and left <= product.reorder_level,
        is_expired=until is not None and until < today,
        is_expiring=until is not None and today <= until <= soon,
    )


def _tiles(request: HttpRequest, tenant: Any) -> list[dict[str, Any]]:
    """What one may do, as big tiles; nothing for who may only look, nor once the tenant has left."""
    if tenant.closed_date is not None or not may(request.user, Right.HANDLE_STOCK, tenant):
        return []
    counts = {"shop-transfers": tenant.coming}
    return [
        {"label": label, "url": reverse(name, args=[tenant.pk]), "icon": icon, "count": counts.get(name)}
        for label, name, icon in TILES
    ]


class ShopProduct(ShopPage):
    """One product: where it lies, lot by lot, and what moved, down to the lines of the ledger."""

    right = Right.SEE_STOCK
    policy = Policy({"GET": Right.SEE_STOCK}, object_of="product")
    template = "shop/product.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = fetch(Product.objects.visible_to(request.user, Right.SEE_STOCK).select_related("tenant"), pk=pk)
        today = timezone.localdate()
        balances = list(
            Balance.objects.visible_to(request.user, Right.SEE_STOCK)
            .stocked()
            .filter(tenant=product.tenant_id, lot__product=product)
            .select_related("lot", "location")
            .order_by("location__kind", F("lot__expiry_date").asc(nulls_last=True), "lot")
        )
        return self.show_shop(
            request,
            product.tenant,
            product=product,
            balances=balances,
            total=sum((balance.on_hand for balance in balances), Decimal(0)),
            today=today,
            soon=today + timedelta(days=rules().expiry_warning_days),
            page_obj=(page := page_of(request, _movements(request, product), MOVEMENTS_SHOWN)),
            movements=_lines(page.object_list, product),
            can_sell=may(request.user, Right.HANDLE_STOCK, product.tenant),
        )


def _movements(request: HttpRequest, product: Product) -> QuerySet[Movement]:
    moved = LedgerEntry.objects.filter(lot__product=product).values("movement")
    rows = Movement.objects.visible_to(request.user, Right.SEE_STOCK)
    return rows.filter(tenant=product.tenant_id, pk__in=moved).select_related("by").order_by("-pk")


def _lines(movements: Any, product: Product) -> list[dict[str, Any]]:
    """Each movement with its ledger lines about this product."""
    movements = list(movements)
    entries: dict[int, list[LedgerEntry]] = {movement.pk: [] for movement in movements}
    for entry in (
        LedgerEntry.objects.filter(movement__in=list(entries), lot__product=product)
        .select_related("lot", "location")
        .order_by("pk")
    ):
        entries[entry.movement_id].append(entry)
    return [{"movement": movement, "entries": entries[movement.pk]} for movement in movements]


class ShopScan(ShopPage):
    """Scan anything: a product, a lot, the slip of a transfer. The page of that thing opens."""

    policy = Policy({"GET": Right.HANDLE_STOCK}, object_of="tenant")
    template = "shop/scan.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        code = clean(request.GET.get("code", ""))[:60]
        if not code:
            return self.show_shop(request, tenant, code="", choices=[])
        try:
            read = codes.read(code)
            if read and read[0] == "T":
                return self._order(request, tenant, read[1])
            found = scanning.find(code, products=own_products(request, tenant))
        except scanning.SeveralScanned as several:
            alike = own_products(request, tenant).filter(pk__in=several.details["products"])
            return self.show_shop(request, tenant, code=code, choices=list(alike), problem=str(several))
        except Refusal as refusal:
            return self.show_shop(request, tenant, code=code, choices=[], problem=str(refusal))
        return redirect("shop-product", found.product.pk)

    def _order(self, request: HttpRequest, tenant: Tenant, key: int) -> HttpResponse:
        orders = TransferOrder.objects.visible_to(request.user, Right.HANDLE_STOCK).filter(tenant=tenant)
        order = orders.in_transit().filter(pk=key).first()
        if order is None:
            problem = _("This order is not on the way to you. Look at the list of transfers.")
            return self.show_shop(request, tenant, code="", choices=[], problem=problem)
        return redirect(f"{reverse('shop-accept', args=[order.pk])}?code={order.code}")
