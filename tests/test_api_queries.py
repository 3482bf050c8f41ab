"""A list asks the database the same number of questions whatever its page holds.

The numbers stand in query_counts.json, so that one more is a line in a review.
"""

import json
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.keys import issue_key
from accounts.models import Device, RoleGrant, User
from core.periods import period
from leases.models import Lease
from mall.models import Unit
from reference.models import GiRegistration, Product, State
from tenants.models import Contact, GiAuthorisation, Invitation, Membership, Paper, Tenant
from tests.asking import API
from tests.walking_goods import many_goods

COUNTS = Path(__file__).parent / "query_counts.json"
RECORDED = json.loads(COUNTS.read_text())
LISTS = [route for route in API if getattr(getattr(route.callback, "cls", None), "lists", False)]
MANY = 70


@pytest.fixture
def full_house(administrator, chanderi, kiosk, today, now):
    """Seventy of everything that a list may hold, each with what its shape shows beside it."""
    home = {"home_state": State.objects.get(lgd_code=23), "registered_date": today, "kind": "artisan"}
    tenants = Tenant.objects.bulk_create(
        Tenant(name_en=f"Tenant {n}", name_hi=f"किरायेदार {n}", **home) for n in range(MANY)
    )
    product = Product.objects.first()
    for tenant in tenants:
        tenant.products.add(product)
    people = User.objects.bulk_create(User(username=f"person {n}", full_name=f"Person {n}") for n in range(MANY))
    RoleGrant.objects.bulk_create(RoleGrant(user=person, role="auditor") for person in people)
    Membership.objects.bulk_create(
        Membership(user=person, tenant=chanderi, role="staff", began_at=now) for person in people
    )
    Contact.objects.bulk_create(Contact(tenant=chanderi, name=f"C {n}", email="c@example.in") for n in range(MANY))
    for tenant in (chanderi, *tenants):
        papers(tenant, people, today, now, MANY if tenant is chanderi else 1)
        authorisations(tenant, today, MANY if tenant is chanderi else 1)
    Invitation.objects.bulk_create(
        Invitation(
            tenant=chanderi, role="staff", full_name=f"G {n}", email="g@example.in", invited_by=people[n],
            invited_at=now, expires_at=now,
        )
        for n in range(MANY)
    )  # fmt: skip
    Lease.objects.bulk_create(
        Lease(unit=unit, tenant=tenant, period=period(today))
        for unit, tenant in zip(Unit.objects.order_by("number")[:MANY], tenants, strict=True)
    )
    Device.objects.bulk_create(Device(kind="kiosk", name=f"K {n}") for n in range(MANY))
    for n in range(MANY):
        issue_key(holder=kiosk, label=str(n))
        issue_key(holder=administrator, label=str(n))
    goods = many_goods(tenant=chanderi, people=people, now=now, number=MANY)
    return {"tenant": chanderi.pk, "device": kiosk.pk} | goods


def papers(tenant, people, today, now, number):
    Paper.objects.bulk_create(
        Paper(
            tenant=tenant, kind="pan", validity=period(today), file=f"papers/{n}", file_name="a.pdf", size=1,
            content_type="application/pdf", digest=uuid.uuid4().hex, submitted_by=people[n], submitted_at=now,
            verified_by=people[-n], verified_at=now,
        )
        for n in range(number)
    )  # fmt: skip


def authorisations(tenant, today, number):
    registrations = list(GiRegistration.objects.all())
    GiAuthorisation.objects.bulk_create(
        GiAuthorisation(
            tenant=tenant, registration=registrations[n % len(registrations)], holder="H",
            authorised_user_no=f"{tenant.pk}/{n}", validity=period(today, today + timedelta(days=9)),
        )
        for n in range(number)
    )  # fmt: skip


def questions(client, address, size):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(f"{address}?page_size={size}")
    assert answer.status_code == 200, answer.json()
    return len(asked), len(answer.json()["results"])


def test_the_lists_ask_what_is_recorded_whatever_their_page_holds(full_house, api, administrator, no_throttle):
    client = api(administrator)
    client.get("/api/v1/me/")  # notes the first use of the key
    measured, rows = {}, {}
    for route in LISTS:
        address = route.address({"pk": full_house.get(route.policy.object_of)})
        one, _ = questions(client, address, 1)
        many, rows[route.pattern] = questions(client, address, 100)
        assert one == many, f"{route}: {one} questions for one row, {many} for {rows[route.pattern]}"
        measured[route.pattern] = many
    if os.environ.get("RECORD"):  # RECORD=1 bin/test tests/test_api_queries.py: then read the difference
        COUNTS.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n")
        return
    assert measured == RECORDED
    of_the_mall = {pattern for pattern, number in rows.items() if number < 60}
    # Of these the mall has no sixty: the whole of each was on one page.
    assert of_the_mall <= {
        f"api/v1/{name}/"
        for name in (
            "states", "districts", "divisions", "odop-lists", "odop-listings", "gi-registrations", "tax-codes",
            "floors", "zones", "entrances", "unit-categories",
        )
    }  # fmt: skip


def test_every_list_is_recorded_and_nothing_else():
    assert set(RECORDED) == {route.pattern for route in LISTS}
