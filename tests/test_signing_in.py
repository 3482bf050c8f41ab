"""The door: who comes in, who waits, who stays out."""

import re
import time
from datetime import timedelta
from urllib.parse import urlparse

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.password_links import link_token
from accounts.people import grant_role, shut_out, withdraw_role
from accounts.roles import StaffRole
from accounts.second_factor import set_up
from tenants.members import invite, token_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
KEY = "3132333435363738393031323334353637383930"


@pytest.fixture
def client() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture(autouse=True)
def _mail_in_memory(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def enter(client, username, password=PASSWORD, **more):
    return client.post(reverse("sign-in"), {"username": username, "password": password, **more})


def is_in(client) -> bool:
    return client.get(reverse("account")).status_code == 200


def code_now(ahead: int = 0, key: str = KEY) -> str:
    """What the app shows; `ahead` in steps of thirty seconds, because a code works once."""
    app = TOTP(bytes.fromhex(key))
    app.time = time.time() + 30 * ahead
    return f"{app.token():06d}"


@pytest.fixture
def guarded(auditor):
    """The auditor with an authenticator app; the recovery codes hang on the person."""
    made = set_up(user=auditor, key=KEY, code=code_now(-1), by=auditor)
    auditor.paper = made.recovery_codes
    return auditor


# Name and password


@pytest.mark.parametrize("typed", ["9826012345", "+91 98260 12345", "०९८२६०१२३४५", "98260-12345"])
def test_a_mobile_number_opens_the_door_however_it_is_typed(client, owner, typed):
    assert enter(client, typed).status_code == 302
    assert is_in(client)


def test_a_wrong_password_says_what_to_check_and_keeps_the_name(client, owner):
    answer = enter(client, "9826012345", "wrong")
    assert answer.status_code == 422
    assert "Check both" in answer.content.decode()
    assert 'value="9826012345"' in answer.content.decode()
    assert not is_in(client)


def test_after_five_failures_the_right_password_opens_nothing_for_a_quarter_of_an_hour(client, owner):
    answers = [enter(client, typed, "wrong").status_code for typed in ["9826012345", "+919826012345"] * 2]
    assert answers == [422] * 4
    assert enter(client, "98260 12345", "wrong").status_code == 429
    locked = enter(client, "9826012345")
    assert locked.status_code == 429
    assert "15 minutes" in locked.content.decode()
    assert locked.headers["Retry-After"] == "900"
    assert not is_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert enter(client, "9826012345").status_code == 302


def test_a_lock_on_one_person_leaves_the_others_alone(client, owner, outsider):
    for _time in range(6):
        enter(client, "9826012345", "wrong")
    assert enter(client, "9300011122").status_code == 302


def test_passwords_of_failed_attempts_are_written_nowhere(client, owner):
    from axes.models import AccessAttempt

    client.force_login(owner)
    client.post(
        reverse("password-change"),
        {"password": "geheim-one", "new_password": "geheim-two-Zaun", "again": "geheim-two-Zaun"},
    )
    noted = AccessAttempt.objects.get()
    assert "geheim" not in f"{noted.post_data}{noted.get_data}"


def test_who_is_shut_out_stays_out(client, owner, administrator):
    shut_out(user=owner, by=administrator, why="left")
    assert enter(client, "9826012345").status_code == 422


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(client, owner, next_):
    assert enter(client, "9826012345", next=next_).headers["Location"] == "/"


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client, owner, chanderi):
    asked = client.get(reverse("tenant-papers", args=[chanderi.pk]))
    assert asked.headers["Location"].startswith("/sign-in/?next=")
    page = client.get(asked.headers["Location"])
    assert f'value="/tenants/{chanderi.pk}/papers/"' in page.content.decode()


def test_the_persons_language_comes_along_unless_one_was_chosen_here(client, owner):
    assert enter(client, "9826012345").cookies["django_language"].value == "hi"
    other = Client()
    other.post(reverse("set-language"), {"language": "en"})
    assert "django_language" not in enter(other, "9826012345").cookies


