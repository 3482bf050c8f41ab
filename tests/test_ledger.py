"""The stock ledger, verb by verb, with the figures worked out by hand; then against a model of ten lines."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.books import disagreements, invariants
from inventory import closing, ledger, outbox, places
from inventory.ledger import Line, move
from inventory.models import Balance, Dispatch, Hold, LedgerEntry, Location, Lot, Movement, PlaceKind, Product

D = Decimal
pytestmark = pytest.mark.django_db


class Goods:
    """A lot of a tenant's product, with the places around it."""

    def __init__(self, tenant, now, *, unit="NOS", single=False, sku="S1"):
        self.tenant, self.now = tenant, now
        self.product = Product.objects.create(
            tenant=tenant, sku=sku, name_en="Stole", name_hi="दुपट्टा", kind="textile", unit_of_measure=unit,
            is_one_of_a_kind=single,
        )  # fmt: skip
        self.lot = ledger.add_lot(product=self.product, received_date=timezone.localdate(now)).pk
        self.supplier, self.dock, self.buyer, self.loss = (
            places.the(kind).pk for kind in (PlaceKind.SUPPLIER, PlaceKind.DOCK, PlaceKind.BUYER, PlaceKind.LOSS)
        )
        self.bin, self.other_bin = Location.objects.bins().order_by("slug").values_list("pk", flat=True)[:2]

    def post(self, source, target, much, **more):
        said = {"kind": "relocation", "key": str(uuid.uuid4()), "at": self.now, "by": None} | more
        return ledger.post(tenant=self.tenant.pk, lines=move(self.lot, source, target, D(much)), **said)

    def hold(self, much, *, minutes=60, key=None):
        until = timezone.now() + timedelta(minutes=minutes)
        return ledger.hold(
            tenant=self.tenant.pk, lot=self.lot, location=self.dock, quantity=D(much), purpose="test", until=until,
            key=key or str(uuid.uuid4()),
        )  # fmt: skip

    def balance(self, place):
        row = Balance.objects.filter(lot=self.lot, location=place).values_list("on_hand", "held").first()
        return row or (D(0), D(0))


@pytest.fixture
def goods(chanderi, now):
    return Goods(chanderi, now)


def nothing_more(goods, before):
    return Movement.objects.count(), LedgerEntry.objects.count(), goods.balance(goods.dock) == before


# Movements


def test_what_comes_to_one_place_leaves_another(goods):
    goods.post(goods.supplier, goods.dock, 12)
    goods.post(goods.dock, goods.bin, 5)
    assert goods.balance(goods.dock) == (D(7), D(0))
    assert goods.balance(goods.bin) == (D(5), D(0))
    assert goods.balance(goods.supplier) == (D(-12), D(0))
    assert [entry.quantity for entry in LedgerEntry.objects.order_by("pk")] in (
        [D(12), D(-12), D(-5), D(5)],
        [D(-12), D(12), D(-5), D(5)],
        [D(12), D(-12), D(5), D(-5)],
        [D(-12), D(12), D(5), D(-5)],
    )


def test_a_shortage_names_what_is_available_and_leaves_nothing_behind(goods):
    goods.post(goods.supplier, goods.dock, 10)
    goods.hold(4)
    with pytest.raises(ledger.NotEnoughStock) as refused:
        goods.post(goods.dock, goods.buyer, 7)
    assert refused.value.details == {
        "lot": goods.lot, "location": goods.dock, "wanted": "7", "available": "6.000",
    }  # fmt: skip
    assert nothing_more(goods, (D(10), D(4))) == (1, 2, True)


def test_the_same_key_is_the_same_write_and_another_body_is_refused(goods):
    first = goods.post(goods.supplier, goods.dock, 3, key="k")
    again = goods.post(goods.supplier, goods.dock, 3, key="k", at=goods.now + timedelta(seconds=1))
    assert (again.movement, again.is_replay, again.recorded_at) == (first.movement, True, first.recorded_at)
    with pytest.raises(ledger.KeyReused):
        goods.post(goods.supplier, goods.dock, 4, key="k")
    assert goods.balance(goods.dock) == (D(3), D(0))


def test_lines_that_cancel_out_move_nothing(goods):
    lines = [*move(goods.lot, goods.dock, goods.bin, D(2)), *move(goods.lot, goods.bin, goods.dock, D(2))]
    with pytest.raises(ledger.NothingMoves):
        ledger.post(tenant=goods.tenant.pk, kind="relocation", lines=lines, key="k", at=goods.now, by=None)


