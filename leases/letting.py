"""Units are let and given back."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.periods import DateRange, period
from core.refusals import Refusal
from leases.models import Lease
from mall.models import Unit, UnitBlock
from tenants.models import Tenant
from tenants.registering import TenantHasLeft


class UnitAlreadyLet(Refusal):
    code = "unit_already_let"
    sentence = _("The unit is already let in this period. Choose other days or end that lease first.")


class UnitIsBlocked(Refusal):
    code = "unit_is_blocked"
    sentence = _("The unit is blocked in this period. Free it first.")


class LeaseNotActive(Refusal):
    code = "lease_not_active"
    sentence = _("This lease has already ended by then.")


@transaction.atomic
def let_unit(
    *,
    unit: Unit,
    tenant: Tenant,
    first: date,
    last: date | None,
    by: User,
    opening_date: date | None = None,
    why: str = "",
) -> Lease:
    """Let a unit to a tenant from `first` to `last`, both included; no `last`: until it is ended.

    Raises UnitAlreadyLet, UnitIsBlocked, TenantHasLeft.
    """
    # The unit first, then the tenant: every letting takes its locks in this order.
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    if tenant.closed_date is not None:
        raise TenantHasLeft
    span = period(first, last)
    if taken := Lease.objects.filter(unit=unit, period__overlap=span).first():
        raise UnitAlreadyLet(field="first", first=taken.period.lower, last=taken.period.upper)
    if UnitBlock.objects.filter(unit=unit, period__overlap=span).exists():
        raise UnitIsBlocked(field="first")
    return record(Lease(unit=unit, tenant=tenant, period=span, opening_date=opening_date), by=by, why=why)


@transaction.atomic
def end_lease(*, lease: Lease, last: date, by: User, why: str) -> Lease:
    """End a lease early, after `last`, the last day on which the unit is the tenant's.

    Raises LeaseNotActive.
    """
    Unit.objects.select_for_update(of=("self",)).get(pk=lease.unit_id)
    lease = Lease.objects.select_for_update(of=("self",)).get(pk=lease.pk)
    end = last + timedelta(days=1)
    if end <= lease.period.lower or (lease.period.upper is not None and lease.period.upper <= end):
        raise LeaseNotActive(field="last")
    lease.period = DateRange(lease.period.lower, end, "[)")
    return record(lease, by=by, why=why)
