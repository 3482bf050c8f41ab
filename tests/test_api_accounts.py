"""Keys, sessions, devices and people over the API."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.keys import issue_key
from accounts.models import AccessKey, Device, User
from accounts.people import grant_role, shut_out
from accounts.roles import Right, StaffRole
from tests.asking import faults_in, problem_in


@pytest.fixture
def session():
    """A browser in which someone has signed in on our pages; CSRF is asked for."""

    def sign_in(user, **options):
        browser = Client(enforce_csrf_checks=True, **options)
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in


class TestKeys:
    def test_who_am_i(self, api, owner, chanderi):
        me = api(owner).get("/api/v1/me/").json()
        assert (me["kind"], me["roles"], [(t["id"], t["role"]) for t in me["tenants"]]) == (
            "person", [], [(chanderi.pk, "owner")],
        )  # fmt: skip
        held = {row["right"]: (row["reach"], row["tenants"]) for row in me["rights"]}
        assert held[Right.EDIT_TENANTS] == ("own", [chanderi.pk])
        assert held[Right.SEE_MALL] == ("mall", None)
        assert Right.LET_UNITS not in held

    def test_a_key_is_shown_once_works_and_is_stored_as_a_hash(self, api, owner):
        made = api(owner).post("/api/v1/me/keys/", {"label": "accounts program"}).json()
        assert api().get("/api/v1/me/", headers={"Authorization": f"Bearer {made['text']}"}).status_code == 200
        listed = api(owner).get("/api/v1/me/keys/")
        assert made["text"] not in listed.content.decode()
        assert made["text"].partition(".")[2] not in str(AccessKey.objects.get(pk=made["key"]["id"]).__dict__)

    def test_a_rotated_key_goes_on_for_the_overlap_and_a_revoked_one_ends(self, api, owner):
        client = api(owner)
        made = client.post("/api/v1/me/keys/", {"label": "till"}).json()
        old = {"Authorization": f"Bearer {made['text']}"}
        fresh = client.post(f"/api/v1/me/keys/{made['key']['id']}/rotate/", {"overlap_hours": 1}).json()
        new = {"Authorization": f"Bearer {fresh['text']}"}
        assert [api().get("/api/v1/me/", headers=key).status_code for key in (old, new)] == [200, 200]
        assert client.post(f"/api/v1/me/keys/{fresh['key']['id']}/revoke/").status_code == 204
        problem_in(api().get("/api/v1/me/", headers=new), 401, "authentication_failed")
        assert client.post(f"/api/v1/me/keys/{made['key']['id']}/rotate/", {"overlap_hours": 0}).status_code == 201
        problem_in(api().get("/api/v1/me/", headers=old), 401, "authentication_failed")

    def test_anothers_key_is_not_found(self, api, owner, outsider):
        key = issue_key(holder=outsider, label="theirs").key
        problem_in(api(owner).post(f"/api/v1/me/keys/{key.pk}/revoke/"), 404)
        key.refresh_from_db()
        assert key.revoked_at is None

    def test_a_limited_key_opens_only_what_it_is_limited_to(self, api, administrator):
        text = issue_key(holder=administrator, label="reader", scopes=[Right.SEE_TENANTS]).text
        reader = {"Authorization": f"Bearer {text}"}
        assert api().get("/api/v1/tenants/", headers=reader).status_code == 200
        problem_in(api().get("/api/v1/units/", headers=reader), 403, "permission_denied")

    def test_a_limited_key_makes_no_wider_one(self, api, administrator):
        text = issue_key(holder=administrator, label="reader", scopes=[Right.SEE_TENANTS, Right.SEE_MALL]).text
        wide = issue_key(holder=administrator, label="wide").key
        reader = {"Authorization": f"Bearer {text}"}
        for scopes in ([], [Right.MANAGE_PEOPLE], [Right.SEE_TENANTS, Right.MANAGE_PEOPLE]):
            answer = api().post("/api/v1/me/keys/", {"label": "x", "scopes": scopes}, headers=reader)
            problem_in(answer, 403, "key_too_narrow")
        problem_in(api().post(f"/api/v1/me/keys/{wide.pk}/rotate/", headers=reader), 403, "key_too_narrow")
        narrow = api().post("/api/v1/me/keys/", {"label": "x", "scopes": [Right.SEE_MALL]}, headers=reader)
        assert narrow.status_code == 201

    def test_a_key_ends_with_its_day_its_holder_and_the_holders_roles(self, api, person, administrator, now):
        clerk = person("clerk", StaffRole.AUDITOR)
        past = issue_key(holder=clerk, label="past", expires_at=now - timedelta(seconds=1)).text
        problem_in(api().get("/api/v1/me/", headers={"Authorization": f"Bearer {past}"}), 401)
        client = api(clerk)
        grant_role(user=clerk, role=StaffRole.WAREHOUSE_KEEPER, by=administrator)
        problem_in(client.get("/api/v1/me/"), 401)
        client = api(User.objects.get(pk=clerk.pk))
        assert client.get("/api/v1/me/").status_code == 200
        shut_out(user=clerk, by=administrator, why="left")
        problem_in(client.get("/api/v1/me/"), 401)

    def test_a_key_cannot_be_made_for_the_past(self, api, owner, now):
        entry = {"label": "x", "expires_at": (now - timedelta(days=1)).isoformat()}
        assert faults_in(api(owner).post("/api/v1/me/keys/", entry)) == {"expires_at": "out_of_range"}
        assert faults_in(api(owner).post("/api/v1/me/keys/", {"label": "x", "scopes": ["all"]})) == {
            "scopes.0": "invalid_choice"
        }


class TestSessions:
    def test_a_session_reads_and_writes_only_with_our_own_token(self, session, owner, chanderi):
        browser = session(owner)
        assert browser.get("/api/v1/me/").json()["name"] == str(owner)
        address = f"/api/v1/tenants/{chanderi.pk}/"
        answer = browser.patch(address, {"address": "x"}, content_type="application/json")
        problem_in(answer, 403, "csrf_failed")
        chanderi.refresh_from_db()
        assert chanderi.address == ""

    def test_staff_without_the_second_factor_are_nobody(self, session, auditor, settings):
        settings.STAFF_SECOND_FACTOR_REQUIRED = True
        browser = session(auditor)
        problem_in(browser.get("/api/v1/tenants/"), 403, "second_factor_required")
        assert browser.get("/api/v1/states/").status_code == 200

    def test_members_need_no_second_factor(self, session, owner, settings):
        settings.STAFF_SECOND_FACTOR_REQUIRED = True
        assert session(owner).get("/api/v1/tenants/").status_code == 200


class TestDevices:
    def test_a_device_is_registered_gets_a_key_and_is_retired(self, api, administrator):
        client = api(administrator)
        made = client.post("/api/v1/devices/", {"kind": "kiosk", "name": "Kiosk at the fountain"})
        assert made.status_code == 201, made.json()
        address = f"/api/v1/devices/{made.json()['id']}/"
        key = client.post(f"{address}keys/", {"label": "first"}).json()
        kiosk = {"Authorization": f"Bearer {key['text']}"}
        assert api().get("/api/v1/units/", headers=kiosk).status_code == 200
        fresh = client.post(f"{address}keys/{key['key']['id']}/rotate/").json()
        assert client.post(f"{address}keys/{key['key']['id']}/revoke/").status_code == 204
        problem_in(api().get("/api/v1/units/", headers=kiosk), 401)
        kiosk = {"Authorization": f"Bearer {fresh['text']}"}
        assert api().get("/api/v1/units/", headers=kiosk).status_code == 200
        assert client.post(f"{address}retire/", {"why": "broken"}).json()["is_active"] is False
        problem_in(api().get("/api/v1/units/", headers=kiosk), 401)

    def test_a_name_is_used_once(self, api, administrator, kiosk):
        answer = api(administrator).post("/api/v1/devices/", {"kind": "counter", "name": kiosk.name.upper()})
        assert faults_in(answer, 409) == {"name": "device_name_taken"}
        assert Device.objects.count() == 1

    def test_a_key_of_another_device_is_not_found_under_this_one(self, api, administrator, kiosk, counter):
        key = issue_key(holder=counter, label="theirs").key
        problem_in(api(administrator).post(f"/api/v1/devices/{kiosk.pk}/keys/{key.pk}/revoke/"), 404)

    def test_only_the_administrator_sees_devices(self, api, auditor, owner, kiosk):
        for actor in (auditor, owner, kiosk):
            problem_in(api(actor).get("/api/v1/devices/"), 403)


class TestPeople:
    def test_someone_is_registered_given_a_role_and_deprived_of_it(self, api, administrator):
        client = api(administrator)
        entry = {"username": "+91 98260 77777", "full_name": "रेखा", "password": "Bherugarh-neel-7"}
        made = client.post("/api/v1/people/", entry)
        assert (made.status_code, made.json()["username"], made.json()["roles"]) == (201, "9826077777", [])
        assert "neel" not in made.content.decode()
        address = f"/api/v1/people/{made.json()['id']}/"
        granted = client.post(f"{address}roles/grant/", {"role": "auditor", "why": "audit of 2026"})
        assert granted.json()["roles"] == ["auditor"]
        assert client.get("/api/v1/people/?role=auditor").json()["count"] == 1
        assert client.post(f"{address}roles/withdraw/", {"role": "auditor"}).json()["roles"] == []
        assert client.post(f"{address}shut-out/", {"why": "left"}).json()["is_active"] is False
        assert client.post(f"{address}let-in/", {"why": "came back"}).json()["is_active"] is True

    def test_a_weak_password_and_a_taken_name_are_refused(self, api, administrator):
        answer = api(administrator).post("/api/v1/people/", {"username": "a", "full_name": "A", "password": "12345678"})
        assert faults_in(answer).keys() == {"password"}
        answer = api(administrator).post("/api/v1/people/", {"username": "ASHA", "full_name": "A"})
        assert faults_in(answer, 409) == {"username": "sign_in_name_taken"}

    def test_the_last_administrator_stays(self, api, administrator):
        address = f"/api/v1/people/{administrator.pk}/"
        problem_in(
            api(administrator).post(f"{address}roles/withdraw/", {"role": "administrator"}), 409, "last_administrator"
        )
        problem_in(api(administrator).post(f"{address}shut-out/", {"why": "x"}), 409, "last_administrator")

    def test_an_auditor_reads_people_and_changes_none(self, api, auditor, owner):
        assert api(auditor).get(f"/api/v1/people/{owner.pk}/").status_code == 200
        problem_in(api(auditor).post("/api/v1/people/", {"username": "a", "full_name": "A"}), 403)
        problem_in(api(owner).get("/api/v1/people/"), 403)
