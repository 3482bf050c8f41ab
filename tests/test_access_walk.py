"""Every route x every method x every role x own, another's and absent object.

The walk is generated: it asks Django for its routes and each route for its policy. A route without a
policy fails the build. What a role may do is read from the policy; whether the real view keeps to it is
asked of the view. Another's row must answer like an absent one, to the letter, and the canary planted in
the other tenant's private texts may stand in no answer to anyone who has no right to see them.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.keys import issue_key
from accounts.models import Device
from accounts.policy import Everyone
from accounts.roles import Reach, Right
from mall.models import Unit
from tenants.access import admits, reach
from tests.walking import ABSENT, ALL, OURS, REPAIR, Absent, Belongings, Route, belongings, shared_rows
from tests.walking_goods import KINDS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CANARY = "KAINARI9c1f"
# Rows that belong to one tenant: for a member, another tenant's are absent.
PRIVATE = {"tenant", "paper", "membership", "invitation", "contact", "gi_authorisation", "lease"} | KINDS
ROLES = (
    "anonymous", "nobody", "administrator", "warehouse_keeper", "accounts_officer", "auditor",
    "owner", "staff_member", "kiosk", "counter",
)  # fmt: skip
# Whoever is none of these must never read a word that is the other tenant's own.
SEES_EVERY_TENANT = {"administrator", "warehouse_keeper", "accounts_officer", "auditor"}


def test_every_route_declares_its_policy():
    assert [route.pattern for route in ALL if route.policy is None] == []
    assert len(OURS) > 100


def test_every_route_with_a_key_says_whose_row_it_selects():
    assert [route.pattern for route in OURS if route.keys and not route.policy.object_of] == []


def test_nothing_but_facts_and_doors_is_public():
    """What is open to anyone is a list that a reviewer reads; a new public route must be added here."""
    public = {
        re.sub(r"<\w+:(\w+)>", r"<\1>", route.pattern)
        for route in OURS
        if any(need is Everyone.PUBLIC for need in route.policy.needs.values())
    }
    facts = {
        f"api/v1/{name}"
        for name in (
            "states/", "states/<lgd_code>/", "districts/", "districts/<lgd_code>/", "divisions/", "odop-lists/",
            "odop-listings/", "gi-registrations/", "gi-registrations/<code>/", "tax-codes/", "schema/", "docs/",
        )
    }  # fmt: skip
    doors = {
        "", "healthz/", "sign-in/", "sign-in/code/", "sign-out/", "language/", "join/<token>/",
        "password-reset/", "password-reset/sent/", "password-reset/<token>/",
        "accessibility/", "privacy/", "terms/", "contact/", "sitemap/", "service-worker.js",
    }  # fmt: skip
    assert public - facts - doors == set()


@pytest.fixture
def actors(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {name: None if name == "anonymous" else request.getfixturevalue(name) for name in ROLES}


@pytest.fixture
def own_and_foreign(chanderi, batik, owner, outsider, administrator, person, kiosk, today, now):
    units = list(Unit.objects.filter(category__code="commercial").order_by("number")[:2])
    someone = person("koi-bhi")
    shared = shared_rows(unit=units[0], person=someone, device=kiosk, by=administrator, today=today)
    make: Callable[..., Belongings] = lambda **words: belongings(  # noqa: E731
        by=administrator, today=today, now=now, **(shared | words)
    )
    own = make(tenant=chanderi, member=owner, unit=units[0], mark="apna")
    foreign = make(tenant=batik, member=outsider, unit=units[1], mark=CANARY)
    foreign.rows["unit"] = own.rows["unit"]
    return own, foreign


class Walker:
    """Someone who calls addresses: with a session on pages, with a key at the API."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.pages, self.api = Client(raise_request_exception=True), Client(raise_request_exception=True)
        self.key = None
        if actor is not None:
            self.key, text = issue_key(holder=actor, label="walk")
            self.api.defaults["HTTP_AUTHORIZATION"] = f"Bearer {text}"
            if not isinstance(actor, Device):
                self.pages.force_login(actor, backend="django.contrib.auth.backends.ModelBackend")

    def call(self, route: Route, method: str, values: dict[str, Any]) -> Any:
        """The answer; whatever the call changed is undone."""
        client = self.api if route.is_api else self.pages
        cookies = client.cookies.copy()  # a call that signs out takes them away
        body, kind = b"", "application/x-www-form-urlencoded"
        if route.is_api:
            takes_form = route.pattern.endswith(("/pictures/", "/sheets/", "/papers/", "/photos/"))
            body, kind = (b"", "multipart/form-data; boundary=x") if takes_form else (b"{}", "application/json")
        with transaction.atomic():
            answer = client.generic(
                method, route.address(values), data=body, content_type=kind,
                headers={"Idempotency-Key": str(uuid.uuid4())} if route.is_api else None,
            )  # fmt: skip
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            answer.body = body.decode(errors="replace")
            transaction.set_rollback(True)
        client.cookies = cookies
        return answer


