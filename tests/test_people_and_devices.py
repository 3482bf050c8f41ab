"""People get roles and lose them, machines get keys; and everyone may read who did what."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.keys import UnknownScope, holder_of, issue_key, revoke_key, rotate_key
from accounts.models import AccessKey, Device, RoleGrant, User
from accounts.people import LastAdministrator, grant_role, retire_device, shut_out, withdraw_role
from accounts.roles import Reach, Right, StaffRole
from accounts.second_factor import factor_of
from insights.changes import newest
from mall.models import Unit
from mall.upkeep import correct_areas
from tenants.access import reach
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(administrator) -> Client:
    """The administrator at the desk."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def key_on(answer) -> str:
    return re.search(r'id="new-key" type="text" value="([^"]+)"', answer.content.decode())[1]


# People and roles


def test_a_new_person_gets_a_role_and_a_link_to_choose_a_password(office):
    answer = office.post(
        reverse("person-add"),
        {
            "full_name": "मीरा जोशी",
            "username": "+91 98270 11111",
            "role": "accounts_officer",
            "mobile": "०९८२७०११११",
            "email": "",
            "language": "hi",
        },
    )
    assert answer.status_code == 422  # one digit short: nothing is registered
    assert not User.objects.filter(username="9827011111").exists()
    answer = office.post(
        reverse("person-add"),
        {
            "full_name": "मीरा जोशी",
            "username": "+91 98270 11111",
            "role": "accounts_officer",
            "mobile": "०९८२७०१११११",
            "language": "hi",
        },
    )
    meera = User.objects.get(username="9827011111")
    assert meera.mobile == "9827011111"
    assert meera.staff_roles == {"accounts_officer"}
    assert not meera.has_usable_password()
    assert "no-store" in answer.headers["Cache-Control"]
    link = re.search(r'value="(http[^"]+)"', answer.content.decode())[1]
    assert link.startswith(settings.BASE_URL)
    visitor = Client()
    visitor.post(link.removeprefix(settings.BASE_URL), {"new_password": PASSWORD, "again": PASSWORD})
    assert visitor.post(reverse("sign-in"), {"username": "9827011111", "password": PASSWORD}).status_code == 302


def test_a_sign_in_name_belongs_to_one_person_however_it_is_written(office, owner):
    answer = office.post(
        reverse("person-add"),
        {"full_name": "X", "username": "०98260-12345", "role": "auditor", "language": "hi"},
    )
    assert "Choose another" in answer.content.decode()
    assert not RoleGrant.objects.filter(user=owner).exists()


def test_a_role_is_given_and_withdrawn_with_a_reason_that_is_kept(office, auditor, administrator):
    office.post(reverse("role-grant", args=[auditor.pk]), {"role": "warehouse_keeper", "why": "leave cover"})
    assert set(RoleGrant.objects.filter(user=auditor).values_list("role", flat=True)) == {
        "auditor",
        "warehouse_keeper",
    }
    refused = office.post(reverse("role-withdraw", args=[auditor.pk]), {"role": "warehouse_keeper", "why": ""})
    assert refused.status_code == 422
    office.post(reverse("role-withdraw", args=[auditor.pk]), {"role": "warehouse_keeper", "why": "leave is over"})
    assert User.objects.get(pk=auditor.pk).staff_roles == {"auditor"}
    page = office.get(reverse("person", args=[auditor.pk])).content.decode()
    assert "leave cover" in page
    assert "leave is over" in page


def test_the_last_administrator_keeps_the_role_and_the_way_in(office, administrator, auditor):
    with pytest.raises(LastAdministrator):
        withdraw_role(user=administrator, role=StaffRole.ADMINISTRATOR, by=auditor)
    with pytest.raises(LastAdministrator):
        shut_out(user=administrator, by=auditor, why="x")
    answer = office.post(reverse("role-withdraw", args=[administrator.pk]), {"role": "administrator", "why": "tired"})
    assert answer.status_code == 422
    assert "at least one administrator" in answer.content.decode()
    assert User.objects.get(pk=administrator.pk).is_active


