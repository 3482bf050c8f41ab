"""The way through the warehouse: what to take from which bin, for several orders at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from inventory.models import Location, TransferLine, TransferOrder
from mall.models import Zone
from tenants.models import Tenant


@dataclass(frozen=True)
class PickStop:
    """A bin on the way and the lines to take there, first expired first."""

    location: Location
    lines: list[TransferLine]


def waiting(tenant: Tenant | None = None, zone: Zone | None = None) -> QuerySet[TransferOrder]:
    """Orders that wait to be picked, oldest first; of a tenant, or for shops of a zone."""
    orders = TransferOrder.objects.to_pick().with_facts()
    if tenant is not None:
        orders = orders.filter(tenant=tenant)
    if zone is not None:
        orders = orders.filter(destination__zone=zone)
    return orders.order_by("requested_at", "pk")


def pick_list(*, orders: Iterable[TransferOrder]) -> list[PickStop]:
    """The stops for these orders in walking order: aisle by aisle, rack by rack, shelf by shelf. One query."""
    lines = (
        TransferLine.objects.filter(order__in=list(orders), picked_quantity=None)
        .select_related("source", "product", "lot", "order__tenant", "order__destination")
        .order_by("source__zone", "source__aisle", "source__rack", "source__shelf", "source", "lot__expiry_date", "pk")
    )
    stops: list[PickStop] = []
    for line in lines:
        if not stops or stops[-1].location.pk != line.source_id:
            stops.append(PickStop(line.source, []))
        stops[-1].lines.append(line)
    return stops
