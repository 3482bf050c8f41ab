"""Roles as a table of what each may do, and how far it reaches.

This table is the only place where a role gains a right. A view names the right it needs per method
(`accounts.policy`), a QuerySet's `visible_to` turns the reach into rows.
"""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Right(StrEnum):
    """Something a role may do."""

    SEE_MALL = "mall.see"  # floors, zones, units, the plan
    KEEP_MALL = "mall.keep"  # change a unit, block it
    SEE_TENANTS = "tenants.see"  # tenants with their papers, contacts, authorisations
    REGISTER_TENANTS = "tenants.register"
    EDIT_TENANTS = "tenants.edit"
    SUBMIT_PAPERS = "papers.submit"
    VERIFY_PAPERS = "papers.verify"
    SEE_BANK_ACCOUNTS = "bank_accounts.see"
    EDIT_BANK_ACCOUNTS = "bank_accounts.edit"
    MANAGE_MEMBERS = "members.manage"
    SEE_LEASES = "leases.see"
    LET_UNITS = "leases.let"
    SEE_STOCK = "stock.see"  # products, lots, balances, movements and the papers of warehouse work
    EDIT_PRODUCTS = "products.edit"  # the catalogue, and sheets of it
    PUBLISH_PRODUCTS = "products.publish"  # show a card to visitors, take it back
    HANDLE_STOCK = "stock.handle"  # a shop's own goods: announce, ask for, accept, sell, count, adjust
    KEEP_STOCK = "stock.keep"  # work in the warehouse: receive, put away, pick, hand over, count
    APPROVE_STOCK = "stock.approve"  # be the second person of an adjustment or a count
    COUNTERSIGN_COUNTS = "counts.countersign"  # agree, as the owner of the goods, to what was counted
    CLOSE_STOCK = "stock.close"  # close a period of the stock ledger
    SEE_COVERAGE = "coverage.see"
    SEE_PEOPLE = "people.see"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_DEVICES = "devices.manage"
    SEE_HISTORY = "history.see"
    REPAIR = "repair"  # Django admin


RIGHT_LABELS = {
    Right.SEE_MALL: _("See the building: floors, units, the plan"),
    Right.KEEP_MALL: _("Change units and block them"),
    Right.SEE_TENANTS: _("See tenants with their papers, contacts and members"),
    Right.REGISTER_TENANTS: _("Register tenants and part with them"),
    Right.EDIT_TENANTS: _("Change the particulars and contacts of tenants"),
    Right.SUBMIT_PAPERS: _("Hand in papers"),
    Right.VERIFY_PAPERS: _("Check papers, record GI authorisations"),
    Right.SEE_BANK_ACCOUNTS: _("See bank accounts"),
    Right.EDIT_BANK_ACCOUNTS: _("Change bank accounts"),
    Right.MANAGE_MEMBERS: _("Invite members, change their roles"),
    Right.SEE_LEASES: _("See leases"),
    Right.LET_UNITS: _("Let units and end leases"),
    Right.SEE_STOCK: _("See products, stock and what moved"),
    Right.EDIT_PRODUCTS: _("Add and change products"),
    Right.PUBLISH_PRODUCTS: _("Show products to visitors and take them back"),
    Right.HANDLE_STOCK: _("Send, ask for, accept, sell and count goods of the shop"),
    Right.KEEP_STOCK: _("Work in the warehouse: receive, put away, pick, hand over, count"),
    Right.APPROVE_STOCK: _("Approve adjustments and counts as the second person"),
    Right.COUNTERSIGN_COUNTS: _("Countersign counts as the owner of the goods"),
    Right.CLOSE_STOCK: _("Close periods of the stock ledger"),
    Right.SEE_COVERAGE: _("See the coverage of states and districts"),
    Right.SEE_PEOPLE: _("See people and their roles"),
    Right.MANAGE_PEOPLE: _("Add people, give and withdraw roles"),
    Right.MANAGE_DEVICES: _("Register devices and make their keys"),
    Right.SEE_HISTORY: _("See who changed what"),
    Right.REPAIR: _("Open the repair desk"),
}


