"""Tenants over the API: registered, changed, with their papers, members and authorisations; and who sees what."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import TenantRole
from core.history import changes
from leases.letting import end_lease, let_unit
from reference.models import GiRegistration
from tenants.models import Contact, Invitation, Membership, Paper, PaperKind, Tenant
from tenants.paperwork import hand_in
from tests.asking import faults_in, problem_in

ENTRY = {
    "name_en": "Maa Narmada SHG",
    "name_hi": "माँ नर्मदा स्वयं सहायता समूह",
    "kind": "shg",
    "home_state": 23,
    "home_district": 435,
    "is_women_led": True,
    "products": ["chanderi-handloom"],
    "why": "district list of 2026",
}


@pytest.fixture
def paper(chanderi, owner, scan, today, now):
    return hand_in(
        tenant=chanderi, kind=PaperKind.PAN, number="AAACC1234D", first=today, last=None, upload=scan(), by=owner,
        at=now,
    )  # fmt: skip


class TestTenants:
    def test_a_registered_tenant_is_answered_whole_and_its_history_says_who_and_why(self, api, administrator, today):
        answer = api(administrator).post("/api/v1/tenants/", ENTRY)
        assert answer.status_code == 201, answer.json()
        body = answer.json()
        assert {name: body[name] for name in ("name_hi", "kind", "is_women_led", "registered_date", "closed_date")} == {
            "name_hi": ENTRY["name_hi"], "kind": "shg", "is_women_led": True, "registered_date": today.isoformat(),
            "closed_date": None,
        }  # fmt: skip
        assert body["home_state"]["lgd_code"] == 23
        assert [product["code"] for product in body["products"]] == ["chanderi-handloom"]
        assert body["papers"] == {
            "code": "missing", "missing": ["authority", "bank", "shg_registration"], "waiting": [], "expiring": [],
        }  # fmt: skip
        newest = changes(Tenant.objects.get(pk=body["id"]))[-1]
        assert (newest.who, newest.why) == (administrator, "district list of 2026")

    def test_a_tenant_leaves_only_when_its_leases_have_ended(self, api, administrator, chanderi, vacant_unit, today):
        address = f"/api/v1/tenants/{chanderi.pk}/leave/"
        let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
        entry = {"on": today.isoformat(), "why": "moved to Bhopal"}
        problem_in(api(administrator).post(address, entry), 409, "tenant_still_has_unit")
        assert Tenant.objects.get(pk=chanderi.pk).closed_date is None
        end_lease(lease=vacant_unit.leases.get(), last=today, by=administrator, why="gives up")
        tomorrow = (today + timedelta(days=1)).isoformat()
        assert api(administrator).post(address, entry | {"on": tomorrow}).status_code == 400
        assert api(administrator).post(address, entry).json()["closed_date"] == today.isoformat()
        problem_in(api(administrator).post(address, entry), 409, "tenant_has_left")

    def test_wrong_numbers_are_named_each_at_its_field(self, api, administrator):
        entry = ENTRY | {"gstin": "27AAPFU0939F1ZW", "pan": "AAPF0939F"}
        assert faults_in(api(administrator).post("/api/v1/tenants/", entry)) == {
            "gstin": "invalid", "pan": "invalid",
        }  # fmt: skip
        assert not Tenant.objects.filter(name_en=ENTRY["name_en"]).exists()

    def test_a_change_touches_what_it_names_and_nothing_else(self, api, owner, chanderi):
        answer = api(owner).patch(f"/api/v1/tenants/{chanderi.pk}/", {"address": "Bahadurpur", "why": "moved"})
        assert answer.status_code == 200, answer.json()
        chanderi.refresh_from_db()
        assert (chanderi.address, chanderi.pan, chanderi.is_women_led) == ("Bahadurpur", "AAACC1234D", True)
        assert chanderi.products.exists()
        assert changes(chanderi)[0].why == "moved"

    def test_a_change_against_an_old_reading_is_refused(self, api, owner, administrator, chanderi):
        address = f"/api/v1/tenants/{chanderi.pk}/"
        read = api(owner).get(address).headers["ETag"]
        assert api(administrator).patch(address, {"pin_code": "473446"}).status_code == 200
        problem_in(
            api(owner).patch(address, {"pin_code": "456001"}, headers={"If-Match": read}), 412, "changed_meanwhile"
        )
        chanderi.refresh_from_db()
        assert chanderi.pin_code == "473446"
        read = api(owner).get(address).headers["ETag"]
        assert api(owner).patch(address, {"pin_code": "456001"}, headers={"If-Match": read}).status_code == 200

    def test_a_member_lists_own_tenants_and_the_mall_lists_all(self, api, owner, auditor, chanderi, batik):
        def names(actor):
            return {row["id"] for row in api(actor).get("/api/v1/tenants/").json()["results"]}

        assert names(owner) == {chanderi.pk}
        assert names(auditor) >= {chanderi.pk, batik.pk}

    def test_filters_and_order(self, api, auditor, chanderi, batik):
        def found(query):
            return [row["id"] for row in api(auditor).get(f"/api/v1/tenants/?{query}").json()["results"]]

        assert found("kind=artisan") == [batik.pk]
        assert found("q=चंदेरी") == [chanderi.pk]
        assert found("is_women_led=true") == [chanderi.pk]
        assert found("trading=false") == []
        assert found("product=chanderi-handloom") == [chanderi.pk]
        assert found("ordering=name_en") == [batik.pk, chanderi.pk]
        assert found("ordering=-name_en&page_size=1") == [chanderi.pk]

    def test_the_history_is_read_by_those_who_may(self, api, owner, staff_member, chanderi):
        lines = api(owner).get(f"/api/v1/tenants/{chanderi.pk}/history/").json()["changes"]
        assert lines[-1]["kind"] == "+"
        assert lines[-1]["who"]["full_name"] == "Asha"
        problem_in(api(staff_member).get(f"/api/v1/tenants/{chanderi.pk}/history/"), 403, "permission_denied")


class TestForeignIsAbsent:
    @pytest.mark.parametrize(
        "tail", ["", "contacts/", "bank-account/", "papers/", "members/", "invitations/", "history/"]
    )
    def test_anothers_tenant_answers_like_one_that_never_was(self, tail, api, outsider, chanderi, owner):
        client = api(outsider)
        foreign = client.get(f"/api/v1/tenants/{chanderi.pk}/{tail}")
        absent = client.get(f"/api/v1/tenants/2000000000/{tail}")
        problem_in(foreign, 404, "not_found")
        assert foreign.content == absent.content
        assert dict(foreign.headers) == dict(absent.headers)

    def test_anothers_tenant_as_a_filter_is_as_unknown_as_none(self, api, outsider, chanderi):
        foreign, absent = (api(outsider).get(f"/api/v1/leases/?tenant={key}") for key in (chanderi.pk, 2000000000))
        problem_in(foreign, 400)
        assert foreign.content == absent.content

    def test_a_wrong_body_for_anothers_tenant_is_not_even_read(self, api, outsider, chanderi):
        problem_in(api(outsider).patch(f"/api/v1/tenants/{chanderi.pk}/", {"kind": "no"}), 404)


class TestContactsAndBank:
    def test_contacts_are_added_changed_and_removed(self, api, owner, chanderi):
        client, address = api(owner), f"/api/v1/tenants/{chanderi.pk}/contacts/"
        first = client.post(address, {"name": "सुनीता", "mobile": "९८२६० 12345"}).json()
        second = client.post(address, {"name": "Ramesh", "email": "r@example.in"}).json()
        assert (first["is_first"], first["mobile"], second["is_first"]) == (True, "9826012345", False)
        changed = client.patch(f"{address}{second['id']}/", {"is_first": True}).json()
        assert (changed["is_first"], changed["name"]) == (True, "Ramesh")
        problem_in(client.delete(f"{address}{second['id']}/"), 409, "only_first_contact")
        assert client.delete(f"{address}{first['id']}/").status_code == 204
        assert list(Contact.objects.filter(tenant=chanderi).values_list("name", flat=True)) == ["Ramesh"]

    def test_a_contact_that_cannot_be_reached_is_refused(self, api, owner, chanderi):
        answer = api(owner).post(f"/api/v1/tenants/{chanderi.pk}/contacts/", {"name": "सुनीता"})
        assert faults_in(answer) == {"": "invalid"}

    def test_a_bank_account_is_set_and_seen_by_few(self, api, owner, staff_member, warehouse_keeper, auditor, chanderi):
        address = f"/api/v1/tenants/{chanderi.pk}/bank-account/"
        problem_in(api(owner).get(address), 404)
        entry = {"holder": "Chanderi Weavers' Society", "number": "123456789012", "ifsc": "sbin0001234"}
        assert api(owner).put(address, entry).status_code == 200
        assert api(auditor).get(address).json()["ifsc"] == "SBIN0001234"
        problem_in(api(auditor).put(address, entry), 403)
        problem_in(api(staff_member).get(address), 403)
        problem_in(api(warehouse_keeper).get(address), 403)


class TestPapers:
    def send(self, client, tenant, upload, **more):
        entry = {"kind": "pan", "number": "AAACC1234D", "first": "2026-01-01", "file": upload} | more
        return client.post(f"/api/v1/tenants/{tenant.pk}/papers/", entry, format="multipart")

    def test_a_paper_goes_from_hand_to_verified(self, api, staff_member, accounts_officer, chanderi, scan):
        answer = self.send(api(staff_member), chanderi, scan(), last="2027-12-31")
        assert answer.status_code == 201, answer.json()
        paper = answer.json()
        assert (paper["status"], paper["validity"]) == ("waiting", {"first": "2026-01-01", "last": "2027-12-31"})
        assert paper["submitted_by"]["full_name"] == str(staff_member)
        verified = api(accounts_officer).post(f"/api/v1/papers/{paper['id']}/verify/").json()
        assert (verified["status"], verified["verified_by"]["full_name"]) == ("valid", str(accounts_officer))
        problem_in(api(accounts_officer).post(f"/api/v1/papers/{paper['id']}/verify/"), 409, "paper_not_waiting")

    def test_a_page_or_a_drawing_is_no_paper(self, api, owner, chanderi):
        for content in (b"<html></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"MZ"):
            upload = SimpleUploadedFile("scan.pdf", content, content_type="application/pdf")
            problem_in(self.send(api(owner), chanderi, upload), 400, "file_refused")
        assert not Paper.objects.filter(tenant=chanderi).exists()

    def test_nobody_checks_their_own_paper(self, api, administrator, chanderi, scan):
        paper = self.send(api(administrator), chanderi, scan()).json()
        problem_in(api(administrator).post(f"/api/v1/papers/{paper['id']}/verify/"), 403, "own_paper")

    def test_a_paper_is_sent_back_with_the_reason(self, api, accounts_officer, paper):
        address = f"/api/v1/papers/{paper.pk}/send-back/"
        assert faults_in(api(accounts_officer).post(address, {})) == {"reason": "required"}
        answer = api(accounts_officer).post(address, {"reason": "not readable"})
        assert (answer.json()["status"], answer.json()["return_reason"]) == ("returned", "not readable")

    def test_a_withdrawn_paper_stays_on_record(self, api, owner, paper, chanderi):
        assert api(owner).post(f"/api/v1/papers/{paper.pk}/withdraw/", {"why": "old"}).json()["status"] == "withdrawn"
        listed = api(owner).get(f"/api/v1/tenants/{chanderi.pk}/papers/").json()
        assert listed["count"] == 1
        assert api(owner).get(f"/api/v1/tenants/{chanderi.pk}/papers/?kept=true").json()["count"] == 0

    def test_a_file_is_a_download_for_those_who_may_see_the_paper(self, api, owner, outsider, paper):
        answer = api(owner).get(f"/api/v1/papers/{paper.pk}/file/", headers={"Accept": "application/pdf"})
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="scan.pdf"'
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        problem_in(api(outsider).get(f"/api/v1/papers/{paper.pk}/file/"), 404, "not_found")

    def test_a_lost_file_is_not_found_rather_than_a_crash(self, api, owner, paper):
        paper.file.storage.delete(paper.file.name)
        problem_in(api(owner).get(f"/api/v1/papers/{paper.pk}/file/"), 404, "not_found")


class TestGiAuthorisations:
    def entry(self, **more):
        return {
            "registration": "chanderi-sarees", "authorised_user_no": "AU/7/12", "holder": "Sunita",
            "first": "2026-01-01", "last": "2035-12-31",
        } | more  # fmt: skip

    def test_the_badge_shows_while_registration_and_authorisation_are_valid(
        self, api, accounts_officer, owner, chanderi, today
    ):
        address = f"/api/v1/tenants/{chanderi.pk}/gi-authorisations/"
        answer = api(accounts_officer).post(address, self.entry())
        assert answer.status_code == 201, answer.json()
        assert answer.json()["shows_badge_today"] is True
        assert api(owner).get(f"/api/v1/tenants/{chanderi.pk}/").json()["gi_badges"] == ["chanderi-sarees"]
        GiRegistration.objects.filter(code="chanderi-sarees").update(status="expired")
        assert api(owner).get(address).json()["results"][0]["shows_badge_today"] is False
        assert api(owner).get(f"/api/v1/tenants/{chanderi.pk}/").json()["gi_badges"] == []

    def test_an_authorisation_is_withdrawn_once(self, api, accounts_officer, chanderi):
        made = api(accounts_officer).post(f"/api/v1/tenants/{chanderi.pk}/gi-authorisations/", self.entry()).json()
        address = f"/api/v1/gi-authorisations/{made['id']}/withdraw/"
        assert faults_in(api(accounts_officer).post(address)) == {"why": "required"}
        assert api(accounts_officer).post(address, {"why": "lapsed"}).json()["shows_badge_today"] is False
        problem_in(api(accounts_officer).post(address, {"why": "lapsed"}), 409, "gi_authorisation_withdrawn")

    def test_the_certificate_of_another_tenant_is_refused(self, api, accounts_officer, batik, paper):
        answer = api(accounts_officer).post(
            f"/api/v1/tenants/{batik.pk}/gi-authorisations/", self.entry(paper=paper.pk)
        )
        assert faults_in(answer) == {"paper": "not_this_tenants_paper"}

    def test_a_tenant_does_not_authorise_itself(self, api, owner, chanderi):
        problem_in(api(owner).post(f"/api/v1/tenants/{chanderi.pk}/gi-authorisations/", self.entry()), 403)


class TestMembers:
    def test_someone_is_invited_once_and_the_offer_is_taken_back(self, api, owner, chanderi):
        address = f"/api/v1/tenants/{chanderi.pk}/invitations/"
        entry = {"role": "staff", "full_name": "गीता", "mobile": "9826099999"}
        made = api(owner).post(address, entry)
        assert made.status_code == 201, made.json()
        assert "token" not in made.content.decode()
        assert faults_in(api(owner).post(address, entry), 409) == {"mobile": "already_invited"}
        withdraw = f"/api/v1/invitations/{made.json()['id']}/withdraw/"
        assert api(owner).post(withdraw).json()["withdrawn_at"] is not None
        problem_in(api(owner).post(withdraw), 404, "invitation_ended")
        assert Invitation.objects.filter(tenant=chanderi).count() == 1

    def test_a_member_gets_another_role_and_the_last_owner_stays(self, api, owner, staff_member, chanderi):
        staff = Membership.objects.get(user=staff_member)
        own = Membership.objects.get(user=owner)
        problem_in(api(owner).post(f"/api/v1/members/{own.pk}/end/"), 409, "last_owner")
        assert api(owner).patch(f"/api/v1/members/{staff.pk}/", {"role": "owner"}).json()["role"] == "owner"
        ended = api(owner).post(f"/api/v1/members/{staff.pk}/end/", {"why": "left"}).json()
        assert ended["ended_at"] is not None
        listed = api(owner).get(f"/api/v1/tenants/{chanderi.pk}/members/?current=true").json()["results"]
        assert [row["person"]["id"] for row in listed] == [owner.pk]

    def test_a_change_of_role_ends_the_members_keys(self, api, owner, staff_member, chanderi):
        client = api(staff_member)
        assert client.get("/api/v1/tenants/").status_code == 200
        api(owner).patch(f"/api/v1/members/{Membership.objects.get(user=staff_member).pk}/", {"role": TenantRole.OWNER})
        problem_in(client.get("/api/v1/tenants/"), 401, "authentication_failed")

    def test_an_invitation_lasts_a_week(self, api, owner, chanderi, now):
        entry = {"role": "owner", "full_name": "गीता", "email": "gita@example.in"}
        api(owner).post(f"/api/v1/tenants/{chanderi.pk}/invitations/", entry)
        invitation = Invitation.objects.get(tenant=chanderi)
        assert timedelta(days=7) - timedelta(minutes=1) < invitation.expires_at - now < timedelta(days=7, minutes=1)
