"""The newest changes of the whole mall: every kind of thing whose history is kept, in one timeline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from accounts.models import Device, RoleGrant, User
from accounts.roles import Reach, Right, StaffRole
from core.timeline import Source, timeline
from leases.models import Lease
from mall.models import Mall, Unit, UnitBlock
from tenants.access import reach, tenants_with
from tenants.models import BankAccount, Contact, GiAuthorisation, Invitation, Membership, Paper, Tenant


@dataclass(frozen=True)
class Kind:
    """A kind of thing with a history: who may read it, whose it is, and what one of it is called.

    `tenant` leads from a history row to its tenant (empty: it belongs to the mall); `along` are the
    foreign keys that `label` reads.
    """

    model: Any
    right: Right
    label: Callable[[Any], Any]
    tenant: str = ""
    along: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.model._meta.model_name

    @property
    def title(self) -> str:
        return capfirst(str(self.model._meta.verbose_name))


KINDS = (
    Kind(Unit, Right.SEE_MALL, lambda row: row.number),
    Kind(UnitBlock, Right.SEE_MALL, lambda row: row.unit, along=("unit",)),
    Kind(Mall, Right.SEE_MALL, lambda row: ""),
    Kind(Lease, Right.SEE_LEASES, lambda row: f"{row.unit}: {row.tenant}", "tenant", ("unit", "tenant")),
    Kind(Tenant, Right.SEE_TENANTS, lambda row: row.name_en, "id"),
    Kind(Paper, Right.SEE_TENANTS, lambda row: f"{row.get_kind_display()}, {row.tenant}", "tenant", ("tenant",)),
    Kind(
        GiAuthorisation,
        Right.SEE_TENANTS,
        lambda row: f"{row.authorised_user_no}, {row.tenant}",
        "tenant",
        ("tenant",),
    ),
    Kind(Contact, Right.SEE_TENANTS, lambda row: f"{row.name}, {row.tenant}", "tenant", ("tenant",)),
    Kind(BankAccount, Right.SEE_BANK_ACCOUNTS, lambda row: row.tenant, "tenant", ("tenant",)),
    Kind(Membership, Right.SEE_TENANTS, lambda row: f"{row.user}, {row.tenant}", "tenant", ("user", "tenant")),
    Kind(Invitation, Right.SEE_TENANTS, lambda row: f"{row.full_name}, {row.tenant}", "tenant", ("tenant",)),
    Kind(User, Right.SEE_PEOPLE, lambda row: row.full_name or row.username),
    Kind(
        RoleGrant,
        Right.SEE_PEOPLE,
        lambda row: f"{row.user}, {StaffRole(row.role).label}",
        along=("user",),
    ),
    Kind(Device, Right.SEE_HISTORY, lambda row: row.name),
)


def kinds_for(actor: Any) -> list[Kind]:
    """The kinds of things whose history `actor` may read, at least their own tenants'."""
    return [kind for kind in KINDS if _rows(kind, actor) is not None]


def newest(actor: Any, *, kind: str = "", who: str = "", on: date | None = None, per_page: int = 50) -> Paginator:  # type: ignore[type-arg]
    """Changes that `actor` may read, newest first, as pages of `core.timeline.Line`.

    Narrowed to a kind (`Kind.name`), to changes by people whose name or sign-in name holds `who`, to a day in
    India's time. A fixed number of queries per page, however long it is.
    """
    sources = []
    for each in KINDS:
        rows = _rows(each, actor) if kind in ("", each.name) else None
        if rows is None:
            continue
        if who:
            rows = rows.filter(Q(history_user__full_name__icontains=who) | Q(history_user__username__icontains=who))
        if on:
            start = timezone.make_aware(datetime.combine(on, time.min))
            rows = rows.filter(history_date__gte=start, history_date__lt=start + timedelta(days=1))
        sources.append(Source(rows.select_related(*each.along) if each.along else rows, each.label))
    return timeline(sources, per_page) if sources else Paginator([], per_page)


def _rows(kind: Kind, actor: Any) -> QuerySet[Any] | None:
    """The history rows of a kind that `actor` may read: all, those of their own tenants, or None for none."""
    rights = (Right.SEE_HISTORY, kind.right)
    far = {right: reach(actor, right) for right in rights}
    if None in far.values():
        return None
    rows = kind.model.history.all()
    own = [right for right in rights if far[right] == Reach.OWN]
    if own and not kind.tenant:
        return None
    for right in own:
        rows = rows.filter(**{f"{kind.tenant}__in": tenants_with(actor, right)})
    return rows
