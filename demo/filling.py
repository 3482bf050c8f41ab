"""The demo mall: training ground and benchmark data. Same seed, size and day: the same mall."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from stdnum import luhn

from accounts.models import User
from accounts.people import grant_role, register_person
from accounts.roles import StaffRole, TenantRole
from core.history import record, record_many, sign
from core.periods import DateRange, period
from demo import papers as drawn
from demo import words
from leases.models import Lease
from mall.models import OwedTo, Unit
from mall.upkeep import block_unit
from reference.models import District, GiRegistration, OdopListing, Product, State
from tenants.models import (
    BankAccount,
    Contact,
    GiAuthorisation,
    Membership,
    Paper,
    PaperKind,
    Tenant,
    TenantKind,
    paper_path,
)
from tenants.paperwork import REQUIRED

PASSWORD = "Ujjain-Simhastha-2028"
STAFF = (
    ("admin", "Asha Joshi", StaffRole.ADMINISTRATOR),
    ("warehouse", "Mahesh Bairagi", StaffRole.WAREHOUSE_KEEPER),
    ("accounts", "Nidhi Saxena", StaffRole.ACCOUNTS_OFFICER),
    ("auditor", "Vinod Tiwari", StaffRole.AUDITOR),
)
GSTIN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WHY = "demo mall"


@dataclass
class Plan:
    """One tenant to be: who it is and where it trades."""

    tenant: Tenant
    unit: Unit | None
    products: list[Product] = field(default_factory=list)
    registrations: list[GiRegistration] = field(default_factory=list)


@dataclass(frozen=True)
class Filled:
    """What the demo mall holds."""

    tenants: int
    papers: int
    leases: int
    people: int


@transaction.atomic
def fill(*, size: int, seed: int, today: date, say: Callable[[str], None] = lambda _line: None) -> Filled:
    """Fill an empty mall with `size` generations of tenants; the newest trades now, earlier ones have left.

    The building and the country must be there. Raises RuntimeError where there are tenants already.
    """
    if Tenant.objects.exists():
        raise RuntimeError("the mall already has tenants; the demo fills only an empty one")
    dice = Random(seed)
    started_at = timezone.make_aware(datetime.combine(today - timedelta(days=400 * size), time(10)))
    admin = _staff()
    say(f"{len(STAFF)} people of the mall")
    plans = [plan for generation in range(size) for plan in _generation(dice, generation, today, admin)]
    for number, plan in enumerate(plans):
        _identify(dice, plan.tenant, number)
    record_many(Tenant, [plan.tenant for plan in plans], by=admin, why=WHY)
    for plan in plans:
        if plan.products:
            sign(plan.tenant, by=admin, why=WHY)
            plan.tenant.products.set(plan.products)
    say(f"{len(plans)} tenants")
    record_many(Contact, [_contact(dice, plan.tenant) for plan in plans], by=admin, why=WHY)
    record_many(BankAccount, [_bank_account(dice, plan.tenant) for plan in plans], by=admin, why=WHY)
    owners = _members(dice, plans, admin, started_at)
    say(f"{len(owners)} people of tenants")
    kept = _papers(dice, plans, owners, admin, today)
    say(f"{len(kept)} papers")
    _authorisations(dice, plans, admin, today)
    leases = _leases(dice, plans, admin, today)
    say(f"{len(leases)} leases")
    _blocks(dice, admin, today)
    return Filled(len(plans), len(kept), len(leases), User.objects.count())


def sign_ins() -> list[tuple[str, str, str]]:
    """The demo sign-ins: role, name, password; only people that still have the demo's password are listed."""
    listed = []
    for user in User.objects.filter(username__in=[name for name, _full, _role in STAFF]).order_by("pk"):
        roles = ", ".join(str(StaffRole(role).label) for role in sorted(user.staff_roles))
        listed.append((roles, user.username, PASSWORD))
    chanderi = Membership.objects.current().filter(tenant__products__code__startswith="chanderi")
    for role in (TenantRole.OWNER, TenantRole.STAFF):
        member = chanderi.filter(role=role).select_related("user", "tenant").order_by("pk").first()
        if member:
            listed.append((f"{TenantRole(role).label}, {member.tenant}", member.user.username, PASSWORD))
    return listed


def _staff() -> User:
    people = []
    for username, full_name, role in STAFF:
        user = register_person(
            username=username,
            full_name=full_name,
            password=PASSWORD,
            language="hi",
            by=None,
            email=f"{username}@unitymall.example",
        )
        grant_role(user=user, role=role, by=None, why=WHY)
        people.append(user)
    people[0].is_staff = True
    people[0].is_superuser = True
    return record(people[0], by=None, why=WHY)