def test_goods_out_of_nowhere_are_refused_by_the_database(goods):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="out of nowhere"), transaction.atomic():
        ledger.post(
            tenant=goods.tenant.pk, kind="receipt", lines=[Line(goods.lot, goods.dock, D(1))], key="k", at=goods.now,
            by=None,
        )  # fmt: skip


def test_another_tenants_lot_cannot_be_moved(goods, batik):
    with pytest.raises(ledger.LotNotOfTenant):
        ledger.post(
            tenant=batik.pk, kind="receipt", lines=move(goods.lot, goods.supplier, goods.dock, D(1)), key="k",
            at=goods.now, by=None,
        )  # fmt: skip


def test_saris_are_counted_in_whole_numbers_and_rice_is_weighed(goods, chanderi, now):
    with pytest.raises(ledger.NotWhole):
        goods.post(goods.supplier, goods.dock, "1.5")
    rice = Goods(chanderi, now, unit="KGS", sku="R1")
    rice.post(rice.supplier, rice.dock, "1.5")
    assert rice.balance(rice.dock) == (D("1.5"), D(0))


def test_of_a_one_of_a_kind_piece_there_is_never_a_second(chanderi, now):
    piece = Goods(chanderi, now, single=True, sku="ONE")
    piece.post(piece.supplier, piece.dock, 1)
    with pytest.raises(ledger.OneOfAKind):
        piece.post(piece.supplier, piece.bin, 1)
    with pytest.raises(ledger.OneOfAKind):
        ledger.add_lot(product=piece.product, received_date=timezone.localdate(now))


def test_a_movement_is_reversed_once_and_a_reversal_never(goods, administrator):
    goods.post(goods.supplier, goods.dock, 5)
    sold = Movement.objects.get(pk=goods.post(goods.dock, goods.buyer, 2).movement)
    undone = ledger.reverse(movement=sold, key="r", at=goods.now, by=administrator, reason="wrong shop")
    assert goods.balance(goods.dock) == (D(5), D(0))
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(movement=sold, key="r2", at=goods.now, by=administrator, reason="again")
    reversal = Movement.objects.get(pk=undone.movement)
    with pytest.raises(ledger.ReversalStays):
        ledger.reverse(movement=reversal, key="r3", at=goods.now, by=administrator, reason="again")


def test_what_happens_later_than_now_happened_now(goods):
    posted = goods.post(goods.supplier, goods.dock, 1, at=timezone.now() + timedelta(days=1))
    assert posted.occurred_at == posted.recorded_at <= timezone.now()


def test_stock_as_of_a_day_comes_from_the_ledger(goods):
    three_days_ago, yesterday = goods.now - timedelta(days=3), goods.now - timedelta(days=1)
    goods.post(goods.supplier, goods.dock, 10, at=three_days_ago)
    goods.post(goods.dock, goods.buyer, 4, at=goods.now)
    goods.post(goods.dock, goods.bin, 3, at=yesterday)  # told today
    stock = LedgerEntry.objects.stock_at(yesterday + timedelta(hours=1))
    assert {row["location"]: row["on_hand"] for row in stock} == {goods.dock: D(7), goods.bin: D(3)}


# Holds


def test_what_is_held_is_not_available_until_it_is_released(goods):
    goods.post(goods.supplier, goods.dock, 5)
    hold = goods.hold(5)
    with pytest.raises(ledger.NotEnoughStock):
        goods.post(goods.dock, goods.buyer, 1)
    assert ledger.release(hold=hold.pk) is True
    assert ledger.release(hold=hold.pk) is False
    goods.post(goods.dock, goods.buyer, 5)
    assert goods.balance(goods.dock) == (D(0), D(0))


def test_a_hold_is_used_by_the_movement_that_it_was_made_for(goods):
    goods.post(goods.supplier, goods.dock, 5)
    hold = goods.hold(5)
    posted = goods.post(goods.dock, goods.buyer, 3, using=[hold.pk])
    hold.refresh_from_db()
    assert (hold.end, hold.used_by_id) == ("used", posted.movement)
    assert goods.balance(goods.dock) == (D(2), D(0))  # what was not needed is free again
    with pytest.raises(ledger.HoldEnded):
        goods.post(goods.dock, goods.buyer, 1, using=[hold.pk])
    assert goods.balance(goods.dock) == (D(2), D(0))


