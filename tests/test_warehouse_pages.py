"""The pages of the warehouse office, as its keeper, the mall's administrator and the owners of goods use them."""

import io
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from inventory import adjusting, counting, places, receiving, transferring
from inventory.models import (
    Adjustment,
    CycleCount,
    GoodsReceipt,
    Location,
    Movement,
    PlaceKind,
    ReceiptLine,
    StockClosing,
    StorageUse,
    WarehouseRules,
)
from tests.goods import carry, on_hand, put, sari

LISTS = (
    "warehouse-map", "low-stock", "expiring-stock", "ageing", "discrepancies", "storage-use", "receipts", "transfers",
    "counts", "adjustments", "movements",
)  # fmt: skip


@pytest.fixture
def keeper(client, warehouse_keeper):
    client.force_login(warehouse_keeper)
    return client


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def home(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def bin_a():
    return Location.objects.get(slug="A-01-1")


@pytest.fixture
def lot(chanderi, bin_a, now):
    """Seventeen saris of Chanderi in a bin since yesterday."""
    return put(sari(chanderi, reorder_level=20), bin_a, 17, now - timedelta(days=1))


@pytest.fixture
def foreign_lot(batik, bin_a, now):
    """Three pieces of Batik in the same bin."""
    return put(sari(batik, "B-1"), bin_a, 3, now - timedelta(days=1))


def text(response):
    return response.content.decode()


def rows(response, table="table"):
    return [[cell.text for cell in row] for row in response.context[table].rows]


def cells(response):
    return list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))


# Whose goods one sees


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_for_the_keeper_and_for_an_owner(client, warehouse_keeper, owner, lot, foreign_lot, name):
    for reader in (warehouse_keeper, owner):
        client.force_login(reader)
        assert client.get(reverse(name)).status_code == 200


def test_another_tenants_lot_movement_and_position_are_not_there(home, foreign_lot, batik):
    movement = Movement.objects.get(tenant=batik)
    for address in (
        reverse("lot", args=[foreign_lot.pk]),
        reverse("movement", args=[movement.pk]),
        reverse("tenant-position", args=[batik.pk]),
        reverse("position-lines", args=[foreign_lot.product_id]),
    ):
        assert home.get(address).status_code == 404


def test_in_a_shared_bin_an_owner_finds_only_the_own_goods(home, lot, foreign_lot, bin_a):
    page = home.get(reverse("place", args=[bin_a.pk]))
    assert [row[0].split(" · ")[-1] for row in rows(page)] == [lot.code]
    assert foreign_lot.code not in text(page)


def test_todays_work_is_the_keepers_and_not_an_owners(client, warehouse_keeper, owner, db):
    client.force_login(owner)
    assert client.get(reverse("warehouse")).status_code == 403
    client.force_login(warehouse_keeper)
    assert client.get(reverse("warehouse")).context["is_quiet"] is True


# The ledger


def test_a_lots_page_shows_every_line_with_what_lay_there_after_it(keeper, lot, bin_a, now):
    other = Location.objects.get(slug="A-01-2")
    carry(lot, bin_a, other, 5, now, "five to the next shelf")
    page = keeper.get(reverse("lot", args=[lot.pk]))
    lines = {(str(row[2]), row[3], row[4]) for row in rows(page)}
    assert {(str(bin_a), "-5", "12"), (str(other), "+5", "5"), (str(bin_a), "+17", "17")} <= {
        (place, change.replace("−", "-"), there) for place, change, there in lines
    }


def test_a_movement_is_reversed_once_and_with_a_reason(keeper, lot, bin_a):
    movement = Movement.objects.get(entries__lot=lot, entries__location=bin_a)
    address = reverse("movement-reverse", args=[movement.pk])
    assert keeper.post(address, {"key": uuid4(), "why": ""}).status_code == 422
    answer = keeper.post(address, {"key": uuid4(), "why": "ग़लत गिना"})
    reversal = Movement.objects.get(reverses=movement)
    assert answer.url == reverse("movement", args=[reversal.pk])
    assert (on_hand(lot, bin_a), reversal.reason) == (Decimal(0), "ग़लत गिना")
    assert keeper.post(address, {"key": uuid4(), "why": "फिर से"}).status_code == 422