class Reach(StrEnum):
    """Whose rows a right reaches."""

    MALL = "mall"  # every row
    OWN = "own"  # rows of the tenants the person is a member of


class StaffRole(TextChoices):
    """Roles of people who work for the mall."""

    ADMINISTRATOR = "administrator", _("Mall administrator")
    WAREHOUSE_KEEPER = "warehouse_keeper", _("Warehouse keeper")
    ACCOUNTS_OFFICER = "accounts_officer", _("Accounts officer")
    AUDITOR = "auditor", _("Auditor")


class TenantRole(TextChoices):
    """Roles of people who belong to a tenant."""

    OWNER = "owner", _("Owner")
    STAFF = "staff", _("Shop staff")


class DeviceKind(TextChoices):
    """Roles of machines."""

    KIOSK = "kiosk", _("Kiosk")
    COUNTER = "counter", _("People counter")


_SEES_ALL = frozenset(
    {
        Right.SEE_MALL,
        Right.SEE_TENANTS,
        Right.SEE_BANK_ACCOUNTS,
        Right.SEE_LEASES,
        Right.SEE_STOCK,
        Right.SEE_COVERAGE,
        Right.SEE_PEOPLE,
        Right.SEE_HISTORY,
    }
)

STAFF_RIGHTS: dict[str, frozenset[Right]] = {
    StaffRole.ADMINISTRATOR: frozenset(Right),
    StaffRole.WAREHOUSE_KEEPER: frozenset(
        {
            Right.SEE_MALL,
            Right.SEE_TENANTS,
            Right.SEE_COVERAGE,
            Right.SEE_STOCK,
            Right.EDIT_PRODUCTS,
            Right.KEEP_STOCK,
            Right.APPROVE_STOCK,
        }
    ),
    StaffRole.ACCOUNTS_OFFICER: _SEES_ALL - {Right.SEE_PEOPLE}
    | {Right.VERIFY_PAPERS, Right.EDIT_BANK_ACCOUNTS, Right.CLOSE_STOCK},
    StaffRole.AUDITOR: _SEES_ALL,
}

TENANT_RIGHTS: dict[str, frozenset[Right]] = {
    TenantRole.OWNER: frozenset(
        {
            Right.SEE_TENANTS,
            Right.EDIT_TENANTS,
            Right.SUBMIT_PAPERS,
            Right.SEE_BANK_ACCOUNTS,
            Right.EDIT_BANK_ACCOUNTS,
            Right.MANAGE_MEMBERS,
            Right.SEE_LEASES,
            Right.SEE_HISTORY,
            Right.SEE_STOCK,
            Right.EDIT_PRODUCTS,
            Right.PUBLISH_PRODUCTS,
            Right.HANDLE_STOCK,
            Right.APPROVE_STOCK,
            Right.COUNTERSIGN_COUNTS,
        }
    ),
    TenantRole.STAFF: frozenset(
        {
            Right.SEE_TENANTS,
            Right.SUBMIT_PAPERS,
            Right.SEE_LEASES,
            Right.SEE_STOCK,
            Right.EDIT_PRODUCTS,
            Right.HANDLE_STOCK,
        }
    ),
}

# Everyone with a membership sees the building; so does a kiosk. A counter only ever pushes.
MEMBER_RIGHTS = frozenset({Right.SEE_MALL})
DEVICE_RIGHTS: dict[str, frozenset[Right]] = {
    DeviceKind.KIOSK: frozenset({Right.SEE_MALL}),
    DeviceKind.COUNTER: frozenset(),
}

READING = frozenset(right for right in Right if right.value.endswith(".see"))


def reach_of(right: Right, *, staff_roles: frozenset[str], tenant_roles: frozenset[str]) -> Reach | None:
    """How far `right` reaches for someone with these roles; None where they do not have it at all."""
    if any(right in STAFF_RIGHTS[role] for role in staff_roles):
        return Reach.MALL
    if tenant_roles and right in MEMBER_RIGHTS:
        return Reach.MALL
    if any(right in TENANT_RIGHTS[role] for role in tenant_roles):
        return Reach.OWN
    return None