def _generation(dice: Random, generation: int, today: date, admin: User) -> Iterator[Plan]:
    """One tenant for most units. Generation 0 trades now; each further one left a year and more earlier."""
    mp = State.objects.get(lgd_code=23)
    listings: dict[int, list[Product]] = {}
    for listing in OdopListing.objects.filter(odop_list__is_current=True).select_related("product").order_by("pk"):
        listings.setdefault(listing.district_id, []).append(listing.product)
    registrations: dict[int, list[GiRegistration]] = {}
    for registration in GiRegistration.objects.valid_on(today).order_by("code").prefetch_related("districts"):
        for place in registration.districts.all():
            registrations.setdefault(place.pk, []).append(registration)
    districts = list(District.objects.order_by("lgd_code"))
    for unit in Unit.objects.select_related("category", "state", "district").order_by("number"):
        wanted = 1.0 if unit.district is not None and unit.district.name_en == "Ashoknagar" else 0.86
        if dice.random() > wanted:
            continue
        registered = today - timedelta(days=dice.randint(60, 360) + 400 * generation)
        district = unit.district
        if unit.category.owed_to == OwedTo.NOBODY:
            district = dice.choice(districts)
        tenant = _tenant(dice, unit, district, mp)
        tenant.registered_date = registered
        if generation:
            tenant.closed_date = today - timedelta(days=400 * (generation - 1) + 365)
            tenant.closed_date = max(tenant.closed_date, registered)
        plan = Plan(tenant, unit)
        if district is not None and unit.category.code not in ("commercial", "food"):
            plan.products = [product for product in listings.get(district.pk, []) if product.is_physical]
            plan.registrations = registrations.get(district.pk, [])[:2]
        yield plan


def _tenant(dice: Random, unit: Unit, district: District | None, mp: State) -> Tenant:
    if unit.state is not None:
        pattern = words.EMPORIUM if unit.state.kind == "state" else words.UT_EMPORIUM
        return _named(pattern, unit.state, ("", ""), kind=TenantKind.STATE_EMPORIUM, home_state=unit.state)
    assert district is not None
    where: dict[str, Any] = {"home_state": mp, "home_district": district}
    code = unit.category.code
    if code in ("commercial", "food"):
        return _named(words.FIRM, district, dice.choice(words.FIRMS), kind=TenantKind.PRIVATE_FIRM, **where)
    if code == "shg":
        kind = TenantKind.SHG
    elif code in ("gi", "rotational"):
        kind = dice.choice((TenantKind.ARTISAN, TenantKind.ARTISAN, TenantKind.COOPERATIVE))
    else:
        kind = dice.choices(
            (
                TenantKind.DISTRICT_ADMINISTRATION,
                TenantKind.SHG,
                TenantKind.COOPERATIVE,
                TenantKind.FPO,
                TenantKind.ARTISAN,
            ),
            weights=(2, 4, 3, 2, 3),
        )[0]
    if kind == TenantKind.SHG:
        return _named(words.SHG, district, dice.choice(words.GROUPS), kind=kind, is_women_led=True, **where)
    if kind == TenantKind.DISTRICT_ADMINISTRATION:
        return _named(words.DISTRICT, district, ("", ""), kind=kind, has_shg_members=dice.random() < 0.4, **where)
    if kind in (TenantKind.COOPERATIVE, TenantKind.FPO):
        pattern = words.COOPERATIVE if kind == TenantKind.COOPERATIVE else words.FPO
        return _named(
            pattern, district, dice.choice(words.GROUPS), kind=kind, is_women_led=dice.random() < 0.3, **where
        )
    woman = dice.random() < 0.5
    return _named(words.ARTISAN, district, _person(dice, woman), kind=kind, is_women_led=woman, **where)


def _named(pattern: tuple[str, str], place: Any, name: tuple[str, str], **fields: Any) -> Tenant:
    return Tenant(
        name_en=pattern[0].format(name=name[0], place=place.name_en),
        name_hi=pattern[1].format(name=name[1], place=place.name_hi),
        **fields,
    )


def _person(dice: Random, woman: bool) -> tuple[str, str]:
    first, last = dice.choice(words.WOMEN if woman else words.MEN), dice.choice(words.SURNAMES)
    return f"{first[0]} {last[0]}", f"{first[1]} {last[1]}"


