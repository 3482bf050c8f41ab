"""The building, leases, coverage and the country over the API."""

from datetime import timedelta

import pytest

from accounts.roles import StaffRole
from core.history import changes
from core.periods import period
from leases.models import Lease
from mall.models import Unit
from reference.models import District, TaxCode, TaxRate
from tests.asking import faults_in, problem_in


class TestTheCountry:
    def test_anyone_reads_all_states_and_districts(self, client, db):
        states = client.get("/api/v1/states/?page_size=100").json()
        assert (states["count"], len(states["results"]), states["next"]) == (36, 36, None)
        districts = client.get("/api/v1/districts/?page_size=100&ordering=name_en").json()
        assert districts["count"] == 55
        assert {"Mauganj", "Maihar", "Pandhurna"} <= {row["name_en"] for row in districts["results"]}
        assert client.get("/api/v1/states/23/").json()["name_hi"] == "मध्य प्रदेश"

    def test_pages_follow_one_another_without_gap_or_overlap(self, client, db):
        address, seen = "/api/v1/districts/?page_size=10&ordering=-lgd_code", []
        while address:
            page = client.get(address).json()
            seen += [row["lgd_code"] for row in page["results"]]
            address = page["next"]
        assert seen == sorted(District.objects.values_list("lgd_code", flat=True), reverse=True)

    def test_a_listing_names_its_list_and_filters(self, client, db):
        found = client.get("/api/v1/odop-listings/?district=390&list=mp-state").json()["results"]
        assert {row["district"]["lgd_code"] for row in found} == {390}
        assert {row["odop_list"]["code"] for row in found} == {"mp-state"}
        assert client.get("/api/v1/odop-lists/").json()["count"] >= 1

    def test_a_gi_registration_says_whether_it_is_valid(self, client, db):
        found = client.get("/api/v1/gi-registrations/chanderi-sarees/").json()
        assert (found["status"], found["is_valid_today"], found["validity"]) == ("registered", True, None)

    def test_a_tax_code_shows_the_rate_of_the_day_asked_for(self, client, db, today):
        code = TaxCode.objects.create(scheme="hsn", code="99999999", description_en="x", description_hi="x")
        TaxRate.objects.create(
            tax_code=code, percent="12", period=period(today - timedelta(days=9), today - timedelta(days=5))
        )
        TaxRate.objects.create(tax_code=code, percent="5", period=period(today - timedelta(days=4)))

        def rate(query):
            return client.get(f"/api/v1/tax-codes/?code=99999999{query}").json()["results"][0]["rate"]

        assert rate("")["percent"] == "5.00"
        assert rate(f"&on={today - timedelta(days=5)}")["percent"] == "12.00"
        assert rate(f"&on={today - timedelta(days=5)}")["period"]["last"] == str(today - timedelta(days=5))
        assert rate("&on=2020-01-01") is None


class TestUnits:
    def test_a_member_and_a_kiosk_see_the_building_and_no_stranger_does(self, api, owner, kiosk, counter, nobody):
        for actor in (owner, kiosk):
            assert api(actor).get("/api/v1/units/").json()["count"] == 132
        for actor in (counter, nobody):
            problem_in(api(actor).get("/api/v1/units/"), 403, "permission_denied")
        problem_in(api().get("/api/v1/units/"), 401, "not_authenticated")

    def test_units_do_not_tell_who_has_them(self, api, owner, batik, vacant_unit, today):
        Lease.objects.create(unit=vacant_unit, tenant=batik, period=period(today))
        answer = api(owner).get(f"/api/v1/units/{vacant_unit.number}/")
        assert answer.json()["status"] == "let"
        assert "Batik" not in answer.content.decode()

    def test_filters(self, api, kiosk, batik, vacant_unit, today):
        Lease.objects.create(unit=vacant_unit, tenant=batik, period=period(today))

        def count(query):
            return api(kiosk).get(f"/api/v1/units/?{query}").json()["count"]

        assert count("state=23") == 1
        assert count("district=435") == Unit.objects.filter(district__lgd_code=435).count()
        assert count("status=let") == 1
        assert count("category=commercial") == Unit.objects.filter(category__code="commercial").count()
        assert count(f"floor={vacant_unit.floor.level}&zone={vacant_unit.zone.code}") > 0
        assert count(f"q={vacant_unit.number}") == 1
        assert count("q=केरल") == 1

    def test_a_plan_holds_all_units_of_its_floor(self, api, kiosk, vacant_unit):
        plan = api(kiosk).get(f"/api/v1/floors/{vacant_unit.floor.level}/plan/").json()
        assert len(plan["units"]) == Unit.objects.filter(floor=vacant_unit.floor).count()
        assert {"outline", "zones", "entrances", "width", "depth"} <= set(plan)
        assert plan["units"][0]["polygon"] == Unit.objects.get(number=plan["units"][0]["number"]).polygon
        problem_in(api(kiosk).get("/api/v1/floors/-9/plan/"), 404)

    def test_areas_are_corrected_with_the_reason_kept(self, api, administrator, auditor, vacant_unit):
        address = f"/api/v1/units/{vacant_unit.number}/"
        before = vacant_unit.carpet_area
        assert faults_in(api(administrator).patch(address, {"carpet_area": "20.00"})) == {"reason": "required"}
        answer = api(administrator).patch(address, {"chargeable_area": "999.50", "reason": "survey 12"})
        assert (answer.json()["chargeable_area"], answer.json()["carpet_area"]) == ("999.50", str(before))
        assert changes(vacant_unit)[0].why == "survey 12"
        answer = api(administrator).patch(address, {"chargeable_area": "0.50", "reason": "slip"})
        assert problem_in(answer, 400)["code"] == "not_acceptable"
        problem_in(api(auditor).patch(address, {"carpet_area": "1.00", "reason": "x"}), 403)

    def test_a_unit_is_blocked_and_freed(self, api, administrator, vacant_unit, today):
        address = f"/api/v1/units/{vacant_unit.number}/"
        block = api(administrator).post(f"{address}blocks/", {"first": str(today), "reason": "छत टपकती है"})
        assert (block.status_code, block.json()["period"]) == (201, {"first": str(today), "last": None})
        shown = api(administrator).get(address).json()
        assert (shown["status"], [row["reason"] for row in shown["blocks"]]) == ("blocked", ["छत टपकती है"])
        again = api(administrator).post(f"{address}blocks/", {"first": str(today), "reason": "पुताई"})
        assert faults_in(again, 409) == {"first": "unit_already_blocked"}
        free = f"/api/v1/blocks/{block.json()['id']}/free/"
        assert api(administrator).post(free, {"on": str(today + timedelta(days=1))}).status_code == 200
        problem_in(api(administrator).post(free, {"on": str(today + timedelta(days=1))}), 409, "block_not_open")


