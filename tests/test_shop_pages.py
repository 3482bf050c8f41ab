"""The shop on a phone, as a tenant uses it without any script: stock, sell, receive, ask, accept, count, adjust."""

import json
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from inventory import places, transferring
from inventory.models import (
    Adjustment,
    Balance,
    CycleCount,
    FactStatus,
    GoodsReceipt,
    Movement,
    MovementKind,
    PlaceKind,
    ScannedFact,
    TransferOrder,
)
from leases.letting import let_unit
from tests.goods import on_hand, put, sari

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(chanderi, vacant_unit, administrator, today):
    """Chanderi's shop: a unit let to it, and the place of goods in it."""
    let_unit(unit=vacant_unit, tenant=chanderi, first=today - timedelta(days=30), last=None, by=administrator)
    return places.shop(vacant_unit)


@pytest.fixture
def home(client, owner, shop):
    client.force_login(owner)
    return client


@pytest.fixture
def product(chanderi):
    return sari(chanderi, "S-1", gtin="8901234567890", reorder_level=Decimal(3))


@pytest.fixture
def lot(product, shop, now):
    """Five saris in the shop since yesterday."""
    return put(product, shop, 5, now - timedelta(days=1))


def address(name, key):
    return reverse(name, args=[key])


def text(response):
    return response.content.decode()


def key():
    return str(uuid.uuid4())


# My stock


def test_my_stock_says_how_many_lie_where(home, chanderi, product, lot, now):
    put(product, places.the(PlaceKind.DOCK), 7, now - timedelta(days=1))
    page = home.get(address("shop-stock", chanderi.pk))
    row = page.context["rows"][0]
    assert (row.product.in_shop, row.product.in_warehouse, row.product.on_way) == (5, 7, 0)
    assert not row.is_low
    assert next(tile["url"] for tile in page.context["tiles"]) == address("shop-sell", chanderi.pk)
    assert "Sari S-1" in text(page)


def test_what_runs_low_or_expires_is_marked_and_found_by_the_filter(home, chanderi, product, shop, today, now):
    put(product, shop, 2, now - timedelta(days=1))
    laddu = sari(chanderi, "L-1", kind="food", name_en="Laddu", name_hi="लड्डू")
    put(laddu, shop, 50, now - timedelta(days=1), expiry_date=today + timedelta(days=5))
    stock = address("shop-stock", chanderi.pk)
    rows = {row.product.sku: row for row in home.get(stock).context["rows"]}
    assert rows["S-1"].is_low
    assert rows["L-1"].is_expiring
    assert not rows["L-1"].is_low
    assert [row.product.sku for row in home.get(stock, {"show": "low"}).context["rows"]] == ["S-1"]
    assert [row.product.sku for row in home.get(stock, {"show": "expiring"}).context["rows"]] == ["L-1"]
    assert [row.product.sku for row in home.get(stock, {"q": "लड्डू"}).context["rows"]] == ["L-1"]
    assert [row.product.sku for row in home.get(stock, {"q": "8901234567890"}).context["rows"]] == ["S-1"]


def test_a_long_list_costs_as_many_queries_as_a_short_one(
    home, chanderi, product, lot, shop, now, django_assert_max_num_queries
):
    for number in range(12):
        put(sari(chanderi, f"S-1{number}"), shop, 3, now - timedelta(hours=1))
    with django_assert_max_num_queries(8):
        assert len(home.get(address("shop-stock", chanderi.pk)).context["rows"]) == 13


def test_another_tenant_finds_no_stock_of_chanderi(client, outsider, chanderi, product, lot):
    client.force_login(outsider)
    for name, thing in (("shop-stock", chanderi), ("shop-sell", chanderi), ("shop-count", chanderi)):
        assert client.get(address(name, thing.pk)).status_code == 404
    assert client.get(address("shop-product", product.pk)).status_code == 404


def test_a_product_shows_its_lots_and_what_moved_line_by_line(home, chanderi, product, lot, shop):
    home.post(
        address("shop-sell", chanderi.pk), {"product": product.pk, "quantity": "2", "shop": shop.pk, "key": key()}
    )
    page = home.get(address("shop-product", product.pk))
    assert [(balance.lot, balance.on_hand) for balance in page.context["balances"]] == [(lot, 3)]
    sale = page.context["movements"][0]
    assert sale["movement"].kind == MovementKind.SALE
    assert sorted(entry.quantity for entry in sale["entries"]) == [-2, 2]
    assert address("shop-stock", chanderi.pk) in text(page)


# Selling


