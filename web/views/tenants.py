"""Tenants: listed, registered, shown, changed, parted with, and their history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Reach, Right
from core.devanagari import clean
from core.indian_format import day as shown_day
from core.periods import covers
from core.timeline import Source, timeline
from leases.departing import depart
from leases.models import Lease
from leases.occupancy import UnitStatus, with_status
from mall.models import Unit
from tenants import identifiers
from tenants.access import reach
from tenants.models import (
    BankAccount,
    Contact,
    GiAuthorisation,
    Invitation,
    Membership,
    Paper,
    PaperStatus,
    Tenant,
)
from tenants.paperwork import Standing, standing
from tenants.registering import change_particulars, register_tenant
from web.downloads import xlsx_response
from web.finding import name_holds
from web.forms.tenancy import LeaveForm, TenantFilter, TenantForm
from web.views.base import Page, attempt, page_of
from web.views.tenant_frame import WRONG, ConfirmPage, frame, tenant_for


@dataclass(frozen=True)
class Line:
    """One tenant in the list."""

    tenant: Tenant
    home: Any
    units: list[Unit]
    papers: Standing | None
    badges: list[GiAuthorisation]


def line(tenant: Any, today: date) -> Line:
    """The line of a tenant that was fetched by `with_line`. No query of its own."""
    return Line(
        tenant=tenant,
        home=tenant.home_district or tenant.home_state,
        units=[lease.unit for lease in tenant.leases_now],
        papers=standing(tenant, tenant.papers_kept, today) if tenant.closed_date is None else None,
        badges=tenant.badges,
    )


def with_line(tenants: Any, today: date) -> Any:
    """What a line of the list needs: home, units, papers, GI badges. Three queries, however many tenants."""
    return tenants.with_home().prefetch_related(
        Prefetch("papers", queryset=Paper.objects.kept(), to_attr="papers_kept"),
        Prefetch(
            "leases",
            queryset=Lease.objects.from_day(today).select_related("unit").order_by("unit__number"),
            to_attr="leases_now",
        ),
        Prefetch(
            "gi_authorisations",
            queryset=GiAuthorisation.objects.badge_on(today).with_registration(),
            to_attr="badges",
        ),
    )


def narrowed(tenants: Any, wanted: dict[str, Any], today: date) -> Any:
    """The tenants that the filter form asks for; only those trading unless it asks for others."""
    here = wanted.get("here")
    if here == "left":
        tenants = tenants.exclude(closed_date=None)
    elif here != "all":
        tenants = tenants.trading()
    for word in clean(wanted.get("q") or "").split():
        in_unit = Lease.objects.from_day(today).filter(unit__number__icontains=word).values("tenant")
        tenants = tenants.filter(name_holds(word) | Q(gstin__icontains=identifiers.compact(word)) | Q(pk__in=in_unit))
    for name, field in (("kind", "kind"), ("state", "home_state"), ("district", "home_district")):
        if wanted.get(name):
            tenants = tenants.filter(**{field: wanted[name]})
    if wanted.get("women_led"):
        tenants = tenants.filter(is_women_led=True)
    if wanted.get("papers"):
        tenants = tenants.filter(pk__in=_standing_so(tenants, wanted["papers"], today))
    return tenants


def _standing_so(tenants: Any, code: str, today: date) -> list[int]:
    """The keys of those whose papers stand so. Only who trades is asked: the building bounds how many."""
    papers = Prefetch("papers", queryset=Paper.objects.kept(), to_attr="papers_kept")
    return [
        tenant.pk
        for tenant in tenants.trading().prefetch_related(papers)
        if standing(tenant, tenant.papers_kept, today).code == code
    ]


class Tenants(Page):
    """The list of tenants."""

    policy = Policy({"GET": Right.SEE_TENANTS})
    template = "tenants/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form = TenantFilter(request.GET)
        form.is_valid()
        rows = narrowed(Tenant.objects.visible_to(request.user), form.cleaned_data, today)
        page = page_of(request, with_line(rows, today))
        return self.show(
            request,
            form=form,
            page_obj=page,
            lines=[line(tenant, today) for tenant in page],
            narrowed=any(form.cleaned_data.values()),
            may_register=reach(request.user, Right.REGISTER_TENANTS) == Reach.MALL,
        )


class TenantsDownload(Page):
    """The list as it is filtered, as a spreadsheet."""

    policy = Policy({"GET": Right.SEE_TENANTS})

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form = TenantFilter(request.GET)
        form.is_valid()
        rows = narrowed(Tenant.objects.visible_to(request.user), form.cleaned_data, today)
        columns = [
            _("Name in Hindi"),
            _("Name in English"),
            _("Kind"),
            _("Home state"),
            _("Home district"),
            _("Units"),
            _("Led by women"),
            _("Papers"),
            _("GI badges"),
            _("GSTIN"),
            _("With the mall since"),
            _("Left on"),
        ]
        return xlsx_response(
            _("tenants"), _("Tenants"), columns, (_cells(line(one, today)) for one in with_line(rows, today))
        )


def _cells(row: Line) -> list[Any]:
    tenant = row.tenant
    return [
        tenant.name_hi,
        tenant.name_en,
        tenant.get_kind_display(),
        str(tenant.home_state),
        str(tenant.home_district or ""),
        ", ".join(unit.number for unit in row.units),
        _("yes") if tenant.is_women_led else _("no"),
        str(row.papers.label) if row.papers else "",
        ", ".join(str(badge.registration) for badge in row.badges),
        tenant.gstin,
        tenant.registered_date,
        tenant.closed_date,
    ]


class TenantRegister(Page):
    """A new tenant is registered."""

    policy = Policy({"GET": Right.REGISTER_TENANTS, "POST": Right.REGISTER_TENANTS})
    template = "tenants/particulars.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, form=TenantForm(), tenant=None)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TenantForm(request.POST)
        if form.is_valid() and (
            tenant := attempt(
                request,
                form,
                lambda: register_tenant(
                    particulars=form.particulars,
                    products=form.cleaned_data["products"],
                    on=timezone.localdate(),
                    by=request.user,  # type: ignore[arg-type]
                ),
                _("The tenant is registered. Next: hand in its papers and invite its owner."),
            )
        ):
            return redirect("tenant", tenant.pk)
        return self.show(request, status=WRONG, form=form, tenant=None)


class TenantEdit(Page):
    """A tenant's particulars are changed."""

    policy = Policy({"GET": Right.EDIT_TENANTS, "POST": Right.EDIT_TENANTS}, object_of="tenant")
    template = "tenants/particulars.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_TENANTS, pk)
        return self.show(request, form=TenantForm.of(tenant), tenant=tenant)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_TENANTS, pk)
        form = TenantForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: change_particulars(
                tenant=tenant,
                particulars=form.particulars,
                products=form.cleaned_data["products"],
                by=request.user,  # type: ignore[arg-type]
            ),
            _("The particulars are saved."),
        ):
            return redirect("tenant", tenant.pk)
        return self.show(request, status=WRONG, form=form, tenant=tenant)


