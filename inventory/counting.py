"""Cycle counts: counted blind, differences counted again, approved by another person, signed by the owner, posted.

A line remembers what was on record at the moment of counting; posted is the difference against that. So whatever
moves while a count is under way survives it, and what only becomes known later (a sale that a phone had noted before
the count) is not taken for a loss.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.history import record
from core.refusals import Refusal
from inventory import ledger, places
from inventory.adjusting import (
    LARGEST,
    NeedsAnotherPerson,
    NotInTheMall,
    SayWhy,
    countable,
    is_small,
    open_moment,
    rules,
    worth,
)
from inventory.models import (
    Balance,
    CountLine,
    CountStatus,
    CycleCount,
    Grain,
    Location,
    Lot,
    MovementKind,
    PlaceKind,
)
from tenants.models import Tenant

SHOP_LIKE = (PlaceKind.UNIT, PlaceKind.FAIR)
UNDER_WAY = (CountStatus.COUNTING, CountStatus.RECOUNTING)


class NothingToCount(Refusal):
    code = "nothing_to_count"
    sentence = _("Nothing of this tenant lies there. Choose other places.")


class NotAnOwnShop(Refusal):
    code = "not_an_own_shop"
    status = 400
    sentence = _("A shop counts only what lies in its own shop.")


class CountNotAtThisStep(Refusal):
    """`details`: status, the step at which the count is."""

    code = "count_not_at_this_step"
    sentence = _("The count is at another step by now. Load the page again.")


class NotAllCounted(Refusal):
    """`details`: left, how many lines have no count yet."""

    code = "not_all_counted"
    sentence = _("Some goods have not been counted yet. Enter 0 where there is nothing.")


class SamePersonCountsAgain(Refusal):
    code = "same_person_counts_again"
    status = 403
    sentence = _("Someone else counts this again, not whoever counted it first.")


class NotCountedAgain(Refusal):
    code = "not_counted_again"
    sentence = _("This line agreed with the record and is not counted again.")


class NoSuchQuantity(Refusal):
    code = "no_such_quantity"
    status = 400
    sentence = _("A count is 0 or more.")


@dataclass(frozen=True, slots=True)
class ToCount:
    """What someone who counts is told: where to look and for what. Never how many there should be."""

    line: int
    place: str
    place_name_en: str
    place_name_hi: str
    lot: int
    lot_code: str
    maker_lot: str
    product: int
    product_name_en: str
    product_name_hi: str
    sku: str
    unit_of_measure: str
    counted: Decimal | None


@transaction.atomic
def open_count(
    *, tenant: Tenant, places: Iterable[Location], by: User, at: datetime, is_own_shop: bool = False, note: str = ""
) -> CycleCount:
    """Begin to count what the tenant has at these places. Raises NothingToCount, NotInTheMall, NotAnOwnShop."""
    chosen = list(places)
    if not all(countable(place) for place in chosen):
        raise NotInTheMall(field="places")
    if is_own_shop and not all(place.kind in SHOP_LIKE for place in chosen):
        raise NotAnOwnShop(field="places")
    there = (
        Balance.objects.stocked()
        .filter(tenant=tenant, location__in=chosen)
        .order_by("location__slug", "lot")
        .values_list("lot", "location")
    )
    lines = [CountLine(lot_id=lot, location_id=location) for lot, location in there]
    # A shop may find goods of which no record exists; in the warehouse that is an adjustment.
    if not lines and not (is_own_shop and chosen):
        raise NothingToCount(field="places")
    count = record(
        CycleCount(tenant=tenant, is_own_shop=is_own_shop, note=clean(note), opened_by=by, opened_at=at), by=by
    )
    for line in lines:
        line.count = count
    CountLine.objects.bulk_create(lines, batch_size=1000)
    return count


@transaction.atomic
def open_for_lot(*, tenant: Tenant, lot: Lot, shop: Location, by: User, at: datetime) -> CycleCount:
    """Begin a shop's own count of a single lot. Raises NotAnOwnShop, LotNotOfTenant."""
    if shop.kind not in SHOP_LIKE:
        raise NotAnOwnShop(field="shop")
    if lot.tenant_id != tenant.pk:
        raise ledger.LotNotOfTenant(field="lot")
    count = record(CycleCount(tenant=tenant, is_own_shop=True, opened_by=by, opened_at=at), by=by)
    CountLine.objects.create(count=count, lot=lot, location=shop)
    return count


