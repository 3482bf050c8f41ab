"""The one writer of stock: movements and their entries, balances, holds.

Double entry: what leaves one place comes to another, and what comes into the mall leaves `supplier`. A write is one
round trip to a function of `inventory/sql/ledger.sql`, in which conditional updates, in the order of lot and place,
decide whether there is enough. Nothing here reads a quantity and writes it back.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.refusals import Refusal
from inventory.models import Balance, Hold, LedgerEntry, Lot, Movement, MovementKind, Product

T = TypeVar("T")

TRIES = 6
RIVALS_IN_EACH_OTHERS_WAY = frozenset({"40P01", "40001"})  # deadlock, serialization failure


class NotEnoughStock(Refusal):
    """`details`: lot, location, wanted and available, as the ledger found them at the moment of writing."""

    code = "not_enough_stock"
    sentence = _("There is not enough of this left. Choose less, or another lot.")

    def __str__(self) -> str:
        if self.details.get("available") is None:
            return str(self.sentence)
        return str(_("There is not enough of this left: %(available)s available, %(wanted)s asked for.")) % {
            name: f"{Decimal(self.details[name]).normalize():f}" for name in ("available", "wanted")
        }


class KeyReused(Refusal):
    code = "key_reused"
    status = 422
    sentence = _("This key was used for another write. Make a new key for each write.")


class PeriodClosed(Refusal):
    """`details`: through_date, the last day of the closed period."""

    code = "period_closed"
    sentence = _("The stock ledger is closed for that day. Enter it with a later date and say so in the reason.")


class HoldEnded(Refusal):
    code = "hold_ended"
    sentence = _("The goods are no longer held: the time has passed or the hold was used. Hold them anew.")


class LotNotOfTenant(Refusal):
    code = "lot_not_of_tenant"
    status = 404
    sentence = _("There is no such lot among the goods of this tenant.")


class NotWhole(Refusal):
    code = "not_whole"
    status = 400
    sentence = _("These goods are counted in whole numbers: give a quantity without a fraction.")


class OneOfAKind(Refusal):
    code = "one_of_a_kind"
    sentence = _("This piece is one of a kind: there is never a second one.")


class AlreadyReversed(Refusal):
    code = "already_reversed"
    sentence = _("This movement has been reversed already.")


class ReversalStays(Refusal):
    code = "reversal_stays"
    sentence = _("A reversal is not reversed. Enter the movement again instead.")


class NothingMoves(Refusal):
    code = "nothing_moves"
    status = 400
    sentence = _("A movement moves something: give at least one quantity above 0.")


REFUSALS: dict[str, type[Refusal]] = {
    "UM001": NotEnoughStock,
    "UM002": KeyReused,
    "UM003": PeriodClosed,
    "UM004": HoldEnded,
    "UM005": LotNotOfTenant,
    "UM006": NothingMoves,
}
BROKEN_RULES: dict[str, type[Refusal]] = {
    "piece_goods_are_counted_in_whole_numbers": NotWhole,
    "one_of_a_kind_is_there_once": OneOfAKind,
    "inventory_movement_reverses_id_key": AlreadyReversed,
}


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a lot comes to a location (above zero) or leaves it (below). Keys of rows; units of the product."""

    lot: int
    location: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Posted:
    """The movement that was written, or that the same key wrote before."""

    movement: int
    occurred_at: datetime
    recorded_at: datetime
    is_replay: bool


def move(lot: int, source: int, target: int, quantity: Decimal) -> list[Line]:
    """The two lines by which `quantity` (above zero) of a lot goes from `source` to `target`."""
    return [Line(lot, source, -quantity), Line(lot, target, quantity)]


POST = (
    "SELECT movement, happened, recorded, is_replay FROM inventory_post("
    "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s::bigint[],%s::bigint[],%s::numeric[],%s::bigint[])"
)


def post(
    *,
    tenant: int,
    kind: str,
    lines: Iterable[Line],
    key: str,
    at: datetime,
    by: User | None,
    reason: str = "",
    document: str = "",
    using: Sequence[int] = (),
    reverses: int | None = None,
) -> Posted:
    """Write one movement of a tenant's goods, once per key.

    The quantities of each lot sum to zero over `lines`. `at` is when it happened; a moment in the future counts as
    now. `using` names holds that this movement uses up: what they held is free for it. Inside a transaction a
    refusal undoes only the movement. Raises NotEnoughStock, HoldEnded, PeriodClosed, KeyReused, AlreadyReversed,
    NotWhole, OneOfAKind, LotNotOfTenant, NothingMoves.
    """
    moved = _moved(lines)
    if not moved:
        raise NothingMoves
    said = [
        *(tenant, kind, key, _digest(tenant, kind, moved, reason, document, reverses)),
        *(at, by.pk if by else None, reason, document, reverses),
        [lot for lot, _location in moved],
        [location for _lot, location in moved],
        list(moved.values()),
        list(using),
    ]
    return Posted(*_call(POST, said))


def hold(*, tenant: int, lot: int, location: int, quantity: Decimal, purpose: str, until: datetime, key: str) -> Hold:
    """Promise `quantity` of a lot at a location until a moment. Raises NotEnoughStock, KeyReused, NothingMoves."""
    if quantity <= 0:
        raise NothingMoves
    digest = sha256(f"{tenant} {lot} {location} {quantity.normalize():f} {purpose}".encode()).hexdigest()
    said = [tenant, lot, location, quantity, purpose, until, key, digest, uuid.uuid4()]
    (made, _is_replay) = _call("SELECT hold, is_replay FROM inventory_hold_stock(%s,%s,%s,%s,%s,%s,%s,%s,%s)", said)
    return Hold.objects.get(pk=made)