# Sessions end


def test_signing_out_ends_the_session_on_the_server(client, owner):
    enter(client, "9826012345")
    stolen = client.cookies["sessionid"].value
    assert client.post(reverse("sign-out")).status_code == 302
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not is_in(thief)


def test_signing_out_by_a_link_does_nothing(client, owner):
    enter(client, "9826012345")
    assert client.get(reverse("sign-out")).status_code == 405
    assert is_in(client)


def test_a_session_ends_when_a_role_is_given_or_withdrawn(client, auditor, administrator):
    enter(client, "vinod")
    assert is_in(client)
    grant_role(user=auditor, role=StaffRole.WAREHOUSE_KEEPER, by=administrator)
    assert not is_in(client)
    enter(client, "vinod")
    withdraw_role(user=auditor, role=StaffRole.WAREHOUSE_KEEPER, by=administrator, why="moved")
    assert not is_in(client)


def test_signing_in_is_noted_with_the_person_but_is_no_change_of_them(client, owner):
    before = User.history.filter(id=owner.pk).count()
    enter(client, "9826012345")
    assert User.objects.get(pk=owner.pk).last_login
    assert User.history.filter(id=owner.pk).count() == before


def test_a_new_password_ends_the_sessions_elsewhere_but_not_here(client, owner):
    elsewhere = Client()
    enter(elsewhere, "9826012345")
    enter(client, "9826012345")
    fresh = "Naya-Darwaza-2026"
    answer = client.post(reverse("password-change"), {"password": PASSWORD, "new_password": fresh, "again": fresh})
    assert answer.headers["Location"] == reverse("account")
    assert is_in(client)
    assert not is_in(elsewhere)
    assert enter(elsewhere, "9826012345", fresh).status_code == 302


def test_the_session_gets_another_key_at_the_door(client, owner):
    client.get(reverse("second-factor"))  # leaves a message, and with it perhaps a session
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    enter(client, "9826012345")
    assert client.session.session_key != before


# The second factor


def test_the_password_alone_does_not_open_a_guarded_account(client, guarded):
    assert enter(client, "vinod").headers["Location"] == reverse("second-factor")
    assert not is_in(client)
    answer = client.post(reverse("second-factor"), {"code": code_now()})
    assert answer.headers["Location"] == "/"
    assert is_in(client)


def test_a_code_works_once(client, guarded):
    enter(client, "vinod")
    code = code_now()
    client.post(reverse("second-factor"), {"code": code})
    again = Client()
    enter(again, "vinod")
    assert again.post(reverse("second-factor"), {"code": code}).status_code == 422
    assert not is_in(again)


def test_a_recovery_code_opens_the_door_once(client, guarded):
    code = guarded.paper[3].upper()
    enter(client, "vinod")
    assert client.post(reverse("second-factor"), {"code": f" {code[:4]} {code[4:]}"}).status_code == 302
    assert is_in(client)
    again = Client()
    enter(again, "vinod")
    assert again.post(reverse("second-factor"), {"code": code}).status_code == 422


def test_codes_typed_in_devanagari_digits_are_codes(client, guarded):
    enter(client, "vinod")
    code = code_now().translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert client.post(reverse("second-factor"), {"code": code}).status_code == 302


def test_a_second_wrong_code_in_a_row_must_wait(client, guarded):
    enter(client, "vinod")
    client.post(reverse("second-factor"), {"code": "000000"})
    answer = client.post(reverse("second-factor"), {"code": code_now()})
    assert answer.status_code == 422
    assert "Wait" in answer.content.decode()


def test_wrong_codes_count_like_wrong_passwords(client, guarded):
    enter(client, "vinod")
    answers = [client.post(reverse("second-factor"), {"code": "12345a"}).status_code for _time in range(5)]
    assert answers == [422] * 4 + [429]
    assert client.post(reverse("second-factor"), {"code": code_now()}).status_code == 429
    assert enter(Client(), "vinod").status_code == 429