def test_an_owner_reads_a_movement_but_does_not_reverse_it(home, lot, bin_a):
    movement = Movement.objects.get(entries__lot=lot, entries__location=bin_a)
    page = home.get(reverse("movement", args=[movement.pk]))
    assert page.context["may_reverse"] is False
    assert home.get(reverse("movement-reverse", args=[movement.pk])).status_code == 403


def test_movements_are_narrowed_by_product_place_kind_tenant_and_day(keeper, lot, foreign_lot, chanderi, bin_a, today):
    def found(**wanted):
        return len(rows(keeper.get(reverse("movements"), wanted)))

    assert found() == 2
    assert found(product=lot.code) == found(product=lot.product.code) == found(product="S-1") == 1
    assert found(product="no such thing") == 0
    assert (found(place="a-01-1"), found(place="Z-99-9")) == (2, 0)
    assert (found(kind="receipt"), found(kind="sale")) == (2, 0)
    assert found(tenant=chanderi.pk) == 1
    assert found(first=today.isoformat()) == 0
    assert found(last=(today - timedelta(days=1)).isoformat()) == 2


def test_the_list_goes_on_behind_the_last_row_and_counts_nothing(keeper, lot, bin_a, now):
    other = Location.objects.get(slug="A-01-2")
    for number in range(60):
        there, back = (bin_a, other) if number % 2 == 0 else (other, bin_a)
        carry(lot, there, back, 1, now, f"to and fro {number}")
    first = keeper.get(reverse("movements"))
    second = keeper.get(reverse("movements"), {"after": first.context["slice"].next_key})
    assert (len(rows(first)), len(rows(second))) == (50, 11)
    assert second.context["slice"].next_key is None
    assert not {m.pk for m in first.context["slice"].rows} & {m.pk for m in second.context["slice"].rows}


def test_movements_download_as_a_spreadsheet(keeper, lot):
    assert len(cells(keeper.get(reverse("movements-download")))) == 2


def test_every_figure_of_a_position_leads_to_lines_that_add_up_to_it(home, lot, chanderi, bin_a, now):
    shop = Location.objects.filter(kind=PlaceKind.UNIT).first()
    carry(lot, bin_a, shop, 4, now, "four to the shop")
    page = home.get(reverse("tenant-position", args=[chanderi.pk]))
    assert [cell.text for cell in page.context["table"].rows[0]][1:9] == ["0", "13", "0", "0", "0", "4", "17", "0"]
    for cell in page.context["table"].rows[0][1:9]:
        lines = home.get(cell.url)
        assert lines.status_code == 200
        assert lines.context["total"] == Decimal(cell.text)


# The map, and what needs a look


def test_the_map_shows_how_full_a_bin_is_in_steps_figures_and_words(keeper, lot, bin_a):
    page = keeper.get(reverse("warehouse-map"))
    drawn = {bin.slug: bin for bin in page.context["bins"]}
    assert (drawn["A-01-1"].percent, drawn["A-01-1"].step, drawn["A-01-2"].step) == (3, 1, 0)
    assert [entry["count"] for entry in page.context["legend"]] == [len(drawn) - 1, 1, 0, 0, 0, 0]
    assert reverse("place", args=[bin_a.pk]) in text(page)
    assert 'style="' not in text(page)


def test_low_stock_and_dates_are_listed_for_whom_they_concern(home, chanderi, batik, bin_a, lot, now, today):
    soon = put(sari(chanderi, "S-2", kind="food"), bin_a, 2, now, expiry_date=today + timedelta(days=3))
    gone = put(sari(chanderi, "S-3", kind="food"), bin_a, 2, now, expiry_date=today - timedelta(days=3))
    put(sari(batik, "B-2", kind="food", reorder_level=9), bin_a, 2, now, expiry_date=today)
    assert [row[1] for row in rows(home.get(reverse("low-stock")))] == ["S-1"]
    listed = home.get(reverse("expiring-stock")).context["slice"].rows
    assert [balance.lot for balance in listed] == [gone, soon]