class TestLeases:
    def entry(self, unit, tenant, first, last=None):
        return {"unit": unit.number, "tenant": tenant.pk, "first": str(first), "last": last and str(last)}

    def test_a_unit_is_let_once_and_the_lease_ends_early(
        self, api, administrator, owner, chanderi, batik, vacant_unit, today
    ):
        made = api(administrator).post("/api/v1/leases/", self.entry(vacant_unit, chanderi, today))
        assert made.status_code == 201, made.json()
        rival = api(administrator).post("/api/v1/leases/", self.entry(vacant_unit, batik, today))
        assert faults_in(rival, 409) == {"first": "unit_already_let"}
        own = api(owner).get("/api/v1/leases/").json()["results"]
        assert [(row["unit"]["number"], row["tenant"]["id"]) for row in own] == [(vacant_unit.number, chanderi.pk)]
        end = f"/api/v1/leases/{made.json()['id']}/end/"
        assert api(administrator).post(end, {"last": str(today), "why": "surrendered"}).json()["period"]["last"] == str(
            today
        )
        problem_in(api(owner).post(end, {"last": str(today), "why": "x"}), 403)
        assert api(owner).get(f"/api/v1/leases/?active_on={today + timedelta(days=1)}").json()["count"] == 0

    def test_a_rule_of_the_database_is_told_as_a_sentence(self, api, administrator, chanderi, vacant_unit, today):
        entry = self.entry(vacant_unit, chanderi, today) | {"opening_date": str(today - timedelta(days=1))}
        answer = api(administrator).post("/api/v1/leases/", entry)
        problem = problem_in(answer, 409, "unit_opens_after_it_is_handed_over")
        assert problem["detail"] == "A unit opens for trade on or after the first day of its lease."
        assert not Lease.objects.filter(unit=vacant_unit).exists()

    def test_anothers_lease_answers_like_one_that_never_was(self, api, outsider, chanderi, vacant_unit, today):
        lease = Lease.objects.create(unit=vacant_unit, tenant=chanderi, period=period(today))
        assert api(outsider).get("/api/v1/leases/").json()["count"] == 0
        foreign = api(outsider).get(f"/api/v1/leases/{lease.pk}/")
        assert foreign.content == api(outsider).get("/api/v1/leases/2000000000/").content

    @pytest.mark.parametrize("wrong", [{"unit": "X-999"}, {"tenant": 2000000000}, {"tenant": "x"}, {"unit": 7}])
    def test_a_unit_or_tenant_that_is_none_is_named(self, api, administrator, chanderi, vacant_unit, today, wrong):
        answer = api(administrator).post("/api/v1/leases/", self.entry(vacant_unit, chanderi, today) | wrong)
        assert faults_in(answer) == dict.fromkeys(wrong, "unknown")


class TestCoverage:
    def test_the_board_counts_what_the_scheme_owes(self, api, auditor, chanderi, today):
        unit = Unit.objects.get(district__lgd_code=391)
        Lease.objects.create(unit=unit, tenant=chanderi, period=period(today))
        counts = api(auditor).get("/api/v1/coverage/").json()
        assert (counts["states"]["total"], counts["districts"]["total"]) == (36, 55)
        board = api(auditor).get("/api/v1/coverage/districts/").json()
        assert sum(board["counts"].values()) == len(board["spaces"]) == 55
        space = next(row for row in board["spaces"] if row["place"]["lgd_code"] == 391)
        assert (space["cover"], space["unit"]["number"], space["tenant"]["id"]) == ("papers", unit.number, chanderi.pk)
        assert space["papers"]["code"] == "missing"
        assert len(api(auditor).get("/api/v1/coverage/states/").json()["spaces"]) == 36

    def test_a_tenant_does_not_see_the_board(self, api, owner, person):
        problem_in(api(owner).get("/api/v1/coverage/"), 403)
        assert api(person("g", StaffRole.WAREHOUSE_KEEPER)).get("/api/v1/coverage/").status_code == 200
