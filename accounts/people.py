"""People: registered, given roles, deprived of them, shut out."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, RoleGrant, User, sign_in_name
from accounts.roles import DeviceKind, StaffRole
from core.history import record, remove
from core.refusals import Refusal


class SignInNameTaken(Refusal):
    code = "sign_in_name_taken"
    sentence = _("Someone else already signs in with this name. Choose another.")


class LastAdministrator(Refusal):
    code = "last_administrator"
    sentence = _("The mall needs at least one administrator. Give the role to someone else first.")


class DeviceNameTaken(Refusal):
    code = "device_name_taken"
    sentence = _("Another device already has this name. Choose another.")


@transaction.atomic
def register_person(
    *,
    username: str,
    full_name: str,
    by: User | None,
    email: str = "",
    mobile: str = "",
    language: str = "hi",
    password: str | None = None,
) -> User:
    """Register someone who may sign in. Without a password they cannot until they set one.

    Raises SignInNameTaken.
    """
    name = sign_in_name(username)
    if User.objects.filter(username=name).exists():
        raise SignInNameTaken(field="username")
    user = User(username=name, full_name=full_name, email=email, mobile=mobile, language=language)
    user.set_password(password)
    return record(user, by=by)


@transaction.atomic
def grant_role(*, user: User, role: StaffRole, by: User | None, why: str = "") -> RoleGrant:
    """Give someone a role of the mall. Ends their sessions and keys. Giving it twice is giving it once."""
    _lock(user)
    existing = RoleGrant.objects.filter(user=user, role=role).first()
    if existing:
        return existing
    grant = record(RoleGrant(user=user, role=role, granted_by=by), by=by, why=why)
    _roles_changed(user)
    return grant


@transaction.atomic
def withdraw_role(*, user: User, role: StaffRole, by: User, why: str = "") -> None:
    """Take a role away. Ends their sessions and keys. Raises LastAdministrator."""
    administrators = list(RoleGrant.objects.select_for_update().filter(role=StaffRole.ADMINISTRATOR).order_by("pk"))
    if role == StaffRole.ADMINISTRATOR and not any(
        grant.user_id != user.pk and grant.user.is_active for grant in administrators
    ):
        raise LastAdministrator
    grant = RoleGrant.objects.filter(user=user, role=role).first()
    if grant is None:
        return
    remove(grant, by=by, why=why)
    _roles_changed(user)


@transaction.atomic
def shut_out(*, user: User, by: User, why: str) -> None:
    """Stop someone from signing in, now. Ends their sessions and keys. Raises LastAdministrator."""
    administrators = list(
        RoleGrant.objects.select_for_update(of=("self",))
        .filter(role=StaffRole.ADMINISTRATOR)
        .order_by("pk")
        .select_related("user")
    )
    if any(grant.user_id == user.pk for grant in administrators) and not any(
        grant.user_id != user.pk and grant.user.is_active for grant in administrators
    ):
        raise LastAdministrator
    user = _lock(user)
    user.is_active = False
    record(user, by=by, why=why)
    _roles_changed(user)


@transaction.atomic
def let_in_again(*, user: User, by: User, why: str) -> None:
    """Let someone sign in again."""
    user = _lock(user)
    user.is_active = True
    record(user, by=by, why=why)


@transaction.atomic
def register_device(*, kind: DeviceKind, name: str, by: User) -> Device:
    """Register a kiosk or a people counter. Raises DeviceNameTaken."""
    if Device.objects.filter(name__iexact=name).exists():
        raise DeviceNameTaken(field="name")
    return record(Device(kind=kind, name=name), by=by)


@transaction.atomic
def retire_device(*, device: Device, by: User, why: str) -> None:
    """Take a device out of use: none of its keys opens anything from now on."""
    device.is_active = False
    record(device, by=by, why=why)


def end_sessions(user: User) -> None:
    """End every session and key of someone whose roles have changed, here or in a tenant."""
    _roles_changed(user)


def _lock(user: User) -> User:
    """The person as stored now, locked."""
    return User.objects.select_for_update().get(pk=user.pk)


def _roles_changed(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    user.__dict__.pop("staff_roles", None)
