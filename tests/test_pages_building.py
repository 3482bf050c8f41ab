"""The pages of the building and the country: what a reader finds there, and what comes of a form."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from leases.letting import let_unit
from leases.models import Lease
from mall.models import Unit, UnitBlock
from mall.upkeep import block_unit, correct_areas
from reference.models import District, GiRegistration
from tenants.registering import change_particulars

pytestmark = pytest.mark.django_db


@pytest.fixture
def ashoknagar():
    """The unit that the mall owes to Chanderi's home."""
    return Unit.objects.get(district__name_en="Ashoknagar")


@pytest.fixture
def browser(client):
    """A browser in which somebody has signed in."""

    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


def numbers(answer):
    return [line.unit.number for line in answer.context["lines"]]


class TestUnits:
    def test_the_list_shows_every_unit_and_counts_each_status(self, browser, administrator):
        answer = browser(administrator).get(reverse("units"))
        assert answer.context["page_obj"].paginator.count == 132
        assert sum(stat["value"] for stat in answer.context["stats"]) == 132

    @pytest.mark.parametrize("words", ["चँदेरी", "chanderi weav", "Ashoknagar", "अशोकनगर"])
    def test_a_unit_is_found_by_its_tenant_or_place_in_either_script(
        self, browser, administrator, chanderi, ashoknagar, today, words
    ):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator)
        answer = browser(administrator).get(reverse("units"), {"q": words})
        assert ashoknagar.number in numbers(answer)
        assert answer.context["page_obj"].paginator.count < 5

    def test_filters_narrow_together(self, browser, administrator, chanderi, ashoknagar, today):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator)
        chosen = {"status": "let", "category": "district", "floor": ashoknagar.floor.level}
        answer = browser(administrator).get(reverse("units"), chosen)
        assert numbers(answer) == [ashoknagar.number]
        assert browser(administrator).get(reverse("units"), chosen | {"floor": 1}).context["lines"] == []

    def test_a_tenant_who_is_still_to_come_is_named_only_to_who_may_see_leases(
        self, browser, administrator, outsider, chanderi, ashoknagar, today
    ):
        soon = today + timedelta(days=20)
        let_unit(unit=ashoknagar, tenant=chanderi, first=soon, last=None, by=administrator)
        for name, args in (("units", []), ("unit", [ashoknagar.number]), ("plan-floor", [ashoknagar.floor.level])):
            address = reverse(name, args=args) + "?q=Ashoknagar"
            assert b"Chanderi Weavers" in browser(administrator).get(address).content
            assert b"Chanderi Weavers" not in browser(outsider).get(address).content
        found = browser(outsider).get(reverse("units"), {"q": "Weavers"})
        assert found.context["lines"] == []

    def test_the_list_asks_the_same_number_of_questions_however_full_the_mall_is(
        self, browser, administrator, chanderi, batik, today, django_assert_max_num_queries
    ):
        client = browser(administrator)
        units = list(Unit.objects.all()[:20])
        let_unit(unit=units[0], tenant=batik, first=today, last=None, by=administrator)
        with django_assert_max_num_queries(40) as few:
            client.get(reverse("units"))
        for unit in units[1:]:
            let_unit(unit=unit, tenant=chanderi, first=today, last=None, by=administrator)
        with django_assert_max_num_queries(len(few.captured_queries)):
            client.get(reverse("units"))

    def test_the_download_holds_the_filtered_list_and_no_formula(
        self, browser, administrator, chanderi, ashoknagar, today
    ):
        change_particulars(
            tenant=chanderi,
            particulars={"name_en": "=HYPERLINK(1)", "name_hi": "+चंदेरी"},
            products=chanderi.products.all(),
            by=administrator,
        )
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator)
        answer = browser(administrator).get(reverse("units-download"), {"q": "Ashoknagar"})
        assert today.isoformat() in answer["Content-Disposition"]
        rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows())
        assert [cell.value for cell in rows[1]][:1] == [ashoknagar.number]
        assert len(rows) == 2
        assert {cell.data_type for cell in rows[1] if cell.value in ("=HYPERLINK(1)", "+चंदेरी")} == {"s"}
        assert all(cell.font.bold for cell in rows[0])


