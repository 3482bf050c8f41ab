"""Units are let and given back: first who, then when."""

from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Prefetch, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean
from core.periods import last_day
from leases.letting import end_lease, let_unit
from leases.models import Lease
from mall.models import Unit, UnitBlock
from tenants import identifiers
from tenants.models import Tenant
from web.finding import name_holds
from web.forms.building import EndLeaseForm, LetForm, TenantSearch
from web.views.asking import WRONG, ConfirmPage
from web.views.base import Page, attempt, fetch, page_of
from web.views.building import shown_period, unit_for

LETTING = {"GET": Right.LET_UNITS, "POST": Right.LET_UNITS}


def candidates(request: HttpRequest, unit: Unit, q: str, today: date) -> QuerySet[Tenant]:
    """The tenants that could have a unit: those from the place it is owed to (`fits`) come first."""
    tenants = Tenant.objects.visible_to(request.user, Right.LET_UNITS).trading().with_home()
    for word in clean(q).split():
        tenants = tenants.filter(
            name_holds(word)
            | name_holds(word, path="home_district__")
            | name_holds(word, path="home_state__")
            | Q(gstin__icontains=identifiers.compact(word))
        )
    at_home = Q(pk__in=[])
    if unit.district_id:
        at_home = Q(home_district=unit.district_id)
    elif unit.state_id:
        at_home = Q(home_state=unit.state_id)
    held = Lease.objects.from_day(today).select_related("unit").order_by("unit__number")
    return (
        tenants.annotate(fits=Case(When(at_home, then=Value(True)), default=Value(False), output_field=BooleanField()))
        .prefetch_related(Prefetch("leases", held, to_attr="leases_now"))
        .order_by("-fits", "name_en", "pk")
    )


class UnitLet(Page):
    """A unit is let: without a tenant in the address the tenant is chosen, with one the days are."""

    policy = Policy(LETTING, object_of="unit")

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        today = timezone.localdate()
        unit = unit_for(request, number, today)
        tenant = self._tenant(request)
        if tenant is not None:
            return self._ask_days(request, unit, tenant, LetForm(initial={"first": today}), today)
        form = TenantSearch(request.GET)
        form.is_valid()
        self.template = "building/let_to.html"
        rows = candidates(request, unit, form.cleaned_data.get("q") or "", today)
        return self.show(
            request,
            unit=unit,
            form=form,
            page_obj=page_of(request, rows),
            narrowed=any(form.cleaned_data.values()),
            taken=taken(unit, today),
        )

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        today = timezone.localdate()
        unit = unit_for(request, number, today)
        tenant = self._tenant(request)
        if tenant is None:
            return redirect("unit-let", unit.number)
        form = LetForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: let_unit(unit=unit, tenant=tenant, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("%(unit)s is let to %(tenant)s.") % {"unit": unit, "tenant": tenant},
        ):
            return redirect("unit", unit.number)
        return self._ask_days(request, unit, tenant, form, today)

    @staticmethod
    def _tenant(request: HttpRequest) -> Tenant | None:
        """The tenant that the address names; 404 where the reader may let to no such tenant."""
        key = request.GET.get("tenant", "")
        if not key:
            return None
        tenants = Tenant.objects.visible_to(request.user, Right.LET_UNITS).with_home()
        return fetch(tenants, pk=key if key.isdecimal() and len(key) < 19 else None)

    def _ask_days(self, request: HttpRequest, unit: Unit, tenant: Tenant, form: LetForm, today: date) -> HttpResponse:
        self.template = "building/let.html"
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            unit=unit,
            tenant=tenant,
            home=tenant.home_district or tenant.home_state,
            form=form,
            taken=taken(unit, today),
        )


def taken(unit: Unit, today: date) -> list[str]:
    """When a unit cannot be let, from today on, in sentences."""
    leases = Lease.objects.from_day(today).filter(unit=unit).select_related("tenant").order_by("period")
    blocks = [
        block
        for block in UnitBlock.objects.filter(unit=unit).order_by("period")
        if (end := last_day(block.period)) is None or end >= today
    ]
    return [
        *(
            _("Let to %(tenant)s: %(period)s") % {"tenant": lease.tenant, "period": shown_period(lease.period)}
            for lease in leases
        ),
        *(
            _("Blocked (%(reason)s): %(period)s") % {"reason": block.reason, "period": shown_period(block.period)}
            for block in blocks
        ),
    ]


class LeaseEnd(ConfirmPage):
    """A lease ends before its time."""

    policy = Policy(LETTING, object_of="lease")
    template = "building/confirm.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        lease = self._lease(request, pk)
        today = timezone.localdate()
        return self._ask(request, lease, EndLeaseForm(lease=lease, initial={"last": today}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        lease = self._lease(request, pk)
        form = EndLeaseForm(request.POST, lease=lease)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: end_lease(lease=lease, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("The lease ends earlier now. The unit can be let from the next day."),
        ):
            return redirect("unit", lease.unit.number)
        return self._ask(request, lease, form)

    @staticmethod
    def _lease(request: HttpRequest, pk: int) -> Lease:
        leases = Lease.objects.visible_to(request.user, Right.LET_UNITS)
        return fetch(leases.select_related("unit", "tenant"), pk=pk)

    def _ask(self, request: HttpRequest, lease: Lease, form: EndLeaseForm) -> HttpResponse:
        words: dict[str, Any] = {"unit": lease.unit, "tenant": lease.tenant, "period": shown_period(lease.period)}
        return self.ask(
            request,
            form,
            unit=lease.unit,
            heading=_("End the lease"),
            question=_("End the lease of %(unit)s to %(tenant)s?") % words,
            consequence=_(
                "It runs: %(period)s. It ends after the last day that you choose; the unit can then be let anew. "
                "A lease that was shortened is not lengthened again."
            )
            % words,
            submit=_("End the lease"),
            back=reverse("unit", args=[lease.unit.number]),
        )
