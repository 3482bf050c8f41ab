"""Tenants are registered, their particulars kept true, and they leave."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.history import record, remove, sign
from core.refusals import Refusal
from core.wording import checked
from reference.models import Product
from tenants import identifiers
from tenants.models import BankAccount, Contact, Tenant

IDENTIFIERS = ("gstin", "pan", "udyam_no", "pehchan_no", "fssai_no", "pin_code")
PARTICULARS = (
    "name_en",
    "name_hi",
    "kind",
    "home_district",
    "home_state",
    "is_women_led",
    "has_shg_members",
    "address",
    *IDENTIFIERS,
)


class TenantHasLeft(Refusal):
    code = "tenant_has_left"
    sentence = _("This tenant has left the mall; its particulars are kept as they were.")


class OnlyFirstContact(Refusal):
    code = "only_first_contact"
    sentence = _("Someone must be called first. Mark another contact first, then remove this one.")


@transaction.atomic
def register_tenant(
    *, particulars: Mapping[str, Any], products: Iterable[Product] = (), on: date, by: User, why: str = ""
) -> Tenant:
    """Register a new tenant. `particulars` holds the fields of PARTICULARS. Raises NotAcceptable."""
    tenant = Tenant(registered_date=on)
    _fill(tenant, particulars)
    record(checked(tenant), by=by, why=why)
    _set_products(tenant, products, by=by, why=why)
    return tenant


@transaction.atomic
def change_particulars(
    *,
    tenant: Tenant,
    particulars: Mapping[str, Any],
    products: Iterable[Product] | None = None,
    by: User,
    why: str = "",
) -> Tenant:
    """Change some of a tenant's particulars; what is not named stays. Raises NotAcceptable, TenantHasLeft."""
    tenant = still_here(tenant)
    _fill(tenant, particulars)
    record(checked(tenant), by=by, why=why)
    if products is not None:
        _set_products(tenant, products, by=by, why=why)
    return tenant


@transaction.atomic
def part_with(*, tenant: Tenant, on: date, by: User, why: str) -> Tenant:
    """A tenant leaves the mall on `on`. Its leases and stock are settled by the floors above. Raises TenantHasLeft."""
    tenant = still_here(tenant)
    tenant.closed_date = on
    return record(checked(tenant), by=by, why=why)


@transaction.atomic
def keep_contact(*, tenant: Tenant, contact: Contact | None, by: User, **fields: Any) -> Contact:
    """Add a contact, or change one. The first contact ever is the one to call first.

    Fields: name, position, mobile (10 digits), email, is_first. Raises NotAcceptable, TenantHasLeft.
    """
    still_here(tenant)
    others = Contact.objects.select_for_update().filter(tenant=tenant).exclude(pk=contact.pk if contact else 0)
    contact = contact or Contact(tenant=tenant)
    for name, value in fields.items():
        setattr(contact, name, clean(value) if isinstance(value, str) else value)
    contact.mobile = identifiers.compact(contact.mobile)
    if not others:
        contact.is_first = True
    if contact.is_first:
        for other in others:
            if other.is_first:
                other.is_first = False
                record(other, by=by)
    return record(checked(contact), by=by)


@transaction.atomic
def drop_contact(*, contact: Contact, by: User) -> None:
    """Remove a contact. Raises OnlyFirstContact while others remain and this one is called first."""
    still_here(contact.tenant)
    contact = Contact.objects.get(pk=contact.pk)
    if contact.is_first and Contact.objects.filter(tenant=contact.tenant).exclude(pk=contact.pk).exists():
        raise OnlyFirstContact
    remove(contact, by=by)


@transaction.atomic
def keep_bank_account(*, tenant: Tenant, holder: str, number: str, ifsc: str, bank: str, by: User) -> BankAccount:
    """Say where a tenant is paid; the account before stays in the history. Raises NotAcceptable, TenantHasLeft."""
    still_here(tenant)
    account = BankAccount.objects.select_for_update().filter(tenant=tenant).first() or BankAccount(tenant=tenant)
    account.holder, account.bank = clean(holder), clean(bank)
    account.number, account.ifsc = identifiers.compact(number), identifiers.compact(ifsc)
    return record(checked(account), by=by)


def still_here(tenant: Tenant) -> Tenant:
    """The tenant, locked. Raises TenantHasLeft."""
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    if tenant.closed_date is not None:
        raise TenantHasLeft
    return tenant


def _fill(tenant: Tenant, particulars: Mapping[str, Any]) -> None:
    for name, value in particulars.items():
        if name not in PARTICULARS:
            raise TypeError(f"{name} is not one of a tenant's particulars")
        if name in IDENTIFIERS:
            value = identifiers.compact(value)
        elif isinstance(value, str):
            value = clean(value)
        setattr(tenant, name, value)


def _set_products(tenant: Tenant, products: Iterable[Product], *, by: User, why: str) -> None:
    wanted = list(products)
    if {product.pk for product in wanted} != set(tenant.products.values_list("pk", flat=True)):
        sign(tenant, by=by, why=why)
        tenant.products.set(wanted)