def to_count(count: CycleCount) -> list[ToCount]:
    """What is still on the list of whoever counts, in walking order; when differences are counted again, only those.

    `counted` is what they themselves entered in this round. One query.
    """
    lines = count.lines.order_by("location__slug", "pk")
    again = count.status == CountStatus.RECOUNTING
    if again:
        lines = lines.filter(Q(needs_recount=True) | Q(quantity=None))
    return [
        ToCount(
            line=line.pk,
            place=line.location.slug,
            place_name_en=line.location.name_en,
            place_name_hi=line.location.name_hi,
            lot=line.lot_id,
            lot_code=line.lot.code,
            maker_lot=line.lot.maker_lot,
            product=line.lot.product_id,
            product_name_en=line.lot.product.name_en,
            product_name_hi=line.lot.product.name_hi,
            sku=line.lot.product.sku,
            unit_of_measure=line.lot.product.unit_of_measure,
            counted=None if again else line.quantity,
        )
        for line in lines.select_related("location", "lot__product")
    ]


@transaction.atomic
def add_lot(*, count: CycleCount, lot: Lot, location: Location) -> CountLine:
    """Put a lot on the list that was found where the record has none. Twice is once.

    Raises CountNotAtThisStep, LotNotOfTenant, NotInTheMall, NotAnOwnShop.
    """
    count = _locked(count, *UNDER_WAY)
    if lot.tenant_id != count.tenant_id:
        raise ledger.LotNotOfTenant(field="lot")
    if not countable(location):
        raise NotInTheMall(field="location")
    if count.is_own_shop and location.kind not in SHOP_LIKE:
        raise NotAnOwnShop(field="location")
    return CountLine.objects.get_or_create(count=count, lot=lot, location=location)[0]


@transaction.atomic
def enter(*, line: CountLine, quantity: Decimal, by: User, at: datetime) -> CountLine:
    """Say how many there were at `at`; what was on record then is kept beside it.

    A second count replaces the first, which is kept; in the warehouse another person makes it. Raises
    CountNotAtThisStep, NoSuchQuantity, NotWhole, SamePersonCountsAgain, NotCountedAgain.
    """
    count = _locked(line.count, *UNDER_WAY)
    line = CountLine.objects.select_for_update(of=("self",)).select_related("lot").get(pk=line.pk, count=count)
    if not 0 <= quantity < LARGEST:
        raise NoSuchQuantity(field="quantity")
    if line.lot.grain != Grain.MEASURED and quantity != quantity.to_integral_value():
        raise ledger.NotWhole(field="quantity")
    if count.first_done_at is not None:
        _count_again(count, line, by)
    line.quantity, line.counted_by, line.counted_at = quantity, by, at
    _compare(line)
    line.save()
    return line


def _count_again(count: CycleCount, line: CountLine, by: User) -> None:
    """Keep the first count of a line that is counted again. Raises SamePersonCountsAgain, NotCountedAgain."""
    if line.quantity is None:
        return  # found only now
    is_own = line.counted_by_id == by.pk
    if not line.needs_recount:
        if is_own and line.first_quantity is not None:
            return  # their own second count put right
        raise NotCountedAgain
    if is_own and not count.is_own_shop:
        raise SamePersonCountsAgain
    if line.first_quantity is None:
        line.first_quantity = line.quantity
    line.needs_recount = False


def _compare(line: CountLine) -> None:
    """Set beside the count what was on record at its moment, by all that is known now. Locks the balance."""
    assert line.counted_at is not None
    line.expected_quantity, line.entry_at_count = ledger.on_record(
        lot=line.lot_id, location=line.location_id, at=line.counted_at
    )


@transaction.atomic
def finish_round(*, count: CycleCount, by: User, at: datetime) -> CycleCount:
    """The first round is done: what differs by more than the mall allows is counted again. After the second, or where
    nothing differs so much, the count waits for approval. Raises CountNotAtThisStep, NotAllCounted, NothingToCount.
    """
    count = _locked(count, *UNDER_WAY)
    lines = _lines(count)
    if not lines:
        raise NothingToCount
    left = sum(line.quantity is None or line.needs_recount for line in lines)
    if left:
        raise NotAllCounted(left=left)
    tolerance = rules().count_tolerance_percent
    is_first = count.first_done_at is None
    for line in lines:
        _compare(line)
        line.needs_recount = is_first and _is_beyond(line, tolerance)
    CountLine.objects.bulk_update(lines, ["expected_quantity", "entry_at_count", "needs_recount"], batch_size=500)
    if is_first:
        count.first_done_at = at
    if not any(line.needs_recount for line in lines):
        count.counted_at = at
    return record(count, by=by)


def _is_beyond(line: CountLine, percent: Decimal) -> bool:
    """Whether a line differs from the record by more than so many percent of it."""
    return abs(_difference(line)) * 100 > percent * abs(line.expected_quantity or Decimal(0))