def test_the_code_is_asked_for_five_minutes(client, guarded):
    enter(client, "vinod")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        late = client.post(reverse("second-factor"), {"code": code_now()})
    assert late.headers["Location"] == reverse("sign-in")
    assert not is_in(client)


def test_a_role_that_changes_between_password_and_code_ends_the_attempt(client, guarded, administrator):
    enter(client, "vinod")
    grant_role(user=guarded, role=StaffRole.WAREHOUSE_KEEPER, by=administrator)
    assert client.post(reverse("second-factor"), {"code": code_now()}).headers["Location"] == reverse("sign-in")


def test_the_code_page_without_a_password_leads_to_the_door(client):
    assert client.get(reverse("second-factor")).headers["Location"] == reverse("sign-in")


def secret_on(page: str) -> str:
    from base64 import b32decode

    letters = re.search(r'<strong translate="no">([A-Z2-7 ]+)</strong>', page)[1]
    return b32decode(letters.replace(" ", "")).hex()


def test_staff_who_must_have_a_second_factor_see_nothing_before_it_is_set_up(client, auditor, settings):
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    enter(client, "vinod")
    for name in ("home", "people", "account"):
        assert client.get(reverse(name)).headers["Location"] == reverse("second-factor-setup")
    page = client.get(reverse("second-factor-setup")).content.decode()
    assert "<svg" in page
    assert "style=" not in page
    app = TOTP(bytes.fromhex(secret_on(page)))
    app.time = time.time()
    done = client.post(reverse("second-factor-setup"), {"code": f"{app.token():06d}"})
    assert len(set(re.findall(r"<code>([a-z2-7]{8})</code>", done.content.decode()))) == 10
    assert "no-store" in done.headers["Cache-Control"]
    assert client.get(reverse("people")).status_code == 200
    assert client.get(reverse("second-factor-remove")).headers["Location"] == reverse("second-factor-setup")


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_secret(client, owner):
    client.force_login(owner)
    shown = secret_on(client.get(reverse("second-factor-setup")).content.decode())
    answer = client.post(reverse("second-factor-setup"), {"code": "000000"})
    assert answer.status_code == 422
    assert secret_on(answer.content.decode()) == shown
    assert not TOTPDevice.objects.exists()


def test_only_who_knows_the_password_puts_another_app_in_place(client, guarded):
    client.force_login(guarded)
    client.post(reverse("second-factor-setup"), {"code": "123456"})
    key = secret_on(client.get(reverse("second-factor-replace")).content.decode())
    proof = {"code": code_now(key=key)}
    assert client.post(reverse("second-factor-replace"), proof | {"password": "wrong"}).status_code == 422
    assert TOTPDevice.objects.get().key == KEY
    assert client.post(reverse("second-factor-replace"), proof | {"password": PASSWORD}).status_code == 200
    assert TOTPDevice.objects.get().key == key


def test_who_knows_the_password_removes_the_second_factor(client, guarded):
    client.force_login(guarded)
    assert client.post(reverse("second-factor-remove"), {"password": "wrong"}).status_code == 422
    assert client.post(reverse("second-factor-remove"), {"password": PASSWORD}).status_code == 302
    assert not TOTPDevice.objects.exists()


# A password for who has none