def test_an_overdue_hold_is_in_nobodys_way_however_late_the_sweeper_is(goods):
    goods.post(goods.supplier, goods.dock, 5)
    overdue = goods.hold(5, minutes=-1)
    assert Balance.objects.with_overdue(timezone.now()).get(lot=goods.lot, location=goods.dock).overdue == D(5)
    goods.post(goods.dock, goods.buyer, 2)
    overdue.refresh_from_db()
    assert overdue.end == "expired"
    assert goods.balance(goods.dock) == (D(3), D(0))
    with pytest.raises(ledger.HoldEnded):
        goods.post(goods.dock, goods.buyer, 1, using=[overdue.pk])


def test_a_hold_that_is_over_before_it_is_made_frees_nothing_of_others(goods):
    goods.post(goods.supplier, goods.dock, 5)
    standing = goods.hold(5)
    with pytest.raises(ledger.NotEnoughStock):
        goods.hold(3, minutes=-1)
    assert goods.balance(goods.dock) == (D(5), D(5))
    assert list(Hold.objects.values_list("pk", flat=True)) == [standing.pk]


def test_the_sweeper_frees_what_is_overdue_and_nothing_else(goods):
    goods.post(goods.supplier, goods.dock, 5)
    goods.hold(2, minutes=-1)
    goods.hold(3)
    assert ledger.sweep_overdue_holds(now=timezone.now()) == 1
    assert ledger.sweep_overdue_holds(now=timezone.now()) == 0
    assert goods.balance(goods.dock) == (D(5), D(3))


def test_the_same_hold_told_twice_is_held_once(goods):
    goods.post(goods.supplier, goods.dock, 5)
    assert goods.hold(2, key="h").pk == goods.hold(2, key="h").pk
    with pytest.raises(ledger.KeyReused):
        goods.hold(3, key="h")
    assert goods.balance(goods.dock) == (D(5), D(2))


# What nobody may do


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_balance SET on_hand = on_hand + 1",
        "DELETE FROM inventory_balance",
        "UPDATE inventory_hold SET quantity = 1",
        "UPDATE inventory_ledgerentry SET quantity = quantity + 1",
        "DELETE FROM inventory_ledgerentry",
        "TRUNCATE inventory_ledgerentry CASCADE",
        "UPDATE inventory_movement SET reason = 'x'",
        "DELETE FROM inventory_movement",
        "UPDATE inventory_lot SET received_date = received_date - 1",
        "INSERT INTO inventory_ledgerentry (movement_id, tenant_id, lot_id, location_id, quantity) "
        "SELECT movement_id, tenant_id, lot_id, location_id, quantity FROM inventory_ledgerentry",
    ],
)
def test_the_database_refuses_to_change_what_is_written(goods, statement):
    goods.post(goods.supplier, goods.dock, 5)
    goods.hold(1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"only the ledger writes|rows of"), (
        transaction.atomic()
    ), connection.cursor() as cursor:  # fmt: skip
        cursor.execute(statement)


# Closing a period


def test_nothing_more_happens_in_a_closed_period(goods, administrator):
    last_week = goods.now - timedelta(days=7)
    goods.post(goods.supplier, goods.dock, 5, at=last_week, key="early")
    through = timezone.localdate(goods.now - timedelta(days=2))
    closing.close_period(through=through, by=administrator, at=goods.now)
    with pytest.raises(ledger.PeriodClosed) as refused:
        goods.post(goods.dock, goods.buyer, 1, at=last_week)
    assert refused.value.details == {"through_date": through.isoformat()}
    assert goods.post(goods.supplier, goods.dock, 5, at=last_week, key="early").is_replay  # told twice, happened then
    goods.post(goods.dock, goods.buyer, 1)
    with pytest.raises(closing.ClosedAlready):
        closing.close_period(through=through, by=administrator, at=goods.now)
    with pytest.raises(closing.DayNotOver):
        closing.close_period(through=timezone.localdate(goods.now), by=administrator, at=goods.now)


# Following


