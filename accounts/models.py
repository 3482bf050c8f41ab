"""People and devices that sign in, their roles and keys. Knows nothing of tenants or units."""

import hmac
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.roles import DEVICE_RIGHTS, DeviceKind, Reach, Right, StaffRole, reach_of
from core.devanagari import clean, plain_digits


class Users(BaseUserManager["User"]):
    """Finds and makes people."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=sign_in_name(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=sign_in_name(username or ""))


def sign_in_name(text: str) -> str:
    """One spelling per sign-in name: lower case, digits international, a mobile number without +91 or blanks."""
    name = plain_digits(clean(text)).casefold()
    bare = name.replace(" ", "").replace("-", "")
    if bare.lstrip("+").isdigit():
        bare = bare.removeprefix("+91").removeprefix("0")
        return bare[2:] if len(bare) == 12 and bare.startswith("91") else bare
    return name


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: by e-mail address, mobile number or a name given to them."""

    username = models.CharField(_("sign-in name"), max_length=150)
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    mobile = models.CharField(_("mobile number"), max_length=15, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=[("hi", "हिन्दी"), ("en", "English")], default="hi")
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may open the repair desk"), default=False)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    # Raised whenever roles change: every session and key from before then ends.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[Users] = Users()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("username"), name="sign_in_name_belongs_to_one_person"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def get_session_auth_hash(self) -> str:
        return self._hash_with(None)

    def get_session_auth_fallback_hash(self):  # type: ignore[no-untyped-def]
        from django.conf import settings

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_with(secret)

    def _hash_with(self, secret: str | bytes | None) -> str:
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    @cached_property
    def staff_roles(self) -> frozenset[str]:
        """The mall's roles this person holds. One query, once per loaded user."""
        return frozenset(grant.role for grant in self.role_grants.all())

    @property
    def is_mall_staff(self) -> bool:
        return bool(self.staff_roles)

    def reach(self, right: Right) -> Reach | None:
        """How far a right reaches for this person as staff of the mall; tenants' own reach is `tenants.access`."""
        if not self.is_active:
            return None
        return reach_of(right, staff_roles=self.staff_roles, tenant_roles=frozenset())

    @property
    def actor_key(self) -> str:
        return f"person:{self.pk}"


class RoleGrant(models.Model):
    """A person holds a role in the mall, given by someone on some day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=StaffRole)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name=_("given by"))
    granted_at = models.DateTimeField(_("given at"), auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("role of a person")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_is_given_once"),
            models.CheckConstraint(condition=Q(role__in=StaffRole.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Device(models.Model):
    """A machine of the mall that signs in by key: a kiosk or a people counter."""

    kind = models.CharField(_("kind"), max_length=10, choices=DeviceKind)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("registered"), auto_now_add=True)

    history = HistoricalRecords()

    is_authenticated = True
    is_anonymous = False

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="device_name_is_used_once"),
            models.CheckConstraint(condition=Q(kind__in=DeviceKind.values), name="device_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def reach(self, right: Right) -> Reach | None:
        return Reach.MALL if self.is_active and right in DEVICE_RIGHTS[self.kind] else None

    @property
    def actor_key(self) -> str:
        return f"device:{self.pk}"


class AccessKeys(models.QuerySet["AccessKey"]):
    """Questions about keys."""

    def usable_at(self, at: datetime) -> "AccessKeys":
        return self.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))


class AccessKey(models.Model):
    """A key to the API, of a device or of a person's own system. Shown once, stored as a hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="access_keys", null=True, blank=True)
    device = models.ForeignKey(Device, models.CASCADE, related_name="access_keys", null=True, blank=True)
    label = models.CharField(_("label"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    # Rights this key is narrowed to; an empty list means all that its holder has.
    scopes = models.JSONField(_("limited to"), default=list, blank=True)
    # The holder's session epoch at issue: a key of a person ends when the person's roles change.
    epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects: ClassVar[Any] = AccessKeys.as_manager()
    history = HistoricalRecords(excluded_fields=["secret_hash", "last_used_at"])

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, device__isnull=True) | Q(user__isnull=True, device__isnull=False),
                name="key_has_one_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.label}"

    @property
    def holder(self) -> User | Device:
        holder = self.user or self.device
        assert holder is not None  # key_has_one_holder
        return holder

    def opens_with(self, secret: str) -> bool:
        """Whether `secret` is this key's, compared in constant time. 256 random bits need no slow hash."""
        return hmac.compare_digest(self.secret_hash, sha256(secret.encode()).hexdigest())