def test_two_saris_are_sold_by_scanning_the_barcode_and_the_sale_is_undone(home, chanderi, product, lot, shop):
    sell = address("shop-sell", chanderi.pk)
    answer = home.post(sell, {"code": product.gtin, "quantity": "२", "shop": shop.pk, "key": key()})
    assert answer.status_code == 302, answer.context["form"].errors
    assert on_hand(lot, shop) == 3
    result = home.get(answer.url)
    assert result.context["sold"]["quantity"] == 2
    assert result.context["sold"]["amount"] == 2400
    assert "₹2,400" in text(result)
    sale = result.context["sold"]["movement"]
    home.post(address("shop-undo", sale.pk))
    home.post(address("shop-undo", sale.pk))
    assert on_hand(lot, shop) == 5
    assert Movement.objects.filter(reverses=sale).count() == 1
    assert home.get(answer.url).context["sold"]["is_undone"]


def test_the_same_form_sent_twice_is_one_sale(home, chanderi, product, lot, shop):
    said = {"product": product.pk, "quantity": "1", "shop": shop.pk, "key": key()}
    first = home.post(address("shop-sell", chanderi.pk), said)
    second = home.post(address("shop-sell", chanderi.pk), said)
    assert first.url == second.url
    assert on_hand(lot, shop) == 4


def test_a_sale_of_more_than_there_is_says_how_many_there_are(home, chanderi, product, lot, shop):
    with override("en"):
        answer = home.post(
            address("shop-sell", chanderi.pk), {"product": product.pk, "quantity": "6", "shop": shop.pk, "key": key()}
        )
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert on_hand(lot, shop) == 5


@pytest.mark.parametrize("quantity", ["0", "-1", "1.2345", "many", "", "1e99", "NaN", "0.5"])
def test_a_quantity_that_makes_no_sense_is_not_sold(home, chanderi, product, lot, shop, quantity):
    said = {"product": product.pk, "quantity": quantity, "shop": shop.pk, "key": key()}
    assert home.post(address("shop-sell", chanderi.pk), said).status_code == 422
    assert on_hand(lot, shop) == 5


def test_nobody_sells_from_a_shop_that_is_not_theirs(home, chanderi, product, lot, shop):
    other = places.shops_of_units(list(type(shop.unit).objects.exclude(pk=shop.unit_id)[:1]))[0]
    said = {"product": product.pk, "quantity": "1", "shop": other.pk, "key": key()}
    assert home.post(address("shop-sell", chanderi.pk), said).status_code == 422


def test_a_sale_is_undone_by_whoever_made_it_only(client, home, chanderi, product, lot, shop, staff_member):
    home.post(
        address("shop-sell", chanderi.pk), {"product": product.pk, "quantity": "1", "shop": shop.pk, "key": key()}
    )
    sale = Movement.objects.get(kind=MovementKind.SALE)
    client.force_login(staff_member)
    client.post(address("shop-undo", sale.pk))
    assert on_hand(lot, shop) == 4


def test_without_a_lease_there_is_no_shop_to_sell_in(client, owner, chanderi):
    client.force_login(owner)
    page = client.get(address("shop-sell", chanderi.pk))
    assert page.status_code == 200
    assert page.context["shops"] == []


# Goods come


def test_goods_brought_to_the_shop_are_there_at_once(home, chanderi, product, shop, today):
    said = {
        "product": product.pk, "quantity": "4", "shop": shop.pk, "key": key(), "maker_lot": "M-7",
        "made_date": (today - timedelta(days=3)).isoformat(), "expiry_date": "",
    }  # fmt: skip
    answer = home.post(address("shop-receive", chanderi.pk), said)
    assert answer.url == address("shop-product", product.pk)
    balance = Balance.objects.get(location=shop, lot__product=product)
    assert balance.on_hand == 4
    assert balance.lot.maker_lot == "M-7"


def test_a_delivery_is_announced_with_several_goods(home, chanderi, product, today):
    other = sari(chanderi, "S-2")
    said = {
        "goods-TOTAL_FORMS": "6", "goods-INITIAL_FORMS": "0", "expected_date": today.isoformat(), "note": "सुबह",
        "goods-0-product": product.pk, "goods-0-quantity": "10", "goods-3-product": other.pk, "goods-3-quantity": "2",
    }  # fmt: skip
    assert home.post(address("shop-announce", chanderi.pk), said).status_code == 302
    receipt = GoodsReceipt.objects.get(tenant=chanderi)
    assert [(line.product.sku, line.expected_quantity) for line in receipt.lines.all()] == [("S-1", 10), ("S-2", 2)]
    assert receipt.code in text(home.get(address("shop-announce", chanderi.pk)))


def test_a_delivery_of_nothing_is_not_announced(home, chanderi, today):
    said = {"goods-TOTAL_FORMS": "6", "goods-INITIAL_FORMS": "0", "expected_date": today.isoformat()}
    assert home.post(address("shop-announce", chanderi.pk), said).status_code == 422
    assert not GoodsReceipt.objects.exists()