def test_an_administrator_who_is_shut_out_does_not_count_as_one(administrator, person, auditor):
    second = person("usha", StaffRole.ADMINISTRATOR)
    shut_out(user=second, by=administrator, why="left")
    with pytest.raises(LastAdministrator):
        withdraw_role(user=administrator, role=StaffRole.ADMINISTRATOR, by=auditor)


def test_who_is_shut_out_loses_session_and_key_at_once_and_may_be_let_in_again(office, auditor):
    there = Client()
    there.post(reverse("sign-in"), {"username": "vinod", "password": PASSWORD})
    text = issue_key(holder=User.objects.get(pk=auditor.pk), label="reports").text
    assert holder_of(text=text, at=timezone.now())
    office.post(reverse("person-shut-out", args=[auditor.pk]), {"why": "left the mall"})
    assert there.get(reverse("account")).status_code == 302
    assert holder_of(text=text, at=timezone.now()) is None
    office.post(reverse("person-let-in", args=[auditor.pk]), {"why": "came back"})
    assert User.objects.get(pk=auditor.pk).is_active
    assert holder_of(text=text, at=timezone.now()) is None


def test_the_table_of_roles_is_the_table_that_decides(office):
    page = office.get(reverse("roles")).content.decode()
    for right in ("Let units and end leases", "Open the repair desk", "Hand in papers"):
        assert right in page