class TestOneUnit:
    def test_the_warehouse_keeper_reads_the_name_at_the_door_but_no_lease(
        self, browser, administrator, warehouse_keeper, chanderi, ashoknagar, today
    ):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator, why="letter 7")
        page = browser(warehouse_keeper).get(reverse("unit", args=[ashoknagar.number]))
        assert page.context["line"].door.tenant == chanderi
        assert page.context["leases"] == []
        assert page.context["entries"] is None
        assert b"letter 7" not in page.content

    def test_its_history_tells_leases_blocks_and_areas_in_one_line_of_time(
        self, browser, administrator, auditor, chanderi, ashoknagar, today
    ):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator, why="letter 7")
        block_unit(unit=ashoknagar, first=today + timedelta(days=9), last=None, reason="new floor", by=administrator)
        correct_areas(unit=ashoknagar, carpet_area=19, chargeable_area=24, by=administrator, why="measured again")
        entries = browser(auditor).get(reverse("unit", args=[ashoknagar.number])).context["entries"]
        assert [entry.why for entry in entries[:3]] == ["measured again", "new floor", "letter 7"]

    def test_why_a_unit_is_blocked_is_not_told_to_tenants(self, browser, administrator, owner, vacant_unit, today):
        block_unit(unit=vacant_unit, first=today, last=None, reason="a quarrel about rent", by=administrator)
        page = browser(owner).get(reverse("unit", args=[vacant_unit.number]))
        assert page.context["line"].status == "blocked"
        assert b"quarrel" not in page.content


class TestAreas:
    def test_an_unequal_area_is_kept_and_warned_of_on_both_pages(self, browser, administrator, ashoknagar):
        client = browser(administrator)
        assert client.get(reverse("units")).context["warnings"] == []
        answer = client.post(
            reverse("unit-areas", args=[ashoknagar.number]),
            {"carpet_area": "20.00", "chargeable_area": "25", "why": "measured again"},
        )
        assert answer.status_code == 302
        ashoknagar.refresh_from_db()
        assert ashoknagar.carpet_area == 20
        assert client.get(reverse("unit", args=[ashoknagar.number])).context["size_warning"]
        [warning] = client.get(reverse("units")).context["warnings"]
        assert "18.58 · 20.00" in warning["text"]

    @pytest.mark.parametrize(
        ("carpet", "chargeable", "field"),
        [("0", "5", "carpet_area"), ("20", "19", "chargeable_area"), ("NaN", "5", "carpet_area")],
    )
    def test_an_impossible_area_is_refused_and_nothing_changes(
        self, browser, administrator, ashoknagar, carpet, chargeable, field
    ):
        answer = browser(administrator).post(
            reverse("unit-areas", args=[ashoknagar.number]),
            {"carpet_area": carpet, "chargeable_area": chargeable, "why": "a slip"},
        )
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert Unit.objects.get(pk=ashoknagar.pk).carpet_area == ashoknagar.carpet_area


class TestBlocking:
    def test_a_unit_is_blocked_and_freed_again(self, browser, administrator, vacant_unit, today):
        client = browser(administrator)
        client.post(
            reverse("unit-block", args=[vacant_unit.number]),
            {"first": today - timedelta(days=3), "last": "", "reason": "the floor is relaid"},
        )
        page = client.get(reverse("unit", args=[vacant_unit.number]))
        assert page.context["line"].status == "blocked"
        block = UnitBlock.objects.get(unit=vacant_unit)
        assert client.post(reverse("unit-free", args=[block.pk]), {"on": today}).status_code == 302
        page = client.get(reverse("unit", args=[vacant_unit.number]))
        assert page.context["line"].status == "vacant"

    def test_a_second_block_at_the_same_time_is_refused_beside_the_day(
        self, browser, administrator, vacant_unit, today
    ):
        block_unit(unit=vacant_unit, first=today, last=None, reason="repair", by=administrator)
        answer = browser(administrator).post(
            reverse("unit-block", args=[vacant_unit.number]), {"first": today, "last": "", "reason": "again"}
        )
        assert answer.status_code == 422
        assert "first" in answer.context["form"].errors
        assert UnitBlock.objects.filter(unit=vacant_unit).count() == 1

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    def test_a_day_at_the_end_of_the_calendar_is_a_slip_and_not_a_crash(self, browser, administrator, vacant_unit, day):
        answer = browser(administrator).post(
            reverse("unit-block", args=[vacant_unit.number]), {"first": day, "last": day, "reason": "repair"}
        )
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"first", "last"}