def body_without_names(answer: Any, address: str) -> str:
    """The body with whatever was said in the address, and what is new in every answer, taken out."""
    text = answer.body.replace(address, "#")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|csrf\w*["\'=: ]+\w{32,}', "", text)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_keeps_to_its_policy(role, actors, own_and_foreign, no_throttle):
    own, foreign = own_and_foreign
    actor = actors[role]
    walker = Walker(actor)
    wrong: list[str] = []
    calls = 0
    for route in OURS:
        # A device has no session: on pages it is anyone.
        here = None if isinstance(actor, Device) and not route.is_api else actor
        for method in METHODS:
            need = route.policy.need(method)
            # The mightiest, someone's own and nobody try what is not declared; between them nothing new is to be seen.
            if need is None and role not in ("administrator", "owner", "anonymous"):
                continue
            # A method that is not declared is refused before any row is looked for: one row shows it.
            rows_matter = route.keys and need is not None
            sights = {"own": own, "foreign": foreign, "absent": Absent()} if rows_matter else {"own": own}
            answers = {}
            for sight, rows in sights.items():
                values = rows.values(route)
                if sight == "own" and route.is_about_own_keys and walker.key is not None:
                    values["pk"] = walker.key.pk
                try:
                    answers[sight] = (walker.call(route, method, values), values)
                except Exception as crash:
                    wrong.append(f"{method} {route} {sight}: {type(crash).__name__}: {crash}")
                    continue
                calls += 1
                answer = answers[sight][0]
                if problem := refused(route, method, need, here, answer):
                    wrong.append(f"{method} {route} {sight}: {answer.status_code}, {problem}")
                if role not in SEES_EVERY_TENANT and CANARY in answer.body and "token" not in route.keys:
                    wrong.append(f"{method} {route} {sight}: the other tenant's words are in the answer")
            if need is not None and admits(here, need) and "absent" in answers:
                wrong += sightings(route, method, need, here, answers)
    assert not wrong, f"{len(wrong)} of {calls} calls:\n" + "\n".join(wrong)
    assert calls > 500


def refused(route: Route, method: str, need: Any, actor: Any, answer: Any) -> str:
    """What is wrong with an answer to someone who may not use the method; empty when nothing is."""
    status = answer.status_code
    if status >= 500:
        return "a crash"
    if method == "OPTIONS":
        return "" if status in (200, 204, 401, 403, 405) else "OPTIONS does more than answer"
    if need is None:
        return "" if status in (400, 401, 403, 405) else "a method that is not declared is carried out"
    if admits(actor, need):
        return "refused to someone who may" if status in (401, 403) and need is not Everyone.SIGNED_IN else ""
    if actor is None and not route.is_api:
        return "" if status == 302 and "/sign-in/" in answer.headers["Location"] else "not sent to sign in"
    expected = 401 if actor is None else 403
    return "" if status == expected else f"expected {expected}"


def sightings(route: Route, method: str, need: Any, actor: Any, answers: dict[str, Any]) -> list[str]:
    """What is wrong with how own, foreign and absent rows differ for someone who may use the method."""
    wrong = []
    (absent, absent_values) = answers["absent"]
    if absent.status_code != 404:
        wrong.append(f"{method} {route} absent: {absent.status_code}, expected 404")
    if "own" in answers and answers["own"][0].status_code == 404:
        wrong.append(f"{method} {route} own: 404 for a row they may reach")
    if (
        "foreign" not in answers
        or "token" in route.keys
        or not (route.policy.object_of in PRIVATE or route.is_about_own_keys)
    ):
        return wrong
    (foreign, foreign_values) = answers["foreign"]
    if isinstance(need, Right) and reach(actor, need) == Reach.MALL:
        if foreign.status_code == 404:
            wrong.append(f"{method} {route} foreign: 404 for someone who sees every row")
    elif foreign.status_code != 404:
        wrong.append(f"{method} {route} foreign: {foreign.status_code}, expected 404")
    elif body_without_names(foreign, route.address(foreign_values)) != body_without_names(
        absent, route.address(absent_values)
    ):
        wrong.append(f"{method} {route}: another's row answers otherwise than an absent one")
    return wrong


def test_the_repair_desk_opens_to_an_administrator_with_the_mark_and_to_nobody_else(actors, administrator):
    wrong = []
    for role, actor in actors.items():
        if role == "administrator" or isinstance(actor, Device):
            continue
        walker = Walker(actor)
        for route in REPAIR:
            for method in ("GET", "POST"):
                values = dict.fromkeys(route.keys, ABSENT) | {"app_label": "tenants"}
                answer = walker.call(route, method, values)
                expected = 302 if actor is None else 403
                if answer.status_code != expected:
                    wrong.append(f"{role} {method} {route}: {answer.status_code}")
    assert wrong == []
    client = Client()
    administrator.is_staff = administrator.is_superuser = True
    administrator.save()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/repair/").status_code == 200
