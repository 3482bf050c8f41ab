"""The shared warehouse over the API: products, what lies where, promises, counts, adjustments, the feed."""

import io
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from PIL import Image
from rest_framework.test import APIClient

from accounts.keys import issue_key
from accounts.roles import Right
from api.views.stock_lots import HoldShape, LotEntryShape, LotRowShape
from api.views.stock_places import BalanceRowShape, PlaceRowShape
from api.views.stock_products import ProductRowShape
from inventory import ledger, places
from inventory.models import Adjustment, Balance, Hold, Location, Movement, Product, WarehouseRules
from inventory.sheet_tasks import apply_sheets, check_sheets
from inventory.sheet_writing import catalogue_sheet
from leases.letting import let_unit
from tests.asking import faults_in, problem_in
from tests.goods import carry, on_hand, put, sari

V1 = "/api/v1/inventory/"


def fresh():
    """A new Idempotency-Key, as each write needs one."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def write(client, address, body=None, key=None):
    return client.post(f"{V1}{address}", body or {}, headers={"Idempotency-Key": key} if key else fresh())


def rows(client, address):
    answer = client.get(f"{V1}{address}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


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


@pytest.fixture
def lot(product, bins, now):
    return put(product, bins[0], 10, now - timedelta(days=2))


@pytest.fixture
def foreign(batik, bins, now):
    """Ten stoles of the neighbour, in the bin beside."""
    return put(sari(batik, "B-1"), bins[1], 10, now - timedelta(days=1))


class TestKeys:
    def test_a_write_without_a_key_is_refused_and_nothing_happens(self, api, owner, lot, bins, now):
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "1", "purpose": "shown", "until": in_an_hour(now)}
        answer = api(owner).post(f"{V1}holds/", entry)
        problem_in(answer, 400, "idempotency_key_missing")
        assert not Hold.objects.exists()

    def test_the_same_write_twice_happens_once_and_another_body_is_refused(self, api, owner, lot, bins, now):
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "4", "purpose": "shown", "until": in_an_hour(now)}
        client = api(owner)
        first = write(client, "holds/", entry, key="one")
        again = write(client, "holds/", entry, key="one")
        assert (first.status_code, again.status_code) == (201, 201), first.json()
        assert again.headers["Idempotent-Replay"] == "true"
        assert again.json() == first.json()
        assert Balance.objects.get(lot=lot, location=bins[0]).held == 4
        problem_in(write(client, "holds/", entry | {"quantity": "5"}, key="one"), 422, "key_reused")

    def test_two_people_may_use_the_same_key(self, api, owner, staff_member, lot, bins, now):
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "4", "purpose": "shown", "until": in_an_hour(now)}
        assert write(api(owner), "holds/", entry, key="one").status_code == 201
        assert write(api(staff_member), "holds/", entry, key="one").status_code == 201
        assert Balance.objects.get(lot=lot, location=bins[0]).held == 8


def in_an_hour(now):
    return (now + timedelta(hours=1)).isoformat()


class TestShortage:
    def test_who_asks_for_more_than_is_free_is_told_how_much_is(self, api, owner, lot, bins, now):
        client = api(owner)
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "7", "purpose": "shown", "until": in_an_hour(now)}
        assert write(client, "holds/", entry).status_code == 201
        answer = client.post(f"{V1}holds/", entry, headers=fresh())
        assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
        body = answer.json()
        assert {name: body[name] for name in ("type", "status", "code")} == {
            "type": "urn:unity-mall:problem:not_enough_stock", "status": 409, "code": "not_enough_stock",
        }  # fmt: skip
        assert body["details"] == {"lot": lot.pk, "location": bins[0].pk, "wanted": "7", "available": "3"}
        assert "3" in body["detail"]
        assert "7" in body["detail"]
        assert Hold.objects.count() == 1


class TestForeignIsAbsent:
    @pytest.mark.parametrize("address", ["lots/{lot}/", "lots/{lot}/entries/", "products/{product}/"])
    def test_what_is_anothers_is_answered_as_what_never_was(self, address, api, owner, foreign):
        there = api(owner).get(V1 + address.format(lot=foreign.pk, product=foreign.product_id))
        absent = api(owner).get(V1 + address.format(lot=2_000_000_007, product=2_000_000_007))
        assert problem_in(there, 404) == problem_in(absent, 404)

    def test_lists_hold_only_what_is_the_callers(self, api, owner, lot, foreign):
        client = api(owner)
        assert [row["id"] for row in rows(client, "lots/")] == [lot.pk]
        assert [row["lot"] for row in rows(client, "balances/")] == [lot.pk]
        assert [row["id"] for row in rows(client, "products/")] == [lot.product_id]
        assert rows(client, f"lots/?tenant={foreign.tenant_id}") == []
        assert rows(client, f"balances/?lot={foreign.pk}") == []

    def test_nobody_promises_or_adjusts_what_is_anothers(self, api, owner, foreign, bins, now):
        hold = {"lot": foreign.pk, "place": bins[1].pk, "quantity": "1", "purpose": "x", "until": in_an_hour(now)}
        assert faults_in(write(api(owner), "holds/", hold)) == {"lot": "unknown"}
        adjustment = {"lot": foreign.pk, "place": bins[1].pk, "difference": "-1", "reason": "lost", "note": "x"}
        assert faults_in(write(api(owner), "adjustments/", adjustment)) == {"lot": "unknown"}

    def test_the_tenant_of_a_filter_is_one_of_the_callers(self, api, owner, batik):
        assert faults_in(api(owner).get(f"{V1}products/?tenant={batik.pk}")) == {"tenant": "invalid_choice"}


class TestWhatLiesWhere:
    def test_a_balance_says_what_is_on_hand_held_and_free(self, api, auditor, lot, bins, now):
        ledger.hold(
            tenant=lot.tenant_id, lot=lot.pk, location=bins[0].pk, quantity=Decimal(4), purpose="x",
            until=now + timedelta(hours=1), key="h",
        )  # fmt: skip
        (row,) = rows(api(auditor), f"balances/?tenant={lot.tenant_id}")
        assert set(row) == set(BalanceRowShape().fields)
        assert {name: row[name] for name in ("lot", "lot_code", "sku", "place_slug", "place_kind")} == {
            "lot": lot.pk, "lot_code": lot.code, "sku": "S-1", "place_slug": bins[0].slug, "place_kind": "bin",
        }  # fmt: skip
        assert (row["on_hand"], row["held"], row["available"]) == ("10.000", "4.000", "6.000")

    def test_a_hold_whose_time_has_passed_holds_nothing(self, api, auditor, lot, bins, now):
        ledger.hold(
            tenant=lot.tenant_id, lot=lot.pk, location=bins[0].pk, quantity=Decimal(4), purpose="x",
            until=now - timedelta(seconds=1), key="h",
        )  # fmt: skip
        assert Balance.objects.get(lot=lot, location=bins[0]).held == 4
        (row,) = rows(api(auditor), "balances/")
        assert (row["on_hand"], row["held"], row["available"]) == ("10.000", "0.000", "10.000")

    def test_stock_as_of_a_moment_is_what_had_happened_by_then(self, api, owner, lot, bins, now):
        carry(lot, bins[0], bins[2], 3, now - timedelta(hours=1), "moved")
        client = api(owner)

        def at(moment):
            stamp = moment.isoformat().replace("+", "%2B")
            return {row["place_slug"]: row["on_hand"] for row in rows(client, f"balances/?at={stamp}")}

        assert at(now - timedelta(days=3)) == {}
        assert at(now - timedelta(days=1)) == {bins[0].slug: "10.000"}
        assert at(now) == {bins[0].slug: "7.000", bins[2].slug: "3.000"}
        assert {row["place_slug"]: row["on_hand"] for row in rows(client, "balances/")} == at(now)

    def test_pages_follow_one_another_without_gap_or_repetition(self, api, owner, product, bins, now):
        lots = [put(product, place, 2, now) for place in bins for _ in range(3)]
        carry(lots[0], bins[0], bins[1], 1, now, "split")
        client, seen, after = api(owner), [], ""
        while after is not None:
            page = client.get(f"{V1}balances/?limit=4" + (f"&after={after}" if after else "")).json()
            seen += [(row["lot"], row["place"]) for row in page["results"]]
            after = page["next"]
        wanted = Balance.objects.stocked().order_by("lot_id", "location_id").values_list("lot", "location")
        assert seen == list(wanted)
        assert len(seen) == 10

    def test_filters_narrow_and_wrong_ones_are_refused(self, api, owner, lot, bins, shop):
        client = api(owner)
        assert len(rows(client, f"balances/?place={bins[0].pk}")) == 1
        assert rows(client, f"balances/?place={shop.pk}") == []
        assert len(rows(client, "balances/?place_kind=bin")) == 1
        for query in ("place_kind=moon", "tenant=0", "limit=101", "after=x", "at=yesterday", f"lot={10**30}"):
            assert list(faults_in(client.get(f"{V1}balances/?{query}"))) == [query.partition("=")[0]]

    def test_a_lot_tells_every_line_of_its_ledger(self, api, owner, lot, bins, now):
        carry(lot, bins[0], bins[2], 3, now - timedelta(hours=1), "moved")
        client = api(owner)
        lines = rows(client, f"lots/{lot.pk}/entries/")
        assert [(line["place_slug"], line["quantity"]) for line in lines] == [
            ("supplier", "-10.000"), (bins[0].slug, "10.000"), (bins[0].slug, "-3.000"), (bins[2].slug, "3.000"),
        ]  # fmt: skip
        assert set(lines[0]) == set(LotEntryShape().fields)
        body = client.get(f"{V1}lots/{lot.pk}/").json()
        assert set(body) == set(LotRowShape().fields)
        assert (body["code"], body["on_hand"]) == (lot.code, "10.000")

    def test_places_are_told_to_everyone_with_goods(self, api, owner, bins):
        client = api(owner)
        (dock,) = rows(client, "places/?kind=dock")
        assert set(dock) == set(PlaceRowShape().fields)
        assert (dock["slug"], dock["is_physical"], dock["in_use"]) == ("dock", True, True)
        (bin_,) = rows(client, f"places/?slug={bins[0].slug}")
        assert (bin_["code"], bin_["capacity_litres"]) == (bins[0].code, "600.0")


class TestQueries:
    @pytest.mark.parametrize("address", ["lots/", "balances/", "products/", "feed/", "holds/", "places/"])
    def test_a_long_list_asks_as_much_for_many_rows_as_for_few(self, address, api, owner, product, bins, now):
        for _ in range(6):
            put(product, bins[0], 2, now)
        for n in range(6):
            sari(product.tenant, f"M-{n}")
        client = api(owner)
        client.get(f"{V1}feed/")  # gives the positions, notes the first use of the key

        def asked(size):
            name = "page_size" if address == "products/" else "limit"
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(f"{V1}{address}?{name}={size}")
            assert answer.status_code == 200, answer.json()
            return len(queries)

        one, many = asked(1), asked(100)
        assert one == many
        assert many <= (9 if address == "feed/" else 8)  # the feed gives positions first, in a transaction


class TestHolds:
    def test_a_promise_is_listed_released_and_then_free(self, api, owner, lot, bins, now):
        client = api(owner)
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "4", "purpose": "shown", "until": in_an_hour(now)}
        made = write(client, "holds/", entry).json()
        assert set(made) == set(HoldShape().fields)
        (row,) = rows(client, "holds/?standing=true")
        assert row == made
        released = write(client, f"holds/{made['id']}/release/").json()
        assert released["end"] == "released"
        assert Balance.objects.get(lot=lot, location=bins[0]).held == 0
        problem_in(write(client, f"holds/{made['id']}/release/"), 409, "hold_ended")
        assert rows(client, "holds/?standing=true") == []

    def test_a_promise_ends_within_a_month(self, api, owner, lot, bins, now):
        entry = {"lot": lot.pk, "place": bins[0].pk, "quantity": "4", "purpose": "shown"}
        for until in (now - timedelta(hours=1), now + timedelta(days=32)):
            assert faults_in(write(api(owner), "holds/", entry | {"until": until.isoformat()})) == {
                "until": "out_of_range"
            }

    def test_the_warehouse_promises_nothing_in_a_tenants_name(self, api, warehouse_keeper, auditor, lot):
        for actor in (warehouse_keeper, auditor):
            problem_in(write(api(actor), "holds/", {}), 403, "permission_denied")


class TestProducts:
    entry = {"name_en": "Chanderi saree", "name_hi": "चंदेरी साड़ी", "sku": "CH-014", "kind": "textile", "price": "4850"}

    def test_a_product_is_added_to_the_callers_own_tenant(self, api, owner, chanderi):
        answer = write(api(owner), "products/", self.entry)
        assert answer.status_code == 201, answer.json()
        body = answer.json()
        assert (body["tenant"]["id"], body["sku"], body["price"], body["published_at"]) == (
            chanderi.pk, "CH-014", "4850.00", None,
        )  # fmt: skip
        (row,) = rows(api(owner), "products/?sku=ch-014")
        assert set(row) == set(ProductRowShape().fields)
        assert (row["id"], row["code"]) == (body["id"], body["code"])

    def test_for_a_foreign_tenant_nothing_is_added(self, api, owner, warehouse_keeper, batik):
        assert faults_in(write(api(owner), "products/", self.entry | {"tenant": batik.pk})) == {"tenant": "unknown"}
        assert faults_in(write(api(warehouse_keeper), "products/", self.entry)) == {"tenant": "required"}
        assert write(api(warehouse_keeper), "products/", self.entry | {"tenant": batik.pk}).status_code == 201

    def test_a_change_touches_what_it_names_and_guards_against_overwriting(self, api, owner, product):
        client, address = api(owner), f"{V1}products/{product.pk}/"
        etag = client.get(address).headers["ETag"]
        answer = client.patch(address, {"material": "silk"}, headers={**fresh(), "If-Match": etag})
        assert answer.status_code == 200, answer.json()
        assert (answer.json()["material"], answer.json()["price"]) == ("silk", "1200.00")
        late = client.patch(address, {"material": "cotton"}, headers={**fresh(), "If-Match": etag})
        problem_in(late, 412, "changed_meanwhile")
        assert Product.objects.get(pk=product.pk).material == "silk"

    def test_a_card_that_lacks_something_is_not_shown_and_what_it_lacks_is_told(self, api, owner, product):
        client = api(owner)
        lacks = client.get(f"{V1}products/{product.pk}/missing/").json()["missing"]
        assert {"pictures", "hsn", "material", "size"} <= {it["field"] for it in lacks}
        assert all(it["detail"] and it["rule"] for it in lacks)
        answer = write(client, f"products/{product.pk}/publish/")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_publishable")
        assert {it["field"] for it in answer.json()["details"]["missing"]} == {it["field"] for it in lacks}

    def test_shop_staff_do_not_publish(self, api, staff_member, product):
        problem_in(write(api(staff_member), f"products/{product.pk}/publish/"), 403, "permission_denied")

    def test_a_product_is_laid_aside_when_nothing_is_left(self, api, owner, product, lot):
        client = api(owner)
        answer = write(client, f"products/{product.pk}/lay-aside/")
        assert (answer.status_code, answer.json()["code"]) == (409, "stock_left")
        other = sari(product.tenant, "S-2")
        assert write(client, f"products/{other.pk}/lay-aside/").json()["laid_aside_at"]
        assert [row["sku"] for row in rows(client, "products/?kept=true")] == ["S-1"]
        assert write(client, f"products/{other.pk}/take-up/").json()["laid_aside_at"] is None

    def test_what_was_scanned_is_found_among_ones_own(self, api, owner, lot, foreign):
        client = api(owner)
        found = client.get(f"{V1}scan/?code={lot.code}").json()
        assert (found["product"]["sku"], found["lot"]["id"]) == ("S-1", lot.pk)
        assert client.get(f"{V1}scan/?code=s-1").json()["lot"] is None
        problem_in(client.get(f"{V1}scan/?code={foreign.code}"), 404, "nothing_scanned")
        assert faults_in(client.get(f"{V1}scan/")) == {"code": "required"}

    def test_a_picture_is_added_shown_and_removed(self, api, owner, outsider, product):
        client = api(owner)
        address = f"{V1}products/{product.pk}/pictures/"
        answer = client.post(address, {"file": photo(), "alt_en": "A saree"}, format="multipart", headers=fresh())
        assert answer.status_code == 201, answer.json()
        picture = answer.json()["id"]
        shown = client.get(f"{V1}pictures/{picture}/?size=small")
        assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).width <= 160
        problem_in(api(outsider).get(f"{V1}pictures/{picture}/"), 404, "not_found")
        assert write(client, f"pictures/{picture}/remove/").json()["pictures"] == []


def photo():
    content = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(content, "JPEG")
    return SimpleUploadedFile("a.jpg", content.getvalue(), content_type="image/jpeg")


class TestCounts:
    @pytest.fixture
    def count(self, api, warehouse_keeper, lot, bins):
        answer = write(api(warehouse_keeper), "counts/", {"tenant": lot.tenant_id, "places": [bins[0].pk]})
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def test_who_counts_is_told_nothing_of_what_there_should_be(self, api, warehouse_keeper, owner, count):
        client = api(warehouse_keeper)
        line = count["lines"][0]["id"]
        assert write(client, f"counts/{count['id']}/enter/", {"line": line, "quantity": "8"}).status_code == 200
        for actor in (warehouse_keeper, owner):
            body = api(actor).get(f"{V1}counts/{count['id']}/").json()
            assert body["status"] == "counting"
            assert [(it["counted"], it["expected"], it["difference"]) for it in body["lines"]] == [
                ("8.000", None, None)
            ]
        again = write(client, f"counts/{count['id']}/finish-round/", {"round": 1}).json()
        assert (again["status"], again["lines"][0]["counted"]) == ("recounting", None)

    def test_a_count_goes_its_way_and_is_posted_when_the_owner_signs(
        self, api, warehouse_keeper, administrator, owner, person, lot, bins, count
    ):
        first, second = api(warehouse_keeper), api(administrator)
        line = count["lines"][0]["id"]
        address = f"counts/{count['id']}/"
        write(first, f"{address}enter/", {"line": line, "quantity": "8"})
        write(first, f"{address}finish-round/", {"round": 1})
        problem_in(write(first, f"{address}enter/", {"line": line, "quantity": "8"}), 403, "same_person_counts_again")
        write(second, f"{address}enter/", {"line": line, "quantity": "8"})
        counted = write(second, f"{address}finish-round/", {"round": 2}).json()
        assert (counted["status"], counted["lines"][0]["expected"], counted["lines"][0]["difference"]) == (
            "counted", "10.000", "-2.000",
        )  # fmt: skip
        problem_in(write(second, f"{address}approve/"), 403, "needs_another_person")
        assert on_hand(lot, bins[0]) == 10

    def test_a_round_that_is_over_is_not_ended_twice(self, api, warehouse_keeper, count):
        client = api(warehouse_keeper)
        write(client, f"counts/{count['id']}/enter/", {"line": count["lines"][0]["id"], "quantity": "8"})
        write(client, f"counts/{count['id']}/finish-round/", {"round": 1})
        answer = write(client, f"counts/{count['id']}/finish-round/", {"round": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "count_not_at_this_step")
        assert answer.json()["details"] == {"status": "recounting"}

    def test_a_shop_counts_its_own_shop_and_nothing_else(self, api, owner, product, shop, bins, now):
        put(product, shop, 4, now - timedelta(hours=2))
        client = api(owner)
        problem_in(write(client, "counts/", {"places": [shop.pk]}), 403, "permission_denied")
        own = {"is_own_shop": True}
        assert faults_in(write(client, "counts/", own | {"places": [bins[0].pk]})) == {"places": "foreign_shop"}
        count = write(client, "counts/", own | {"places": [shop.pk]}).json()
        entered = write(client, f"counts/{count['id']}/enter/", {"line": count["lines"][0]["id"], "quantity": "4"})
        assert entered.status_code == 200
        assert write(client, f"counts/{count['id']}/finish-round/", {"round": 1}).json()["status"] == "counted"
        assert write(client, f"counts/{count['id']}/approve/").json()["status"] == "posted"

    def test_an_auditor_looks_on(self, api, auditor, count):
        line = {"line": count["lines"][0]["id"], "quantity": "8"}
        problem_in(write(api(auditor), f"counts/{count['id']}/enter/", line), 403, "permission_denied")
        problem_in(write(api(auditor), f"counts/{count['id']}/cancel/", {"why": "x"}), 403, "permission_denied")


class TestAdjustments:
    def test_what_is_worth_little_is_posted_at_once(self, api, owner, product, shop, now):
        lot = put(product, shop, 5, now - timedelta(hours=2))
        entry = {"lot": lot.pk, "place": shop.pk, "difference": "-1", "reason": "damaged", "note": "torn"}
        answer = write(api(owner), "adjustments/", entry)
        assert answer.status_code == 201, answer.json()
        assert (answer.json()["status"], answer.json()["value"]) == ("posted", "1200.00")
        assert on_hand(lot, shop) == 4

    def test_above_the_limit_a_second_person_decides(self, api, owner, warehouse_keeper, product, shop, now):
        WarehouseRules.objects.update_or_create(pk=1, defaults={"second_person_above": Decimal(2000)})
        lot = put(product, shop, 5, now - timedelta(hours=2))
        entry = {"lot": lot.pk, "place": shop.pk, "difference": "-2", "reason": "lost", "note": "gone since noon"}
        made = write(api(owner), "adjustments/", entry).json()
        assert (made["status"], on_hand(lot, shop)) == ("waiting", 5)
        problem_in(write(api(owner), f"adjustments/{made['id']}/approve/"), 403, "needs_another_person")
        assert [it["id"] for it in rows(api(owner), "adjustments/?status=waiting")] == [made["id"]]
        done = write(api(warehouse_keeper), f"adjustments/{made['id']}/approve/").json()
        assert (done["status"], on_hand(lot, shop)) == ("posted", 3)
        problem_in(
            write(api(warehouse_keeper), f"adjustments/{made['id']}/refuse/", {"why": "late"}),
            409, "adjustment_not_waiting",
        )  # fmt: skip

    def test_a_shop_adjusts_its_own_shelves_and_the_warehouse_its_bins(self, api, owner, warehouse_keeper, lot, bins):
        entry = {"lot": lot.pk, "place": bins[0].pk, "difference": "-1", "reason": "lost", "note": "gone"}
        problem_in(write(api(owner), "adjustments/", entry), 403, "permission_denied")
        assert not Adjustment.objects.exists()
        assert write(api(warehouse_keeper), "adjustments/", entry).status_code == 201
        assert on_hand(lot, bins[0]) == 9


class TestFeed:
    def test_each_movement_comes_once_and_in_order(self, api, auditor, lot, foreign, bins, now):
        carry(lot, bins[0], bins[2], 3, now, "moved")
        client, seen, after = api(auditor), [], 0
        while True:
            body = client.get(f"{V1}feed/?after={after}&limit=2").json()
            seen += body["results"]
            after = body["next"]
            if body["is_end"]:
                break
        assert [it["position"] for it in seen] == sorted(it["position"] for it in seen)
        assert [it["id"] for it in seen] == list(Movement.objects.order_by("pk").values_list("pk", flat=True))
        assert seen[-1]["entries"] == [
            {"lot": lot.pk, "place": bins[0].pk, "quantity": "-3.000"},
            {"lot": lot.pk, "place": bins[2].pk, "quantity": "3.000"},
        ]
        assert client.get(f"{V1}feed/?after={after}").json() == {"results": [], "next": after, "is_end": True}

    def test_a_tenant_gets_its_own_and_goes_on_past_the_others(self, api, owner, lot, foreign):
        body = api(owner).get(f"{V1}feed/").json()
        assert {it["tenant"] for it in body["results"]} == {lot.tenant_id}
        everyone = Movement.objects.count()
        assert (len(body["results"]), everyone) == (1, 2)
        assert api(owner).get(f"{V1}feed/?after={body['next']}").json()["results"] == []


class TestWhatNeedsALook:
    def test_alerts_name_what_runs_low_and_what_expires(self, api, owner, product, bins, today, now):
        Product.objects.filter(pk=product.pk).update(reorder_level=10)
        put(product, bins[0], 3, now - timedelta(days=5), expiry_date=today + timedelta(days=3))
        put(product, bins[0], 1, now - timedelta(days=5), expiry_date=today - timedelta(days=1))
        body = api(owner).get(f"{V1}alerts/").json()
        assert [(it["sku"], it["on_hand"]) for it in body["low_stock"]] == [("S-1", "4.000")]
        assert [it["on_hand"] for it in body["expiring"]] == ["3.000"]
        assert [it["on_hand"] for it in body["expired"]] == ["1.000"]
        assert (body["ageing"], body["late_transfers"]) == ([], [])

    def test_of_anothers_goods_nothing_is_said(self, api, outsider, batik, product, bins, now):
        Product.objects.filter(pk=product.pk).update(reorder_level=10)
        assert api(outsider).get(f"{V1}alerts/").json()["low_stock"] == []


class TestClosing:
    def test_a_closed_day_stays_closed(self, api, accounts_officer, owner, auditor, lot, bins, today, now):
        yesterday = (today - timedelta(days=1)).isoformat()
        problem_in(write(api(auditor), "closings/", {"through_date": yesterday}), 403, "permission_denied")
        client = api(accounts_officer)
        assert faults_in(write(client, "closings/", {"through_date": today.isoformat()})) == {
            "through_date": "day_not_over"
        }
        made = write(client, "closings/", {"through_date": yesterday, "note": "half-year"})
        assert (made.status_code, made.json()["through_date"]) == (201, yesterday)
        assert [it["note"] for it in rows(api(owner), "closings/")] == ["half-year"]
        again = write(client, "closings/", {"through_date": yesterday})
        assert (again.status_code, again.json()["details"]) == (409, {"through_date": yesterday})


class TestSheets:
    def test_a_sheet_is_handed_in_checked_confirmed_and_taken_back(self, api, owner, chanderi, product, now):
        client = api(owner)
        answer = hand_in(client, catalogue_with(chanderi, "S-1", "Sari, silk"))
        assert answer.status_code == 201, answer.json()
        address = f"sheets/{answer.json()['id']}/"
        assert answer.json()["status"] == "waiting"
        problem_in(write(client, f"{address}confirm/"), 409, "sheet_not_checked")
        check_sheets()
        checked = client.get(f"{V1}{address}").json()
        assert (checked["status"], checked["changed"], checked["faulty"]) == ("checked", 1, 0), checked
        (row,) = rows(client, f"{address}rows/?verdict=changed")
        assert row["product"] == product.pk
        assert write(client, f"{address}confirm/").json()["status"] == "confirmed"
        apply_sheets()
        assert Product.objects.get(pk=product.pk).name_en == "Sari, silk"
        assert write(client, f"{address}undo/").json()["status"] == "undone"
        assert Product.objects.get(pk=product.pk).name_en == "Sari S-1"

    def test_of_a_stock_sheet_only_the_shop_itself_has_the_say(self, api, warehouse_keeper, chanderi):
        client = api(warehouse_keeper)
        entry = {"tenant": chanderi.pk, "kind": "stock", "file": SimpleUploadedFile("a.xlsx", b"PK")}
        answer = client.post(f"{V1}sheets/", entry, format="multipart", headers=fresh())
        problem_in(answer, 403, "permission_denied")

    def test_a_foreign_sheet_is_absent(self, api, owner, outsider, chanderi, product):
        sheet = hand_in(api(owner), catalogue_with(chanderi, "S-1", "Sari, silk")).json()["id"]
        for address in (f"sheets/{sheet}/", f"sheets/{sheet}/rows/"):
            problem_in(api(outsider).get(f"{V1}{address}"), 404, "not_found")
        problem_in(write(api(outsider), f"sheets/{sheet}/undo/"), 404, "not_found")


def hand_in(client, content):
    entry = {"kind": "catalogue", "file": SimpleUploadedFile("catalogue.xlsx", content)}
    return client.post(f"{V1}sheets/", entry, format="multipart", headers=fresh())


def catalogue_with(tenant, sku, name):
    """The tenant's own download, with another name for one product."""
    book = load_workbook(io.BytesIO(catalogue_sheet(tenant, "en")))
    sheet = book.worksheets[0]
    changed = [cell for line in sheet.iter_rows() for cell in line if cell.value == f"Sari {sku}"]
    assert len(changed) == 1
    changed[0].value = name
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestWhoMayDoWhat:
    @pytest.mark.parametrize(
        ("address", "body"),
        [
            ("adjustments/", {"difference": "-1", "reason": "lost", "note": "x"}),
            ("counts/", {}),
            ("products/", {}),
            ("sheets/", {}),
            ("closings/", {}),
            ("holds/", {}),
        ],
    )
    def test_who_only_looks_on_writes_nothing(self, address, body, api, auditor, lot, bins):
        body = dict(body)
        if address == "adjustments/":
            body |= {"lot": lot.pk, "place": bins[0].pk}
        if address == "counts/":
            body |= {"tenant": lot.tenant_id, "places": [bins[0].pk]}
        before = Movement.objects.count()
        problem_in(write(api(auditor), address, body), 403, "permission_denied")
        assert Movement.objects.count() == before

    @pytest.mark.parametrize(
        "address", ["products/", "places/", "lots/", "balances/", "holds/", "counts/", "adjustments/", "feed/"]
    )
    def test_without_a_role_nothing_is_told(self, address, api, nobody, kiosk):
        problem_in(api().get(f"{V1}{address}"), 401)
        for actor in (nobody, kiosk):
            problem_in(api(actor).get(f"{V1}{address}"), 403, "permission_denied")

    def test_a_key_that_only_reads_stock_writes_none(self, owner, lot, bins):
        reader = APIClient()
        key = issue_key(holder=owner, label="shelf display", scopes=[Right.SEE_STOCK]).text
        reader.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        assert len(rows(reader, "balances/")) == 1
        problem_in(write(reader, "holds/", {}), 403, "permission_denied")
        entry = {"lot": lot.pk, "place": bins[0].pk, "difference": "-1", "reason": "lost", "note": "x"}
        problem_in(write(reader, "adjustments/", entry), 403, "permission_denied")