class TestLetting:
    def test_who_comes_from_the_place_that_is_owed_the_unit_stands_first(
        self, browser, administrator, batik, chanderi, ashoknagar
    ):
        page = browser(administrator).get(reverse("unit-let", args=[ashoknagar.number]))
        assert [(tenant, tenant.fits) for tenant in page.context["page_obj"]] == [(chanderi, True), (batik, False)]

    def test_a_unit_is_let_in_two_steps(self, browser, administrator, chanderi, ashoknagar, today):
        client = browser(administrator)
        step = f"{reverse('unit-let', args=[ashoknagar.number])}?tenant={chanderi.pk}"
        assert client.get(step).context["tenant"] == chanderi
        last, opening = today + timedelta(days=364), today + timedelta(days=14)
        answer = client.post(step, {"first": today, "last": last, "opening_date": opening, "why": "letter 7"})
        assert answer.url == reverse("unit", args=[ashoknagar.number])
        lease = Lease.objects.get(unit=ashoknagar)
        assert (lease.tenant, lease.period.lower, lease.period.upper) == (chanderi, today, last + timedelta(days=1))
        assert client.get(answer.url).context["line"].status == "fitting_out"

    def test_what_was_typed_stays_when_the_unit_is_taken(
        self, browser, administrator, chanderi, batik, ashoknagar, today
    ):
        let_unit(unit=ashoknagar, tenant=batik, first=today, last=None, by=administrator)
        answer = browser(administrator).post(
            f"{reverse('unit-let', args=[ashoknagar.number])}?tenant={chanderi.pk}",
            {"first": today, "last": "", "why": "letter 7"},
        )
        assert answer.status_code == 422
        assert "letter 7" in answer.content.decode()
        assert "Bherugarh Batik Works" in answer.context["taken"][0]
        assert Lease.objects.filter(unit=ashoknagar).count() == 1

    def test_nobody_trades_before_the_unit_is_handed_over(self, browser, administrator, chanderi, ashoknagar, today):
        answer = browser(administrator).post(
            f"{reverse('unit-let', args=[ashoknagar.number])}?tenant={chanderi.pk}",
            {"first": today, "opening_date": today - timedelta(days=1)},
        )
        assert list(answer.context["form"].errors) == ["opening_date"]
        assert not Lease.objects.exists()

    @pytest.mark.parametrize("key", ["0", "2000000007", "९" * 30, "9" * 5000, "x"])
    def test_a_unit_is_not_let_to_nobody(self, browser, administrator, ashoknagar, key):
        address = reverse("unit-let", args=[ashoknagar.number])
        assert browser(administrator).get(address, {"tenant": key}).status_code == 404

    def test_a_lease_ends_on_a_day_within_it(self, browser, administrator, chanderi, ashoknagar, today):
        lease = let_unit(
            unit=ashoknagar, tenant=chanderi, first=today - timedelta(days=30), last=None, by=administrator
        )
        client, address = browser(administrator), reverse("lease-end", args=[lease.pk])
        early = client.post(address, {"last": today - timedelta(days=31), "why": "moves out"})
        assert list(early.context["form"].errors) == ["last"]
        assert client.post(address, {"last": today, "why": "moves out"}).status_code == 302
        lease.refresh_from_db()
        assert lease.period.upper == today + timedelta(days=1)


class TestPlan:
    def test_each_unit_is_a_link_that_says_number_tenant_and_status(
        self, browser, administrator, chanderi, ashoknagar, today
    ):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator)
        page = browser(administrator).get(reverse("plan-floor", args=[ashoknagar.floor.level]))
        words = f'aria-label="{ashoknagar.number}, Chanderi Weavers&#x27; Society, let"'
        assert f'<a href="{reverse("unit", args=[ashoknagar.number])}"' in page.content.decode()
        assert words in page.content.decode()
        assert len(page.context["lines"]) == Unit.objects.filter(floor=ashoknagar.floor).count()

    def test_without_a_floor_in_the_address_the_ground_floor_is_shown(self, browser, administrator):
        assert browser(administrator).get(reverse("plan")).context["floor"].level == 0

    def test_colours_by_category_say_category_and_status(self, browser, owner):
        page = browser(owner).get(reverse("plan"), {"by": "category"})
        labels = {str(unit.status_label) for unit in page.context["plan"].units}
        assert "District of Madhya Pradesh, vacant" in labels
        assert [one["count"] for one in page.context["categories"]] == [55, 8, 3]

    @pytest.mark.parametrize("level", [-1, 99])
    def test_a_floor_that_is_not_there_is_not_found(self, browser, administrator, level):
        assert browser(administrator).get(reverse("plan-floor", args=[level])).status_code == 404


