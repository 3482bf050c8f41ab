"""How much room each tenant's goods took in the warehouse at the end of a day; storage is charged by it later."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from inventory.models import IN_WAREHOUSE, LedgerEntry, PlaceKind, StorageUse

MILLILITRE = Decimal("0.001")

# Over what lay where, as `LedgerEntry.objects.stock_at` tells it.
PER_TENANT = """
    SELECT tenant, sum(on_hand * litres), count(DISTINCT location) FILTER (WHERE kind = %s), count(DISTINCT lot)
    FROM ({stock}) AS there (lot, location, kind, tenant, litres, on_hand)
    GROUP BY tenant ORDER BY tenant
"""


def end_of(day: date) -> datetime:
    """The last moment of a day in India: what happens at midnight belongs to the next."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


@transaction.atomic
def measure(*, day: date, at: datetime) -> int:
    """Work out, from the ledger alone, the room that goods took in the warehouse at the end of `day`, per tenant.

    Goods count from the goods entrance to the picked ones, those set apart included; shops and what is on the way do
    not. Done anew, it replaces the day's figures. Returns for how many tenants. One query reads, one writes.
    """
    uses = [
        StorageUse(
            tenant_id=tenant,
            day=day,
            litres=litres.quantize(MILLILITRE, rounding=ROUND_HALF_UP),
            bins=bins,
            lots=lots,
            measured_at=at,
        )
        for tenant, litres, bins, lots in _taken(day)
    ]
    StorageUse.objects.filter(day=day).exclude(tenant__in=[use.tenant_id for use in uses]).delete()
    StorageUse.objects.bulk_create(
        uses,
        update_conflicts=True,
        unique_fields=["tenant", "day"],
        update_fields=["litres", "bins", "lots", "measured_at"],
    )
    return len(uses)


def unmeasured_days(*, until: date, at_most: int = 31) -> list[date]:
    """The days up to `until` that are still to be measured, oldest first; at first only `until` itself."""
    last = StorageUse.objects.aggregate(last=Max("day"))["last"]
    first = until if last is None else max(last + timedelta(days=1), until - timedelta(days=at_most - 1))
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


def _taken(day: date) -> list[tuple[int, Decimal, int, int]]:
    """Tenant, litres, bins and lots in the warehouse at the end of `day`. The room of one unit is the product's own."""
    there = (
        LedgerEntry.objects.filter(location__kind__in=IN_WAREHOUSE)
        .stock_at(end_of(day))
        .values_list("lot", "location", "location__kind", "tenant", "lot__product__litres", "on_hand")
    )
    stock, values = there.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(PER_TENANT.format(stock=stock), [str(PlaceKind.BIN.value), *values])
        return cursor.fetchall()