def release(*, hold: int) -> bool:
    """End a hold before its time. False where it had ended already."""
    return bool(_call("SELECT inventory_release_hold(%s)", [hold])[0])


def reverse(*, movement: Movement, key: str, at: datetime, by: User | None, reason: str) -> Posted:
    """Undo a movement by its opposite, once. Raises AlreadyReversed, ReversalStays and what `post` raises."""
    if movement.kind == MovementKind.REVERSAL:
        raise ReversalStays
    entries = LedgerEntry.objects.filter(movement=movement.pk)
    return post(
        tenant=movement.tenant_id,
        kind=MovementKind.REVERSAL,
        lines=[Line(entry.lot_id, entry.location_id, -entry.quantity) for entry in entries],
        key=key,
        at=at,
        by=by,
        reason=reason,
        document=movement.document,
        reverses=movement.pk,
    )


def add_lot(
    *,
    product: Product,
    received_date: date,
    made_date: date | None = None,
    expiry_date: date | None = None,
    maker_lot: str = "",
) -> Lot:
    """A new lot of a product; how finely it is counted follows from the product and never changes.

    Raises OneOfAKind where the product is a single piece that has its lot already.
    """
    try:
        with transaction.atomic():
            return Lot.objects.create(
                tenant_id=product.tenant_id,
                product=product,
                grain=product.grain,
                received_date=received_date,
                made_date=made_date,
                expiry_date=expiry_date,
                maker_lot=maker_lot,
            )
    except IntegrityError as broken:
        if _constraint(broken) == "one_of_a_kind_comes_in_one_lot":
            raise OneOfAKind from broken
        raise


def on_record(*, lot: int, location: int, at: datetime) -> tuple[Decimal, int]:
    """What was on record at `at`, and the last ledger entry there is now. Locks the balance: call inside atomic().

    Every entry of a balance is written under its lock, so between this and the end of the transaction none comes.
    """
    balance = Balance.objects.select_for_update().filter(lot=lot, location=location).first()
    if balance is None:
        return Decimal(0), 0
    entries = LedgerEntry.objects.filter(lot=lot, location=location)
    since = sum((entry.quantity for entry in entries.filter(movement__occurred_at__gt=at)), Decimal(0))
    last = entries.order_by("-pk").values_list("pk", flat=True).first()
    return balance.on_hand - since, last or 0


def sweep_overdue_holds(*, now: datetime) -> int:
    """Free what overdue holds hold. Nothing rests on it: every write frees what stands in its way. Returns how many."""
    overdue = Hold.objects.filter(ended_at=None, expires_at__lte=now).order_by("lot", "location")
    places = overdue.values_list("lot", "location").distinct()
    swept = 0
    for lot, location in places:
        (freed,) = _call("SELECT inventory_end_overdue(%s,%s,%s)", [lot, location, now])
        swept += freed > 0
    return swept


def again(work: Callable[[], T]) -> T:
    """Do `work` in a transaction; where rivals stood in each other's way, do the whole of it anew, a few times."""
    if connection.in_atomic_block:
        with transaction.atomic():  # whoever catches a refusal finds nothing half written
            return work()
    for tried in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as broken:
            if tried == TRIES or _sqlstate(broken) not in RIVALS_IN_EACH_OTHERS_WAY:
                raise
            time.sleep(0.005 * tried)
    raise AssertionError("unreachable")


def _call(statement: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """One statement of the ledger, on its own or, inside a transaction, behind a savepoint."""
    for tried in range(1, TRIES + 1):
        try:
            if connection.in_atomic_block:
                with transaction.atomic():
                    return _row(statement, values)
            return _row(statement, values)
        except DatabaseError as broken:
            state = _sqlstate(broken)
            if state in RIVALS_IN_EACH_OTHERS_WAY and tried < TRIES and not connection.in_atomic_block:
                time.sleep(0.005 * tried)
                continue
            raise (_refusal(broken, state) or broken) from broken
    raise AssertionError("unreachable")


def _row(statement: str, values: Sequence[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _refusal(broken: DatabaseError, state: str) -> Refusal | None:
    if state in REFUSALS:
        detail = getattr(broken.__cause__, "diag").message_detail  # noqa: B009  # psycopg2's own
        return REFUSALS[state](**(json.loads(detail) if detail else {}))
    rule = BROKEN_RULES.get(_constraint(broken))
    return rule() if rule else None


def _sqlstate(broken: DatabaseError) -> str:
    return getattr(broken.__cause__, "pgcode", None) or ""


def _constraint(broken: DatabaseError) -> str:
    return getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None) or ""


def _moved(lines: Iterable[Line]) -> dict[tuple[int, int], Decimal]:
    """(lot, location) -> what comes or goes there in all, in the order in which the ledger locks; zeros left out."""
    moved: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        place = (line.lot, line.location)
        moved[place] = moved.get(place, Decimal(0)) + line.quantity
    return {place: moved[place] for place in sorted(moved) if moved[place]}


def _digest(
    tenant: int, kind: str, moved: dict[tuple[int, int], Decimal], reason: str, document: str, reverses: int | None
) -> str:
    """What was asked, apart from when: the same goods told again a minute later are the same write."""
    goods = " ".join(f"{lot}@{place}:{quantity.normalize():f}" for (lot, place), quantity in moved.items())
    return sha256(f"{tenant}|{kind}|{goods}|{reason}|{document}|{reverses}".encode()).hexdigest()
