"""GI authorisations: put on record and taken off by the mall."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from tenants.authorising import authorise, withdraw_authorisation
from tenants.models import GiAuthorisation, Paper, PaperKind, Tenant
from web.forms.tenancy import GiAuthorisationForm, WhyForm
from web.views.base import attempt, fetch
from web.views.tenant_frame import ConfirmPage, FormPage, tenant_for


class GiAuthorise(FormPage):
    """A tenant's GI authorisation is put on record."""

    policy = Policy({"GET": Right.VERIFY_PAPERS, "POST": Right.VERIFY_PAPERS}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.VERIFY_PAPERS, pk)
        return self._ask(request, tenant, GiAuthorisationForm(papers=certificates(request, tenant)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.VERIFY_PAPERS, pk)
        form = GiAuthorisationForm(request.POST, papers=certificates(request, tenant))
        if form.is_valid() and attempt(
            request,
            form,
            lambda: authorise(tenant=tenant, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("The GI authorisation is on record."),
        ):
            return redirect("tenant", tenant.pk)
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: GiAuthorisationForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=tenant,
            heading=_("Add a GI authorisation"),
            lead=_("The GI badge shows only while both this authorisation and the registration are valid."),
            submit=_("Put on record"),
            back=reverse("tenant", args=[tenant.pk]),
        )


class GiWithdraw(ConfirmPage):
    """A GI authorisation is taken off the record."""

    policy = Policy({"GET": Right.VERIFY_PAPERS, "POST": Right.VERIFY_PAPERS}, object_of="gi_authorisation")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, authorisation_for(request, pk), WhyForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        authorisation = authorisation_for(request, pk)
        form = WhyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: withdraw_authorisation(
                authorisation=authorisation,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                why=form.cleaned_data["why"],
            ),
            _("The GI authorisation is withdrawn."),
        ):
            return redirect("tenant", authorisation.tenant_id)
        return self._ask(request, authorisation, form)

    def _ask(self, request: HttpRequest, authorisation: GiAuthorisation, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=authorisation.tenant,
            heading=_("Withdraw a GI authorisation"),
            question=_("Withdraw %(number)s for %(registration)s?")
            % {"number": authorisation.authorised_user_no, "registration": authorisation.registration},
            consequence=_("The GI badge of this tenant ends at once."),
            submit=_("Yes, withdraw"),
            back=reverse("tenant", args=[authorisation.tenant_id]),
        )


def certificates(request: HttpRequest, tenant: Tenant) -> QuerySet[Any]:
    """The tenant's papers that can prove an authorisation."""
    return (
        Paper.objects.visible_to(request.user, Right.VERIFY_PAPERS)
        .kept()
        .filter(tenant=tenant, kind=PaperKind.GI_CERTIFICATE, returned_at=None)
    )


def authorisation_for(request: HttpRequest, pk: int) -> GiAuthorisation:
    """The authorisation, where the reader may check its tenant's papers; else 404."""
    rows = GiAuthorisation.objects.visible_to(request.user, Right.VERIFY_PAPERS)
    return fetch(rows.with_registration(), pk=pk)