def _identify(dice: Random, tenant: Tenant, number: int) -> None:
    """Give a tenant the numbers that its kind would have; many a small artisan has none but a Pehchan card."""
    letters = GSTIN_ALPHABET[10:]
    serial = "".join(letters[number // 26**power % 26] for power in (2, 1, 0))
    holder = {"artisan": "P", "private_firm": "F", "shg": "A", "cooperative": "A", "fpo": "C"}.get(tenant.kind, "G")
    pan = f"{serial}{holder}{dice.choice(letters)}{dice.randint(1, 9999):04}{dice.choice(letters)}"
    state = tenant.home_state.gst_code
    if tenant.kind != TenantKind.ARTISAN or dice.random() < 0.6:
        tenant.pan = pan
    chance = {"artisan": 0.15, "shg": 0.1, "district_administration": 0.0}.get(tenant.kind, 0.9)
    if tenant.pan and dice.random() < chance:
        stem = f"{state}{pan}1Z"
        tenant.gstin = stem + luhn.calc_check_digit(stem, GSTIN_ALPHABET)
    if tenant.kind == TenantKind.ARTISAN:
        tenant.pehchan_no = f"MP{dice.randint(0, 9999999):07}"
    elif dice.random() < 0.5 and tenant.home_district_id:
        tenant.udyam_no = f"UDYAM-MP-{dice.randint(1, 55):02}-{dice.randint(0, 9999999):07}"
    if tenant.kind in (TenantKind.PRIVATE_FIRM, TenantKind.FPO) and dice.random() < 0.4:
        tenant.fssai_no = f"1{dice.randint(0, 10**13 - 1):013}"
    tenant.pin_code = f"4{dice.randint(50000, 88999)}"
    tenant.address = f"Ward {dice.randint(1, 40)}"


def _contact(dice: Random, tenant: Tenant) -> Contact:
    name = _person(dice, tenant.is_women_led)[1]
    return Contact(tenant=tenant, name=name, position="संचालक", mobile=_mobile(dice), is_first=True)


def _bank_account(dice: Random, tenant: Tenant) -> BankAccount:
    bank, ifsc = dice.choice((("State Bank of India", "SBIN0"), ("Central Bank of India", "CBIN0")))
    return BankAccount(
        tenant=tenant,
        holder=tenant.name_en[:150],
        number=f"{dice.randint(10**10, 10**11 - 1)}",
        ifsc=f"{ifsc}{dice.randint(0, 999999):06}",
        bank=bank,
    )


def _mobile(dice: Random) -> str:
    return f"{dice.choice('6789')}{dice.randint(0, 10**9 - 1):09}"


def _members(dice: Random, plans: list[Plan], admin: User, began_at: datetime) -> dict[int, User]:
    """An owner for every tenant that trades now, and shop staff for some. Returns tenant key -> owner."""
    secret = make_password(PASSWORD)
    taken: set[str] = set()
    people: list[User] = []
    roles: list[tuple[Tenant, str]] = []
    for plan in plans:
        if plan.tenant.closed_date is not None:
            continue
        for role in (TenantRole.OWNER, TenantRole.STAFF):
            if role == TenantRole.STAFF and dice.random() < 0.5 and not _is_chanderi(plan):
                continue
            mobile = _mobile(dice)
            while mobile in taken:
                mobile = _mobile(dice)
            taken.add(mobile)
            name = _person(dice, plan.tenant.is_women_led)[1]
            people.append(User(username=mobile, mobile=mobile, full_name=name, password=secret, language="hi"))
            roles.append((plan.tenant, role))
    people = record_many(User, people, by=admin, why=WHY)
    record_many(
        Membership,
        [
            Membership(user=user, tenant=tenant, role=role, began_at=began_at)
            for user, (tenant, role) in zip(people, roles, strict=True)
        ],
        by=admin,
        why=WHY,
    )
    return {tenant.pk: user for user, (tenant, role) in zip(people, roles, strict=True) if role == TenantRole.OWNER}


def _is_chanderi(plan: Plan) -> bool:
    return any(product.code.startswith("chanderi") for product in plan.products)


def _papers(dice: Random, plans: list[Plan], owners: dict[int, User], admin: User, today: date) -> list[Paper]:
    """Papers valid, expiring, expired, waiting, sent back and missing, as a real office has them."""
    now = timezone.make_aware(datetime.combine(today, time(9)))
    kept = []
    for plan in plans:
        required = set(REQUIRED[plan.tenant.kind])
        required |= {PaperKind.GST} if plan.tenant.gstin else set()
        required |= {PaperKind.FSSAI} if plan.tenant.fssai_no else set()
        for kind in sorted(required):
            fate = dice.choices(
                ("valid", "expiring", "expired", "waiting", "returned", "missing"),
                weights=(80, 6, 4, 5, 2, 3),
            )[0]
            if fate == "missing":
                continue
            first = today - timedelta(days=dice.randint(120, 900))
            last = {
                "expiring": today + timedelta(days=dice.randint(1, 29)),
                "expired": today - timedelta(days=dice.randint(1, 90)),
            }.get(fate, today + timedelta(days=dice.randint(200, 2500)))
            paper = Paper(
                tenant=plan.tenant,
                kind=kind,
                number=_number_on(plan.tenant, kind) or f"{dice.randint(10000, 99999)}",
                validity=period(first, last),
                submitted_by=owners.get(plan.tenant.pk, admin),
                submitted_at=now - timedelta(days=dice.randint(5, 60)),
            )
            _draw(paper)
            if fate == "returned":
                paper.returned_at = now - timedelta(days=2)
                paper.return_reason = "स्कैन धुँधला है; कृपया साफ़ प्रति दें।"
            elif fate != "waiting":
                paper.verified_at, paper.verified_by = now - timedelta(days=1), admin
            kept.append(paper)
    return record_many(Paper, kept, by=admin, why=WHY)


def _number_on(tenant: Tenant, kind: str) -> str:
    return {
        PaperKind.PAN: tenant.pan,
        PaperKind.GST: tenant.gstin,
        PaperKind.PEHCHAN: tenant.pehchan_no,
        PaperKind.FSSAI: tenant.fssai_no,
    }.get(kind, "")  # type: ignore[call-overload]


def _draw(paper: Paper) -> None:
    """Write the specimen's file under a random name."""
    lines = [PaperKind(paper.kind).name, paper.tenant.name_en[:48], paper.number]
    as_picture = paper.kind in (PaperKind.PEHCHAN, PaperKind.IDENTITY)
    content = drawn.picture(lines) if as_picture else drawn.pdf(lines)
    paper.content_type = "image/png" if as_picture else "application/pdf"
    paper.file_name = f"{paper.kind}.{'png' if as_picture else 'pdf'}"
    paper.size, paper.digest = len(content), sha256(content).hexdigest()
    paper.file = default_storage.save(paper_path(paper, ""), ContentFile(content))


def _authorisations(dice: Random, plans: list[Plan], admin: User, today: date) -> None:
    """Authorised users of the registrations of their district: most valid, some run out, some about to."""
    made = []
    for number, plan in enumerate(plans):
        if plan.tenant.kind in (TenantKind.DISTRICT_ADMINISTRATION, TenantKind.STATE_EMPORIUM):
            continue
        for registration in plan.registrations:
            first = today - timedelta(days=dice.randint(300, 3300))
            ends = dice.choices(("valid", "expiring", "expired"), weights=(80, 8, 12))[0]
            last = {
                "expiring": today + timedelta(days=dice.randint(1, 29)),
                "expired": today - timedelta(days=dice.randint(1, 200)),
            }.get(ends, first + timedelta(days=3652))
            made.append(
                GiAuthorisation(
                    tenant=plan.tenant,
                    registration=registration,
                    authorised_user_no=f"AU/{100 + number}/{registration.registered_year or 'GI'}",
                    holder=plan.tenant.name_en[:150],
                    validity=period(first, max(last, first)),
                )
            )
    record_many(GiAuthorisation, made, by=admin, why=WHY)


def _leases(dice: Random, plans: list[Plan], admin: User, today: date) -> list[Lease]:
    leases = []
    for plan in plans:
        if plan.unit is None:
            continue
        begins = plan.tenant.registered_date + timedelta(days=14)
        if plan.tenant.closed_date is not None:
            ends = plan.tenant.closed_date
            if begins < ends:
                leases.append(Lease(unit=plan.unit, tenant=plan.tenant, period=DateRange(begins, ends, "[)")))
            continue
        phase = "open" if _is_chanderi(plan) else dice.choices(("open", "fitting", "offered"), weights=(88, 7, 5))[0]
        if phase == "offered":
            begins = today + timedelta(days=dice.randint(5, 40))
        opening = today + timedelta(days=dice.randint(3, 25)) if phase == "fitting" else None
        rotational = plan.unit.category.code == "rotational"
        length = dice.randint(5, 15) if rotational else 365 * dice.choice((3, 5, 9))
        if rotational and phase == "open":
            begins = today - timedelta(days=dice.randint(0, 4))
        ends = begins + timedelta(days=length)
        if opening is not None:
            begins, ends = min(begins, today), max(ends, opening + timedelta(days=1))
        leases.append(
            Lease(
                unit=plan.unit,
                tenant=plan.tenant,
                period=DateRange(begins, max(ends, today + timedelta(days=1)), "[)"),
                opening_date=opening,
            )
        )
    return record_many(Lease, leases, by=admin, why=WHY)


def _blocks(dice: Random, admin: User, today: date) -> None:
    vacant = Unit.objects.exclude(leases__period__endswith__gt=today).order_by("number")
    for unit in dice.sample(list(vacant), k=min(3, len(vacant))):
        block_unit(
            unit=unit,
            first=today - timedelta(days=dice.randint(1, 10)),
            last=today + timedelta(days=dice.randint(5, 30)),
            reason="फ़र्श की मरम्मत",
            by=admin,
        )
