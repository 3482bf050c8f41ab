"""GI authorised users are put on record and taken off."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.history import record
from core.periods import period
from core.refusals import Refusal
from core.wording import checked
from reference.models import GiRegistration
from tenants.models import GiAuthorisation, Paper, Tenant
from tenants.registering import still_here


class AuthorisationTaken(Refusal):
    code = "gi_authorisation_taken"
    sentence = _("This authorised-user number is already on record for this GI registration.")


class NotThisTenantsPaper(Refusal):
    code = "not_this_tenants_paper"
    status = 400
    sentence = _("The certificate must be a paper of the same tenant.")


class AuthorisationWithdrawn(Refusal):
    code = "gi_authorisation_withdrawn"
    sentence = _("This authorisation has already been withdrawn.")


@transaction.atomic
def authorise(
    *,
    tenant: Tenant,
    registration: GiRegistration,
    authorised_user_no: str,
    holder: str,
    first: date,
    last: date | None,
    by: User,
    paper: Paper | None = None,
) -> GiAuthorisation:
    """Record that a tenant is an authorised user from `first` to `last`, both included (GI Act, s. 17 and 18).

    Raises AuthorisationTaken, NotThisTenantsPaper, TenantHasLeft, NotAcceptable.
    """
    still_here(tenant)
    number = clean(authorised_user_no)
    if paper is not None and paper.tenant_id != tenant.pk:
        raise NotThisTenantsPaper(field="paper")
    if GiAuthorisation.objects.filter(registration=registration, authorised_user_no=number, withdrawn_at=None).exists():
        raise AuthorisationTaken(field="authorised_user_no")
    authorisation: Any = GiAuthorisation(
        tenant=tenant,
        registration=registration,
        authorised_user_no=number,
        holder=clean(holder),
        validity=period(first, last),
        paper=paper,
    )
    return record(checked(authorisation), by=by)


@transaction.atomic
def withdraw_authorisation(*, authorisation: GiAuthorisation, by: User, at: datetime, why: str) -> GiAuthorisation:
    """Take an authorisation off the record: its badge ends at once. Raises AuthorisationWithdrawn."""
    authorisation = GiAuthorisation.objects.select_for_update(of=("self",)).get(pk=authorisation.pk)
    if authorisation.withdrawn_at is not None:
        raise AuthorisationWithdrawn
    authorisation.withdrawn_at = at
    return record(authorisation, by=by, why=why)
