"""Goods leave the shelves: set apart, back on the shelf, back to their owner."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.refusals import Refusal
from inventory import ledger, places, putting_away
from inventory.adjusting import SayWhy
from inventory.models import IN_WAREHOUSE, Location, Lot, MovementKind, PlaceKind


class NotInTheWarehouse(Refusal):
    code = "not_in_the_warehouse"
    status = 400
    sentence = _("Choose a place in the warehouse where these goods lie.")


def return_to_owner(
    *, lot: Lot, source: Location, quantity: Decimal, by: User, at: datetime, key: str, reason: str
) -> ledger.Posted:
    """The owner takes goods back from the warehouse. Raises NotInTheWarehouse, SayWhy, NothingMoves, NotEnoughStock."""
    return _leave(MovementKind.OWNER_RETURN, PlaceKind.OWNER, lot, source, quantity, by, at, key, reason)


def set_apart(
    *, lot: Lot, source: Location, quantity: Decimal, by: User, at: datetime, key: str, reason: str
) -> ledger.Posted:
    """Damaged or doubtful goods are set apart and are no longer picked. Raises NotInTheWarehouse, SayWhy."""
    return _leave(MovementKind.QUARANTINE, PlaceKind.QUARANTINE, lot, source, quantity, by, at, key, reason)


def release(
    *, lot: Lot, bin: Location, quantity: Decimal, by: User, at: datetime, key: str, reason: str
) -> ledger.Posted:
    """What was set apart goes back into a bin. Raises SayWhy, NotABin, BinFull, NotEnoughStock."""
    apart = places.key_of(PlaceKind.QUARANTINE)
    return putting_away.into_bin(
        kind=MovementKind.RELEASE, lot=lot, source=apart, bin=bin, quantity=quantity, by=by, at=at, key=key,
        reason=_said(reason),
    )  # fmt: skip


def _leave(
    kind: MovementKind, to: PlaceKind, lot: Lot, source: Location, quantity: Decimal, by: User, at: datetime, key: str,
    reason: str,
) -> ledger.Posted:  # fmt: skip
    # What is ready for a shop belongs to its order: taken away here, the order could go neither on nor back.
    if source.kind not in IN_WAREHOUSE or source.kind in (to, PlaceKind.STAGING):
        raise NotInTheWarehouse(field="source")
    if quantity <= 0:
        raise ledger.NothingMoves(field="quantity")
    lines = ledger.move(lot.pk, source.pk, places.key_of(to), quantity)
    return ledger.post(tenant=lot.tenant_id, kind=kind, lines=lines, key=key, at=at, by=by, reason=_said(reason))


def _said(reason: str) -> str:
    reason = clean(reason)[:300]
    if not reason:
        raise SayWhy(field="reason")
    return reason
