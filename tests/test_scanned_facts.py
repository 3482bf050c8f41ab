"""What phones noted without network is entered once, in order, and never dropped."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.utils import translation

from accounts.models import User
from inventory import counting, facts, places
from inventory.adjusting import SayWhy
from inventory.closing import close_period
from inventory.facts import Said
from inventory.models import (
    Adjustment,
    CountStatus,
    CycleCount,
    FactStatus,
    Location,
    Lot,
    Movement,
    PlaceKind,
    ScannedFact,
    TransferOrder,
)
from mall.models import Unit
from tests.cloning import copy_of_the_stage
from tests.goods import carry, on_hand, put, sari

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shop(vacant_unit: Unit) -> Location:
    return places.shop(vacant_unit)


@pytest.fixture
def say(chanderi, shop: Location, staff_member: User, now: datetime) -> Callable[..., list[ScannedFact]]:
    """Chanderi's phone sends its notes."""

    def send(*said: Said, **more: Any) -> list[ScannedFact]:
        return facts.replay(**({"tenant": chanderi, "by": staff_member, "now": now, "shops": [shop]} | more), said=said)

    return send


@pytest.fixture
def note(now: datetime) -> Callable[..., Said]:
    """A note of half an hour ago."""

    def make(kind: str, happened_at: datetime | None = None, uid: uuid.UUID | None = None, **body: Any) -> Said:
        return Said(uid or uuid.uuid4(), kind, happened_at or now - HOUR / 2, body)

    return make


def test_a_sale_is_entered_as_of_the_moment_it_happened(chanderi, shop, say, note, staff_member, now):
    product = sari(chanderi)
    lot = put(product, shop, 5, now - HOUR)
    (fact,) = say(note("sale", code=product.sku, quantity="2"))
    assert (fact.status, fact.problem, fact.received_at) == (FactStatus.POSTED, None, now)
    assert (fact.movement.kind, fact.movement.occurred_at) == ("sale", now - HOUR / 2)
    assert (fact.movement.key, fact.movement.by) == (str(fact.uid), staff_member)
    assert on_hand(lot, shop) == 3


def test_goods_are_named_by_label_lot_product_or_barcode(chanderi, shop, say, note, now):
    product = sari(chanderi, gtin="8901234567894")
    lot = put(product, shop, 9, now - HOUR)
    names = [{"code": lot.code}, {"code": product.code}, {"code": "8901234567894"}, {"lot": lot.pk}]
    said = [note("sale", **name, shop=shop.slug, quantity=1) for name in [*names, {"product": product.pk}]]
    assert {fact.status for fact in say(*said)} == {FactStatus.POSTED}
    assert on_hand(lot, shop) == 4


