"""Which people, devices and keys someone may reach: rows are fetched through here and nowhere else."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import AccessKey, AccessKeys, Device, RoleGrant, User, sign_in_name
from accounts.roles import Right


def people_visible_to(actor: Any, right: Right = Right.SEE_PEOPLE) -> QuerySet[User]:
    """Everyone who signs in, for those who hold `right` as staff of the mall; no one for others."""
    if actor.reach(right) is None:
        return User.objects.none()
    grants = RoleGrant.objects.select_related("granted_by").order_by("role")
    return User.objects.prefetch_related(Prefetch("role_grants", queryset=grants)).order_by("full_name", "pk")


def devices_visible_to(actor: Any) -> QuerySet[Device]:
    """All kiosks and counters, for those who manage them."""
    rows = Device.objects.order_by("name", "pk")
    return rows if actor.reach(Right.MANAGE_DEVICES) else rows.none()


def device_keys_visible_to(actor: Any) -> AccessKeys:
    """The keys of devices, newest first, for those who manage devices."""
    rows = AccessKey.objects.filter(device__isnull=False).select_related("device").order_by("-created_at", "-pk")
    return rows if actor.reach(Right.MANAGE_DEVICES) else rows.none()


def own_keys(user: User) -> AccessKeys:
    """The keys of a person's own systems, newest first."""
    return AccessKey.objects.filter(user=user).select_related("user").order_by("-created_at", "-pk")


def signs_in_already(name: str) -> bool:
    """Whether someone already signs in with this e-mail address, mobile number or name."""
    return User.objects.filter(username=sign_in_name(name)).exists()
