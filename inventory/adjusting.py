"""Stock on record is put right: found, lost, spoilt, past its date, used up. Above a limit a second person decides."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.history import record
from core.refusals import Refusal
from core.wording import checked
from inventory import ledger, places
from inventory.closing import closed_through
from inventory.models import (
    Adjustment,
    AdjustmentReason,
    Location,
    Lot,
    Movement,
    MovementKind,
    PlaceKind,
    Product,
    WarehouseRules,
)

# reason -> what kind of movement it makes, and where goods go that are fewer; None: this reason adds goods only.
LESS: dict[str, tuple[MovementKind, PlaceKind] | None] = {
    AdjustmentReason.FOUND: None,
    AdjustmentReason.LOST: (MovementKind.ADJUSTMENT, PlaceKind.LOSS),
    AdjustmentReason.DAMAGED: (MovementKind.WRITE_OFF, PlaceKind.DAMAGE),
    AdjustmentReason.EXPIRED: (MovementKind.WRITE_OFF, PlaceKind.DAMAGE),
    AdjustmentReason.SAMPLE: (MovementKind.ADJUSTMENT, PlaceKind.OWNER),
    AdjustmentReason.WRONG_ENTRY: (MovementKind.ADJUSTMENT, PlaceKind.LOSS),
}
MAY_BE_MORE = (AdjustmentReason.FOUND, AdjustmentReason.WRONG_ENTRY)
LARGEST = Decimal(10) ** 11  # what a quantity can be at most
PAISA = Decimal("0.01")
# Not what is picked or on the way: it belongs to an order, which says what became of it.
COUNTABLE = (PlaceKind.DOCK, PlaceKind.BIN, PlaceKind.QUARANTINE, PlaceKind.UNIT, PlaceKind.FAIR)


class WrongDirection(Refusal):
    code = "wrong_direction"
    status = 400
    sentence = _("This reason does not fit: found goods are more, lost, damaged, expired and used-up goods are fewer.")


class NoAdjustment(Refusal):
    code = "no_adjustment"
    status = 400
    sentence = _("An adjustment changes something: give a difference above or below 0.")


class NotInTheMall(Refusal):
    code = "not_in_the_mall"
    status = 400
    sentence = _("Stock is only counted and adjusted at a place in the mall: a bin, a shop, the goods entrance.")


class SayWhy(Refusal):
    code = "say_why"
    status = 400
    sentence = _("Say why; whoever is concerned will read it.")


class AdjustmentNotWaiting(Refusal):
    code = "adjustment_not_waiting"
    sentence = _("This adjustment has been decided already.")


class NeedsAnotherPerson(Refusal):
    code = "needs_another_person"
    status = 403
    sentence = _("Someone else decides this, not whoever proposed or counted it. Ask a colleague.")


def rules() -> WarehouseRules:
    """The limits of warehouse work, as the mall has set them; before anyone did, those that we propose."""
    return WarehouseRules.objects.first() or WarehouseRules()


def countable(location: Location) -> bool:
    """Whether someone can stand before the goods there and count them."""
    return location.kind in COUNTABLE


def worth(product: Product, quantity: Decimal) -> Decimal | None:
    """What so much of a product is worth by its price, else by its MRP; None where it has neither."""
    price = product.price if product.price is not None else product.mrp
    return None if price is None else (abs(quantity) * price).quantize(PAISA, rounding=ROUND_HALF_UP)


def is_small(value: Decimal | None) -> bool:
    """Whether one person is enough for a difference of this worth. What has no price always needs two."""
    return value is not None and value <= rules().second_person_above


def open_moment(happened: datetime, now: datetime) -> datetime:
    """When a thing that happened is entered: then, or now where the ledger is closed for that day."""
    closed = closed_through()
    return now if closed is not None and timezone.localdate(happened) <= closed else happened


def propose(
    *,
    lot: Lot,
    location: Location,
    difference: Decimal,
    reason: AdjustmentReason | str,
    note: str,
    by: User,
    at: datetime,
    key: str,
) -> Adjustment:
    """Say that there is more (above 0) or less of a lot at a place than on record, and why.

    Within the mall's limit of worth it is posted at once; above, or where the product has no price, it waits for a
    second person. Said twice, it is one adjustment. Raises NoAdjustment, WrongDirection, NotInTheMall, NotAcceptable,
    KeyReused and what else `ledger.post` raises.
    """
    _check(location, difference, reason)
    value = worth(lot.product, difference)
    wanted = {
        "tenant_id": lot.tenant_id,
        "lot": lot,
        "location": location,
        "difference": difference,
        "reason": str(reason),
        "note": clean(note),
        "proposed_by": by,
    }

    @transaction.atomic
    def work() -> Adjustment:
        # Whoever says the same at the same moment waits here, and then finds it said.
        Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        said = _said_before(wanted, key)
        if said is not None:
            return said
        adjustment = Adjustment(**wanted, value=value or Decimal(0), proposed_at=at, is_small=is_small(value))
        record(checked(adjustment), by=by)
        if adjustment.is_small:
            _post(adjustment, by=by, at=at, key=key)
        return adjustment

    return ledger.again(work)


def approve(*, adjustment: Adjustment, by: User, at: datetime) -> Adjustment:
    """A second person agrees, and it is posted as of the moment it was proposed.

    Raises AdjustmentNotWaiting, NeedsAnotherPerson and what `ledger.post` raises; then it waits on.
    """

    @transaction.atomic
    def work() -> Adjustment:
        waiting = _waiting(adjustment, by)
        _post(waiting, by=by, at=at, key=f"adjustment:{waiting.pk}")
        return waiting

    return ledger.again(work)


@transaction.atomic
def refuse(*, adjustment: Adjustment, by: User, at: datetime, why: str) -> Adjustment:
    """A second person does not agree and says why; nothing moves.

    Raises AdjustmentNotWaiting, NeedsAnotherPerson, SayWhy.
    """
    adjustment = _waiting(adjustment, by)
    adjustment.decided_by, adjustment.decided_at, adjustment.refusal = by, at, clean(why)
    if not adjustment.refusal:
        raise SayWhy(field="why")
    return record(checked(adjustment), by=by, why=adjustment.refusal)


def _check(location: Location, difference: Decimal, reason: AdjustmentReason | str) -> None:
    if not countable(location):
        raise NotInTheMall(field="location")
    if not difference or abs(difference) >= LARGEST:
        raise NoAdjustment(field="difference")
    if reason not in LESS or (difference > 0 and reason not in MAY_BE_MORE) or (difference < 0 and not LESS[reason]):
        raise WrongDirection(field="reason")


def _said_before(wanted: dict[str, Any], key: str) -> Adjustment | None:
    """The adjustment that this key posted, or the same one waiting already. Raises KeyReused."""
    movement = Movement.objects.filter(tenant=wanted["tenant_id"], key=key).first()
    if movement is None:
        return Adjustment.objects.waiting().filter(**wanted, is_small=False).first()
    posted = Adjustment.objects.filter(movement=movement).first()
    if posted is None or any(getattr(posted, name) != value for name, value in wanted.items()):
        raise ledger.KeyReused
    return posted


def _waiting(adjustment: Adjustment, by: User) -> Adjustment:
    """The adjustment, locked. Raises AdjustmentNotWaiting, NeedsAnotherPerson."""
    adjustment = Adjustment.objects.select_for_update(of=("self",)).select_related("lot").get(pk=adjustment.pk)
    if adjustment.decided_at is not None:
        raise AdjustmentNotWaiting
    if adjustment.proposed_by_id == by.pk:
        raise NeedsAnotherPerson
    return adjustment


def _post(adjustment: Adjustment, *, by: User, at: datetime, key: str) -> None:
    """Write the movement and that `by` decided it."""
    more = adjustment.difference > 0
    kind, place = (MovementKind.ADJUSTMENT, PlaceKind.FOUND) if more else (LESS[adjustment.reason] or _never())
    elsewhere = places.the(place).pk
    here = adjustment.location_id
    source, target = (elsewhere, here) if more else (here, elsewhere)
    posted = ledger.post(
        tenant=adjustment.tenant_id,
        kind=kind,
        lines=ledger.move(adjustment.lot_id, source, target, abs(adjustment.difference)),
        key=key,
        at=open_moment(adjustment.proposed_at, at),
        by=by,
        reason=adjustment.note,
        document=adjustment.code,
    )
    adjustment.movement_id = posted.movement
    adjustment.decided_by, adjustment.decided_at = by, at
    record(adjustment, by=by)


def _never() -> NoReturn:
    raise WrongDirection(field="reason")