def test_goods_are_sorted_by_age(home, chanderi, bin_a, now, today):
    put(sari(chanderi, "OLD"), bin_a, 2, now, received_date=today - timedelta(days=200))
    put(sari(chanderi, "NEW"), bin_a, 3, now, received_date=today)
    page = home.get(reverse("ageing"))
    assert [[row[1], *row[2:6]] for row in rows(page)] == [["OLD", "–", "–", "–", "2"], ["NEW", "3", "–", "–", "–"]]
    assert [bar["worth"] for bar in page.context["bars"]] == [3600, 0, 0, 2400]
    assert len(cells(home.get(reverse("ageing-download")))) == 3


def test_a_delivery_that_differs_is_a_discrepancy(home, chanderi, lot, warehouse_keeper, now, today):
    receipt = GoodsReceipt.objects.create(
        tenant=chanderi, expected_date=today, announced_by=warehouse_keeper, announced_at=now,
        received_by=warehouse_keeper, received_at=now,
    )  # fmt: skip
    ReceiptLine.objects.create(
        receipt=receipt, product=lot.product, expected_quantity=20, good_quantity=17, damaged_quantity=1, lot=lot
    )
    first = home.get(reverse("discrepancies")).context["tables"][0]
    assert [(row[0].text, row[3].text, row[4].text) for row in first.rows] == [(receipt.code, "20", "−2")]
    page = home.get(reverse("receipt", args=[receipt.pk]))
    assert lot.code in text(page)
    assert [row[5] for row in rows(home.get(reverse("receipts")))] == ["1"]


# Deliveries


def test_a_delivery_is_received_line_by_line_and_put_away_into_a_bin(
    keeper, chanderi, owner, outsider, client, now, today
):
    product = sari(chanderi)
    receipt = receiving.announce(
        tenant=chanderi, lines=[receiving.Expected(product, Decimal(20))], expected_date=today, by=owner, at=now
    )
    line = receipt.lines.get()
    typed = {"key": uuid4(), f"line-{line.pk}-good": "१८", f"line-{line.pk}-damaged": "1"}
    assert keeper.get(reverse("receipt-accept", args=[receipt.pk])).status_code == 200
    wrong = keeper.post(reverse("receipt-accept", args=[receipt.pk]), typed | {f"line-{line.pk}-good": "many"})
    assert wrong.status_code == 422
    answer = keeper.post(reverse("receipt-accept", args=[receipt.pk]), typed)
    assert answer.url == reverse("receipt", args=[receipt.pk])
    line.refresh_from_db()
    assert (line.good_quantity, line.damaged_quantity, line.difference) == (18, 1, -1)
    assert keeper.get(reverse("put-away")).context["slice"].rows[0].lot == line.lot
    address = reverse("put-away-lot", args=[line.lot_id])
    assert len(keeper.get(address).context["table"].given) == 3
    assert keeper.post(address, {"key": uuid4(), "bin": "no-such", "quantity": "18"}).status_code == 422
    keeper.post(address, {"key": uuid4(), "bin": "A-01-1", "quantity": "18"})
    assert on_hand(line.lot, Location.objects.get(slug="A-01-1")) == 18
    client.force_login(outsider)
    assert client.get(reverse("receipt", args=[receipt.pk])).status_code == 404


# Transfers


