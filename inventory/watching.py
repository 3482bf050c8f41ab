"""What needs a look: goods that run low, expire, grow old or are on the way too long; and what everyone has where.

Long lists are QuerySets, to be cut into pages by whoever shows them; rows start from the balances in the mall
(`stock_by_tenant`), never from the ledger. Each says how many queries it costs.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.models import (
    IN_WAREHOUSE,
    Adjustment,
    Balance,
    CountLine,
    Location,
    PlaceKind,
    Product,
    ReceiptLine,
    ScannedFact,
    TransferLine,
    TransferOrder,
    WarehouseRules,
)
from tenants.models import Tenant

NONE = Decimal(0)
QUANTITIES: Any = DecimalField(max_digits=20, decimal_places=3)
MONEY: Any = DecimalField(max_digits=20, decimal_places=2)
SHOP_LIKE = (PlaceKind.UNIT, PlaceKind.FAIR)
PRICE = Coalesce("price", "mrp", NONE, output_field=MONEY)


def _of(tenant: Tenant | None) -> dict[str, Tenant]:
    return {} if tenant is None else {"tenant": tenant}


def low_stock(tenant: Tenant | None = None) -> QuerySet[Product]:
    """Products of which no more is left in the mall than the tenant wants to be warned at; the emptiest first.

    Each with `on_hand`. One query.
    """
    left = (
        Balance.objects.stocked()
        .filter(lot__product=OuterRef("pk"))
        .order_by()
        .values("lot__product")
        .annotate(sum=Sum("on_hand"))
        .values("sum")
    )
    return (
        Product.objects.kept()
        .filter(**_of(tenant), reorder_level__isnull=False)
        .select_related("tenant")
        .annotate(on_hand=Coalesce(Subquery(left), NONE, output_field=QUANTITIES))
        .filter(on_hand__lte=F("reorder_level"))
        .order_by("on_hand", "name_en", "pk")
    )


def expiring(tenant: Tenant | None, day: date, days: int) -> QuerySet[Balance]:
    """Goods in the mall whose last good day is within so many days from `day`, that day included. One query."""
    return _by_expiry(tenant).filter(lot__expiry_date__gte=day, lot__expiry_date__lte=day + timedelta(days=days))


def expired(tenant: Tenant | None, day: date) -> QuerySet[Balance]:
    """Goods in the mall that are past their date on `day`: they are to be written off. One query."""
    return _by_expiry(tenant).filter(lot__expiry_date__lt=day)


def ageing(tenant: Tenant | None, day: date, rules: WarehouseRules) -> QuerySet[Balance]:
    """Goods that came longer ago than the mall finds good, the oldest first. One query."""
    since = day - timedelta(days=rules.ageing_days)
    return (
        Balance.objects.stocked()
        .filter(**_of(tenant), lot__received_date__lt=since)
        .with_facts()
        .order_by("lot__received_date", "pk")
    )


def _by_expiry(tenant: Tenant | None) -> QuerySet[Balance]:
    return Balance.objects.stocked().filter(**_of(tenant)).with_facts().order_by("lot__expiry_date", "pk")


@dataclass(frozen=True, slots=True)
class BinFill:
    """How full a bin is, by the room that one unit of each product takes."""

    location: int
    slug: str
    aisle: str
    rack: int | None
    shelf: int | None
    capacity_litres: Decimal
    used_litres: Decimal
    lots: int
    tenants: int

    @property
    def percent(self) -> int:
        """Whole percent of the room that is taken; above 100 where more lies there than should."""
        return round(self.used_litres * 100 / self.capacity_litres)


def bin_fill() -> list[BinFill]:
    """Every bin in use and how full it is, in walking order. Two queries, whatever lies there."""
    room = Sum(F("on_hand") * F("lot__product__litres"), output_field=QUANTITIES)
    there = {
        row["location"]: row
        for row in Balance.objects.stocked()
        .filter(location__kind=PlaceKind.BIN)
        .order_by()
        .values("location")
        .annotate(litres=room, lots=Count("lot", distinct=True), tenants=Count("tenant", distinct=True))
    }
    empty = {"litres": NONE, "lots": 0, "tenants": 0}
    bins = Location.objects.in_use().bins().order_by("aisle", "rack", "shelf", "slug")
    rows = []
    for place in bins:
        fill = there.get(place.pk, empty)
        rows.append(
            BinFill(
                *(place.pk, place.slug, place.aisle, place.rack, place.shelf),
                *(place.capacity_litres or NONE, fill["litres"], fill["lots"], fill["tenants"]),
            )
        )
    return rows


def late_transfers(now: datetime, rules: WarehouseRules, tenant: Tenant | None = None) -> QuerySet[TransferOrder]:
    """Orders that are on the way for longer than the mall allows: the alarm. The latest first. One query."""
    since = now - timedelta(hours=rules.transit_alarm_hours)
    return TransferOrder.objects.late(since).filter(**_of(tenant)).with_facts().order_by("handed_over_at", "pk")


@dataclass(frozen=True)
class Discrepancies:
    """What does not agree, by where it showed. Each is a QuerySet of its own, one query when it is asked."""

    received: QuerySet[ReceiptLine]  # came otherwise than announced
    picked: QuerySet[TransferLine]  # fewer in the bin than on record
    missing: QuerySet[TransferLine]  # handed over, not accepted, and still on the way
    counted: QuerySet[CountLine]  # differences of counts that are not posted yet
    adjusted: QuerySet[Adjustment]  # wait for a second person
    noted: QuerySet[ScannedFact]  # what phones noted and the ledger could not take

    def counts(self) -> dict[str, int]:
        """How many there are of each. Six queries."""
        return {name: getattr(self, name).count() for name in self.__dataclass_fields__}


def discrepancies(tenant: Tenant | None = None, *, since: datetime | None = None) -> Discrepancies:
    """What does not agree, of one tenant or all; deliveries and picks only from `since` on. No query by itself."""
    received = ReceiptLine.objects.filter(**_under("receipt__tenant", tenant), receipt__received_at__isnull=False)
    picked = TransferLine.objects.filter(
        **_under("order__tenant", tenant), picked_quantity__lt=F("quantity"), order__cancelled_at=None
    )
    if since is not None:
        received = received.filter(receipt__received_at__gte=since)
        picked = picked.filter(order__picked_at__gte=since)
    on_the_way = Balance.objects.filter(
        lot=OuterRef("lot"), location__kind=PlaceKind.TRANSIT, is_physical=True, on_hand__gt=0
    )
    lines = {"order__tenant", "order__destination", "product", "lot", "source"}
    return Discrepancies(
        received=received.exclude(expected_quantity=F("good_quantity") + F("damaged_quantity"))
        .select_related("receipt__tenant", "product", "lot")
        .order_by("-receipt__received_at", "pk"),
        picked=picked.select_related(*lines).order_by("-order__picked_at", "pk"),
        missing=TransferLine.objects.filter(
            Exists(on_the_way), **_under("order__tenant", tenant), accepted_quantity__lt=F("picked_quantity")
        )
        .select_related(*lines)
        .order_by("order__handed_over_at", "pk"),
        counted=CountLine.objects.filter(
            **_under("count__tenant", tenant),
            count__posted_at=None,
            count__cancelled_at=None,
            count__counted_at__isnull=False,
        )
        .exclude(quantity=F("expected_quantity"))
        .select_related("count__tenant", "lot__product", "location")
        .order_by("count", "pk"),
        adjusted=Adjustment.objects.waiting().filter(**_of(tenant)).with_facts().order_by("pk"),
        noted=ScannedFact.objects.to_review().filter(**_of(tenant)).select_related("tenant", "sent_by"),
    )


def _under(name: str, tenant: Tenant | None) -> dict[str, Tenant]:
    return {} if tenant is None else {name: tenant}


def _at(*kinds: PlaceKind) -> Any:
    """What of a product lies at places of these kinds."""
    there = Q(lots__balances__location__kind__in=kinds, lots__balances__is_physical=True)
    return Coalesce(Sum("lots__balances__on_hand", filter=there), NONE, output_field=QUANTITIES)


def position(tenant: Tenant) -> QuerySet[Product]:
    """What a tenant has where, by product: kept ones, and those laid aside of which something is left.

    Each with `at_dock`, `in_bins`, `in_staging`, `set_apart`, `on_the_way`, `in_shops`, `in_warehouse`, `on_hand`
    (all of it), `held` and `value` (₹, by the price, else the MRP). One query.
    """
    physical = Q(lots__balances__is_physical=True)
    return (
        Product.objects.filter(tenant=tenant)
        .annotate(
            at_dock=_at(PlaceKind.DOCK),
            in_bins=_at(PlaceKind.BIN),
            in_staging=_at(PlaceKind.STAGING),
            set_apart=_at(PlaceKind.QUARANTINE),
            on_the_way=_at(PlaceKind.TRANSIT),
            in_shops=_at(*SHOP_LIKE),
            in_warehouse=_at(*IN_WAREHOUSE),
            on_hand=Coalesce(Sum("lots__balances__on_hand", filter=physical), NONE, output_field=QUANTITIES),
            held=Coalesce(Sum("lots__balances__held", filter=physical), NONE, output_field=QUANTITIES),
        )
        .annotate(value=F("on_hand") * PRICE)
        .filter(Q(laid_aside_at=None) | Q(on_hand__gt=0))
        .order_by("name_en", "pk")
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """All of a tenant's goods in the mall at a glance."""

    products: int
    lots: int
    value: Decimal
    in_warehouse_litres: Decimal


def totals(tenant: Tenant) -> Totals:
    """How many products and lots are there, what they are worth, how much room they take. One query."""
    price = Coalesce("lot__product__price", "lot__product__mrp", NONE, output_field=MONEY)
    room = Sum(
        F("on_hand") * F("lot__product__litres"), filter=Q(location__kind__in=IN_WAREHOUSE), output_field=QUANTITIES
    )
    there = (
        Balance.objects.stocked()
        .filter(tenant=tenant)
        .aggregate(
            products=Count("lot__product", distinct=True),
            lots=Count("lot", distinct=True),
            value=Sum(F("on_hand") * price, output_field=MONEY),
            litres=room,
        )
    )
    return Totals(there["products"], there["lots"], there["value"] or NONE, there["litres"] or NONE)
