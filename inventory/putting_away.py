"""Goods find their bin: what waits at the goods entrance, where it fits best, and moving it there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.refusals import Refusal
from inventory import ledger, places
from inventory.models import Balance, Location, Lot, MovementKind, PlaceKind
from tenants.models import Tenant

LITRES = DecimalField(max_digits=16, decimal_places=3)


class NotABin(Refusal):
    code = "not_a_bin"
    status = 400
    sentence = _("Goods are put into a bin of the warehouse that is in use. Scan the label of the bin.")


class BinFull(Refusal):
    """`details`: free, the litres still free there, and needed."""

    code = "bin_full"
    sentence = _("This bin is too full. Choose another, or put a part of it here.")


@dataclass(frozen=True)
class Suggestion:
    """A bin with room enough, how many litres are free there, and why it is proposed."""

    location: Location
    free_litres: Decimal
    why: Any


def waiting(tenant: Tenant | None = None) -> QuerySet[Balance]:
    """What lies at the goods entrance and has not been put away, oldest first."""
    rows = Balance.objects.stocked().filter(location__kind=PlaceKind.DOCK).with_facts()
    rows = rows if tenant is None else rows.filter(tenant=tenant)
    return rows.order_by("lot__received_date", "lot")


def with_room(bins: QuerySet[Location]) -> QuerySet[Location]:
    """Bins with `used` and `free`, the litres that goods take there and that are left."""
    used = (
        Balance.objects.stocked()
        .filter(location__in=bins)
        .values("location")
        .annotate(litres=Sum(F("on_hand") * F("lot__product__litres"), output_field=LITRES))
    )
    taken = {row["location"]: row["litres"] for row in used}
    found: list[Any] = list(bins)
    for place in found:
        place.used = taken.get(place.pk, Decimal(0))
        place.free = place.capacity_litres - place.used
    return found  # type: ignore[return-value]


def suggest_bins(lot: Lot, quantity: Decimal, *, limit: int = 3) -> list[Suggestion]:
    """Where so much of a lot fits: beside the same product, beside the same owner's goods, else an empty bin.

    Nearest to the goods entrance first within each. Three queries, however many bins there are.
    """
    needed = quantity * lot.product.litres
    bins: Iterable[Any] = with_room(Location.objects.bins().in_use().order_by("slug"))
    stocked = Balance.objects.stocked().filter(location__kind=PlaceKind.BIN, tenant=lot.tenant_id)
    same_owner: set[int] = set()
    same_product: set[int] = set()
    for place, product in stocked.values_list("location", "lot__product").distinct():
        same_owner.add(place)
        if product == lot.product_id:
            same_product.add(place)
    ways = (
        (lambda place: place.pk in same_product, _("the same product lies here")),
        (lambda place: place.pk in same_owner, _("goods of the same owner lie here")),
        (lambda place: not place.used, _("this bin is empty")),
        (lambda place: True, _("there is room here")),
    )
    found: list[Suggestion] = []
    for fits, why in ways:
        for place in bins:
            if place.free >= needed and fits(place) and place not in [one.location for one in found]:
                found.append(Suggestion(place, place.free, why))
            if len(found) == limit:
                return found
    return found


def put_away(*, lot: Lot, quantity: Decimal, bin: Location, by: User, at: datetime, key: str) -> ledger.Posted:
    """Goods go from the goods entrance into a bin. Raises NotABin, BinFull, NotEnoughStock."""
    dock = places.key_of(PlaceKind.DOCK)
    return _into_bin(MovementKind.PUT_AWAY, lot, dock, bin, quantity, by, at, key)


def relocate(
    *, lot: Lot, source: Location, target: Location, quantity: Decimal, by: User, at: datetime, key: str
) -> ledger.Posted:
    """Goods go from one bin to another. Raises NotABin, BinFull, NotEnoughStock."""
    if source.kind != PlaceKind.BIN:
        raise NotABin(field="source")
    return _into_bin(MovementKind.RELOCATION, lot, source.pk, target, quantity, by, at, key)


def into_bin(
    *, kind: MovementKind, lot: Lot, source: int, bin: Location, quantity: Decimal, by: User, at: datetime, key: str,
    reason: str = "",
) -> ledger.Posted:  # fmt: skip
    """Goods go into a bin from anywhere, by any kind of movement. Raises NotABin, BinFull, NotEnoughStock."""
    return _into_bin(kind, lot, source, bin, quantity, by, at, key, reason)


def _into_bin(
    kind: MovementKind, lot: Lot, source: int, bin: Location, quantity: Decimal, by: User, at: datetime, key: str,
    reason: str = "",
) -> ledger.Posted:  # fmt: skip
    if quantity <= 0:
        raise ledger.NothingMoves(field="quantity")

    def work() -> ledger.Posted:
        # Two who fill the same bin wait here for each other, so that it is not filled twice.
        place = Location.objects.select_for_update().filter(pk=bin.pk, kind=PlaceKind.BIN).first()
        if place is None:
            raise NotABin(field="bin")
        posted = ledger.post(
            tenant=lot.tenant_id,
            kind=kind,
            lines=ledger.move(lot.pk, source, place.pk, quantity),
            key=key,
            at=at,
            by=by,
            reason=reason,
        )
        if not posted.is_replay:  # what was put there before stays told, whatever became of the bin since
            if place.closed_at is not None:
                raise NotABin(field="bin")
            _check_room(place, quantity * lot.product.litres)
        return posted

    return ledger.again(work)


def _check_room(place: Location, brought: Decimal) -> None:
    """With the goods in it, the bin holds no more than it can. Raises BinFull."""
    used = Balance.objects.filter(location=place.pk, is_physical=True).aggregate(
        litres=Coalesce(Sum(F("on_hand") * F("lot__product__litres"), output_field=LITRES), Value(Decimal(0)))
    )["litres"]
    assert place.capacity_litres is not None  # bin_has_some_room
    if used > place.capacity_litres:
        free = place.capacity_litres - (used - brought)
        raise BinFull(field="bin", free=str(max(free, Decimal(0))), needed=str(brought))