def a_bin():
    return places.Location.objects.filter(kind=PlaceKind.BIN).order_by("slug")[0]


@pytest.fixture
def asked(home, chanderi, product, shop, now):
    """Three saris asked for from the bin in which ten lie."""
    put(product, a_bin(), 10, now - timedelta(days=1))
    page = home.get(address("shop-transfer", chanderi.pk))
    assert [product.there for product, _field in page.context["form"].lines] == [10]
    said = {f"product-{product.pk}": "3", "shop": shop.pk, "key": key()}
    assert home.post(address("shop-transfer", chanderi.pk), said).status_code == 302
    return TransferOrder.objects.get(tenant=chanderi)


def test_goods_asked_for_are_held_and_called_off(home, chanderi, asked, product):
    assert [(line.product, line.quantity) for line in asked.lines.all()] == [(product, 3)]
    balance = Balance.objects.get(lot__product=product, location=a_bin())
    assert (balance.on_hand, balance.held) == (10, 3)
    assert asked.code in text(home.get(address("shop-transfers", chanderi.pk)))
    home.post(address("shop-call-off", asked.pk))
    balance.refresh_from_db()
    assert balance.held == 0


def test_a_transfer_is_accepted_line_by_line_after_its_slip_is_scanned(
    home, chanderi, asked, product, shop, warehouse_keeper, now
):
    line = asked.lines.get()
    picked = {line.pk: transferring.Picked(quantity=Decimal(3), short_reason="")}
    transferring.pick(order=asked, picked=picked, by=warehouse_keeper, at=now, key="p")
    asked.refresh_from_db()
    transferring.hand_over(order=asked, scanned=asked.code, by=warehouse_keeper, at=now, key="h")
    scan = home.get(address("shop-scan", chanderi.pk), {"code": asked.code})
    assert scan.url == f"{address('shop-accept', asked.pk)}?code={asked.code}"
    accept = address("shop-accept", asked.pk)
    wrong = home.post(accept, {"scanned": "T0000000", f"line-{line.pk}": "3", "key": key()})
    assert wrong.status_code == 422
    answer = home.post(accept, {"scanned": asked.code, f"line-{line.pk}": "2", "key": key()})
    assert answer.status_code == 302
    assert Balance.objects.get(location=shop, lot=line.lot).on_hand == 2
    line.refresh_from_db()
    assert line.missing == 1


# Scanning


def test_a_scanned_label_opens_the_product(home, chanderi, product, lot):
    scan = address("shop-scan", chanderi.pk)
    for code in (product.code, lot.code, product.gtin, "s-1"):
        assert home.get(scan, {"code": code}).url == address("shop-product", product.pk)
    assert home.get(scan, {"code": "nichts"}).context["problem"]


def test_a_barcode_of_two_products_asks_which_one_is_meant(home, chanderi, product, lot):
    sari(chanderi, "08901234567890")
    old = sari(chanderi, "S-9", gtin="08901234567890")
    page = home.get(address("shop-scan", chanderi.pk), {"code": "8901234567890"})
    assert [choice.pk for choice in page.context["choices"]] == [product.pk, old.pk]


# Counting and putting right


def test_the_shop_counts_blind_and_small_differences_are_posted_at_once(home, chanderi, product, lot, shop):
    count = address("shop-count", chanderi.pk)
    home.post(count, {"shop": shop.pk, "key": key()})
    page = home.get(count)
    (line, _field) = page.context["form"].rows[0]
    home.post(count, {f"line-{line.line}": "4", "deed": "finish"})
    assert home.get(count).context["state"] == "recounting"
    assert on_hand(lot, shop) == 5
    home.post(count, {f"line-{line.line}": "4", "deed": "finish"})
    assert on_hand(lot, shop) == 4
    assert CycleCount.objects.get(tenant=chanderi).posted_at


def test_a_count_that_is_given_up_changes_nothing(home, chanderi, lot, shop):
    count = address("shop-count", chanderi.pk)
    home.post(count, {"shop": shop.pk, "key": key()})
    home.post(count, {"deed": "cancel"})
    assert CycleCount.objects.get(tenant=chanderi).cancelled_at
    assert home.get(count).context["count"] is None


def test_a_damaged_sari_is_written_off_and_a_large_sum_waits_for_a_second_person(home, chanderi, product, lot, shop):
    adjust = address("shop-adjust", chanderi.pk)
    balance = Balance.objects.get(lot=lot, location=shop)
    said = {"balance": balance.pk, "happened": "damaged", "quantity": "1", "note": "पानी गिरा"}
    assert home.post(adjust, said | {"key": key()}).status_code == 302
    assert on_hand(lot, shop) == 4
    home.post(adjust, said | {"quantity": "3", "key": key()})
    assert on_hand(lot, shop) == 4
    assert [adjustment.status for adjustment in Adjustment.objects.order_by("pk")] == ["posted", "waiting"]


