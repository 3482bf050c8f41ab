"""Deliveries, transfers and what phones noted, over the API: each step by whoever may take it, told exactly."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from inventory import places
from inventory.models import Balance, Hold, Location, Lot, Movement, PlaceKind, ScannedFact, TransferOrder
from leases.letting import let_unit
from mall.models import Unit
from tests.asking import faults_in, problem_in
from tests.goods import on_hand, put, sari
from tests.walking_goods import drawn

V1 = "/api/v1/inventory/"


def write(client, address, body=None):
    return client.post(f"{V1}{address}", body or {}, headers=new_key())


def new_key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def photograph(client, address, content, key=None):
    file = SimpleUploadedFile("IMG_1.jpg", content, content_type="image/jpeg")
    return client.post(address, {"file": file}, "multipart", headers=key or new_key())


def foreign_shop():
    """A shop that no tenant has on lease."""
    return places.shop(Unit.objects.filter(category__code="commercial", leases=None).order_by("number")[0])


@pytest.fixture
def bins(db):
    return list(Location.objects.bins().order_by("slug")[:3])


@pytest.fixture
def shop(chanderi, vacant_unit, administrator, today):
    let_unit(unit=vacant_unit, tenant=chanderi, first=today - timedelta(days=40), last=None, by=administrator)
    return places.shop(vacant_unit)


@pytest.fixture
def product(chanderi):
    return sari(chanderi)


class TestDeliveries:
    def test_a_delivery_is_announced_received_and_put_away(self, api, owner, warehouse_keeper, product, bins, today):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": product.pk, "quantity": "12"}]}
        answer = write(api(owner), "receipts/", entry)
        assert answer.status_code == 201, answer.json()
        receipt = answer.json()
        assert (receipt["status"], receipt["lines"][0]["expected_quantity"]) == ("expected", "12.000")
        keeper = api(warehouse_keeper)
        came = {"lines": [{"line": receipt["lines"][0]["id"], "good": "10", "damaged": "1"}]}
        received = write(keeper, f"receipts/{receipt['id']}/receive/", came).json()
        line = received["lines"][0]
        assert (received["status"], line["good_quantity"], line["difference"]) == ("received", "10.000", "-1.000")
        dock, apart = places.the(PlaceKind.DOCK), places.the(PlaceKind.QUARANTINE)
        there = {it.location_id: it.on_hand for it in Balance.objects.stocked().filter(lot=line["lot"])}
        assert there == {dock.pk: 10, apart.pk: 1}
        put_away = {"lot": line["lot"], "bin": bins[0].pk, "quantity": "10"}
        assert write(keeper, "put-aways/", put_away).status_code == 201
        assert Balance.objects.get(lot=line["lot"], location=bins[0]).on_hand == 10

    def test_what_is_anothers_is_announced_by_nobody_else(self, api, owner, batik, product, today):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": sari(batik).pk, "quantity": "12"}]}
        assert faults_in(write(api(owner), "receipts/", entry)) == {"lines.0.product": "unknown"}

    def test_a_line_of_another_paper_is_unknown_and_a_line_comes_once(
        self, api, owner, warehouse_keeper, product, today
    ):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": product.pk, "quantity": "12"}]}
        receipt = write(api(owner), "receipts/", entry).json()
        line = {"line": receipt["lines"][0]["id"], "good": "1"}
        address = f"receipts/{receipt['id']}/receive/"
        keeper = api(warehouse_keeper)
        assert faults_in(write(keeper, address, {"lines": [line | {"line": 2_000_000_007}]})) == {
            "lines.0.line": "unknown"
        }
        assert faults_in(write(keeper, address, {"lines": [line, line]})) == {"lines.1.line": "repeated"}

    def test_a_delivery_is_photographed_by_the_warehouse_and_seen_by_its_owner_alone(
        self, api, owner, outsider, warehouse_keeper, product, today
    ):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": product.pk, "quantity": "12"}]}
        address = f"{V1}receipts/{write(api(owner), 'receipts/', entry).json()['id']}/photos/"
        keeper = api(warehouse_keeper)
        added = photograph(keeper, address, drawn("JPEG"))
        assert added.status_code == 201, added.json()
        seen = api(owner).get(address).json()
        assert seen == {"results": [added.json()]}
        assert seen["results"][0]["added_by"]["id"] == warehouse_keeper.pk
        one = f"{address}{added.json()['id']}/"
        kept = api(owner).get(one)
        assert (kept.status_code, kept.headers["Content-Type"]) == (200, "image/jpeg")
        assert Image.open(BytesIO(b"".join(kept.streaming_content))).format == "JPEG"
        problem_in(photograph(keeper, address, b"%PDF-1.7 not a picture"), 400, "picture_refused")
        assert faults_in(keeper.post(address, {}, "multipart", headers=new_key())) == {"file": "required"}
        problem_in(photograph(api(owner), address, drawn("JPEG")), 403, "permission_denied")
        for hidden in (address, one, f"{address}2000000007/"):
            problem_in(api(outsider).get(hidden), 404, "not_found")
        problem_in(keeper.get(f"{address}2000000007/"), 404, "not_found")
        assert len(keeper.get(address).json()["results"]) == 1

    def test_the_same_photograph_sent_twice_under_one_key_is_kept_once(
        self, api, owner, warehouse_keeper, product, today
    ):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": product.pk, "quantity": "12"}]}
        address = f"{V1}receipts/{write(api(owner), 'receipts/', entry).json()['id']}/photos/"
        keeper, key = api(warehouse_keeper), new_key()
        first, again = (photograph(keeper, address, drawn("JPEG"), key) for _ in range(2))
        assert (again.status_code, again.json()) == (201, first.json())
        assert len(keeper.get(address).json()["results"]) == 1

    def test_goods_come_straight_to_a_shop_of_the_tenant(self, api, owner, outsider, product, shop, bins):
        entry = {"product": product.pk, "shop": shop.pk, "quantity": "6", "maker_lot": "LOOM-7"}
        key = new_key()
        first, again = (api(owner).post(f"{V1}shop-receipts/", entry, headers=key) for _ in range(2))
        assert first.status_code == 201, first.json()
        assert again.json() == first.json()
        lot = Lot.objects.get()
        assert (lot.maker_lot, on_hand(lot, shop)) == ("LOOM-7", 6)
        assert first.json() == {
            "lot": lot.pk, "lot_code": lot.code, "product": product.pk, "shop": shop.pk, "quantity": "6.000",
            "expiry_date": None,
        }  # fmt: skip
        assert faults_in(write(api(outsider), "shop-receipts/", entry)) == {"product": "unknown"}
        assert faults_in(write(api(owner), "shop-receipts/", entry | {"shop": bins[0].pk})) == {"shop": "unknown"}
        other = entry | {"shop": foreign_shop().pk}
        assert faults_in(write(api(owner), "shop-receipts/", other)) == {"shop": "foreign_shop"}
        assert Lot.objects.count() == 1

    def test_food_for_a_shop_says_its_date(self, api, owner, chanderi, shop, today):
        pickle = sari(chanderi, "A-1", kind="food")
        entry = {"product": pickle.pk, "shop": shop.pk, "quantity": "6"}
        problem_in(write(api(owner), "shop-receipts/", entry), 400, "expiry_needed")
        past = entry | {"expiry_date": (today - timedelta(days=1)).isoformat()}
        problem_in(write(api(owner), "shop-receipts/", past), 409, "expired_on_arrival")
        good = entry | {"expiry_date": today.isoformat()}
        assert write(api(owner), "shop-receipts/", good).json()["expiry_date"] == today.isoformat()

    def test_a_delivery_that_will_not_come_is_cancelled(self, api, owner, outsider, product, today):
        entry = {"expected_date": today.isoformat(), "lines": [{"product": product.pk, "quantity": "12"}]}
        receipt = write(api(owner), "receipts/", entry).json()["id"]
        problem_in(write(api(outsider), f"receipts/{receipt}/cancel/"), 404, "not_found")
        assert write(api(owner), f"receipts/{receipt}/cancel/").json()["status"] == "cancelled"


class TestTransfers:
    @pytest.fixture
    def lot(self, product, bins, now):
        return put(product, bins[0], 10, now - timedelta(days=2))

    def test_goods_go_to_the_shop_in_two_scans(self, api, owner, warehouse_keeper, product, lot, bins, shop):
        entry = {"destination": shop.pk, "items": [{"product": product.pk, "quantity": "6"}]}
        answer = write(api(owner), "transfers/", entry)
        assert answer.status_code == 201, answer.json()
        order = answer.json()
        address, keeper = f"transfers/{order['id']}/", api(warehouse_keeper)
        assert (order["status"], order["lines"][0]["lot"]) == ("requested", lot.pk)
        picked = {"lines": [{"line": order["lines"][0]["id"], "quantity": "6"}]}
        assert write(keeper, f"{address}pick/", picked).json()["status"] == "picked"
        assert write(keeper, f"{address}hand-over/", {"scanned": order["code"]}).json()["status"] == "in_transit"
        accepted = write(api(owner), f"{address}accept/", {"scanned": order["code"]})
        assert accepted.json()["status"] == "accepted"
        assert (on_hand(lot, bins[0]), on_hand(lot, shop)) == (4, 6)

    def test_who_asks_for_more_than_there_is_is_told_and_nothing_is_kept(self, api, owner, product, lot, shop):
        entry = {"destination": shop.pk, "items": [{"product": product.pk, "quantity": "11"}]}
        answer = write(api(owner), "transfers/", entry)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_stock")
        assert (answer.json()["details"]["wanted"], answer.json()["details"]["available"]) == ("11", "10")
        assert not TransferOrder.objects.exists()
        assert not Hold.objects.exists()

    def test_goods_go_only_to_a_shop_that_the_tenant_has(self, api, owner, product, lot, shop):
        entry = {"destination": foreign_shop().pk, "items": [{"product": product.pk, "quantity": "1"}]}
        assert faults_in(write(api(owner), "transfers/", entry)) == {"destination": "foreign_shop"}

    def test_the_hold_of_an_order_ends_with_the_order(self, api, owner, product, lot, bins, shop):
        entry = {"destination": shop.pk, "items": [{"product": product.pk, "quantity": "6"}]}
        order = write(api(owner), "transfers/", entry).json()["id"]
        hold = Hold.objects.get().pk
        problem_in(write(api(owner), f"holds/{hold}/release/"), 409, "hold_of_a_transfer")
        assert write(api(owner), f"transfers/{order}/cancel/").json()["status"] == "cancelled"
        assert Balance.objects.get(lot=lot, location=bins[0]).held == 0

    def test_the_warehouse_accepts_nothing_for_a_shop(self, api, owner, warehouse_keeper, product, lot, shop):
        entry = {"destination": shop.pk, "items": [{"product": product.pk, "quantity": "6"}]}
        order = write(api(owner), "transfers/", entry).json()
        answer = write(api(warehouse_keeper), f"transfers/{order['id']}/accept/", {"scanned": order["code"]})
        problem_in(answer, 403, "permission_denied")

    @pytest.fixture
    def one_missing(self, api, owner, warehouse_keeper, product, lot, shop):
        """Six were handed over and four accepted."""
        entry = {"destination": shop.pk, "items": [{"product": product.pk, "quantity": "6"}]}
        order, keeper = write(api(owner), "transfers/", entry).json(), api(warehouse_keeper)
        line, address = order["lines"][0]["id"], f"transfers/{order['id']}/"
        write(keeper, f"{address}pick/", {"lines": [{"line": line, "quantity": "6"}]})
        write(keeper, f"{address}hand-over/", {"scanned": order["code"]})
        came = {"scanned": order["code"], "lines": [{"line": line, "quantity": "4"}]}
        assert write(api(owner), f"{address}accept/", came).json()["lines"][0]["missing"] == "2.000"
        return f"{address}settle/", line

    @pytest.mark.parametrize(("found", "in_shop", "lost"), [(True, 6, 0), (False, 4, 2)])
    def test_what_is_missing_is_settled_by_the_warehouse(
        self, api, owner, warehouse_keeper, lot, shop, one_missing, found, in_shop, lost
    ):
        address, line = one_missing
        keeper, entry = api(warehouse_keeper), {"line": line, "found": found, "note": "Asked the porter"}
        assert faults_in(write(keeper, address, {"line": line, "found": found})) == {"note": "required"}
        assert faults_in(write(keeper, address, entry | {"line": 2_000_000_007})) == {"line": "unknown"}
        problem_in(write(api(owner), address, entry), 403, "permission_denied")
        answer = write(keeper, address, entry)
        assert answer.status_code == 200, answer.json()
        loss, transit = places.the(PlaceKind.LOSS), places.the(PlaceKind.TRANSIT)
        assert (on_hand(lot, shop), on_hand(lot, loss), on_hand(lot, transit)) == (in_shop, lost, 0)
        problem_in(write(keeper, address, entry), 409, "nothing_missing")

    def test_a_shop_sends_goods_back(self, api, owner, outsider, warehouse_keeper, product, shop, now):
        lot = put(product, shop, 5, now - timedelta(days=2))
        entry = {"lot": lot.pk, "shop": shop.pk, "quantity": "3"}
        answer = write(api(owner), "send-backs/", entry)
        assert answer.status_code == 201, answer.json()
        assert answer.json() == entry | {"quantity": "3.000", "movement": Movement.objects.latest("pk").pk}
        assert (on_hand(lot, shop), on_hand(lot, places.the(PlaceKind.DOCK))) == (2, 3)
        problem_in(write(api(owner), "send-backs/", entry), 409, "not_enough_stock")
        other = entry | {"shop": foreign_shop().pk}
        assert faults_in(write(api(owner), "send-backs/", other)) == {"shop": "foreign_shop"}
        assert faults_in(write(api(outsider), "send-backs/", entry)) == {"lot": "unknown"}
        problem_in(write(api(warehouse_keeper), "send-backs/", entry), 403, "permission_denied")

    def test_goods_go_back_to_their_owner(self, api, owner, warehouse_keeper, lot, bins, shop):
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "4", "reason": "Unsold since Diwali"}
        keeper = api(warehouse_keeper)
        problem_in(write(api(owner), "returns/", entry), 403, "permission_denied")
        assert faults_in(write(keeper, "returns/", entry | {"reason": ""})) == {"reason": "blank"}
        problem_in(write(keeper, "returns/", entry | {"place": shop.pk}), 400, "not_in_the_warehouse")
        problem_in(write(keeper, "returns/", entry | {"quantity": "11"}), 409, "not_enough_stock")
        answer = write(keeper, "returns/", entry)
        assert answer.status_code == 201, answer.json()
        assert (on_hand(lot, bins[0]), on_hand(lot, places.the(PlaceKind.OWNER))) == (6, 4)
        movement = Movement.objects.get(pk=answer.json()["movement"])
        assert (movement.kind, movement.reason) == ("owner_return", "Unsold since Diwali")


class TestFacts:
    @pytest.fixture
    def lot(self, product, shop, now):
        return put(product, shop, 3, now - timedelta(days=2))

    def said(self, lot, shop, quantity, at, uid=None):
        body = {"code": lot.code, "shop": shop.pk, "quantity": quantity}
        return {"uid": uid or str(uuid.uuid4()), "kind": "sale", "happened_at": at.isoformat(), "body": body}

    def test_a_batch_is_entered_in_order_and_a_conflict_stops_nothing(self, api, owner, lot, shop, now):
        at = now - timedelta(hours=1)
        batch = [self.said(lot, shop, much, at) for much in ("2", "5", "1")]
        answer = write(api(owner), "facts/", {"facts": batch})
        assert answer.status_code == 200, answer.json()
        results = answer.json()["results"]
        assert [it["status"] for it in results] == ["posted", "conflict", "posted"]
        assert results[1]["problem_code"] == "not_enough_stock"
        assert results[1]["problem"]
        assert on_hand(lot, shop) == 0

    def test_the_same_batch_twice_is_entered_once(self, api, owner, lot, shop, now):
        batch = {"facts": [self.said(lot, shop, "2", now - timedelta(hours=1))]}
        first, second = (write(api(owner), "facts/", batch).json() for _ in range(2))
        assert first == second
        assert on_hand(lot, shop) == 1

    def test_a_conflict_is_put_right_or_laid_aside_with_a_note(self, api, owner, outsider, lot, shop, now):
        at = now - timedelta(hours=1)
        batch = {"facts": [self.said(lot, shop, "5", at), self.said(lot, shop, "9", at)]}
        one, other = (it["id"] for it in write(api(owner), "facts/", batch).json()["results"])
        problem_in(write(api(outsider), f"facts/{one}/dismiss/", {"note": "x"}), 404, "not_found")
        right = write(api(owner), f"facts/{one}/retry/", {"changes": {"quantity": "3"}}).json()
        assert (right["status"], on_hand(lot, shop)) == ("posted", 0)
        assert faults_in(write(api(owner), f"facts/{other}/dismiss/")) == {"note": "required"}
        assert write(api(owner), f"facts/{other}/dismiss/", {"note": "typed twice"}).json()["status"] == "dismissed"
        assert not ScannedFact.objects.to_review().exists()