def test_movements_are_followed_in_order_without_a_gap(goods):
    made = [goods.post(goods.supplier, goods.dock, 1).movement for _number in range(5)]
    first = outbox.follow(after=0, limit=3)
    assert [row.movement_id for row in first] == made[:3]
    rest = outbox.follow(after=first[-1].position, limit=10)
    assert [row.movement_id for row in rest] == made[3:]
    assert [row.position for row in (*first, *rest)] == [first[0].position + step for step in range(5)]
    assert outbox.follow(after=rest[-1].position, limit=10) == []


# The books prove themselves

CORRUPTIONS = {
    "balance_is_the_sum_of_its_entries": "UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE is_physical",
    "movement_sums_to_zero": "UPDATE inventory_ledgerentry SET quantity = quantity + 1 WHERE quantity > 0",
    "movement_has_entries": "DELETE FROM inventory_ledgerentry",
    "stock_is_never_negative": "UPDATE inventory_balance SET on_hand = -3, held = 0 WHERE is_physical",
    "held_is_the_sum_of_standing_holds": "UPDATE inventory_balance SET held = held + 1 WHERE held > 0",
    "no_more_is_held_than_is_on_hand": "UPDATE inventory_balance SET held = on_hand + 1 WHERE is_physical",
    "entries_are_of_the_movements_tenant": "UPDATE inventory_ledgerentry SET tenant_id = {other}",
    "lot_is_of_its_products_tenant": "UPDATE inventory_lot SET tenant_id = {other}",
    "one_of_a_kind_is_there_once": "UPDATE inventory_balance SET grain = 'single'",
    "piece_goods_are_counted_in_whole_numbers": "UPDATE inventory_balance SET on_hand = on_hand + 0.5",
    "reversal_is_the_opposite": "UPDATE inventory_ledgerentry SET quantity = quantity * 2 "
    "WHERE movement_id = {reversal}",
    "movement_is_written_down_after_it_happened": "UPDATE inventory_movement "
    "SET occurred_at = recorded_at + interval '1 hour'",
    "closed_period_stays_closed": "UPDATE inventory_movement SET occurred_at = occurred_at - interval '40 days'",
    "every_movement_is_dispatched": "DELETE FROM inventory_dispatch",
    "used_hold_names_its_movement": "UPDATE inventory_hold SET used_by_id = NULL WHERE \"end\" = 'used'",
    "transfer_on_the_way_is_what_the_orders_say": "UPDATE inventory_ledgerentry SET location_id = {transit} "
    "WHERE location_id = {dock}",
}


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_verify_books_finds_what_someone_planted(name, goods, batik, administrator, capsys):
    sold = goods.post(goods.supplier, goods.dock, 5)
    goods.post(goods.dock, goods.buyer, 1, using=[goods.hold(1).pk])
    goods.hold(2)
    reversal = ledger.reverse(
        movement=Movement.objects.get(pk=goods.post(goods.dock, goods.bin, 1).movement), key="r", at=goods.now,
        by=administrator, reason="x",
    ).movement  # fmt: skip
    goods.post(goods.dock, places.the(PlaceKind.TRANSIT).pk, 1, document="T000001")
    through = timezone.localdate(goods.now - timedelta(days=20))
    closing.close_period(through=through, by=administrator, at=goods.now)
    late = goods.post(goods.supplier, goods.dock, 1)
    assert (sold.is_replay, late.is_replay) == (False, False)
    kept = [one for one in invariants() if one.name == name]
    assert len(kept) == 1
    if name != "transfer_on_the_way_is_what_the_orders_say":  # there is no order behind this one
        assert list(disagreements(kept[0])) == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        tables = ("balance", "ledgerentry", "movement", "hold", "lot")
        for table in tables:
            cursor.execute(f"ALTER TABLE inventory_{table} DISABLE TRIGGER USER")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f', 'u') "
                "ORDER BY contype = 'u'",
                [f"inventory_{table}"],
            )
            for (constraint,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE inventory_{table} DROP CONSTRAINT IF EXISTS "{constraint}" CASCADE')
        cursor.execute(
            CORRUPTIONS[name].format(
                other=batik.pk, reversal=reversal, transit=places.the(PlaceKind.TRANSIT).pk, dock=goods.dock
            )
        )
    assert list(disagreements(kept[0])) != []
    with pytest.raises(CommandError):
        call_command("verify_books")
    assert name in capsys.readouterr().out


def test_every_invariant_of_the_stock_books_has_its_planted_corruption():
    from inventory.books import INVARIANTS

    by_their_papers = {"posted_papers_have_their_movements", "second_person_is_another_person"}
    assert {one.name for one in INVARIANTS} == set(CORRUPTIONS) | by_their_papers


# Against a model


class LedgerAgainstAModel(RuleBasedStateMachine):
    """The service and a model of ten lines do the same things and agree at every step."""

    tenant = None
    number = 0

    @initialize()
    def begin(self):
        type(self).number += 1
        self.goods = Goods(self.tenant, timezone.now(), sku=f"M{self.number}")
        self.places = [self.goods.dock, self.goods.bin, self.goods.other_bin]
        self.model = dict.fromkeys(self.places, 0)
        self.held = {}
        self.undone = {}

    def available(self, place):
        return self.model[place] - sum(much for where, much in self.held.values() if where == place)

    @rule(place=st.integers(0, 2), much=st.integers(1, 9))
    def receive(self, place, much):
        place = self.places[place]
        self.goods.post(self.goods.supplier, place, much)
        self.model[place] += much

    @rule(origin=st.integers(0, 2), goal=st.integers(0, 2), much=st.integers(1, 12))
    def relocate(self, origin, goal, much):
        source, target = self.places[origin], self.places[goal]
        if source == target:
            with pytest.raises(ledger.NothingMoves):
                self.goods.post(source, target, much)
        elif much > self.available(source):
            with pytest.raises(ledger.NotEnoughStock) as refused:
                self.goods.post(source, target, much)
            assert D(refused.value.details["available"]) == self.available(source)
        else:
            posted = self.goods.post(source, target, much)
            self.model[source] -= much
            self.model[target] += much
            self.undone[posted.movement] = (source, target, much)

    @rule(place=st.integers(0, 2), much=st.integers(1, 9))
    def hold_some(self, place, much):
        place = self.places[place]
        said = {"tenant": self.goods.tenant.pk, "lot": self.goods.lot, "location": place, "quantity": D(much)}
        until = timezone.now() + timedelta(hours=1)
        if much > self.available(place):
            with pytest.raises(ledger.NotEnoughStock):
                ledger.hold(**said, purpose="m", until=until, key=str(uuid.uuid4()))
        else:
            held = ledger.hold(**said, purpose="m", until=until, key=str(uuid.uuid4()))
            self.held[held.pk] = (place, much)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), use=st.booleans())
    def end_a_hold(self, data, use):
        hold = data.draw(st.sampled_from(sorted(self.held)))
        place, much = self.held.pop(hold)
        if use:
            self.goods.post(place, self.goods.buyer, much, using=[hold])
            self.model[place] -= much
        else:
            assert ledger.release(hold=hold)

    @precondition(lambda self: self.undone)
    @rule(data=st.data())
    def reverse_one(self, data):
        movement = data.draw(st.sampled_from(sorted(self.undone)))
        source, target, much = self.undone[movement]
        if much > self.available(target):
            with pytest.raises(ledger.NotEnoughStock):
                self._reverse(movement)
        else:
            self._reverse(movement)
            del self.undone[movement]
            self.model[target] -= much
            self.model[source] += much

    def _reverse(self, movement):
        ledger.reverse(
            movement=Movement.objects.get(pk=movement), key=str(uuid.uuid4()), at=timezone.now(), by=None, reason="m"
        )

    @invariant()
    def they_agree(self):
        if not hasattr(self, "model"):
            return
        rows = Balance.objects.filter(lot=self.goods.lot, is_physical=True).values_list("location", "on_hand", "held")
        found = {place: (on_hand, held) for place, on_hand, held in rows if on_hand}
        wanted = {place: (D(much), D(much - self.available(place))) for place, much in self.model.items() if much}
        assert found == wanted


def test_the_ledger_does_what_a_model_of_ten_lines_does(chanderi):
    """Sixty runs of up to fifty steps: thousands of steps in all."""
    machine = type("Machine", (LedgerAgainstAModel,), {"tenant": chanderi})
    test = machine.TestCase
    test.settings = settings(
        max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
    )
    test("runTest").runTest()
    assert [found for one in invariants() for found in disagreements(one)] == []
    assert Hold.objects.count() > 50
    assert Dispatch.objects.count() == Movement.objects.count() > 500
    assert Lot.objects.count() > 20