def test_the_same_batch_sent_again_changes_nothing(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    said = [note("sale", lot=lot.pk, quantity=1), note("sale", lot=lot.pk, quantity=9)]
    once, again = say(*said), say(*said, now=now + HOUR)
    assert [fact.pk for fact in again] == [fact.pk for fact in once]
    assert [fact.status for fact in again] == [FactStatus.POSTED, FactStatus.CONFLICT]
    assert (on_hand(lot, shop), ScannedFact.objects.count()) == (4, 2)


def test_an_id_that_comes_with_other_words_is_answered_and_what_was_kept_stays(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    (kept,) = say(note("sale", lot=lot.pk, quantity=1))
    (answer,) = say(note("sale", uid=kept.uid, lot=lot.pk, quantity=2))
    assert (answer.pk, answer.status, answer.problem_code) == (None, FactStatus.CONFLICT, "key_reused")
    kept.refresh_from_db()
    assert (kept.status, kept.said["quantity"], on_hand(lot, shop)) == (FactStatus.POSTED, 1, 4)


def test_an_id_of_another_tenant_tells_nothing_of_theirs(chanderi, batik, outsider, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    said = note("sale", lot=lot.pk, quantity=1)
    say(said)
    (answer,) = say(said, tenant=batik, by=outsider)
    assert (answer.pk, answer.problem_code, answer.movement_id, answer.tenant) == (None, "key_reused", None, batik)


def test_notes_are_entered_in_their_order_and_a_conflict_stops_no_other(chanderi, shop, say, note, now):
    product = sari(chanderi)
    lot = put(product, shop, 1, now - HOUR)
    back = note("sale_return", lot=lot.pk, quantity=1)
    said = [note("sale", lot=lot.pk, quantity=1), note("sale", lot=lot.pk, quantity=1), back]
    statuses = [fact.status for fact in say(*said, note("sale", lot=lot.pk, quantity=1))]
    assert statuses == [FactStatus.POSTED, FactStatus.CONFLICT, FactStatus.POSTED, FactStatus.POSTED]
    assert on_hand(lot, shop) == 0


def test_what_stands_against_a_note_is_kept_in_both_languages_with_its_facts(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 2, now - HOUR)
    (fact,) = say(note("sale", lot=lot.pk, quantity=3))
    fact.refresh_from_db()
    assert (fact.status, fact.problem_code) == (FactStatus.CONFLICT, "not_enough_stock")
    details = fact.problem["details"]
    assert (details["location"], Decimal(details["wanted"]), Decimal(details["available"])) == (shop.pk, 3, 2)
    with translation.override("en"):
        assert facts.problem_of(fact) == "There is not enough of this left: 2 available, 3 asked for."
    assert set(fact.problem["sentence"]) == {"en", "hi"}
    assert list(ScannedFact.objects.to_review()) == [fact]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("sale", {}, "not_understood"),
        ("sale", "sold two", "not_understood"),
        ("sale", None, "not_understood"),
        ("sale", {"code": "S-1"}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": "many"}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": "NaN"}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": float("inf")}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": "0.0001"}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": True}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": "1e40"}, "not_understood"),
        ("sale", {"code": "S-1", "quantity": -1}, "no_quantity"),
        ("sale", {"code": "S-1", "quantity": 1, "shop": "shop-of-others"}, "not_your_shop"),
        ("sale", {"code": "S-1", "quantity": 1, "shop": ["x"]}, "not_your_shop"),
        ("sale", {"code": "S-404", "quantity": 1}, "nothing_scanned"),
        ("sale", {"code": "S-1\0", "quantity": 9}, "not_enough_stock"),
        ("sale", {"product": 999999, "quantity": 1}, "nothing_scanned"),
        ("sale", {"lot": "9" * 40, "quantity": 1}, "not_understood"),
        ("sale", {"lot": 999999, "quantity": 1}, "lot_not_of_tenant"),
        ("acceptance", {"order": 999999}, "no_such_paper"),
        ("acceptance", {"order": {"a": 1}}, "not_understood"),
        ("count", {"count": 999999, "code": "S-1", "quantity": 1}, "no_such_paper"),
        ("shop_receipt", {"code": "S-1", "quantity": 1, "expiry_date": "soon"}, "not_understood"),
        ("adjustment", {"lot": 999999, "difference": -1}, "lot_not_of_tenant"),
        ("a kind of which nobody heard", {"code": "S-1"}, "not_understood"),
    ],
)
def test_what_cannot_be_understood_is_kept_as_said(chanderi, shop, say, now, kind, body, code):
    put(sari(chanderi), shop, 1, now - HOUR)
    put(sari(chanderi, "S-2"), shop, 1, now - HOUR)
    (fact,) = say(Said(uuid.uuid4(), kind, now, body))
    fact.refresh_from_db()
    assert (fact.status, fact.problem_code, fact.movement) == (FactStatus.CONFLICT, code, None)
    assert fact.kind == kind[:12]
    if kind == "sale" and not isinstance(body, dict):
        assert fact.said == (body or {})
    assert Movement.objects.exclude(kind="receipt").count() == 0