def test_goods_are_picked_handed_over_by_scan_and_what_is_missing_is_settled(
    client, warehouse_keeper, owner, outsider, chanderi, lot, bin_a, now
):
    shop = Location.objects.filter(kind=PlaceKind.UNIT).first()
    order = transferring.request(
        tenant=chanderi, destination=shop, items=[(lot.product, Decimal(6))], by=owner, at=now, note=""
    )
    line = order.lines.get()
    client.force_login(warehouse_keeper)
    assert [stop["place"] for stop in client.get(reverse("pick-lists")).context["stops"]] == [bin_a]
    pick = reverse("transfer-pick", args=[order.pk])
    assert client.post(pick, {"key": uuid4(), f"line-{line.pk}": "5"}).status_code == 422
    client.post(pick, {"key": uuid4(), f"line-{line.pk}": "5", f"line-{line.pk}-why": "too_few"})
    hand_over = reverse("transfer-hand-over", args=[order.pk])
    assert client.post(hand_over, {"key": uuid4(), "scanned": "T0000000"}).status_code == 422
    assert client.post(hand_over, {"key": uuid4(), "scanned": order.code}).status_code == 302
    order.refresh_from_db()
    transferring.accept(
        order=order, scanned=order.code, accepted={line.pk: Decimal(3)}, by=owner, at=timezone.now(), key=str(uuid4())
    )
    page = client.get(reverse("transfer", args=[order.pk]))
    assert page.context["is_missing"] is True
    settle = reverse("transfer-settle", args=[order.pk, line.pk])
    assert client.get(settle).status_code == 200
    assert client.post(settle, {"key": uuid4(), "found": "yes", "note": "मिल गया"}).status_code == 302
    assert on_hand(lot, shop) == 5
    assert client.get(reverse("transfer", args=[order.pk])).context["is_missing"] is False
    client.force_login(outsider)
    assert client.get(reverse("transfer", args=[order.pk])).status_code == 404


# Counts


def begin(client, tenant):
    answer = client.post(reverse("count-open"), {"tenant": tenant.pk, "aisles": ["A"], "note": ""})
    count = CycleCount.objects.get()
    assert answer.url == reverse("count-enter", args=[count.pk])
    return count, count.lines.get()


def test_the_page_on_which_one_counts_never_says_how_many_there_should_be(keeper, chanderi, bin_a, now):
    put(sari(chanderi), bin_a, 7391, now)
    count, line = begin(keeper, chanderi)
    for name in ("count-enter", "count"):
        page = text(keeper.get(reverse(name, args=[count.pk])))
        assert "7391" not in page
        assert "7,391" not in page
    keeper.post(reverse("count-enter", args=[count.pk]), {f"line-{line.pk}": "7000", "deed": "finish"})
    count.refresh_from_db()
    assert count.status == "recounting"
    page = text(keeper.get(reverse("count-enter", args=[count.pk])))
    for told in ("7391", "7,391", "7000", "7,000"):
        assert told not in page


def test_a_count_goes_from_two_counters_over_an_approver_to_the_owner(
    client, warehouse_keeper, administrator, person, owner, chanderi, lot, bin_a
):
    client.force_login(warehouse_keeper)
    count, line = begin(client, chanderi)
    enter = reverse("count-enter", args=[count.pk])
    client.post(enter, {f"line-{line.pk}": "16", "deed": "finish"})
    second = person("rekha", "warehouse_keeper")
    client.force_login(second)
    client.post(enter, {f"line-{line.pk}": "16", "deed": "finish"})
    client.force_login(administrator)
    assert client.post(reverse("count-approve", args=[count.pk]), {"key": uuid4()}).status_code == 302
    client.force_login(owner)
    page = client.get(reverse("count", args=[count.pk]))
    assert (page.context["may_sign"], rows(page)[0][2:6]) == (True, ["16", "16", "17", "−1"])
    assert client.post(reverse("count-countersign", args=[count.pk]), {"key": uuid4()}).status_code == 302
    assert on_hand(lot, bin_a) == 16


def test_the_owner_objects_and_what_differs_is_counted_once_more(
    client, warehouse_keeper, administrator, owner, chanderi, lot, now
):
    WarehouseRules.objects.update(count_tolerance_percent=50)
    count = counting.open_count(
        tenant=chanderi, places=[Location.objects.get(slug="A-01-1")], by=warehouse_keeper, at=now
    )
    counting.enter(line=count.lines.get(), quantity=Decimal(10), by=warehouse_keeper, at=now)
    counting.finish_round(count=count, by=warehouse_keeper, at=now)
    counting.approve(count=count, by=administrator, at=now, key=str(uuid4()))
    client.force_login(owner)
    address = reverse("count-object", args=[count.pk])
    assert client.post(address, {"key": uuid4(), "why": ""}).status_code == 422
    client.post(address, {"key": uuid4(), "why": "दो बक्से नहीं गिने"})
    count = CycleCount.objects.get(pk=count.pk)
    assert (count.status, count.objection) == ("recounting", "दो बक्से नहीं गिने")


# Adjustments, rules, closing, room