def test_the_list_finds_people_by_part_of_a_name_and_downloads_what_it_shows(office, auditor, owner):
    page = office.get(reverse("people"), {"q": "vin"}).content.decode()
    assert "Vinod" in page
    assert "9826012345" not in page
    sheet = load_workbook(io.BytesIO(office.get(reverse("people-download"), {"q": "vin"}).content)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["vinod"]


def test_the_list_asks_as_often_for_many_people_as_for_few(office, person):
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            office.get(reverse("people"))
        return len(queries)

    office.get(reverse("people"))
    few = asked()
    for number in range(12):
        person(f"person-{number}", StaffRole.AUDITOR)
    assert asked() == few


def test_an_administrator_takes_a_lost_second_factor_away(office, auditor):
    from accounts.second_factor import set_up
    from tests.test_signing_in import KEY, code_now

    set_up(user=auditor, key=KEY, code=code_now(-1), by=auditor)
    office.post(reverse("person-second-factor-remove", args=[auditor.pk]), {"why": "phone fell into the Shipra"})
    assert factor_of(auditor) is None
    assert "phone fell into the Shipra" in office.get(reverse("person", args=[auditor.pk])).content.decode()


def test_an_e_mail_address_changes_only_with_the_password(owner):
    client = Client()
    client.force_login(owner)
    wish = {"full_name": "Rekha", "mobile": "", "email": "rekha@example.in", "language": "en"}
    assert client.post(reverse("account"), wish).status_code == 422
    assert User.objects.get(pk=owner.pk).email == ""
    assert client.post(reverse("account"), wish | {"password": PASSWORD}).status_code == 302
    assert User.objects.get(pk=owner.pk).email == "rekha@example.in"
    assert client.post(reverse("account"), wish | {"full_name": "Rekha Bai"}).status_code == 302


# Keys


def test_a_key_is_shown_once_and_stored_as_a_hash(office, kiosk):
    answer = office.post(reverse("device-key-add", args=[kiosk.pk]), {"label": "main"})
    text = key_on(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    key = AccessKey.objects.get()
    prefix, secret = text.split(".")
    assert (key.prefix, len(secret)) == (prefix, 43)
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_accesskey::text FROM accounts_accesskey")
        assert secret not in cursor.fetchone()[0]
    assert secret not in office.get(reverse("device", args=[kiosk.pk])).content.decode()
    assert holder_of(text=text, at=timezone.now()).device == kiosk
    assert holder_of(text=f"{prefix}.{secret[:-1]}x", at=timezone.now()) is None


def test_the_last_day_of_a_key_still_belongs_to_it(office, kiosk, today):
    text = key_on(office.post(reverse("device-key-add", args=[kiosk.pk]), {"label": "fair", "last": today.isoformat()}))
    end = AccessKey.objects.get().expires_at
    assert timezone.localtime(end).date() == today + timedelta(days=1)
    assert holder_of(text=text, at=end - timedelta(seconds=1))
    assert holder_of(text=text, at=end) is None


def test_an_old_key_goes_on_for_the_overlap_and_no_longer(office, kiosk):
    old = key_on(office.post(reverse("device-key-add", args=[kiosk.pk]), {"label": "main"}))
    key = AccessKey.objects.get()
    new = key_on(office.post(reverse("device-key-rotate", args=[key.pk]), {"overlap": "1"}))
    now = timezone.now()
    assert new != old
    assert holder_of(text=old, at=now)
    assert holder_of(text=new, at=now)
    assert holder_of(text=old, at=now + timedelta(hours=1)) is None
    assert holder_of(text=new, at=now + timedelta(hours=1))


def test_a_revoked_key_opens_nothing_and_has_no_successor(office, kiosk, administrator):
    made = issue_key(holder=kiosk, label="main")
    assert office.post(reverse("key-revoke", args=[made.key.pk])).status_code == 302
    assert holder_of(text=made.text, at=timezone.now()) is None
    answer = office.post(reverse("device-key-rotate", args=[made.key.pk]), {"overlap": "1"})
    assert answer.status_code == 422
    assert AccessKey.objects.count() == 1
    first = AccessKey.objects.get().revoked_at
    revoke_key(key=made.key, at=timezone.now(), by=administrator)
    assert AccessKey.objects.get().revoked_at == first


def test_a_key_is_never_wider_than_its_scopes(auditor):
    made = issue_key(holder=auditor, label="coverage only", scopes=[Right.SEE_COVERAGE])
    assert made.key.scopes == ["coverage.see"]
    auditor.key_scopes = made.key.scopes
    assert reach(auditor, Right.SEE_COVERAGE) == Reach.MALL
    assert reach(auditor, Right.SEE_TENANTS) is None
    with pytest.raises(UnknownScope):
        issue_key(holder=auditor, label="x", scopes=["everything"])


def test_a_person_offers_a_key_only_the_rights_they_have(auditor):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(auditor)
    page = client.get(reverse("key-add")).content.decode()
    assert 'value="coverage.see"' in page
    assert 'value="leases.let"' not in page
    answer = client.post(reverse("key-add"), {"label": "x", "scopes": ["leases.let"]})
    assert answer.status_code == 422
    assert not AccessKey.objects.exists()


def test_a_persons_keys_end_when_their_roles_change(auditor, administrator):
    text = issue_key(holder=auditor, label="reports").text
    grant_role(user=auditor, role=StaffRole.WAREHOUSE_KEEPER, by=administrator)
    assert holder_of(text=text, at=timezone.now()) is None


def test_nobody_reaches_another_persons_key(owner, outsider):
    made = issue_key(holder=outsider, label="theirs")
    client = Client()
    client.force_login(owner)
    for name in ("own-key-rotate", "own-key-revoke"):
        assert client.post(reverse(name, args=[made.key.pk]), {"overlap": "1"}).status_code == 404
    assert AccessKey.objects.get().revoked_at is None


def test_a_key_of_a_person_is_not_reached_through_the_devices(office, owner):
    made = issue_key(holder=owner, label="theirs")
    assert office.post(reverse("key-revoke", args=[made.key.pk])).status_code == 404


def test_a_rotated_key_keeps_what_it_was_limited_to(auditor, now):
    made = issue_key(holder=auditor, label="x", scopes=["mall.see"], expires_at=now + timedelta(days=10))
    fresh = rotate_key(key=made.key, at=now, overlap=timedelta(0), by=auditor)
    assert (fresh.key.scopes, fresh.key.label) == (["mall.see"], "x")
    assert holder_of(text=made.text, at=now) is None


# Devices


def test_a_device_is_registered_and_taken_out_of_use_with_all_its_keys(office, administrator):
    office.post(reverse("device-add"), {"kind": "counter", "name": "Counter over the east gate"})
    device = Device.objects.get()
    text = issue_key(holder=device, label="main").text
    office.post(reverse("device-retire", args=[device.pk]), {"why": "broken lens"})
    assert holder_of(text=text, at=timezone.now()) is None
    assert office.get(reverse("device-key-add", args=[device.pk])).status_code == 404
    assert "broken lens" in office.get(reverse("device", args=[device.pk])).content.decode()
    twice = office.post(reverse("device-add"), {"kind": "kiosk", "name": "counter over the EAST gate"})
    assert "already has this name" in twice.content.decode()


def test_what_a_counter_holds_opens_no_page(counter):
    client = Client(HTTP_AUTHORIZATION=f"Bearer {issue_key(holder=counter, label='x').text}")
    assert client.get(reverse("units")).status_code == 302


def test_a_retired_device_says_so_in_the_list(office, kiosk, administrator):
    retire_device(device=kiosk, by=administrator, why="old")
    assert "out of use" in office.get(reverse("devices")).content.decode()


# The feed of changes


def test_the_feed_tells_what_was_before_and_after_and_why(office, administrator):
    unit = Unit.objects.order_by("number").first()
    before = unit.carpet_area
    correct_areas(
        unit=unit, carpet_area=before - 1, chargeable_area=unit.chargeable_area, by=administrator, why="measured"
    )
    newest_line = newest(administrator, kind="unit").page(1).object_list[0]
    assert newest_line.who == administrator
    assert newest_line.why == "measured"
    assert [change[1:] for change in newest_line.fields] == [(str(before), str(before - 1))]
    page = office.get(reverse("changes"), {"kind": "unit", "who": "ash"}).content.decode()
    assert "measured" in page
    assert reverse("unit", args=[unit.number]) in page


def test_the_feed_is_cut_by_kind_by_person_and_by_day(administrator, auditor, chanderi, today):
    kinds = {line.model._meta.model_name for line in newest(administrator).page(1)}
    assert {"tenant", "user", "rolegrant"} <= kinds
    assert {line.model._meta.model_name for line in newest(administrator, kind="tenant").page(1)} == {"tenant"}
    assert {line.who for line in newest(administrator, who="asha").page(1)} == {administrator}
    assert newest(administrator, on=today - timedelta(days=1)).count == 0
    assert newest(administrator, on=today).count > 0


def test_a_feed_cut_to_one_person_still_knows_what_others_left_before(administrator, auditor):
    unit = Unit.objects.order_by("number").first()
    areas = [unit.chargeable_area + 1, unit.chargeable_area + 2]
    for by, area in zip((administrator, auditor), areas, strict=True):
        correct_areas(unit=unit, carpet_area=unit.carpet_area, chargeable_area=area, by=by, why="")
    (line,) = newest(administrator, kind="unit", who="vinod").page(1)
    assert [change[1:] for change in line.fields] == [(str(areas[0]), str(areas[1]))]


def test_a_member_reads_of_changes_only_those_of_their_own_tenant(owner, outsider, chanderi, batik, staff_member):
    lines = newest(owner).page(1).object_list
    assert lines
    assert {line.key for line in lines if line.model._meta.model_name == "tenant"} == {chanderi.pk}
    assert not {line.model._meta.model_name for line in lines} & {"user", "rolegrant", "device", "unit"}
    assert "Batik" not in "".join(line.of for line in lines)
    assert newest(staff_member).count == 0


def test_who_may_not_see_people_reads_no_changes_of_people(accounts_officer, auditor, administrator):
    kinds = {line.model._meta.model_name for line in newest(accounts_officer).page(1)}
    assert not kinds & {"user", "rolegrant"}


def test_the_feed_asks_as_often_for_many_changes_as_for_few(office, administrator, django_assert_max_num_queries):
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.clear_cache()
    units = list(Unit.objects.order_by("number")[:30])

    def change(some):
        for unit in some:
            correct_areas(
                unit=unit, carpet_area=unit.carpet_area, chargeable_area=unit.chargeable_area + 1,
                by=administrator, why="",
            )  # fmt: skip

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            office.get(reverse("changes"), {"kind": "unit"})
        return len(queries)

    change(units[:2])
    few = asked()
    change(units)
    assert asked() == few