class TestCoverage:
    def test_every_state_and_every_district_has_its_tile_and_it_leads_to_the_unit(
        self, browser, administrator, ashoknagar
    ):
        client = browser(administrator)
        districts, states = (client.get(reverse("coverage"), {"of": of}) for of in ("districts", "states"))
        assert (len(districts.context["tiles"]), len(states.context["tiles"])) == (55, 36)
        tile = next(tile for tile in districts.context["tiles"] if tile["name"] == "Ashoknagar")
        assert tile["url"] == reverse("unit", args=[ashoknagar.number])

    def test_a_place_without_a_unit_leads_to_the_place(self, browser, administrator, ashoknagar):
        Unit.objects.filter(pk=ashoknagar.pk).update(district=None)
        page = browser(administrator).get(reverse("coverage"), {"cover": "no_unit"})
        assert [space.place.name_en for space in page.context["page_obj"]] == ["Ashoknagar"]
        tile = next(tile for tile in page.context["tiles"] if tile["name"] == "Ashoknagar")
        assert tile["url"] == reverse("district", args=[391])

    def test_let_without_papers_is_not_yet_trading(self, browser, administrator, chanderi, ashoknagar, today):
        let_unit(unit=ashoknagar, tenant=chanderi, first=today, last=None, by=administrator)
        page = browser(administrator).get(reverse("coverage"), {"q": "चँदेरी", "cover": "papers"})
        [space] = page.context["page_obj"]
        assert (space.tenant, space.papers.code) == (chanderi, "missing")
        assert page.context["board"].trading == 0

    def test_the_download_follows_board_and_filter(self, browser, administrator):
        answer = browser(administrator).get(reverse("coverage-download"), {"of": "states", "q": "Gujarat"})
        rows = list(load_workbook(BytesIO(answer.content)).active.values)
        assert [row[0] for row in rows] == ["State or union territory", "Gujarat"]


class TestCountry:
    def test_a_district_names_its_product_and_the_list_that_names_it(self, browser, owner):
        page = browser(owner).get(reverse("district", args=[391]))
        assert "Chanderi Handloom" in page.content.decode()
        assert "Madhya Pradesh state list of One District One Product" in page.content.decode()

    def test_districts_are_found_by_product_and_by_code(self, browser, owner):
        client = browser(owner)
        by_product = client.get(reverse("districts"), {"q": "chanderi"}).context["page_obj"]
        by_code = client.get(reverse("districts"), {"q": "३९१"}).context["page_obj"]
        assert [one.name_en for one in by_product] == [one.name_en for one in by_code] == ["Ashoknagar"]

    def test_a_member_reads_on_a_district_only_of_the_own_tenant(self, browser, owner, chanderi, outsider):
        address = reverse("district", args=[391])
        assert browser(owner).get(address).context["tenants"]["count"] == 1
        assert browser(outsider).get(address).context["tenants"]["count"] == 0

    def test_a_registration_that_has_run_out_is_shown_as_expired(self, browser, owner, today):
        registration = GiRegistration.objects.exclude(validity=None)[0]
        over = (date(2001, 1, 1), date(2011, 1, 1))
        GiRegistration.objects.filter(pk=registration.pk).update(validity=over)
        page = browser(owner).get(reverse("gi-registration", args=[registration.code]))
        assert page.context["state"] == "expired"

    def test_where_no_source_gives_the_days_the_page_says_so(self, browser, owner):
        registration = GiRegistration.objects.filter(validity=None, status="registered")[0]
        page = browser(owner).get(reverse("gi-registration", args=[registration.code]))
        assert "days not on record" in page.content.decode()

    def test_a_gst_rate_belongs_to_a_day(self, browser, owner):
        client = browser(owner)
        now = client.get(reverse("tax-codes"), {"q": "5007", "on": "2026-01-01"}).context["lines"]
        before = client.get(reverse("tax-codes"), {"q": "5007", "on": "2001-01-01"}).context["lines"]
        assert [line["rate"].shown for line in now] == ["5%"]
        assert [line["rate"] for line in before] == [None]

    def test_the_states_are_found_by_code(self, browser, owner):
        for code in ("MP", "IN-MP", "23"):
            page = browser(owner).get(reverse("states"), {"q": code})
            assert "Madhya Pradesh" in {state.name_en for state in page.context["page_obj"]}

    def test_every_place_has_a_page(self, browser, owner):
        client = browser(owner)
        for code in District.objects.values_list("lgd_code", flat=True)[:3]:
            assert client.get(reverse("district", args=[code])).status_code == 200
        assert client.get(reverse("state", args=[23])).status_code == 200