def test_a_second_person_decides_an_adjustment_and_not_whoever_proposed_it(
    client, warehouse_keeper, administrator, lot, bin_a, now
):
    thing = adjusting.propose(
        lot=lot, location=bin_a, difference=Decimal(-5), reason="lost", note="नहीं मिला", by=warehouse_keeper, at=now,
        key=str(uuid4()),
    )  # fmt: skip
    address = reverse("adjustment-decide", args=[thing.pk])
    client.force_login(warehouse_keeper)
    assert client.get(reverse("adjustment", args=[thing.pk])).context["is_own"] is True
    assert client.post(address, {"key": uuid4(), "decision": "approve"}).status_code == 422
    client.force_login(administrator)
    assert [row[0] for row in rows(client.get(reverse("adjustments")))] == [thing.code]
    assert client.post(address, {"key": uuid4(), "decision": "refuse", "why": ""}).status_code == 422
    client.post(address, {"key": uuid4(), "decision": "approve"})
    assert (on_hand(lot, bin_a), Adjustment.objects.get().status) == (Decimal(12), "posted")


def test_a_period_is_closed_after_one_is_asked_whether_one_is_sure(office, today):
    day = (today - timedelta(days=1)).isoformat()
    page = office.post(reverse("stock-closing"), {"through_date": day, "note": ""})
    assert page.context["is_sure_asked"] is True
    assert not StockClosing.objects.exists()
    office.post(reverse("stock-closing"), {"through_date": day, "note": "", "sure": "yes"})
    assert StockClosing.objects.get().through_date == today - timedelta(days=1)
    again = office.post(reverse("stock-closing"), {"through_date": today.isoformat(), "note": "", "sure": "yes"})
    assert "through_date" in again.context["form"].errors


def test_the_rules_are_kept_with_their_history(office, administrator, db):
    page = office.get(reverse("warehouse-rules"))
    typed = page.context["form"].initial | {"hold_hours": 24}
    assert office.post(reverse("warehouse-rules"), typed).status_code == 302
    rules = WarehouseRules.objects.get()
    assert (rules.hold_hours, rules.history.first().history_user) == (24, administrator)
    assert office.post(reverse("warehouse-rules"), typed | {"hold_hours": "many"}).status_code == 422


def test_the_room_that_goods_took_is_listed_and_downloaded(home, chanderi, batik, now, today):
    for tenant in (chanderi, batik):
        StorageUse.objects.create(tenant=tenant, day=today, litres=Decimal("12.5"), bins=2, lots=3, measured_at=now)
    assert [row[2:] for row in rows(home.get(reverse("storage-use")))] == [["12.5", "2", "3"]]
    assert len(cells(home.get(reverse("storage-use-download")))) == 2


# Speed


@pytest.mark.parametrize(
    "name",
    ["movements", "expiring-stock", "low-stock", "storage-use", "adjustments", "counts", "transfers", "receipts"],
)
def test_a_list_asks_as_many_questions_for_many_rows_as_for_one(
    keeper, chanderi, lot, bin_a, now, today, warehouse_keeper, name, django_assert_max_num_queries
):
    def fill(number):
        product = sari(chanderi, f"Q-{number}", kind="food", reorder_level=50)
        added = put(product, bin_a, 5, now, expiry_date=today)
        adjusting.propose(
            lot=added, location=bin_a, difference=Decimal(-5), reason="lost", note="–", by=warehouse_keeper, at=now,
            key=f"q {number}",
        )  # fmt: skip

    def asked():
        with django_assert_max_num_queries(12) as seen:
            assert keeper.get(reverse(name)).status_code == 200
        return len(seen)

    fill(0)
    keeper.get(reverse(name))
    for_one = asked()
    for number in range(1, 12):
        fill(number)
    assert asked() == for_one


def test_the_page_of_a_place_and_of_todays_work_ask_few_questions(keeper, lot, foreign_lot, bin_a, now):
    put(sari(lot.tenant, "D-1"), places.the(PlaceKind.DOCK), 5, now)
    for address in (reverse("place", args=[bin_a.pk]), reverse("warehouse")):
        assert keeper.get(address).status_code == 200
