"""Cycle counts: blind, again where they differ, approved by another, signed by the owner; and movements meanwhile."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from accounts.roles import StaffRole
from inventory import counting, ledger, places
from inventory.adjusting import NeedsAnotherPerson, NotInTheMall, SayWhy
from inventory.closing import close_period
from inventory.counting import ToCount
from inventory.models import (
    CountLine,
    CountStatus,
    CycleCount,
    LedgerEntry,
    Location,
    Movement,
    MovementKind,
    PlaceKind,
    WarehouseRules,
)
from mall.models import Unit
from tests.goods import carry, on_hand, put, sari

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def bins(db: None) -> list[Location]:
    return list(Location.objects.bins().order_by("slug")[:3])


@pytest.fixture
def shop(vacant_unit: Unit) -> Location:
    return places.shop(vacant_unit)


@pytest.fixture
def checker(person: Callable[..., User]) -> User:
    """Counts again what the keeper counted first."""
    return person("ramesh", StaffRole.WAREHOUSE_KEEPER)


@pytest.fixture
def manager(person: Callable[..., User]) -> User:
    return person("sunita", StaffRole.ADMINISTRATOR)


def counted(count: CycleCount, numbers: dict[int, int], by: User, at: datetime) -> None:
    for line in count.lines.all():
        if line.lot_id in numbers:
            counting.enter(line=line, quantity=Decimal(numbers[line.lot_id]), by=by, at=at)


def test_a_counter_is_told_where_and_what_but_never_how_many(bins, chanderi, warehouse_keeper, now):
    lot = put(sari(chanderi), bins[0], 7, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    (told,) = counting.to_count(count)
    assert (told.place, told.lot_code, told.sku, told.counted) == (bins[0].slug, lot.code, "S-1", None)
    assert Decimal(7) not in [getattr(told, field.name) for field in fields(ToCount)]
    assert not {field.name for field in fields(ToCount)} & {"expected_quantity", "difference", "on_hand"}


def test_what_agrees_is_not_counted_again_and_posts_nothing(bins, chanderi, warehouse_keeper, manager, owner, now):
    lot = put(sari(chanderi), bins[0], 7, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    counted(count, {lot.pk: 7}, warehouse_keeper, now)
    count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
    assert count.status == CountStatus.COUNTED
    count = counting.approve(count=count, by=manager, at=now, key="a")
    count = counting.countersign(count=count, by=owner, at=now, key="c")
    assert count.status == CountStatus.POSTED
    assert on_hand(lot, bins[0]) == 7
    assert not Movement.objects.filter(kind=MovementKind.COUNT).exists()


def test_a_difference_is_counted_again_by_another_then_approved_signed_and_posted(
    bins, chanderi, warehouse_keeper, checker, manager, owner, now
):
    product, before = sari(chanderi), now - HOUR
    right, short = put(product, bins[0], 5, before), put(product, bins[1], 9, before)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    counted(count, {right.pk: 5, short.pk: 6}, warehouse_keeper, now)
    count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
    assert count.status == CountStatus.RECOUNTING
    assert [told.lot for told in counting.to_count(count)] == [short.pk]
    assert counting.to_count(count)[0].counted is None, "the second counter does not see the first count"

    line = count.lines.get(lot=short)
    with pytest.raises(counting.SamePersonCountsAgain):
        counting.enter(line=line, quantity=Decimal(9), by=warehouse_keeper, at=now)
    with pytest.raises(counting.NotCountedAgain):
        counting.enter(line=count.lines.get(lot=right), quantity=Decimal(4), by=checker, at=now)
    counting.enter(line=line, quantity=Decimal(8), by=checker, at=now)
    line.refresh_from_db()
    assert (line.first_quantity, line.quantity, line.expected_quantity) == (6, 8, 9)

    count = counting.finish_round(count=count, by=checker, at=now)
    assert count.status == CountStatus.COUNTED
    for one_who_counted in (warehouse_keeper, checker):
        with pytest.raises(NeedsAnotherPerson):
            counting.approve(count=count, by=one_who_counted, at=now, key="a")
    count = counting.approve(count=count, by=manager, at=now, key="a")
    assert on_hand(short, bins[1]) == 9, "nothing moves before the owner has signed"
    with pytest.raises(NeedsAnotherPerson):
        counting.countersign(count=count, by=manager, at=now, key="c")
    count = counting.countersign(count=count, by=owner, at=now, key="c")

    assert (on_hand(right, bins[0]), on_hand(short, bins[1])) == (5, 8)
    movement = Movement.objects.get(kind=MovementKind.COUNT)
    assert movement.document == count.code
    assert count.lines.get(lot=short).movement_id == movement.pk
    assert on_hand(short, places.the(PlaceKind.LOSS)) == 1
    with pytest.raises(counting.CountNotAtThisStep):
        counting.countersign(count=count, by=owner, at=now, key="c")


@pytest.fixture
def approved(bins, chanderi, warehouse_keeper, checker, manager, now) -> Callable[..., CycleCount]:
    """A count of one lot in the first bin that was counted (twice where it differs, at `at`) and approved."""

    def make(lot, quantity: int, at: datetime | None = None) -> CycleCount:
        count = counting.open_count(tenant=chanderi, places=bins[:1], by=warehouse_keeper, at=now)
        counted(count, {lot.pk: quantity}, warehouse_keeper, at or now)
        count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
        if count.status == CountStatus.RECOUNTING:
            counted(count, {lot.pk: quantity}, checker, at or now)
            count = counting.finish_round(count=count, by=checker, at=now)
        return counting.approve(count=count, by=manager, at=now, key="a")

    return make


def test_what_moves_before_and_after_the_counting_of_a_line_survives_the_count(bins, chanderi, approved, owner, now):
    product = sari(chanderi)
    lot = put(product, bins[0], 20, now - HOUR)
    carry(lot, bins[0], bins[1], 3, now - HOUR / 2, "before")  # 17 there when it is counted
    count = approved(lot, 16)  # one is missing
    carry(lot, bins[0], bins[2], 4, now + HOUR / 60, "after")
    carry(lot, bins[1], bins[0], 2, now + HOUR / 60, "after, too")
    counting.countersign(count=count, by=owner, at=now, key="c")
    assert [on_hand(lot, place) for place in bins] == [20 - 3 - 1 - 4 + 2, 3 - 2, 4]
    assert on_hand(lot, places.the(PlaceKind.LOSS)) == 1


def test_what_became_known_late_but_happened_before_is_not_taken_for_a_loss(bins, chanderi, approved, owner, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    count = approved(lot, 9)  # on record 10: a phone without network knows why
    assert count.lines.get().difference == -1
    carry(lot, bins[0], places.the(PlaceKind.BUYER), 1, now - HOUR / 2, "told late", MovementKind.SALE)
    counting.countersign(count=count, by=owner, at=now, key="c")
    line = count.lines.get()
    assert (line.expected_quantity, line.difference, line.movement_id) == (9, 0, None)
    assert on_hand(lot, bins[0]) == 9


def test_a_count_noted_without_network_is_held_against_the_record_of_its_own_moment(
    bins, chanderi, approved, owner, now
):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    carry(lot, bins[0], bins[1], 6, now - HOUR / 4, "since")
    count = approved(lot, 8, at=now - HOUR / 2)  # there were 10 on record then, 4 are now
    assert count.lines.get().expected_quantity == 10
    counting.countersign(count=count, by=owner, at=now, key="c")
    assert on_hand(lot, bins[0]) == 10 - 6 - 2
    entry = LedgerEntry.objects.select_related("movement").get(movement__kind=MovementKind.COUNT, location=bins[0])
    assert (entry.quantity, entry.movement.occurred_at) == (-2, now - HOUR / 2)


def test_two_counts_that_miss_the_same_piece_take_it_off_once(bins, chanderi, approved, owner, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    one, other = approved(lot, 9), approved(lot, 9)
    counting.countersign(count=one, by=owner, at=now, key="one")
    counting.countersign(count=other, by=owner, at=now, key="other")
    assert on_hand(lot, bins[0]) == 9


def test_what_the_count_found_missing_but_went_meanwhile_stays_a_discrepancy(bins, chanderi, approved, owner, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    count = approved(lot, 4)
    carry(lot, bins[0], bins[1], 7, now + HOUR / 60, "after")
    with pytest.raises(ledger.NotEnoughStock) as refused:
        counting.countersign(count=count, by=owner, at=now, key="c")
    details = refused.value.details
    assert (details["lot"], details["location"]) == (lot.pk, bins[0].pk)
    assert (Decimal(details["wanted"]), Decimal(details["available"])) == (6, 3)
    assert CycleCount.objects.get(pk=count.pk).status == CountStatus.APPROVED
    assert on_hand(lot, bins[0]) == 3


def test_more_than_on_record_is_found(bins, chanderi, approved, owner, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    counting.countersign(count=approved(lot, 12), by=owner, at=now, key="c")
    assert (on_hand(lot, bins[0]), on_hand(lot, places.the(PlaceKind.FOUND))) == (12, -2)


def test_a_count_of_a_closed_day_is_posted_as_of_now(bins, chanderi, approved, owner, administrator, now):
    lot = put(sari(chanderi), bins[0], 10, now - timedelta(days=3))
    count = approved(lot, 9, at=now - timedelta(days=2))
    close_period(through=(now - timedelta(days=1)).date(), by=administrator, at=now)
    counting.countersign(count=count, by=owner, at=now, key="c")
    assert Movement.objects.get(kind=MovementKind.COUNT).occurred_at == now
    assert on_hand(lot, bins[0]) == 9


def test_within_the_tolerance_of_the_mall_nothing_is_counted_again(bins, chanderi, warehouse_keeper, now):
    WarehouseRules.objects.update_or_create(pk=1, defaults={"count_tolerance_percent": Decimal("10.00")})
    product = sari(chanderi)
    at_ten, beyond = put(product, bins[0], 50, now - HOUR), put(product, bins[0], 50, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    counted(count, {at_ten.pk: 45, beyond.pk: 44}, warehouse_keeper, now)
    count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
    assert [told.lot for told in counting.to_count(count)] == [beyond.pk]


def test_a_round_ends_once_everything_is_counted(bins, chanderi, warehouse_keeper, now):
    product = sari(chanderi)
    lot, _other = put(product, bins[0], 1, now - HOUR), put(product, bins[1], 1, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    counted(count, {lot.pk: 1}, warehouse_keeper, now)
    with pytest.raises(counting.NotAllCounted) as refused:
        counting.finish_round(count=count, by=warehouse_keeper, at=now)
    assert refused.value.details == {"left": 1}


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [("-1", counting.NoSuchQuantity), ("1.5", ledger.NotWhole), ("100000000000", counting.NoSuchQuantity)],
)
def test_what_cannot_be_counted_is_not_entered(bins, chanderi, warehouse_keeper, now, quantity, refusal):
    put(sari(chanderi), bins[0], 1, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins, by=warehouse_keeper, at=now)
    with pytest.raises(refusal):
        counting.enter(line=count.lines.get(), quantity=Decimal(quantity), by=warehouse_keeper, at=now)


def test_only_what_the_tenant_has_at_these_places_is_counted(bins, chanderi, batik, warehouse_keeper, now):
    mine = put(sari(chanderi), bins[0], 1, now - HOUR)
    theirs = put(sari(batik), bins[0], 1, now - HOUR)
    put(sari(chanderi, "S-2"), bins[2], 1, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins[:2], by=warehouse_keeper, at=now)
    assert [told.lot for told in counting.to_count(count)] == [mine.pk]
    with pytest.raises(ledger.LotNotOfTenant):
        counting.add_lot(count=count, lot=theirs, location=bins[0])
    with pytest.raises(counting.NothingToCount):
        counting.open_count(tenant=batik, places=bins[1:], by=warehouse_keeper, at=now)
    with pytest.raises(NotInTheMall):
        counting.open_count(tenant=batik, places=[places.the(PlaceKind.BUYER)], by=warehouse_keeper, at=now)


def test_a_lot_found_where_none_is_on_record_joins_the_count_once(
    bins, chanderi, warehouse_keeper, checker, manager, owner, now
):
    product = sari(chanderi)
    lot, stray = put(product, bins[0], 1, now - HOUR), put(product, bins[1], 5, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins[:1], by=warehouse_keeper, at=now)
    line = counting.add_lot(count=count, lot=stray, location=bins[0])
    assert counting.add_lot(count=count, lot=stray, location=bins[0]) == line
    for who in (warehouse_keeper, checker):
        for told in counting.to_count(count):
            counting.enter(line=CountLine.objects.get(pk=told.line), quantity=Decimal(1), by=who, at=now)
        count = counting.finish_round(count=count, by=who, at=now)
    count = counting.approve(count=count, by=manager, at=now, key="a")
    counting.countersign(count=count, by=owner, at=now, key="c")
    assert (on_hand(lot, bins[0]), on_hand(stray, bins[0]), on_hand(stray, bins[1])) == (1, 1, 5)


def test_a_lot_found_while_differences_are_counted_again_is_on_the_list(bins, chanderi, warehouse_keeper, now):
    product = sari(chanderi)
    lot, stray = put(product, bins[0], 5, now - HOUR), put(product, bins[1], 5, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=bins[:1], by=warehouse_keeper, at=now)
    counted(count, {lot.pk: 4}, warehouse_keeper, now)
    count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
    line = counting.add_lot(count=count, lot=stray, location=bins[0])
    assert [told.lot for told in counting.to_count(count)] == [lot.pk, stray.pk]
    counting.enter(line=line, quantity=Decimal(1), by=warehouse_keeper, at=now)
    assert [told.lot for told in counting.to_count(count)] == [lot.pk]


def test_the_owner_objects_with_a_reason_and_the_differences_are_counted_once_more(
    bins, chanderi, approved, checker, warehouse_keeper, owner, now
):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    count = approved(lot, 7)
    with pytest.raises(SayWhy):
        counting.object_to(count=count, by=owner, at=now, why="  ")
    count = counting.object_to(count=count, by=owner, at=now, why="Three lie in the next bin.")
    assert (count.status, count.objection) == (CountStatus.RECOUNTING, "Three lie in the next bin.")
    with pytest.raises(counting.SamePersonCountsAgain):
        counted(count, {lot.pk: 10}, checker, now)
    counted(count, {lot.pk: 10}, warehouse_keeper, now)
    count = counting.finish_round(count=count, by=warehouse_keeper, at=now)
    assert (count.status, count.lines.get().difference, count.lines.get().first_quantity) == ("counted", 0, 7)


def test_a_count_that_is_given_up_moves_nothing(bins, chanderi, approved, owner, manager, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    count = counting.cancel(count=approved(lot, 7), by=manager, at=now)
    assert count.status == CountStatus.CANCELLED
    with pytest.raises(counting.CountNotAtThisStep) as refused:
        counting.countersign(count=count, by=owner, at=now, key="c")
    assert refused.value.details == {"status": "cancelled"}
    assert on_hand(lot, bins[0]) == 10


def own_count(shop: Location, lot, quantity: int, by: User, now: datetime) -> CycleCount:
    """A shop counts one lot itself, twice where it differs."""
    count = counting.open_count(tenant=lot.tenant, places=[shop], by=by, at=now, is_own_shop=True)
    while count.counted_at is None:
        counted(count, {lot.pk: quantity}, by, now)
        count = counting.finish_round(count=count, by=by, at=now)
    return count


def test_a_shop_counts_and_posts_alone_what_is_worth_little(shop, chanderi, staff_member, now):
    lot = put(sari(chanderi), shop, 10, now - HOUR)
    count = own_count(shop, lot, 9, staff_member, now)  # ₹1,200 of at most ₹2,000
    count = counting.approve(count=count, by=staff_member, at=now, key="a")
    assert (count.status, on_hand(lot, shop)) == (CountStatus.POSTED, 9)


@pytest.mark.parametrize(("quantity", "price"), [(8, Decimal(1200)), (9, None)])
def test_a_shop_needs_a_second_person_where_much_or_something_unpriced_is_missing(
    shop, chanderi, staff_member, owner, now, quantity, price
):
    lot = put(sari(chanderi, price=price), shop, 10, now - HOUR)
    count = own_count(shop, lot, quantity, staff_member, now)
    with pytest.raises(NeedsAnotherPerson):
        counting.approve(count=count, by=staff_member, at=now, key="a")
    counting.approve(count=count, by=owner, at=now, key="a")
    assert on_hand(lot, shop) == quantity


def test_a_shop_does_not_count_the_warehouse(bins, chanderi, staff_member, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    with pytest.raises(counting.NotAnOwnShop):
        counting.open_count(tenant=chanderi, places=bins, by=staff_member, at=now, is_own_shop=True)
    with pytest.raises(counting.NotAnOwnShop):
        counting.open_for_lot(tenant=chanderi, lot=lot, shop=bins[0], by=staff_member, at=now)
