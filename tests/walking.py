"""How a test walks the mall: every route that Django knows, and an object for each key in an address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.keys import issue_key
from accounts.models import Device, User
from accounts.password_links import link_token
from accounts.policy import Policy, policy_of
from accounts.roles import TenantRole
from demo.papers import pdf
from inventory.models import Location
from leases.letting import let_unit
from mall.models import Unit
from mall.upkeep import block_unit
from reference.models import GiRegistration
from tenants.authorising import authorise
from tenants.members import invite, token_of
from tenants.models import Membership, PaperKind, Tenant
from tenants.paperwork import hand_in
from tenants.registering import keep_bank_account, keep_contact
from tests.walking_goods import goods_of

ABSENT = 2_000_000_007
KEY = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Route:
    """One address that Django knows, with the policy that its view declares."""

    pattern: str
    callback: Any
    policy: Policy | None

    def __str__(self) -> str:
        return self.pattern or "/"

    @property
    def keys(self) -> list[str]:
        return [one or other for one, other in KEY.findall(self.pattern)]

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")

    @property
    def is_about_own_keys(self) -> bool:
        """Keys of the person who asks: everyone else's are as absent as none."""
        return "<" in self.pattern and ("account/keys/" in self.pattern or "me/keys/" in self.pattern)

    def address(self, values: dict[str, Any]) -> str:
        """The address with its keys filled in."""
        path = KEY.sub(lambda found: str(values[found.group(1) or found.group(2)]), self.pattern)
        return "/" + path.replace("^", "").replace("$", "").replace("\\Z", "")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[Route]:
    """Every route of the project, the repair desk's and the libraries' included."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield Route(path, entry.callback, policy_of(entry.callback))


ALL = list(routes())
OURS = [route for route in ALL if not route.pattern.startswith("repair/")]
REPAIR = [route for route in ALL if route.pattern.startswith("repair/")]


@dataclass
class Belongings:
    """One row of each kind: what an address may name. Rows of a tenant are that tenant's."""

    rows: dict[str, Any]
    token: str
    password_token: str

    def values(self, route: Route) -> dict[str, Any]:
        """The value of each key in the route's address."""
        return {name: self._value(name, route) for name in route.keys}

    def _value(self, name: str, route: Route) -> Any:
        kind = route.policy.object_of if route.policy else ""
        thing = self.rows.get(kind)
        special = {
            "number": lambda: self.rows["unit"].number,
            "level": lambda: self.rows["unit"].floor.level,
            "contact": lambda: self.rows["contact"].pk,
            "key": lambda: self.rows["key"].pk,
            "photo": lambda: self.rows["photo"].pk,
            "line": lambda: self.rows["line"].pk,
            "token": lambda: self.password_token if "password" in route.pattern else self.token,
            "lgd_code": lambda: thing.lgd_code,
            "role": lambda: "auditor",
            "scheme": lambda: "hsn",
            "size": lambda: "small",
            "kind": lambda: "catalogue",
        }
        if name in special:
            return special[name]()
        if name == "code":
            return getattr(thing, "lgd_code", None) or thing.code
        if name == "pk" and kind == "key" and "devices/" in route.pattern and "key" in route.keys:
            return self.rows["device"].pk
        if name == "pk" and kind == "contact" and "contact" in route.keys:
            return self.rows["tenant"].pk
        if thing is None:
            raise LookupError(f"no {kind!r} to fill <{name}> of {route}")
        return thing.pk


@dataclass
class Absent:
    """Keys that no row has."""

    def values(self, route: Route) -> dict[str, Any]:
        special = {
            "number": "X-999",
            "level": 99,
            "token": "absent",
            "lgd_code": 9999999,
            "size": "small",
            "kind": "catalogue",
            "code": "absent" if "<int" not in route.pattern else 9999999,
        }
        return {name: special.get(name, ABSENT) for name in route.keys}


def belongings(
    *,
    tenant: Tenant,
    member: User,
    unit: Unit,
    by: User,
    today: date,
    now: datetime,
    mark: str,
    **shared: Any,
) -> Belongings:
    """Give a tenant one of everything. `mark` stands in every private text, so that a leak is seen."""
    contact = keep_contact(tenant=tenant, contact=None, by=by, name=f"Contact {mark}", mobile="9826011111")
    keep_bank_account(
        tenant=tenant, holder=f"Holder {mark}", number="12345678901", ifsc="SBIN0001234", bank=mark, by=by
    )
    paper = hand_in(
        tenant=tenant, kind=PaperKind.OTHER, number=f"No {mark}"[:40], first=today, last=today + timedelta(days=9),
        upload=SimpleUploadedFile(f"{mark}.pdf", pdf([mark])), by=member, at=now,
    )  # fmt: skip
    authorisation = authorise(
        tenant=tenant, registration=GiRegistration.objects.get(code="chanderi-sarees"), holder=f"GI {mark}",
        authorised_user_no=f"AU-{mark}"[:30], first=today, last=today + timedelta(days=99), by=by,
    )  # fmt: skip
    invitation = invite(
        tenant=tenant, role=TenantRole.STAFF, full_name=f"Guest {mark}", email=f"guest{tenant.pk}@example.in", by=by,
        at=now,
    )  # fmt: skip
    lease = let_unit(unit=unit, tenant=tenant, first=today, last=today + timedelta(days=30), by=by)
    return Belongings(
        {
            **shared,
            "tenant": tenant, "contact": contact, "paper": paper, "gi_authorisation": authorisation,
            "invitation": invitation, "lease": lease, "unit": unit,
            "membership": Membership.objects.get(tenant=tenant, user=member),
            **goods_of(tenant=tenant, member=member, someone=shared["person"], by=by, now=now, mark=mark),
        },
        token_of(invitation),
        link_token(shared["person"]),
    )  # fmt: skip


def shared_rows(*, unit: Unit, person: User, device: Device, by: User, today: date) -> dict[str, Any]:
    """Rows that belong to the mall as a whole."""
    from reference.models import District, State

    block = block_unit(unit=unit, first=today + timedelta(days=400), last=None, reason="निरीक्षण", by=by)
    return {
        "unit": unit, "floor": unit.floor, "block": block, "person": person, "device": device,
        "key": issue_key(holder=device, label="walk").key,
        "state": State.objects.get(lgd_code=23), "district": District.objects.get(name_en="Ujjain"),
        "place": Location.objects.bins().order_by("slug").first(),
        "registration": GiRegistration.objects.get(code="ujjain-batik-print"),
    }  # fmt: skip
