"""Members of a tenant: invited, joined, given another role, parted."""

import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.people import end_sessions, register_person
from accounts.roles import TenantRole
from core.devanagari import clean
from core.history import record
from core.refusals import Refusal
from core.wording import checked
from tenants import identifiers
from tenants.models import Invitation, Membership, Tenant
from tenants.registering import still_here

INVITATION_LASTS = timedelta(days=7)
SALT = "tenants.invitation"


class AlreadyInvited(Refusal):
    code = "already_invited"
    sentence = _("This person already has an open invitation. Withdraw it before you send another.")


class InvitationEnded(Refusal):
    code = "invitation_ended"
    status = 404
    sentence = _("This invitation has ended. Ask for a new one.")


class AlreadyAMember(Refusal):
    code = "already_a_member"
    sentence = _("This person is already a member.")


class LastOwner(Refusal):
    code = "last_owner"
    sentence = _("Every tenant needs an owner. Make someone else an owner first.")


class MembershipEnded(Refusal):
    code = "membership_ended"
    sentence = _("This person is no longer a member.")


@transaction.atomic
def invite(
    *,
    tenant: Tenant,
    role: TenantRole | str,
    full_name: str,
    by: User,
    at: datetime,
    email: str = "",
    mobile: str = "",
    language: str = "hi",
) -> Invitation:
    """Invite someone by e-mail, mobile number or both, for a week. The mail goes out by a sweep.

    Raises AlreadyInvited, TenantHasLeft, NotAcceptable.
    """
    still_here(tenant)
    email, mobile = clean(email).casefold(), identifiers.compact(mobile)
    mobile = mobile.removeprefix("+91")
    for same in ({"email": email}, {"mobile": mobile}):
        if all(same.values()) and Invitation.objects.open_at(at).filter(tenant=tenant, **same).exists():
            raise AlreadyInvited(field=next(iter(same)))
    invitation = Invitation(
        tenant=tenant,
        role=role,
        full_name=clean(full_name),
        email=email,
        mobile=mobile,
        language=language,
        invited_by=by,
        invited_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    return record(checked(invitation), by=by)


def token_of(invitation: Invitation) -> str:
    """The secret part of an invitation's link. Signed, not stored: a copy of the database opens no door."""
    return signing.Signer(salt=SALT).sign(invitation.uid.hex)


def invitation_of(*, token: str, at: datetime) -> Invitation:
    """The open invitation that `token` opens. Raises InvitationEnded."""
    try:
        uid = uuid.UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as wrong:
        raise InvitationEnded from wrong
    invitation = Invitation.objects.open_at(at).select_related("tenant", "invited_by").filter(uid=uid).first()
    if invitation is None:
        raise InvitationEnded
    return invitation


@transaction.atomic
def accept(*, invitation: Invitation, at: datetime, user: User | None = None, password: str = "") -> Membership:
    """Join the tenant: as the person who is signed in, or as a new person with this password.

    A new person signs in with the e-mail address, or where there is none the mobile number, of the
    invitation. Raises InvitationEnded, AlreadyAMember, SignInNameTaken.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= at:
        raise InvitationEnded
    person = user or register_person(
        username=invitation.email or invitation.mobile,
        full_name=invitation.full_name,
        email=invitation.email,
        mobile=invitation.mobile,
        language=invitation.language,
        password=password,
        by=None,
    )
    membership = add_member(tenant=invitation.tenant, user=person, role=invitation.role, by=person, at=at)
    invitation.accepted_at, invitation.accepted_by = at, person
    record(invitation, by=person)
    return membership


@transaction.atomic
def add_member(*, tenant: Tenant, user: User, role: TenantRole | str, by: User | None, at: datetime) -> Membership:
    """Make someone a member. Ends their sessions. Raises AlreadyAMember."""
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    if Membership.objects.current().filter(tenant=tenant, user=user).exists():
        raise AlreadyAMember
    membership = record(Membership(tenant=tenant, user=user, role=role, began_at=at), by=by)
    end_sessions(user)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: TenantRole | str, by: User) -> Membership:
    """Give a member another role. Ends their sessions. Raises LastOwner, MembershipEnded."""
    membership = _current(membership)
    if membership.role == role:
        return membership
    _keep_an_owner(membership)
    membership.role = role
    record(membership, by=by)
    end_sessions(membership.user)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User, at: datetime, why: str = "") -> Membership:
    """Someone stops working for a tenant. Ends their sessions. Raises LastOwner, MembershipEnded."""
    membership = _current(membership)
    _keep_an_owner(membership)
    membership.ended_at = at
    record(membership, by=by, why=why)
    end_sessions(membership.user)
    return membership


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Take an invitation back; its link opens nothing from now on. Raises InvitationEnded."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationEnded
    invitation.withdrawn_at = at
    return record(invitation, by=by)


def _current(membership: Membership) -> Membership:
    """The membership, with its tenant locked first so that two owners cannot leave at once."""
    Tenant.objects.select_for_update().get(pk=membership.tenant_id)
    membership = Membership.objects.select_related("user").get(pk=membership.pk)
    if membership.ended_at is not None:
        raise MembershipEnded
    return membership


def _keep_an_owner(membership: Membership) -> None:
    owners = Membership.objects.current().filter(tenant=membership.tenant_id, role=TenantRole.OWNER)
    if membership.role == TenantRole.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise LastOwner
