"""Whom to call at a tenant, and where it is paid."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from tenants.models import BankAccount, Contact, Tenant
from tenants.registering import drop_contact, keep_bank_account, keep_contact
from web.forms.tenancy import BankAccountForm, ContactForm
from web.views.base import attempt, fetch
from web.views.tenant_frame import ConfirmPage, FormPage, abilities, tenant_for


class ContactAdd(FormPage):
    """A contact is added."""

    policy = Policy({"GET": Right.EDIT_TENANTS, "POST": Right.EDIT_TENANTS}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, tenant_for(request, Right.EDIT_TENANTS, pk), ContactForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_TENANTS, pk)
        form = ContactForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: keep_contact(tenant=tenant, contact=None, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("The contact is saved."),
        ):
            return redirect("tenant", tenant.pk)
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: ContactForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=tenant,
            heading=_("Add a contact"),
            submit=_("Save the contact"),
            back=reverse("tenant", args=[tenant.pk]),
        )


class ContactEdit(FormPage):
    """A contact is changed."""

    policy = Policy({"GET": Right.EDIT_TENANTS, "POST": Right.EDIT_TENANTS}, object_of="contact")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = contact_for(request, pk)
        return self._ask(request, contact, ContactForm.of(contact))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = contact_for(request, pk)
        form = ContactForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: keep_contact(
                tenant=contact.tenant,
                contact=contact,
                by=request.user,  # type: ignore[arg-type]
                **form.cleaned_data,
            ),
            _("The contact is saved."),
        ):
            return redirect("tenant", contact.tenant_id)
        return self._ask(request, contact, form)

    def _ask(self, request: HttpRequest, contact: Contact, form: ContactForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=contact.tenant,
            heading=_("Change a contact"),
            submit=_("Save the contact"),
            back=reverse("tenant", args=[contact.tenant_id]),
        )


class ContactDrop(ConfirmPage):
    """A contact is removed."""

    policy = Policy({"GET": Right.EDIT_TENANTS, "POST": Right.EDIT_TENANTS}, object_of="contact")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = contact_for(request, pk)
        return self.ask(
            request,
            tenant=contact.tenant,
            heading=_("Remove a contact"),
            question=_("Remove %(name)s from the contacts?") % {"name": contact.name},
            consequence=_("The mall will not call this person any more. The history keeps the entry."),
            submit=_("Yes, remove"),
            back=reverse("tenant", args=[contact.tenant_id]),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact = contact_for(request, pk)
        attempt(
            request,
            None,
            lambda: drop_contact(contact=contact, by=request.user),  # type: ignore[arg-type]
            _("The contact is removed."),
        )
        return redirect("tenant", contact.tenant_id)


def contact_for(request: HttpRequest, pk: int) -> Contact:
    """The contact, where the reader may edit its tenant; else 404."""
    return fetch(Contact.objects.visible_to(request.user, Right.EDIT_TENANTS).select_related("tenant"), pk=pk)


class BankAccountPage(FormPage):
    """Where a tenant is paid: read in full by some, changed by fewer."""

    policy = Policy({"GET": Right.SEE_BANK_ACCOUNTS, "POST": Right.EDIT_BANK_ACCOUNTS}, object_of="tenant")
    template = "tenants/bank_account.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_BANK_ACCOUNTS, pk)
        account = BankAccount.objects.visible_to(request.user).filter(tenant=tenant).first()
        return self._ask(request, tenant, BankAccountForm.of(account), account=account)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_BANK_ACCOUNTS, pk)
        form = BankAccountForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: keep_bank_account(tenant=tenant, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("The bank account is saved. The one before stays in the history."),
        ):
            return redirect("tenant", tenant.pk)
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: BankAccountForm, **context: Any) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=tenant,
            can=abilities(request, tenant),
            back=reverse("tenant", args=[tenant.pk]),
            **context,
        )