def test_the_answer_is_the_same_whether_or_not_the_account_exists(client, administrator):
    known = client.post(reverse("password-reset"), {"name": "asha"})
    unknown = client.post(reverse("password-reset"), {"name": "nobody-at-all"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_a_mailed_link_sets_a_password_once(client, administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("password-reset"), {"name": "ASHA"})
    link = re.search(r"https?://\S+", mail.outbox[0].body)[0]
    fresh = "Naya-Darwaza-2026"
    path = urlparse(link).path
    assert "asha" in client.get(path).content.decode()
    assert client.post(path, {"new_password": fresh, "again": fresh}).headers["Location"] == reverse("sign-in")
    assert client.get(path).status_code == 404
    assert enter(client, "asha", fresh).status_code == 302


def test_nobodys_letter_box_is_flooded(client, administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(5):
            client.post(reverse("password-reset"), {"name": "asha"})
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("token", ["x", "MQ.x", "MTAwMDAwMDAwMDAwMDAwMDAwMDA.x", "..", "%00", "ु.a-b"])
def test_a_made_up_link_opens_nothing(client, token):
    assert client.get(f"/password-reset/{token}/").status_code in (400, 404)


def test_the_link_of_someone_shut_out_opens_nothing(client, owner, administrator):
    token = link_token(owner)
    shut_out(user=owner, by=administrator, why="left")
    assert client.get(reverse("password-set", args=[token])).status_code == 404


def test_a_weak_password_is_told_why(client, owner):
    path = reverse("password-set", args=[link_token(owner)])
    answer = client.post(path, {"new_password": "9826012345", "again": "9826012345"})
    assert answer.status_code == 422
    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)


# Joining a tenant


@pytest.fixture
def invitation(chanderi, administrator, now):
    return invite(tenant=chanderi, role="staff", full_name="मीना बाई", mobile="9755512345", by=administrator, at=now)


def test_a_new_person_joins_with_a_password_and_is_in(client, invitation, chanderi):
    path = reverse("accept-invitation", args=[token_of(invitation)])
    assert "9755512345" in client.get(path).content.decode()
    answer = client.post(path, {"new_password": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == reverse("tenant", args=[chanderi.pk])
    assert is_in(client)
    assert Client().get(path).status_code == 404


def test_who_is_signed_in_joins_as_oneself_and_stays_in(client, invitation, outsider, chanderi):
    enter(client, "9300011122")
    path = reverse("accept-invitation", args=[token_of(invitation)])
    assert client.post(path).headers["Location"] == reverse("tenant", args=[chanderi.pk])
    assert is_in(client)


def test_who_signs_in_already_is_sent_to_the_door_first(client, chanderi, administrator, outsider, now):
    known = invite(tenant=chanderi, role="staff", full_name="R", mobile="9300011122", by=administrator, at=now)
    path = reverse("accept-invitation", args=[token_of(known)])
    page = client.get(path).content.decode()
    assert "already signs in" in page
    assert "new_password" not in page
    assert client.post(path, {"new_password": PASSWORD, "again": PASSWORD}).status_code == 200
    assert not is_in(client)


# Language and errors


def test_the_language_is_kept_with_the_person_and_goes_nowhere_else(client, owner):
    client.force_login(owner)
    answer = client.post(reverse("set-language"), {"language": "en", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert User.objects.get(pk=owner.pk).language == "en"
    client.post(reverse("set-language"), {"language": "xx"})
    assert User.objects.get(pk=owner.pk).language == "en"


def test_what_is_wrong_is_told_in_the_language_of_the_door(client):
    page, program = client.get("/nowhere/"), client.get("/api/v1/nowhere/")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert (program.status_code, program.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.get("/sign-in/?next=%00").status_code == 400
    assert client.get("/api/v1/states/?x=%00").headers["Content-Type"] == "application/problem+json"


def test_a_forged_form_is_refused(owner):
    strict = Client(enforce_csrf_checks=True)
    assert enter(strict, "9826012345").status_code == 403


def test_words_are_open_to_everyone(client):
    for name in ("home", "accessibility", "privacy", "terms", "contact", "sitemap"):
        assert client.get(reverse(name)).status_code == 200


def test_home_leads_a_member_to_their_tenant(client, owner, chanderi, nobody):
    client.force_login(owner)
    assert client.get("/").headers["Location"] == reverse("tenant", args=[chanderi.pk])
    client.force_login(nobody)
    assert "belong to no tenant" in client.get("/").content.decode()