def _difference(line: CountLine) -> Decimal:
    return line.difference or Decimal(0)


def value_of(lines: Iterable[CountLine]) -> Decimal | None:
    """What the differences are worth together, without regard to sign; None where one of them has no price."""
    total = Decimal(0)
    for line in lines:
        if _difference(line):
            value = worth(line.lot.product, _difference(line))
            if value is None:
                return None
            total += value
    return total


def approve(*, count: CycleCount, by: User, at: datetime, key: str) -> CycleCount:
    """Another person than those who counted approves the differences. A shop's own count is then posted.

    Of a shop's own count, whoever counted it may approve what is worth no more than one person may decide. Raises
    CountNotAtThisStep, NeedsAnotherPerson and, for a shop's own count, what `countersign` raises.
    """

    @transaction.atomic
    def work() -> CycleCount:
        approved = _locked(count, CountStatus.COUNTED)
        lines = _lines(approved)
        may_alone = approved.is_own_shop and is_small(value_of(lines))
        if not may_alone and any(line.counted_by_id == by.pk for line in lines):
            raise NeedsAnotherPerson
        approved.approved_by, approved.approved_at = by, at
        if approved.is_own_shop:
            _post(approved, lines, by=by, at=at, key=key)
        return record(approved, by=by)

    return ledger.again(work)


def countersign(*, count: CycleCount, by: User, at: datetime, key: str) -> CycleCount:
    """The owner of the goods signs, and the differences are posted, all or none.

    Where goods have gone meanwhile that the count found missing, NotEnoughStock says which, and the count stays
    approved. Raises CountNotAtThisStep, NeedsAnotherPerson, NotEnoughStock, OneOfAKind.
    """

    @transaction.atomic
    def work() -> CycleCount:
        signed = _locked(count, CountStatus.APPROVED)
        lines = _lines(signed)
        if by.pk == signed.approved_by_id or any(line.counted_by_id == by.pk for line in lines):
            raise NeedsAnotherPerson
        signed.countersigned_by, signed.countersigned_at = by, at
        _post(signed, lines, by=by, at=at, key=key)
        return record(signed, by=by)

    return ledger.again(work)


@transaction.atomic
def object_to(*, count: CycleCount, by: User, at: datetime, why: str) -> CycleCount:
    """The owner does not sign and says why: what differs is counted once more. Raises CountNotAtThisStep, SayWhy."""
    count = _locked(count, CountStatus.APPROVED)
    count.objection = clean(why)[:300]
    if not count.objection:
        raise SayWhy(field="why")
    count.approved_by = count.approved_at = count.counted_at = None
    for line in _lines(count):
        if _difference(line):
            line.needs_recount = True
            line.save(update_fields=["needs_recount"])
    return record(count, by=by, why=count.objection)


@transaction.atomic
def cancel(*, count: CycleCount, by: User, at: datetime, why: str = "") -> CycleCount:
    """Give a count up before it is posted; nothing moves. Raises CountNotAtThisStep."""
    count = _locked(count, *UNDER_WAY, CountStatus.COUNTED, CountStatus.APPROVED)
    count.cancelled_at = at
    return record(count, by=by, why=clean(why))


def _locked(count: CycleCount, *steps: CountStatus) -> CycleCount:
    """The count, locked, if it is at one of these steps. Raises CountNotAtThisStep."""
    count = CycleCount.objects.select_for_update(of=("self",)).get(pk=count.pk)
    if count.status not in steps:
        raise CountNotAtThisStep(status=str(count.status.value))
    return count


def _lines(count: CycleCount) -> list[CountLine]:
    """The lines in the order in which balances are locked everywhere."""
    return list(count.lines.select_related("lot__product").order_by("lot", "location"))


def _post(count: CycleCount, lines: list[CountLine], *, by: User, at: datetime, key: str) -> None:
    """A movement for each line that differs, as of the moment of its counting."""
    found, lost = places.the(PlaceKind.FOUND).pk, places.the(PlaceKind.LOSS).pk
    for line in lines:
        _compare(line)
        difference = _difference(line)
        if difference:
            source, target = (found, line.location_id) if difference > 0 else (line.location_id, lost)
            posted = ledger.post(
                tenant=count.tenant_id,
                kind=MovementKind.COUNT,
                lines=ledger.move(line.lot_id, source, target, abs(difference)),
                key=f"{key}:{line.pk}",
                at=open_moment(line.counted_at or at, at),
                by=by,
                reason=count.note,
                document=count.code,
            )
            line.movement_id = posted.movement
        line.save()
    count.posted_at = at
