"""How far a right reaches for someone, as staff of the mall or as a member of tenants.

`admits` is what both edges ask before a view runs; `OfTenant.visible_to` is how rows are then fetched.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.keys import holder_of
from accounts.models import AccessKey, Device, User
from accounts.policy import Everyone, Need
from accounts.roles import TENANT_RIGHTS, Reach, Right, reach_of

ROLES = "SELECT tenant_id, role FROM tenants_membership WHERE user_id = %s AND ended_at IS NULL"


# The same, as a part of the query that looks a key up.
ROLES_OF_HOLDER = (
    "(SELECT array_agg(ARRAY[m.tenant_id::text, m.role]) FROM tenants_membership m "
    "WHERE m.user_id = u.id AND m.ended_at IS NULL)"
)


def key_with_roles(*, text: str, at: datetime) -> AccessKey | None:
    """The usable key that `text` opens; its holder knows the tenants they work for. One query."""
    key = holder_of(text=text, at=at, more=ROLES_OF_HOLDER)
    if key is not None and key.user is not None:
        roles = key.user.__dict__.pop("_more") or ()
        key.user.__dict__["_roles_in_tenants"] = {int(tenant): role for tenant, role in roles}
    return key


def roles_in_tenants(user: User) -> dict[int, str]:
    """The tenants a person works for: tenant key -> role. One query, once per loaded user."""
    if "_roles_in_tenants" not in user.__dict__:
        with connection.cursor() as cursor:  # asked at nearly every request
            cursor.execute(ROLES, [user.pk])
            user.__dict__["_roles_in_tenants"] = dict(cursor.fetchall())
    return user.__dict__["_roles_in_tenants"]


def reach(actor: Any, right: Right) -> Reach | None:
    """How far `right` reaches for a person or device; None where they do not have it, or the key lacks the scope."""
    scopes = getattr(actor, "key_scopes", None)
    if scopes and right not in scopes:
        return None
    if isinstance(actor, Device):
        return actor.reach(right)
    if not isinstance(actor, User) or not actor.is_active:
        return None
    tenant_roles = frozenset() if actor.reach(right) else frozenset(roles_in_tenants(actor).values())
    return reach_of(right, staff_roles=actor.staff_roles, tenant_roles=tenant_roles)


def tenants_with(actor: Any, right: Right) -> list[int]:
    """The keys of the tenants in which `actor` holds `right` as a member."""
    return [key for key, role in roles_in_tenants(actor).items() if right in TENANT_RIGHTS[role]]


def may(actor: Any, right: Right, tenant: Any) -> bool:
    """Whether `actor` holds `right` over this very tenant."""
    far = reach(actor, right)
    return far == Reach.MALL or (far == Reach.OWN and tenant.pk in tenants_with(actor, right))


def admits(actor: Any, need: Need | None) -> bool:
    """Whether someone may use a method with this need at all. No declared need admits nobody."""
    if need is None:
        return False
    if need is Everyone.PUBLIC:
        return True
    if need is Everyone.SIGNED_IN:
        return isinstance(actor, User) and actor.is_active
    if need is Everyone.KNOWN:
        return isinstance(actor, User | Device) and actor.is_active
    return isinstance(need, Right) and reach(actor, need) is not None
