"""A tenant leaves the mall: its units first, then itself."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.refusals import Refusal
from leases.models import Lease
from tenants.models import Tenant
from tenants.registering import part_with, still_here


class TenantStillHasUnit(Refusal):
    code = "tenant_still_has_unit"
    sentence = _("This tenant still has a unit. End its lease first.")


@transaction.atomic
def depart(*, tenant: Tenant, on: date, by: User, why: str) -> Tenant:
    """A tenant leaves on `on`. Raises TenantStillHasUnit while a lease runs after that day, TenantHasLeft."""
    still_here(tenant)  # locked, so that no unit is let to it meanwhile
    # A lease may run up to the last day in the mall, not beyond it.
    if Lease.objects.filter(tenant=tenant).from_day(on + timedelta(days=1)).exists():
        raise TenantStillHasUnit(field="on")
    return part_with(tenant=tenant, on=on, by=by, why=why)