def test_an_adjustment_says_what_happened(home, chanderi, lot, shop):
    adjust = address("shop-adjust", chanderi.pk)
    answer = home.post(adjust, {"code": lot.code, "happened": "lost", "quantity": "1", "note": "", "key": key()})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["note"]


# What phones send


def fact(product, shop, now, **changes):
    body = {"product": product.pk, "shop": shop.pk, "quantity": "2"}
    return {"uid": key(), "kind": "sale", "happened_at": now.isoformat(), "body": body} | changes


def send(client, tenant, person, facts):
    said = json.dumps({"person": str(person.pk), "facts": facts})
    return client.post(address("shop-facts", tenant.pk), said, content_type="application/json")


def test_facts_are_entered_once_and_answered_under_their_ids(home, chanderi, owner, product, lot, shop, now):
    greeting = home.get(address("shop-facts", chanderi.pk)).json()
    assert greeting["person"] == str(owner.pk)
    one, other = fact(product, shop, now), fact(product, shop, now, body={"product": product.pk, "quantity": "9"})
    for _time in (1, 2):
        answer = send(home, chanderi, owner, [one, other])
        assert [(row["uid"], row["status"]) for row in answer.json()["facts"]] == [
            (one["uid"], "posted"),
            (other["uid"], "conflict"),
        ]
    assert on_hand(lot, shop) == 3
    assert ScannedFact.objects.count() == 2


def test_what_one_person_noted_is_not_entered_in_the_name_of_another(
    client, home, chanderi, owner, staff_member, product, lot, shop, now
):
    client.force_login(staff_member)
    answer = send(client, chanderi, owner, [fact(product, shop, now)])
    assert answer.status_code == 409
    assert not ScannedFact.objects.exists()
    assert on_hand(lot, shop) == 5


def test_what_is_no_list_of_facts_is_refused_as_a_whole(home, chanderi, owner, product, lot, shop, now):
    good = fact(product, shop, now)
    bad = [
        [good | {"kind": "theft"}], [good | {"uid": "7"}], [good | {"happened_at": "yesterday"}], [good | {"more": 1}],
        [good | {"happened_at": "2026-11-22T10:00:00"}], [good | {"body": []}], [7], [good] * 201,
    ]  # fmt: skip
    for facts in bad:
        assert send(home, chanderi, owner, facts).status_code == 400, facts[:1]
    facts_address = address("shop-facts", chanderi.pk)
    for body in ("", "{", "[]", '{"person": "1"}', "[" * 100_000):
        assert home.post(facts_address, body, content_type="application/json").status_code == 400
    assert home.post(facts_address, {"person": owner.pk}).status_code == 400
    assert on_hand(lot, shop) == 5


def test_a_conflict_is_looked_at_changed_and_entered_or_laid_aside(home, chanderi, owner, product, lot, shop, now):
    send(home, chanderi, owner, [fact(product, shop, now, body={"product": product.pk, "quantity": "9"})])
    send(home, chanderi, owner, [fact(product, shop, now, body={"code": "unknown", "quantity": "1"})])
    review = home.get(address("shop-review", chanderi.pk))
    too_many, unknown = [row["fact"] for row in review.context["facts"]]
    assert review.context["facts"][0]["product"] == product
    assert review.context["facts"][0]["problem"]
    assert home.get(address("shop-stock", chanderi.pk)).context["tenant"].conflicts == 2
    home.post(address("shop-settle", too_many.pk), {"deed": "retry", "quantity": "3"})
    home.post(address("shop-settle", unknown.pk), {"deed": "dismiss", "note": ""})
    home.post(address("shop-settle", unknown.pk), {"deed": "dismiss", "note": "टिप्पणी"})
    too_many.refresh_from_db()
    unknown.refresh_from_db()
    assert (too_many.status, unknown.status) == (FactStatus.POSTED, FactStatus.DISMISSED)
    assert on_hand(lot, shop) == 2
    assert not home.get(address("shop-review", chanderi.pk)).context["facts"]


def test_an_outsider_settles_nothing(client, home, outsider, chanderi, owner, product, lot, shop, now):
    send(home, chanderi, owner, [fact(product, shop, now, body={"product": product.pk, "quantity": "9"})])
    client.force_login(outsider)
    assert client.post(address("shop-settle", ScannedFact.objects.get().pk), {"deed": "retry"}).status_code == 404
    assert client.get(address("shop-review", chanderi.pk)).status_code == 404


def test_the_service_worker_is_served_from_the_root_to_anyone(client):
    answer = client.get("/service-worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "const VERSION = " in text(answer)
    assert "/static/js/queue.js" in text(answer)
