"""Adjusting, selling from a shop, what needs a look, the day's storage, and the warehouse's tasks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from accounts.roles import StaffRole
from core.wording import NotAcceptable
from inventory import adjusting, ledger, places, selling, storage, tasks, watching
from inventory.closing import close_period
from inventory.models import (
    Adjustment,
    AdjustmentStatus,
    GoodsReceipt,
    Grain,
    Hold,
    Location,
    Lot,
    MovementKind,
    PlaceKind,
    ReceiptLine,
    StorageUse,
    TransferOrder,
    WarehouseRules,
)
from mall.models import Unit
from tests.goods import carry, on_hand, put, sari

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def bins(db: None) -> list[Location]:
    return list(Location.objects.bins().order_by("slug")[:3])


@pytest.fixture
def shop(vacant_unit: Unit) -> Location:
    return places.shop(vacant_unit)


@pytest.fixture
def manager(person: Callable[..., User]) -> User:
    return person("sunita", StaffRole.ADMINISTRATOR)


@pytest.fixture
def adjust(warehouse_keeper: User, now: datetime) -> Callable[..., Adjustment]:
    """The keeper proposes an adjustment of a lot at a place."""

    def make(lot: Lot, place: Location, difference: int | str, reason: str = "lost", **said) -> Adjustment:
        said = {"note": "Not on the shelf", "by": warehouse_keeper, "at": now, "key": "k"} | said
        return adjusting.propose(lot=lot, location=place, difference=Decimal(difference), reason=reason, **said)

    return make


# Adjusting


@pytest.mark.parametrize(
    ("reason", "difference", "kind", "place"),
    [
        ("found", 1, "adjustment", PlaceKind.FOUND),
        ("lost", -1, "adjustment", PlaceKind.LOSS),
        ("damaged", -1, "write_off", PlaceKind.DAMAGE),
        ("expired", -1, "write_off", PlaceKind.DAMAGE),
        ("sample", -1, "adjustment", PlaceKind.OWNER),
        ("wrong_entry", 1, "adjustment", PlaceKind.FOUND),
        ("wrong_entry", -1, "adjustment", PlaceKind.LOSS),
    ],
)
def test_the_reason_decides_where_the_difference_goes(chanderi, bins, adjust, now, reason, difference, kind, place):
    lot = put(sari(chanderi), bins[0], 5, now - HOUR)
    adjustment = adjust(lot, bins[0], difference, reason)
    assert (adjustment.status, adjustment.value, adjustment.is_small) == (AdjustmentStatus.POSTED, Decimal(1200), True)
    assert on_hand(lot, bins[0]) == 5 + difference
    assert on_hand(lot, places.the(place)) == -difference
    assert (adjustment.movement.kind, adjustment.movement.reason) == (kind, "Not on the shelf")
    assert adjustment.movement.document == adjustment.code


@pytest.mark.parametrize(
    ("reason", "difference", "refusal"),
    [
        ("found", -1, adjusting.WrongDirection),
        ("lost", 1, adjusting.WrongDirection),
        ("expired", 1, adjusting.WrongDirection),
        ("stolen", -1, adjusting.WrongDirection),
        ("lost", 0, adjusting.NoAdjustment),
        ("found", "100000000000", adjusting.NoAdjustment),
    ],
)
def test_an_adjustment_that_makes_no_sense_is_refused(chanderi, bins, adjust, now, reason, difference, refusal):
    lot = put(sari(chanderi), bins[0], 5, now - HOUR)
    with pytest.raises(refusal):
        adjust(lot, bins[0], difference, reason)


def test_an_adjustment_says_what_happened_at_a_place_in_the_mall(chanderi, bins, adjust, now):
    lot = put(sari(chanderi), bins[0], 5, now - HOUR)
    with pytest.raises(NotAcceptable) as refused:
        adjust(lot, bins[0], -1, note=" \u200b ")
    assert "note" in refused.value.errors
    for kind in (PlaceKind.BUYER, PlaceKind.TRANSIT):
        with pytest.raises(adjusting.NotInTheMall):
            adjust(lot, places.the(kind), -1)
    assert not Adjustment.objects.exists()


def test_no_more_is_written_off_than_is_there(chanderi, bins, adjust, now):
    lot = put(sari(chanderi, price=Decimal(10)), bins[0], 5, now - HOUR)
    with pytest.raises(ledger.NotEnoughStock):
        adjust(lot, bins[0], -6)
    assert not Adjustment.objects.exists(), "what could not be posted leaves no paper"


@pytest.mark.parametrize(
    ("difference", "prices"),
    [
        (-2, {"price": Decimal(1200)}),  # ₹2,400 of at most ₹2,000
        (-2, {"price": None, "mrp": Decimal("1000.01")}),
        (-1, {"price": None}),
    ],
)
def test_much_worth_or_unknown_worth_waits_for_a_second_person(
    chanderi, bins, adjust, warehouse_keeper, manager, now, difference, prices
):
    lot = put(sari(chanderi, **prices), bins[0], 5, now - HOUR)
    adjustment = adjust(lot, bins[0], difference)
    assert (adjustment.status, on_hand(lot, bins[0])) == (AdjustmentStatus.WAITING, 5)
    with pytest.raises(adjusting.NeedsAnotherPerson):
        adjusting.approve(adjustment=adjustment, by=warehouse_keeper, at=now)
    adjustment = adjusting.approve(adjustment=adjustment, by=manager, at=now + HOUR)
    assert (adjustment.status, adjustment.decided_by) == (AdjustmentStatus.POSTED, manager)
    assert on_hand(lot, bins[0]) == 5 + difference
    assert (adjustment.movement.key, adjustment.movement.occurred_at) == (f"adjustment:{adjustment.pk}", now)
    with pytest.raises(adjusting.AdjustmentNotWaiting):
        adjusting.approve(adjustment=adjustment, by=manager, at=now)


def test_exactly_the_limit_is_still_for_one_person(chanderi, bins, adjust, now):
    lot = put(sari(chanderi, price=Decimal(1000)), bins[0], 5, now - HOUR)
    assert adjust(lot, bins[0], -2).status == AdjustmentStatus.POSTED


def test_the_limit_is_the_malls_to_set(chanderi, bins, adjust, now):
    WarehouseRules.objects.update_or_create(pk=1, defaults={"second_person_above": Decimal(0)})
    lot = put(sari(chanderi, price=Decimal(1)), bins[0], 5, now - HOUR)
    assert adjust(lot, bins[0], -1).status == AdjustmentStatus.WAITING


def test_a_refused_adjustment_says_why_and_moves_nothing(chanderi, bins, adjust, warehouse_keeper, manager, now):
    lot = put(sari(chanderi), bins[0], 5, now - HOUR)
    adjustment = adjust(lot, bins[0], -2)
    with pytest.raises(adjusting.NeedsAnotherPerson):
        adjusting.refuse(adjustment=adjustment, by=warehouse_keeper, at=now, why="Found it")
    with pytest.raises(adjusting.SayWhy):
        adjusting.refuse(adjustment=adjustment, by=manager, at=now, why="")
    adjustment = adjusting.refuse(adjustment=adjustment, by=manager, at=now, why="They lie in the next bin.")
    assert (adjustment.status, adjustment.refusal) == (AdjustmentStatus.REFUSED, "They lie in the next bin.")
    assert on_hand(lot, bins[0]) == 5


@pytest.mark.parametrize("difference", [-1, -2])
def test_the_same_adjustment_said_twice_is_one(chanderi, bins, adjust, now, difference):
    lot = put(sari(chanderi), bins[0], 5, now - HOUR)
    once = adjust(lot, bins[0], difference)
    assert adjust(lot, bins[0], difference) == once
    assert Adjustment.objects.count() == 1


def test_a_key_serves_one_adjustment(chanderi, bins, adjust, now):
    lot = put(sari(chanderi, price=Decimal(10)), bins[0], 5, now - HOUR)
    adjust(lot, bins[0], -1)
    with pytest.raises(ledger.KeyReused):
        adjust(lot, bins[0], -2)


def test_what_waited_while_the_ledger_was_closed_is_posted_as_of_now(chanderi, bins, adjust, manager, now):
    lot = put(sari(chanderi), bins[0], 5, now - 4 * DAY)
    adjustment = adjust(lot, bins[0], -2, at=now - 3 * DAY)
    close_period(through=(now - 2 * DAY).date(), by=manager, at=now)
    assert adjusting.approve(adjustment=adjustment, by=manager, at=now).movement.occurred_at == now


# Selling


@pytest.fixture
def sell(staff_member: User, now: datetime) -> Callable[..., ledger.Posted]:
    def make(product, shop: Location, quantity: int | str, key: str = "s", **more) -> ledger.Posted:
        more = {"by": staff_member, "at": now} | more
        return selling.sell_out(product=product, shop=shop, quantity=Decimal(quantity), key=key, **more)

    return make


def test_what_expires_first_is_sold_first_and_what_is_past_its_date_never(chanderi, shop, sell, now, today):
    honey = sari(chanderi, "H-1", kind="food")
    never = put(honey, shop, 3, now - HOUR)
    later = put(honey, shop, 3, now - HOUR, expiry_date=today + 9 * DAY)
    soon = put(honey, shop, 3, now - HOUR, expiry_date=today)
    gone = put(honey, shop, 3, now - HOUR, expiry_date=today - DAY)
    sell(honey, shop, 7)
    assert [on_hand(lot, shop) for lot in (never, later, soon, gone)] == [2, 0, 0, 3]
    with pytest.raises(ledger.NotEnoughStock) as refused:
        sell(honey, shop, 3, "more")
    assert (refused.value.details["wanted"], Decimal(refused.value.details["available"])) == ("3", 2)
    sell(honey, shop, 2, "the rest")
    with pytest.raises(selling.PastItsDate) as refused:
        sell(honey, shop, 1, "expired")
    assert Decimal(refused.value.details["expired"]) == 3
    with pytest.raises(selling.PastItsDate):
        sell(honey, shop, 1, "that very lot", lot=gone)


def test_of_lots_that_never_expire_the_oldest_is_sold_first(chanderi, shop, sell, now, today):
    product = sari(chanderi)
    new = put(product, shop, 2, now - HOUR)
    old = put(product, shop, 2, now - HOUR, received_date=today - 90 * DAY)
    sell(product, shop, 3)
    assert (on_hand(old, shop), on_hand(new, shop)) == (0, 1)


def test_only_what_lies_in_this_shop_and_is_not_held_is_sold(chanderi, shop, bins, sell, now):
    product = sari(chanderi)
    lot = put(product, shop, 5, now - HOUR)
    put(product, bins[0], 50, now - HOUR)
    carry(lot, shop, bins[1], 1, now, "back")
    said = {"tenant": chanderi.pk, "lot": lot.pk, "location": shop.pk, "purpose": "a customer"}
    ledger.hold(**said, quantity=Decimal(3), until=timezone.now() + HOUR, key="h")
    with pytest.raises(ledger.NotEnoughStock) as refused:
        sell(product, shop, 2)
    assert Decimal(refused.value.details["available"]) == 1
    assert refused.value.details["location"] == shop.pk
    sell(product, shop, 1)


def test_the_same_sale_sent_twice_is_one_sale_and_another_needs_another_key(chanderi, shop, sell, now):
    product = sari(chanderi)
    first, second = put(product, shop, 1, now - HOUR), put(product, shop, 9, now - HOUR)
    once = sell(product, shop, 1)
    again = sell(product, shop, 1)
    assert (again.movement, once.is_replay, again.is_replay) == (once.movement, False, True)
    assert (on_hand(first, shop), on_hand(second, shop)) == (0, 9)
    with pytest.raises(ledger.KeyReused):
        sell(product, shop, 2)
    with pytest.raises(ledger.KeyReused):
        selling.take_back(lot=first, shop=shop, quantity=Decimal(1), by=None, at=now, key="s")


def test_a_one_of_a_kind_is_sold_once(chanderi, shop, sell, now):
    piece = sari(chanderi, is_one_of_a_kind=True)
    lot = put(piece, shop, 1, now - HOUR)
    assert lot.grain == Grain.SINGLE
    sell(piece, shop, 1, "first")
    with pytest.raises(ledger.NotEnoughStock):
        sell(piece, shop, 1, "second")


@pytest.mark.parametrize(("quantity", "refusal"), [("0", selling.NoQuantity), ("-1", selling.NoQuantity)])
def test_a_sale_sells_something(chanderi, shop, sell, now, quantity, refusal):
    product = sari(chanderi)
    put(product, shop, 1, now - HOUR)
    with pytest.raises(refusal):
        sell(product, shop, quantity)


def test_nothing_is_sold_from_the_warehouse_nor_in_fractions_nor_as_another_product(chanderi, shop, bins, sell, now):
    product, other = sari(chanderi), sari(chanderi, "S-2")
    lot = put(other, shop, 1, now - HOUR)
    put(product, bins[0], 1, now - HOUR)
    with pytest.raises(selling.NotAShop):
        sell(product, bins[0], 1)
    with pytest.raises(ledger.NotWhole):
        sell(other, shop, "0.5")
    with pytest.raises(ledger.LotNotOfTenant):
        sell(product, shop, 1, lot=lot)


def test_a_buyer_brings_back_no_more_than_was_sold(chanderi, shop, sell, staff_member, now):
    product = sari(chanderi)
    lot = put(product, shop, 5, now - HOUR)
    sell(product, shop, 2)
    back = {"lot": lot, "shop": shop, "by": staff_member, "at": now}
    with pytest.raises(selling.NotSold) as refused:
        selling.take_back(**back, quantity=Decimal(3), key="b")
    assert Decimal(refused.value.details["sold"]) == 2
    once = selling.take_back(**back, quantity=Decimal(2), key="b")
    assert selling.take_back(**back, quantity=Decimal(2), key="b").movement == once.movement
    assert (on_hand(lot, shop), on_hand(lot, places.the(PlaceKind.BUYER))) == (5, 0)


# Watching


def test_low_stock_counts_all_that_is_in_the_mall(chanderi, batik, shop, bins, sell, now, django_assert_num_queries):
    low, enough = sari(chanderi, "LOW", reorder_level=Decimal(5)), sari(chanderi, "ENOUGH", reorder_level=Decimal(5))
    none, _unwatched = sari(chanderi, "NONE", reorder_level=Decimal(0)), sari(chanderi, "UNWATCHED")
    theirs = sari(batik, reorder_level=Decimal(1))
    put(low, shop, 2, now - HOUR)
    put(low, bins[0], 4, now - HOUR)
    put(enough, bins[0], 6, now - HOUR)
    sell(low, shop, 1)
    with django_assert_num_queries(1):
        assert [(product, product.on_hand) for product in watching.low_stock(chanderi)] == [(none, 0), (low, 5)]
    assert list(watching.low_stock(batik)) == [theirs]
    assert watching.low_stock().count() == 3


def test_what_expires_is_told_by_its_last_good_day(chanderi, batik, bins, now, today, django_assert_num_queries):
    food = sari(chanderi, kind="food")
    lots = {
        days: put(food, bins[0], 1, now - HOUR, expiry_date=today + days * DAY, made_date=today - 90 * DAY)
        for days in (-1, 0, 30, 31)
    }
    sold = put(food, bins[0], 1, now - HOUR, expiry_date=today)
    carry(sold, bins[0], places.the(PlaceKind.BUYER), 1, now, "sold", MovementKind.SALE)
    with django_assert_num_queries(1):
        assert [it.lot for it in watching.expiring(chanderi, today, 30)] == [lots[0], lots[30]]
    assert [it.lot for it in watching.expired(None, today)] == [lots[-1]]
    assert not watching.expiring(batik, today, 30).exists()


def test_slow_goods_are_those_that_came_longer_ago_than_the_mall_finds_good(chanderi, bins, now, today):
    product, rules = sari(chanderi), WarehouseRules(ageing_days=180)
    old = put(product, bins[0], 1, now - HOUR, received_date=today - 181 * DAY)
    put(product, bins[0], 1, now - HOUR, received_date=today - 180 * DAY)
    assert [it.lot for it in watching.ageing(chanderi, today, rules)] == [old]


def test_a_bin_is_as_full_as_the_room_of_its_goods(chanderi, batik, bins, now, django_assert_num_queries):
    put(sari(chanderi, litres=Decimal("1.5")), bins[0], 100, now - HOUR)
    put(sari(batik, litres=Decimal(3)), bins[0], 10, now - HOUR)
    with django_assert_num_queries(2):
        rows = {row.location: row for row in watching.bin_fill()}
    full = rows[bins[0].pk]
    assert (full.used_litres, full.capacity_litres, full.percent) == (180, 600, 30)
    assert (full.lots, full.tenants, rows[bins[1].pk].percent) == (2, 2, 0)
    assert len(rows) == Location.objects.bins().count()


def test_what_is_on_the_way_too_long_is_an_alarm(chanderi, batik, shop, owner, now):
    rules = WarehouseRules(transit_alarm_hours=4)
    late, _in_time = (
        TransferOrder.objects.create(
            tenant=chanderi, destination=shop, requested_by=owner, requested_at=now - 9 * HOUR,
            picked_at=now - 8 * HOUR, handed_over_at=now - since,
        )
        for since in (5 * HOUR, 3 * HOUR)
    )  # fmt: skip
    assert list(watching.late_transfers(now, rules)) == [late]
    assert not watching.late_transfers(now, rules, batik).exists()


def test_the_position_of_a_tenant_says_what_lies_where_and_what_it_is_worth(
    chanderi, batik, shop, bins, now, django_assert_num_queries
):
    product = sari(chanderi, litres=Decimal(2))
    lot = put(product, bins[0], 20, now - HOUR)
    for number, kind in enumerate((PlaceKind.DOCK, PlaceKind.STAGING, PlaceKind.QUARANTINE, PlaceKind.TRANSIT)):
        carry(lot, bins[0], places.the(kind), number + 1, now, kind)
    put(product, shop, 7, now - HOUR)
    carry(lot, bins[0], places.the(PlaceKind.BUYER), 1, now, "sold")
    said = {"tenant": chanderi.pk, "lot": lot.pk, "location": bins[0].pk, "purpose": "an order"}
    ledger.hold(**said, quantity=Decimal(3), until=timezone.now() + HOUR, key="h")
    put(sari(batik), bins[0], 5, now - HOUR)
    put(sari(chanderi, "FREE", price=None), bins[1], 1, now - HOUR)
    sari(chanderi, "ASIDE", laid_aside_at=now)

    with django_assert_num_queries(1):
        unpriced, row = watching.position(chanderi)
    assert (unpriced.sku, unpriced.on_hand, unpriced.value) == ("FREE", 1, 0)
    there = (row.at_dock, row.in_bins, row.in_staging, row.set_apart, row.on_the_way, row.in_shops)
    assert there == (1, 9, 2, 3, 4, 7)
    assert (row.in_warehouse, row.on_hand, row.held, row.value) == (15, 26, 3, 26 * 1200)
    with django_assert_num_queries(1):
        assert watching.totals(chanderi) == watching.Totals(
            products=2, lots=3, value=Decimal(26 * 1200), in_warehouse_litres=Decimal(15 * 2 + 1)
        )


def test_discrepancies_are_gathered_from_every_paper(
    chanderi, batik, bins, shop, owner, adjust, now, django_assert_num_queries
):
    product = sari(chanderi)
    lot = put(product, bins[0], 10, now - HOUR)
    receipt = GoodsReceipt.objects.create(
        tenant=chanderi, expected_date=now.date(), announced_by=owner, announced_at=now, received_by=owner,
        received_at=now,
    )  # fmt: skip
    for good, damaged in ((4, 1), (3, 1)):
        ReceiptLine.objects.create(
            receipt=receipt, product=product, expected_quantity=5, good_quantity=good, damaged_quantity=damaged
        )
    order = TransferOrder.objects.create(
        tenant=chanderi, destination=shop, requested_by=owner, requested_at=now, picked_at=now, handed_over_at=now,
        accepted_at=now,
    )  # fmt: skip
    order.lines.create(
        product=product, lot=lot, source=bins[0], quantity=5, picked_quantity=4, short_reason="too_few",
        accepted_quantity=3,
    )  # fmt: skip
    carry(lot, bins[0], places.the(PlaceKind.TRANSIT), 1, now, "on the way")
    adjust(lot, bins[0], -2)
    with django_assert_num_queries(6):
        counts = watching.discrepancies(chanderi).counts()
    assert counts == {"received": 1, "picked": 1, "missing": 1, "counted": 0, "adjusted": 1, "noted": 0}
    assert watching.discrepancies(chanderi).received.get().good_quantity == 3
    carry(lot, places.the(PlaceKind.TRANSIT), places.the(PlaceKind.LOSS), 1, now, "settled")
    later = watching.discrepancies(chanderi, since=now + HOUR).counts()
    assert (later["received"], later["picked"], later["missing"], later["adjusted"]) == (0, 0, 0, 1)
    assert set(watching.discrepancies(batik).counts().values()) == {0}


# Storage


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + 12 * HOUR


def test_storage_is_the_room_taken_at_the_end_of_the_day_in_india(chanderi, batik, shop, bins, now, today):
    day = today - 3 * DAY
    small, large = sari(chanderi, "A", litres=Decimal("0.250")), sari(chanderi, "B", litres=Decimal(4))
    first = put(small, places.the(PlaceKind.DOCK), 100, noon(day - DAY))
    second = put(large, bins[0], 10, noon(day))
    carry(first, places.the(PlaceKind.DOCK), bins[0], 60, noon(day), "away")
    carry(first, places.the(PlaceKind.DOCK), bins[1], 30, noon(day), "away, too")
    carry(second, bins[0], places.the(PlaceKind.TRANSIT), 2, noon(day), "on the way")
    carry(second, places.the(PlaceKind.TRANSIT), shop, 1, noon(day), "accepted")
    carry(second, bins[0], places.the(PlaceKind.QUARANTINE), 1, storage.end_of(day), "last moment of the day")
    carry(second, bins[0], shop, 7, storage.end_of(day) + timedelta(microseconds=1), "first of the next")
    put(sari(batik, litres=Decimal("1.111")), bins[2], 3, noon(day))

    assert storage.end_of(day).astimezone(timezone.get_default_timezone()).date() == day
    assert storage.measure(day=day, at=now) == 2
    mine = StorageUse.objects.get(tenant=chanderi, day=day)
    # 10 + 60 + 30 of 0.25 l, 7 + 1 (set apart) of 4 l; in two bins, the goods entrance and among what is set apart
    assert (mine.litres, mine.bins, mine.lots) == (Decimal("57.000"), 2, 2)
    theirs = StorageUse.objects.get(tenant=batik, day=day)
    assert (theirs.litres, theirs.bins, theirs.lots) == (Decimal("3.333"), 1, 1)

    storage.measure(day=day - DAY, at=now)
    assert StorageUse.objects.get(day=day - DAY).litres == Decimal("25.000")
    storage.measure(day=day + DAY, at=now)
    assert StorageUse.objects.get(day=day + DAY, tenant=chanderi).litres == Decimal("29.000")


def test_storage_measured_anew_replaces_the_figures_of_the_day(chanderi, batik, bins, now, today):
    lot = put(sari(chanderi), bins[0], 10, noon(today - 2 * DAY))
    storage.measure(day=today - DAY, at=now)
    carry(lot, bins[0], places.the(PlaceKind.OWNER), 4, noon(today - DAY), "told late")
    storage.measure(day=today - DAY, at=now + HOUR)
    use = StorageUse.objects.get()
    assert (use.litres, use.measured_at) == (6, now + HOUR)
    carry(lot, bins[0], places.the(PlaceKind.OWNER), 6, noon(today - DAY), "the rest, told late")
    assert storage.measure(day=today - DAY, at=now) == 0
    assert not StorageUse.objects.exists()


# Tasks


def test_the_task_measures_the_days_that_were_missed(chanderi, bins, now, today):
    put(sari(chanderi), bins[0], 10, noon(today - 9 * DAY))
    assert tasks.measure_storage() == 1
    assert StorageUse.objects.get().day == today - DAY
    StorageUse.objects.update(day=today - 4 * DAY)
    assert tasks.measure_storage() == 3
    assert tasks.measure_storage() == 1, "yesterday is measured anew"
    days = StorageUse.objects.order_by("day").values_list("day", flat=True)
    assert list(days) == [today - n * DAY for n in (4, 3, 2, 1)]


def test_the_task_frees_what_overdue_holds_hold(chanderi, bins, now):
    lot = put(sari(chanderi), bins[0], 10, now - HOUR)
    said = {"tenant": chanderi.pk, "lot": lot.pk, "location": bins[0].pk, "purpose": "an order"}
    overdue = ledger.hold(**said, quantity=Decimal(3), until=now - HOUR, key="overdue")
    standing = ledger.hold(**said, quantity=Decimal(2), until=timezone.now() + HOUR, key="standing")
    tasks.sweep_holds()
    assert list(Hold.objects.filter(ended_at=None)) == [standing]
    assert Hold.objects.get(pk=overdue.pk).end == "expired"


def received(tenant, owner: User, at: datetime) -> GoodsReceipt:
    receipt = GoodsReceipt.objects.create(
        tenant=tenant, expected_date=at.date(), announced_by=owner, announced_at=at, received_by=owner, received_at=at
    )
    ReceiptLine.objects.create(
        receipt=receipt, product=sari(tenant), expected_quantity=Decimal(1200), good_quantity=Decimal("1198.5"),
        damaged_quantity=Decimal(1),
    )  # fmt: skip
    return receipt


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        ("en", "has been received", "1,200 expected, 1,198.5 came in good order, 1 damaged"),
    ],
)
def test_owners_are_told_once_of_what_came(chanderi, owner, staff_member, now, settings, language, subject, line):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=owner.pk).update(email="owner@chanderi.example", language=language)
    User.objects.filter(pk=staff_member.pk).update(email="staff@chanderi.example")
    receipt = received(chanderi, owner, now)
    assert (tasks.tell_owners(), tasks.tell_owners()) == (1, 0)
    (letter,) = mail.outbox
    assert letter.to == ["owner@chanderi.example"]
    assert subject in letter.subject
    assert receipt.code in letter.subject
    assert line in letter.body
    assert GoodsReceipt.objects.get().owner_told_at is not None


def test_nobody_is_told_without_an_address_or_of_what_is_long_past(chanderi, owner, now):
    received(chanderi, owner, now)
    assert tasks.tell_owners() == 0
    User.objects.filter(pk=owner.pk).update(email="owner@chanderi.example")
    GoodsReceipt.objects.update(received_at=now - 8 * DAY)
    assert tasks.tell_owners() == 0
    assert GoodsReceipt.objects.get().owner_told_at is None
