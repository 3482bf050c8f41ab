"""The stage and the cast of all tests.

The stage is the real mall: the reference facts and the building are loaded once, and every test plays
in a transaction over them. The cast has names, so that a permission test reads as a story: Chanderi is
the tenant, its owner and shop staff belong to it, the outsider owns Batik next door.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.keys import issue_key
from accounts.models import Device, User
from accounts.people import grant_role, register_device, register_person
from accounts.roles import DeviceKind, StaffRole, TenantRole
from demo.papers import pdf
from mall.models import Unit
from reference.models import District, Product, State
from tenants.members import add_member
from tenants.models import Tenant, TenantKind
from tenants.registering import register_tenant
from tests.cloning import drop_what_dead_runs_left, end_connections_to, name_for_this_run

PASSWORD = "Bherugarh-2026-neel"


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database of its own for each run: two runs at once do not meet, and what a killed one left is dropped."""
    drop_what_dead_runs_left()
    connection.settings_dict["TEST"]["NAME"] = name_for_this_run("stage")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the country and the building into the test database, once."""
    with django_db_blocker.unblock():
        call_command("load_reference", verbosity=0)
        call_command("build_mall", verbosity=0)
        call_command("prepare_warehouse", verbosity=0)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    end_connections_to(connection.settings_dict["NAME"])


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Papers and mail of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "papers"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


@pytest.fixture
def no_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that ask the API more often than a person would."""
    monkeypatch.setattr("api.throttling.ByActor.allow_request", lambda *_args: True)


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(username: str, *roles: StaffRole, **fields: Any) -> User:
        user = register_person(
            username=username,
            full_name=fields.pop("full_name", username.title()),
            password=PASSWORD,
            by=None,
            **fields,
        )
        for role in roles:
            grant_role(user=user, role=role, by=None)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return person("asha", StaffRole.ADMINISTRATOR, email="asha@unitymall.example")


@pytest.fixture
def warehouse_keeper(person: Callable[..., User]) -> User:
    return person("mahesh", StaffRole.WAREHOUSE_KEEPER)


@pytest.fixture
def accounts_officer(person: Callable[..., User]) -> User:
    return person("nidhi", StaffRole.ACCOUNTS_OFFICER)


@pytest.fixture
def auditor(person: Callable[..., User]) -> User:
    return person("vinod", StaffRole.AUDITOR)


@pytest.fixture
def nobody(person: Callable[..., User]) -> User:
    """Signed in, with no role anywhere."""
    return person("koi-nahin")


@pytest.fixture
def chanderi(administrator: User, today: date) -> Tenant:
    """A women's cooperative of Ashoknagar that weaves Chanderi."""
    return register_tenant(
        particulars={
            "name_en": "Chanderi Weavers' Society",
            "name_hi": "चंदेरी बुनकर समिति",
            "kind": TenantKind.COOPERATIVE,
            "home_state": State.objects.get(lgd_code=23),
            "home_district": District.objects.get(name_en="Ashoknagar"),
            "is_women_led": True,
            "pan": "AAACC1234D",
            "gstin": "",
        },
        products=Product.objects.filter(odop_listings__district__name_en="Ashoknagar"),
        on=today,
        by=administrator,
    )


@pytest.fixture
def batik(administrator: User, today: date) -> Tenant:
    """The neighbour: a Batik printer of Bherugarh."""
    return register_tenant(
        particulars={
            "name_en": "Bherugarh Batik Works",
            "name_hi": "भेरूगढ़ बाटिक वर्क्स",
            "kind": TenantKind.ARTISAN,
            "home_state": State.objects.get(lgd_code=23),
            "home_district": District.objects.get(name_en="Ujjain"),
        },
        on=today,
        by=administrator,
    )


@pytest.fixture
def owner(person: Callable[..., User], chanderi: Tenant, now: datetime) -> User:
    return _member(person("9826012345"), chanderi, TenantRole.OWNER, now)


@pytest.fixture
def staff_member(person: Callable[..., User], chanderi: Tenant, now: datetime) -> User:
    return _member(person("9826054321"), chanderi, TenantRole.STAFF, now)


@pytest.fixture
def outsider(person: Callable[..., User], batik: Tenant, now: datetime) -> User:
    return _member(person("9300011122"), batik, TenantRole.OWNER, now)


def _member(user: User, tenant: Tenant, role: TenantRole, at: datetime) -> User:
    add_member(tenant=tenant, user=user, role=role, by=None, at=at)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def kiosk(administrator: User) -> Device:
    return register_device(kind=DeviceKind.KIOSK, name="Kiosk at the main entrance", by=administrator)


@pytest.fixture
def counter(administrator: User) -> Device:
    return register_device(kind=DeviceKind.COUNTER, name="Counter over the main door", by=administrator)


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """A client that signs in with a fresh key of a person or device; without one, nobody."""

    def client(actor: User | Device | None = None, **headers: str) -> APIClient:
        caller = APIClient(headers=headers or None)
        if actor is not None:
            caller.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_key(holder=actor, label='test').text}")
        return caller

    return client


@pytest.fixture
def vacant_unit(db: None) -> Unit:
    """A commercial unit that nobody has."""
    return Unit.objects.filter(category__code="commercial", leases=None).order_by("number")[0]


@pytest.fixture
def scan() -> Callable[..., SimpleUploadedFile]:
    """A PDF as a phone would upload it; another text makes another file."""

    def make(text: str = "PAN card", name: str = "scan.pdf") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, pdf([text]), content_type="application/pdf")

    return make


@pytest.fixture(autouse=True)
def _fresh_counters(request: pytest.FixtureRequest) -> None:
    """Throttles and failed sign-ins count from nought in every test."""
    if "db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()