def test_a_note_from_the_future_happened_now(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    (fact,) = say(note("sale", happened_at=now + 9 * HOUR, lot=lot.pk, quantity=1))
    assert (fact.happened_at, fact.movement.occurred_at) == (now, now)


def test_goods_of_another_tenant_are_not_there(chanderi, batik, shop, say, note, now):
    lot = put(sari(batik, "B-1"), shop, 5, now - HOUR)
    said = [note("sale", **name, quantity=1) for name in ({"lot": lot.pk}, {"code": "B-1"}, {"code": lot.code})]
    assert {fact.status for fact in say(*said)} == {FactStatus.CONFLICT}
    assert on_hand(lot, shop) == 5


def test_a_delivery_straight_to_the_shop_is_noted(chanderi, shop, say, note, now, today):
    product = sari(chanderi)
    (fact,) = say(note("shop_receipt", product=product.pk, quantity=4, maker_lot="M-7", made_date=f"{today}"))
    lot = Lot.objects.get()
    assert (fact.status, fact.movement.kind, on_hand(lot, shop)) == (FactStatus.POSTED, "shop_receipt", 4)
    assert (lot.maker_lot, lot.made_date) == ("M-7", today)


def test_an_adjustment_is_noted_for_the_own_shop_only(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    bin_ = Location.objects.bins().first()
    said = {"lot": lot.pk, "difference": "-1", "reason": "damaged", "note": "Torn"}
    posted, refused = say(note("adjustment", **said, location=shop.pk), note("adjustment", **said, location=bin_.pk))
    assert (posted.status, posted.movement.kind, on_hand(lot, shop)) == (FactStatus.POSTED, "write_off", 4)
    assert (refused.problem_code, Adjustment.objects.count()) == ("not_your_shop", 1)


def test_an_adjustment_of_much_worth_waits_though_the_note_is_entered(chanderi, shop, say, note, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    said = {"lot": lot.pk, "difference": -3, "reason": "lost", "note": "Gone", "location": shop.pk}
    (fact,) = say(note("adjustment", **said))
    assert (fact.status, fact.movement, Adjustment.objects.get().status) == (FactStatus.POSTED, None, "waiting")
    assert on_hand(lot, shop) == 5


def test_a_count_that_agrees_waits_for_approval_and_one_that_differs_is_counted_again(
    chanderi, shop, say, note, staff_member, now
):
    product = sari(chanderi)
    right, wrong = put(product, shop, 5, now - HOUR), put(product, shop, 5, now - HOUR)
    carry(wrong, shop, places.the(PlaceKind.BUYER), 1, now - HOUR / 4, "sold since", "sale")
    say(note("count", lot=right.pk, quantity=5), note("count", code=wrong.code, quantity=4))
    agreed, differs = CycleCount.objects.order_by("pk")
    assert (agreed.status, differs.status) == (CountStatus.COUNTED, CountStatus.RECOUNTING)
    assert differs.lines.get().expected_quantity == 5, "what was sold since is no difference"

    say(note("count", lot=wrong.pk, quantity=4))
    assert CycleCount.objects.count() == 2, "the second count goes into the count that asks for it"
    differs.refresh_from_db()
    assert differs.status == CountStatus.COUNTED
    counting.approve(count=differs, by=staff_member, at=now, key="a")
    assert on_hand(wrong, shop) == 5 - 1 - 1


def test_a_count_goes_into_the_count_under_way(chanderi, shop, say, note, staff_member, now):
    lot = put(sari(chanderi), shop, 5, now - HOUR)
    count = counting.open_count(tenant=chanderi, places=[shop], by=staff_member, at=now - HOUR, is_own_shop=True)
    found = put(sari(chanderi, "S-2"), shop, 1, now - HOUR)
    counting.add_lot(count=count, lot=put(sari(chanderi, "S-3"), shop, 1, now - HOUR), location=shop)
    say(note("count", lot=lot.pk, quantity=5), note("count", count=count.code, lot=found.pk, quantity=1))
    counted = count.lines.exclude(quantity=None).order_by("pk")
    assert [(line.lot, line.quantity) for line in counted] == [(lot, 5), (found, 1)]
    count.refresh_from_db()
    assert count.status == CountStatus.COUNTING


def test_a_transfer_is_accepted_without_network(chanderi, shop, say, note, owner, now):
    order = TransferOrder.objects.create(tenant=chanderi, destination=shop, requested_by=owner, requested_at=now)
    (fact,) = say(note("acceptance", order=order.code, accepted=None))
    assert fact.status == FactStatus.CONFLICT, "it has not been handed over yet"
    (fact,) = say(note("acceptance", order=order.pk, accepted={"999999": 1}))
    assert fact.problem_code == "not_understood"


def test_a_conflict_is_entered_anew_with_other_words(chanderi, shop, say, note, owner, now):
    lot = put(sari(chanderi), shop, 2, now - HOUR)
    (fact,) = say(note("sale", lot=lot.pk, quantity=3))
    fact = facts.retry(fact=fact, by=owner, now=now, shops=[shop])
    assert (fact.status, fact.settled_by) == (FactStatus.CONFLICT, None)
    fact = facts.retry(fact=fact, by=owner, now=now, shops=[shop], changes={"quantity": 2})
    fact.refresh_from_db()
    assert (fact.status, fact.problem_code, fact.problem) == (FactStatus.POSTED, "", None)
    assert (fact.settled_by, fact.settled_at, fact.movement.by) == (owner, now, owner)
    assert (fact.movement.occurred_at, on_hand(lot, shop)) == (now - HOUR / 2, 0)
    with pytest.raises(facts.FactNotOpen):
        facts.retry(fact=fact, by=owner, now=now, shops=[shop])


def test_a_note_of_a_closed_day_is_a_conflict_that_a_person_enters_as_of_now(chanderi, shop, say, note, owner, now):
    lot = put(sari(chanderi), shop, 2, now - 99 * HOUR)
    close_period(through=(now - 48 * HOUR).date(), by=owner, at=now)
    (fact,) = say(note("sale", happened_at=now - 80 * HOUR, lot=lot.pk, quantity=1))
    assert fact.problem_code == "period_closed"
    fact = facts.retry(fact=fact, by=owner, now=now, shops=[shop])
    assert (fact.status, fact.movement.occurred_at, fact.happened_at) == (FactStatus.POSTED, now, now - 80 * HOUR)


def test_a_conflict_is_laid_aside_with_a_reason_and_stays_on_record(chanderi, shop, say, note, owner, now):
    lot = put(sari(chanderi), shop, 2, now - HOUR)
    said = note("sale", lot=lot.pk, quantity=3)
    (fact,) = say(said)
    with pytest.raises(SayWhy):
        facts.dismiss(fact=fact, by=owner, now=now, note=" ")
    fact = facts.dismiss(fact=fact, by=owner, now=now, note="Typed twice")
    assert (fact.status, fact.settled_by, fact.settled_note) == (FactStatus.DISMISSED, owner, "Typed twice")
    assert (say(said)[0].status, on_hand(lot, shop)) == (FactStatus.DISMISSED, 2)
    with pytest.raises(facts.FactNotOpen):
        facts.dismiss(fact=fact, by=owner, now=now, note="Again")


PREPARE = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from accounts.people import register_person
from inventory import places
from inventory.models import Location
from tenants.models import Tenant
from tests.goods import put, sari
register_person(username="phone", full_name="Phone", password="Bherugarh-2026-neel", by=None)
tenant = Tenant.objects.order_by("pk").first()
shop = Location.objects.filter(kind="unit").order_by("pk").first()
print(tenant.pk, shop.pk, put(sari(tenant), shop, 50, timezone.now() - timedelta(hours=1)).pk)
"""

PHONE = """
import json, sys, time, uuid
import django
django.setup()
from datetime import datetime
from django.utils import timezone
from accounts.models import User
from inventory import facts
from inventory.models import Location
from tenants.models import Tenant
tenant, shop, lot, start, happened, uids = json.loads(sys.argv[1])
said = [
    facts.Said(uuid.UUID(uid), "sale", datetime.fromisoformat(happened), {"lot": lot, "quantity": 1}) for uid in uids
]
shops = Location.objects.filter(pk=shop)
words = dict(tenant=Tenant.objects.get(pk=tenant), by=User.objects.get(username="phone"), shops=shops)
list(shops)
time.sleep(max(0.0, start - time.time()))
print([str(fact.status) for fact in facts.replay(said=said, now=timezone.now(), **words)].count("posted"))
"""


@pytest.fixture(scope="module")
def copy(django_db_setup, django_db_blocker):
    with copy_of_the_stage("phones", django_db_blocker) as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run(
            [sys.executable, "manage.py", "demo_mall", "--seed", "3", "--goods", "none"], cwd=ROOT, env=environment,
            check=True,
            capture_output=True,
        )  # fmt: skip
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
        yield url, environment, [int(number) for number in prepared.stdout.split()]


def test_the_same_batch_sent_three_times_at_once_is_entered_once(copy):
    url, environment, (tenant, shop, lot) = copy
    uids = [str(uuid.uuid4()) for _number in range(30)]
    words = json.dumps([tenant, shop, lot, time.time() + 5, "2026-11-20T12:00:00+05:30", uids])
    phones = [
        subprocess.Popen(
            [sys.executable, "-c", PHONE, words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _number in range(3)
    ]
    assert [phone.communicate(timeout=90)[0].strip() for phone in phones] == ["30"] * 3
    with psycopg2.connect(url) as link, link.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inventory_scannedfact WHERE status = 'posted'")
        assert cursor.fetchone()[0] == 30
        cursor.execute("SELECT count(*) FROM inventory_movement WHERE kind = 'sale'")
        assert cursor.fetchone()[0] == 30
        cursor.execute("SELECT on_hand FROM inventory_balance WHERE lot_id = %s AND location_id = %s", [lot, shop])
        assert cursor.fetchone()[0] == 20