class TenantPart(ConfirmPage):
    """A tenant leaves the mall; it must have given its units back first."""

    policy = Policy({"GET": Right.REGISTER_TENANTS, "POST": Right.REGISTER_TENANTS}, object_of="tenant")
    template = "tenants/leave.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.REGISTER_TENANTS, pk)
        today = timezone.localdate()
        return self._ask(request, tenant, LeaveForm(tenant=tenant, today=today), today)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.REGISTER_TENANTS, pk)
        today = timezone.localdate()
        form = LeaveForm(request.POST, tenant=tenant, today=today)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: depart(
                tenant=tenant,
                on=form.cleaned_data["on"],
                by=request.user,  # type: ignore[arg-type]
                why=form.cleaned_data["why"],
            ),
            _("The tenant has left the mall. What it was remains on record."),
        ):
            return redirect("tenant", tenant.pk)
        return self._ask(request, tenant, form, today)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: LeaveForm, today: date) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=tenant,
            leases=self._leases(tenant, today),
            back=reverse("tenant", args=[tenant.pk]),
        )

    @staticmethod
    def _leases(tenant: Tenant, today: date) -> list[Lease]:
        return list(Lease.objects.filter(tenant=tenant).from_day(today).select_related("unit"))


class TenantShow(Page):
    """A tenant on one page: for the office, and as the tenant's own home."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="tenant")
    template = "tenants/tenant.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_TENANTS, pk)
        user, today = request.user, timezone.localdate()
        papers = list(Paper.objects.visible_to(user).kept().filter(tenant=tenant))
        authorisations = list(
            GiAuthorisation.objects.visible_to(user).filter(tenant=tenant, withdrawn_at=None).with_registration()
        )
        returned = [paper for paper in papers if paper.status_on(today) == PaperStatus.RETURNED]
        return self.show(
            request,
            **frame(request, tenant, "tenant"),
            home=tenant.home_district or tenant.home_state,
            units=units_of(user, tenant, today),
            papers=standing(tenant, papers, today),
            returned=returned,
            authorisations=[(one, *gi_state(one, today)) for one in authorisations],
            badges=[one for one in authorisations if one.shows_badge_on(today)],
            contacts=Contact.objects.visible_to(user).filter(tenant=tenant),
            bank_account=BankAccount.objects.visible_to(user).filter(tenant=tenant).first(),
            members=Membership.objects.visible_to(user).current().filter(tenant=tenant).select_related("user"),
            facts=facts(tenant),
        )


def units_of(user: Any, tenant: Tenant, today: date) -> list[dict[str, Any]]:
    """The units a tenant has or is about to have, with status; the lease for those who may see leases."""
    held = Lease.objects.filter(tenant=tenant).from_day(today)
    leases = {lease.unit_id: lease for lease in Lease.objects.visible_to(user).filter(pk__in=held)}
    places = Unit.objects.visible_to(user).filter(pk__in=held.values("unit")).with_places()
    units: Any = with_status(places, today)
    return [
        {
            "unit": unit,
            "status": unit.status,
            "status_label": UnitStatus(unit.status).label,
            "lease": leases.get(unit.pk),
        }
        for unit in units
    ]


def gi_state(authorisation: GiAuthorisation, today: date) -> tuple[str, Any]:
    """Whether the GI badge shows today, and where it does not, why: a state and its words."""
    if authorisation.shows_badge_on(today):
        return "valid", _("badge shows")
    if not covers(authorisation.validity, today):
        if today < authorisation.validity.lower:
            return "not_yet_valid", _("not yet valid")
        return "expired", _("authorisation has expired")
    return "warn", _("registration is not in force")


def facts(tenant: Tenant) -> list[dict[str, Any]]:
    """The particulars that are filled in."""
    place = ", ".join(str(part) for part in (tenant.home_district, tenant.home_state) if part)
    lines: Iterable[tuple[str, Any]] = (
        (_("Kind"), tenant.get_kind_display()),
        (_("Comes from"), place),
        (_("Address"), " ".join(filter(None, (tenant.address, tenant.pin_code)))),
        (_("Listed products traded"), ", ".join(str(product) for product in tenant.products.all())),
        (_("GSTIN"), tenant.gstin),
        (_("PAN"), tenant.pan),
        (_("Udyam number"), tenant.udyam_no),
        (_("Pehchan card number"), tenant.pehchan_no),
        (_("FSSAI number"), tenant.fssai_no),
        (_("With the mall since"), shown_day(tenant.registered_date)),
        (_("Left the mall on"), shown_day(tenant.closed_date) if tenant.closed_date else ""),
    )
    return [{"label": label, "value": value} for label, value in lines if value]


class TenantHistory(Page):
    """Every change of a tenant and what belongs to it: who, when, what, why."""

    policy = Policy({"GET": Right.SEE_HISTORY}, object_of="tenant")
    template = "tenants/history.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_HISTORY, pk)
        context = frame(request, tenant, "tenant-history")
        page = timeline(history_of(tenant, context["can"])).get_page(request.GET.get("page"))
        return self.show(request, **context, page_obj=page, entries=page.object_list)


def history_of(tenant: Tenant, can: dict[str, bool]) -> list[Source]:
    """The history rows about a tenant that the reader may see."""
    sources = [
        Source(Tenant.history.filter(id=tenant.pk)),
        Source(Paper.history.filter(tenant_id=tenant.pk), lambda row: row.get_kind_display()),
        Source(Contact.history.filter(tenant_id=tenant.pk), lambda row: row.name),
        Source(GiAuthorisation.history.filter(tenant_id=tenant.pk), lambda row: row.authorised_user_no),
        Source(Membership.history.filter(tenant_id=tenant.pk).select_related("user"), lambda row: row.user),
        Source(Invitation.history.filter(tenant_id=tenant.pk), lambda row: row.full_name),
    ]
    if can["see_bank_account"]:
        sources.append(Source(BankAccount.history.filter(tenant_id=tenant.pk)))
    if can["see_leases"]:
        sources.append(Source(Lease.history.filter(tenant_id=tenant.pk).select_related("unit"), lambda row: row.unit))
    return sources
