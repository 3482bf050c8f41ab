"""Goods go from the warehouse to a shop in two steps: picked and handed over by scan, accepted by the shop's scan.

    requested -> picked -> on the way -> accepted

What was handed over and not accepted stays on the way, as a discrepancy, until someone settles it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.refusals import Refusal
from inventory import codes, ledger, places
from inventory.models import (
    Balance,
    Hold,
    Location,
    Lot,
    Movement,
    MovementKind,
    PlaceKind,
    Product,
    ShortPick,
    TransferLine,
    TransferOrder,
    WarehouseRules,
)
from inventory.receiving import ForeignProduct, NotAShop, UnknownLine, WrongQuantity
from tenants.models import Tenant

MOST_ITEMS = 100


class NothingAskedFor(Refusal):
    code = "nothing_asked_for"
    status = 400
    sentence = _("Say what you need: at least one product with a quantity above 0.")


# The ledger's own refusal; here `details` name the product, and what of it is available in the warehouse.
ProductShort = ledger.NotEnoughStock


class AlreadyPicked(Refusal):
    code = "already_picked"
    sentence = _("This order has been picked already.")


class NotPickedYet(Refusal):
    code = "not_picked_yet"
    sentence = _("This order has not been picked yet.")


class AlreadyHandedOver(Refusal):
    code = "already_handed_over"
    sentence = _("This order has been handed over already.")


class NotOnTheWay(Refusal):
    code = "not_on_the_way"
    sentence = _("This order has not been handed over yet.")


class AlreadyAccepted(Refusal):
    code = "already_accepted"
    sentence = _("This order has been accepted already.")


class OrderCancelled(Refusal):
    code = "order_cancelled"
    sentence = _("This order was cancelled.")


class AnotherOrder(Refusal):
    code = "another_order"
    status = 400
    sentence = _("The code that was scanned belongs to something else. Scan the label of this order.")


class PastItsDateSince(Refusal):
    """`details`: line, expiry_date."""

    code = "past_its_date_since"
    sentence = _("This has passed its date since it was asked for. Pick none of it, for the reason that it is expired.")


class ReasonNeeded(Refusal):
    code = "reason_needed"
    status = 400
    sentence = _("Say why fewer were picked.")


class NothingMissing(Refusal):
    code = "nothing_missing"
    sentence = _("Nothing of this line is missing any more.")


@dataclass(frozen=True)
class Picked:
    """What was picked of a line, and why it was fewer, if it was."""

    quantity: Decimal
    short_reason: str = ""


def request(
    *,
    tenant: Tenant,
    destination: Location,
    items: Iterable[tuple[Product, Decimal]],
    by: User,
    at: datetime,
    note: str = "",
) -> TransferOrder:
    """Ask for goods from the warehouse; they are held in their bins, first expired first; what is past its date
    stays where it is.

    All or nothing. Raises NothingAskedFor, NotAShop, ForeignProduct, ProductShort.
    """
    wanted: dict[int, tuple[Product, Decimal]] = {}
    for product, quantity in items:
        if product.tenant_id != tenant.pk:
            raise ForeignProduct(field="product")
        if quantity < 0 or (product.grain != "measured" and quantity != quantity.to_integral_value()):
            raise WrongQuantity(field="quantity")
        before = wanted.get(product.pk, (product, Decimal(0)))[1]
        wanted[product.pk] = (product, before + quantity)
    chosen = [(product, quantity) for product, quantity in wanted.values() if quantity]
    if not 1 <= len(chosen) <= MOST_ITEMS:
        raise NothingAskedFor
    if destination.kind != PlaceKind.UNIT:
        raise NotAShop(field="destination")
    for _tried in range(1, ledger.TRIES):
        try:
            return ledger.again(lambda: _request(tenant, destination, chosen, by, at, note))
        except ledger.NotEnoughStock as short:
            if "product" in short.details:
                raise
            # A rival took what was chosen, after it was chosen: other bins may have enough.
    return ledger.again(lambda: _request(tenant, destination, chosen, by, at, note))


def _request(
    tenant: Tenant, destination: Location, items: list[tuple[Product, Decimal]], by: User, at: datetime, note: str
) -> TransferOrder:
    order = record(
        TransferOrder(tenant=tenant, destination=destination, note=note, requested_by=by, requested_at=at), by=by
    )
    until = timezone.now() + timedelta(hours=WarehouseRules.objects.get(pk=1).hold_hours)
    parts = [part for product, quantity in items for part in _fefo(product, quantity, at)]
    # In the order in which the ledger locks: by lot, then by place.
    for number, (product, balance, quantity) in enumerate(sorted(parts, key=lambda part: _place(part[1]))):
        held = ledger.hold(
            tenant=tenant.pk,
            lot=balance.lot_id,
            location=balance.location_id,
            quantity=quantity,
            purpose=order.code,
            until=until,
            key=f"{order.code}:{number}",
        )
        TransferLine.objects.create(
            order=order,
            product=product,
            lot_id=balance.lot_id,
            source_id=balance.location_id,
            quantity=quantity,
            hold=held,
        )
    return order


def _place(balance: Balance) -> tuple[int, int]:
    return balance.lot_id, balance.location_id


def _fefo(product: Product, quantity: Decimal, at: datetime) -> list[tuple[Product, Balance, Decimal]]:
    """From which bins so much of a product comes, first expired first. Raises ProductShort."""
    today = timezone.localdate(at)
    balances = (
        Balance.objects.stocked()
        .filter(lot__product=product, tenant=product.tenant_id, location__kind=PlaceKind.BIN)
        .exclude(lot__expiry_date__lt=today)
        .with_overdue(timezone.now())
        .order_by(F("lot__expiry_date").asc(nulls_last=True), "lot__received_date", "lot", "location__slug")
    )
    parts: list[tuple[Product, Balance, Decimal]] = []
    missing = quantity
    available = Decimal(0)
    for balance in balances:
        free = balance.on_hand - balance.held + balance.overdue
        available += free
        if missing > 0 and free > 0:
            part = min(free, missing)
            parts.append((product, balance, part))
            missing -= part
    if missing > 0:
        raise ProductShort(field="quantity", product=product.pk, wanted=f"{quantity:f}", available=f"{available:f}")
    return parts


def pick(*, order: TransferOrder, picked: Mapping[int, Picked], by: User, at: datetime, key: str) -> TransferOrder:
    """Goods are taken from their bins and made ready. A line left out was picked whole.

    What was not found stays on record in its bin and is held no longer. An order of which nothing was found is
    cancelled. Raises AlreadyPicked, OrderCancelled, UnknownLine, WrongQuantity, ReasonNeeded, PastItsDateSince,
    NotEnoughStock.
    """
    return ledger.again(lambda: _pick(order, picked, by, at, key))


def _pick(order: TransferOrder, picked: Mapping[int, Picked], by: User, at: datetime, key: str) -> TransferOrder:
    order = _locked(order)
    if order.picked_at and _said_before(order, key):
        return order
    if order.picked_at:
        raise AlreadyPicked
    lines = {line.pk: line for line in order.lines.select_related("hold", "lot")}
    if order.cancelled_at and _nothing_found_again(lines, picked):
        return order
    if order.cancelled_at:
        raise OrderCancelled
    if set(picked) - set(lines):
        raise UnknownLine
    staging = places.key_of(PlaceKind.STAGING)
    moved: list[ledger.Line] = []
    using: list[int] = []
    for pk, line in sorted(lines.items()):
        done = picked.get(pk, Picked(line.quantity))
        if not 0 <= done.quantity <= line.quantity or not _fits(line, done.quantity):
            raise WrongQuantity(line=pk, most=f"{line.quantity:f}")
        if done.quantity < line.quantity and done.short_reason not in ShortPick.values:
            raise ReasonNeeded(line=pk)
        if done.quantity and line.lot.expiry_date and line.lot.expiry_date < timezone.localdate(at):
            raise PastItsDateSince(line=pk, expiry_date=line.lot.expiry_date.isoformat())
        line.picked_quantity = done.quantity
        line.short_reason = done.short_reason if done.quantity < line.quantity else ""
        line.save(update_fields=["picked_quantity", "short_reason"])
        if done.quantity:
            moved += ledger.move(line.lot_id, line.source_id, staging, done.quantity)
            if line.hold is not None and _stands(line.hold):
                using.append(line.hold.pk)
        elif line.hold is not None:
            ledger.release(hold=line.hold.pk)
    if not moved:
        order.cancelled_at = at
        return record(order, by=by, why=str(_("nothing was found")))
    ledger.post(
        tenant=order.tenant_id, kind=MovementKind.PICK, lines=moved, key=key, at=at, by=by, document=order.code,
        using=using,
    )  # fmt: skip
    order.picked_by, order.picked_at = by, at
    return record(order, by=by)


def hand_over(*, order: TransferOrder, scanned: str, by: User, at: datetime, key: str) -> TransferOrder:
    """The order's label is scanned and the goods leave the warehouse: from now on they are on the way.

    Raises AnotherOrder, NotPickedYet, AlreadyHandedOver, OrderCancelled.
    """
    _check_scan(order, scanned)

    def work() -> TransferOrder:
        locked = _locked(order)
        if locked.handed_over_at and _said_before(locked, key):
            return locked
        if locked.handed_over_at:
            raise AlreadyHandedOver
        if locked.cancelled_at:
            raise OrderCancelled
        if not locked.picked_at:
            raise NotPickedYet
        _move_picked(locked, MovementKind.HAND_OVER, PlaceKind.STAGING, PlaceKind.TRANSIT, by, at, key)
        locked.handed_over_by, locked.handed_over_at = by, at
        return record(locked, by=by)

    return ledger.again(work)


def accept(
    *,
    order: TransferOrder,
    scanned: str,
    accepted: Mapping[int, Decimal] | None,
    by: User,
    at: datetime,
    key: str,
) -> TransferOrder:
    """The shop scans the order and takes what came: all of it, or so much of each line as `accepted` says.

    What is missing stays on the way until it is settled. Raises AnotherOrder, NotOnTheWay, AlreadyAccepted,
    OrderCancelled, UnknownLine, WrongQuantity.
    """
    _check_scan(order, scanned)
    return ledger.again(lambda: _accept(order, accepted, by, at, key))


def _accept(
    order: TransferOrder, accepted: Mapping[int, Decimal] | None, by: User, at: datetime, key: str
) -> TransferOrder:
    order = _locked(order)
    if order.accepted_at and (_said_before(order, key) or _nothing_came_again(order, accepted)):
        return order
    if order.accepted_at:
        raise AlreadyAccepted
    if order.cancelled_at:
        raise OrderCancelled
    if not order.handed_over_at:
        raise NotOnTheWay
    lines = {line.pk: line for line in order.lines.all()}
    if set(accepted or {}) - set(lines):
        raise UnknownLine
    transit = places.key_of(PlaceKind.TRANSIT)
    moved: list[ledger.Line] = []
    for pk, line in sorted(lines.items()):
        came = line.picked_quantity or Decimal(0)
        quantity = came if accepted is None else accepted.get(pk, came)
        if not 0 <= quantity <= came or not _fits(line, quantity):
            raise WrongQuantity(line=pk, most=f"{came:f}")
        line.accepted_quantity = quantity
        line.save(update_fields=["accepted_quantity"])
        if quantity:
            moved += ledger.move(line.lot_id, transit, order.destination_id, quantity)
    if moved:
        ledger.post(
            tenant=order.tenant_id, kind=MovementKind.ACCEPTANCE, lines=moved, key=key, at=at, by=by,
            document=order.code,
        )  # fmt: skip
    order.accepted_by, order.accepted_at = by, at
    return record(order, by=by)


def cancel(*, order: TransferOrder, by: User, at: datetime) -> TransferOrder:
    """Call an order off before it is handed over; what was picked is put away again. Twice is once.

    Raises AlreadyHandedOver.
    """

    def work() -> TransferOrder:
        locked = _locked(order)
        if locked.handed_over_at:
            raise AlreadyHandedOver
        if locked.cancelled_at:
            return locked
        if locked.picked_at:
            kind, key = MovementKind.SEND_BACK, f"cancel {locked.code}"
            _move_picked(locked, kind, PlaceKind.STAGING, PlaceKind.DOCK, by, at, key)
        else:
            for hold in Hold.objects.filter(pk__in=locked.lines.values("hold")).order_by("lot", "location"):
                ledger.release(hold=hold.pk)
        locked.cancelled_at = at
        return record(locked, by=by)

    return ledger.again(work)


def settle_missing(*, line: TransferLine, found: bool, by: User, at: datetime, key: str, note: str) -> TransferLine:
    """What was handed over and not accepted: found after all and taken to the shop, or lost.

    Raises NothingMissing, NotOnTheWay.
    """

    def work() -> TransferLine:
        order = _locked(line.order)
        locked = TransferLine.objects.get(pk=line.pk)
        if Movement.objects.filter(tenant=order.tenant_id, key=key, document=settlement(locked)).exists():
            return locked
        if not order.accepted_at:
            raise NotOnTheWay
        missing = still_missing(locked)
        if missing <= 0:
            raise NothingMissing
        kind = MovementKind.ACCEPTANCE if found else MovementKind.ADJUSTMENT
        to = order.destination_id if found else places.key_of(PlaceKind.LOSS)
        ledger.post(
            tenant=order.tenant_id, kind=kind, lines=ledger.move(
                locked.lot_id, places.key_of(PlaceKind.TRANSIT), to, missing
            ), key=key, at=at, by=by, reason=note, document=settlement(locked),
        )  # fmt: skip
        if found:
            locked.accepted_quantity = locked.picked_quantity
            locked.save(update_fields=["accepted_quantity"])
        return locked

    return ledger.again(work)


def settlement(line: TransferLine) -> str:
    """The document under which the missing of a line is settled: the order's code and the line's number."""
    return f"{line.order.code}/{line.pk}"[:20]


def still_missing(line: TransferLine) -> Decimal:
    """What of a line is neither accepted nor settled as lost."""
    if (
        line.missing
        and Movement.objects.filter(
            tenant=line.order.tenant_id, document=settlement(line), kind=MovementKind.ADJUSTMENT
        ).exists()
    ):
        return Decimal(0)
    return line.missing


def send_back(*, lot: Lot, shop: Location, quantity: Decimal, by: User, at: datetime, key: str) -> ledger.Posted:
    """A shop sends goods back to the goods entrance of the warehouse. Raises NotAShop, NotEnoughStock."""
    if shop.kind != PlaceKind.UNIT:
        raise NotAShop(field="shop")
    if quantity <= 0:
        raise ledger.NothingMoves(field="quantity")
    lines = ledger.move(lot.pk, shop.pk, places.key_of(PlaceKind.DOCK), quantity)
    return ledger.post(tenant=lot.tenant_id, kind=MovementKind.SEND_BACK, lines=lines, key=key, at=at, by=by)


def _move_picked(
    order: TransferOrder, kind: MovementKind, source: PlaceKind, target: PlaceKind, by: User, at: datetime, key: str
) -> None:
    lines = [
        line
        for each in order.lines.filter(picked_quantity__gt=0)
        for line in ledger.move(
            each.lot_id, places.key_of(source), places.key_of(target), each.picked_quantity or Decimal(0)
        )
    ]
    ledger.post(tenant=order.tenant_id, kind=kind, lines=lines, key=key, at=at, by=by, document=order.code)


def _locked(order: TransferOrder) -> TransferOrder:
    """The order, ours until the end of the transaction: rivals wait here and are then told."""
    assert transaction.get_connection().in_atomic_block
    return TransferOrder.objects.select_for_update().get(pk=order.pk)


def _check_scan(order: TransferOrder, scanned: str) -> None:
    if codes.read(scanned) != ("T", order.pk):
        raise AnotherOrder(field="scanned")


def _stands(hold: Hold) -> bool:
    return hold.ended_at is None and hold.expires_at > timezone.now()


def _fits(line: TransferLine, quantity: Decimal) -> bool:
    """Whether so much can be: a piece is not halved."""
    return (
        line.quantity != line.quantity.to_integral_value()
        or quantity == quantity.to_integral_value()
        or (line.lot.grain == "measured")
    )


def _said_before(order: TransferOrder, key: str) -> bool:
    return Movement.objects.filter(tenant=order.tenant_id, key=key, document=order.code).exists()


def _nothing_found_again(lines: Mapping[int, TransferLine], picked: Mapping[int, Picked]) -> bool:
    """Where nothing was found, nothing moved that could keep the key: then the same words are the same write."""
    said = {pk: (done.quantity, done.short_reason) for pk, done in picked.items()}
    return said == {pk: (line.picked_quantity, line.short_reason) for pk, line in lines.items()}


def _nothing_came_again(order: TransferOrder, accepted: Mapping[int, Decimal] | None) -> bool:
    """As above, where the shop got nothing."""
    lines = dict(order.lines.values_list("pk", "accepted_quantity"))
    return bool(accepted) and accepted == lines and not any(lines.values())


def late(*, now: datetime) -> Any:
    """Orders on the way for longer than the mall allows: the alarm."""
    hours = WarehouseRules.objects.get(pk=1).transit_alarm_hours
    return TransferOrder.objects.late(now - timedelta(hours=hours))
