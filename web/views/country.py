"""The country: districts with their ODOP listings, states, GI registrations, GST rates. Read, not changed, here."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean, plain_digits
from core.periods import covers
from mall.models import Unit
from reference.models import (
    District,
    GiRegistration,
    GiStatus,
    OdopList,
    OdopListing,
    State,
    TaxCode,
    TaxRate,
)
from tenants.models import GiAuthorisation, Tenant
from web.finding import name_holds, spelled_like
from web.forms.country import DistrictFilter, GiFilter, StateFilter, TaxFilter
from web.views.base import Page, fetch, page_of
from web.views.building import line, with_line

TENANTS_SHOWN = 8
SEEING = {"GET": Right.SEE_MALL}


def in_force() -> Any:
    """The listings of a district in lists that are in force, as `listings_now`."""
    listings = OdopListing.objects.filter(odop_list__is_current=True).select_related("product", "odop_list")
    return Prefetch("odop_listings", listings, to_attr="listings_now")


class Districts(Page):
    """The districts of Madhya Pradesh with what their ODOP lists name, and the lists themselves."""

    policy = Policy(SEEING)
    template = "country/districts.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = DistrictFilter(request.GET)
        form.is_valid()
        wanted = form.cleaned_data
        districts = District.objects.select_related("division", "unit").prefetch_related(in_force())
        for word in clean(wanted.get("q") or "").split():
            listed = OdopListing.objects.filter(name_holds(word, path="product__"), odop_list__is_current=True).values(
                "district"
            )
            districts = districts.filter(name_holds(word) | Q(pk__in=listed) | _coded(word, "lgd_code"))
        if wanted.get("division"):
            districts = districts.filter(division=wanted["division"])
        return self.show(
            request,
            form=form,
            page_obj=page_of(request, districts.annotate(gi_count=Count("gi_registrations")).order_by("name_en")),
            lists=OdopList.objects.annotate(
                listing_count=Count("listings"), district_count=Count("listings__district", distinct=True)
            ),
        )


def _coded(word: str, field: str) -> Q:
    """Rows whose numeric code is `word`; none where it is no number."""
    digits = plain_digits(word)
    return Q(**{field: int(digits)}) if digits.isdecimal() and len(digits) <= 6 else Q(pk__in=[])


class DistrictShow(Page):
    """A district: what it is known for, its space in the mall, the tenants who come from it."""

    policy = Policy(SEEING, object_of="district")
    template = "country/district.html"

    def get(self, request: HttpRequest, code: int) -> HttpResponse:
        today = timezone.localdate()
        district = fetch(District.objects.select_related("state", "division"), lgd_code=code)
        return self.show(
            request,
            district=district,
            space=_space(request, today, district=district),
            listings=OdopListing.objects.filter(district=district)
            .select_related("product", "odop_list")
            .order_by("-odop_list__is_current", "odop_list", "product__name_en"),
            registrations=_with_state(GiRegistration.objects.filter(districts=district), today),
            tenants=_from_here(request, home_district=district),
        )


def _space(request: HttpRequest, today: date, **owed_to: Any) -> Any:
    """The unit that the mall owes to a place, as a line of the list of units; None where there is none."""
    unit = with_line(Unit.objects.visible_to(request.user).filter(**owed_to), today).first()
    return line(unit, request.user, today) if unit else None


def _from_here(request: HttpRequest, **home: Any) -> dict[str, Any]:
    """The tenants from a place that the reader may see: how many, the first few, where the others stand."""
    tenants = Tenant.objects.visible_to(request.user).trading().filter(**home)
    (field, place), *_others = home.items()
    query = urlencode({field.removeprefix("home_"): place.pk})
    return {
        "count": tenants.count(),
        "first": tenants[:TENANTS_SHOWN],
        "more_url": f"{reverse('tenants')}?{query}",
    }


class States(Page):
    """The states and union territories with the products that stand for them."""

    policy = Policy(SEEING)
    template = "country/states.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = StateFilter(request.GET)
        form.is_valid()
        wanted = form.cleaned_data
        states = State.objects.select_related("unit").prefetch_related("flagships")
        for word in clean(wanted.get("q") or "").split():
            named = State.objects.filter(name_holds(word, path="flagships__")).values("pk")
            states = states.filter(
                name_holds(word)
                | Q(pk__in=named)
                | Q(iso_code__iexact=word)
                | Q(iso_code__iexact=f"IN-{word}")
                | Q(gst_code=plain_digits(word))
                | _coded(word, "lgd_code")
            )
        if wanted.get("kind"):
            states = states.filter(kind=wanted["kind"])
        return self.show(request, form=form, page_obj=page_of(request, states))


class StateShow(Page):
    """A state or union territory: its codes, its products, its space in the mall, its tenants."""

    policy = Policy(SEEING, object_of="state")
    template = "country/state.html"

    def get(self, request: HttpRequest, code: int) -> HttpResponse:
        today = timezone.localdate()
        state = fetch(State.objects.all(), lgd_code=code)
        return self.show(
            request,
            state=state,
            space=_space(request, today, state=state),
            flagships=state.flagships.all(),
            districts=state.districts.all(),
            registrations=_with_state(GiRegistration.objects.filter(also_states=state), today),
            tenants=_from_here(request, home_state=state),
        )


# GI

# The register names kinds of goods in English; what is not among these is shown as the register has it.
GOODS_KINDS = {
    "agricultural": gettext_lazy("agricultural"),
    "foodstuff": gettext_lazy("foodstuff"),
    "handicraft": gettext_lazy("handicraft"),
    "manufactured": gettext_lazy("manufactured goods"),
    "natural goods": gettext_lazy("natural goods"),
    "natural/manufactured goods": gettext_lazy("natural and manufactured goods"),
}


def goods_kind(registration: GiRegistration) -> Any:
    """The kind of goods in the reader's language."""
    return GOODS_KINDS.get(registration.goods_kind, registration.goods_kind)


def gi_state(registration: GiRegistration, today: date) -> tuple[str, Any]:
    """How a registration stands today: a state and its words. What was registered can have run out since."""
    if registration.status != GiStatus.REGISTERED or registration.is_valid_on(today):
        return registration.status, registration.get_status_display()
    if today < registration.validity.lower:
        return "not_yet_valid", _("not yet valid")
    return "expired", GiStatus.EXPIRED.label


def _with_state(registrations: Any, today: date) -> list[tuple[GiRegistration, str, Any]]:
    return [(one, *gi_state(one, today)) for one in registrations]


class GiRegistrations(Page):
    """The GI register as far as it concerns Madhya Pradesh."""

    policy = Policy(SEEING)
    template = "country/gi_registrations.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form = GiFilter(request.GET)
        form.is_valid()
        wanted = form.cleaned_data
        rows = GiRegistration.objects.prefetch_related("districts")
        for word in clean(wanted.get("q") or "").split():
            rows = rows.filter(name_holds(word) | Q(application_no=plain_digits(word)) | Q(proprietor__icontains=word))
        if wanted.get("status"):
            rows = rows.filter(status=wanted["status"])
        if wanted.get("district"):
            rows = rows.filter(districts=wanted["district"])
        page = page_of(request, rows)
        return self.show(
            request,
            form=form,
            page_obj=page,
            lines=[(*state, goods_kind(state[0])) for state in _with_state(page, today)],
        )


class GiRegistrationShow(Page):
    """One registration, and who in the mall is authorised to use it."""

    policy = Policy(SEEING, object_of="registration")
    template = "country/gi_registration.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        today = timezone.localdate()
        registration = fetch(GiRegistration.objects.prefetch_related("districts", "also_states"), code=code)
        state, state_label = gi_state(registration, today)
        held = (
            GiAuthorisation.objects.visible_to(request.user)
            .filter(registration=registration, withdrawn_at=None)
            .with_registration()
            .order_by("tenant__name_en", "pk")
        )
        return self.show(
            request,
            registration=registration,
            state=state,
            state_label=state_label,
            goods_kind=goods_kind(registration),
            authorisations=[(one, one.shows_badge_on(today)) for one in held],
        )


# Tax


class TaxCodes(Page):
    """HSN and SAC codes with their GST rate on a day; rates of other days stand beside it."""

    policy = Policy(SEEING)
    template = "country/tax_codes.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = TaxFilter(request.GET)
        form.is_valid()
        wanted = form.cleaned_data
        day = wanted.get("on") or timezone.localdate()
        codes = TaxCode.objects.prefetch_related(
            Prefetch("rates", TaxRate.objects.order_by("-period"), to_attr="all_rates")
        )
        for word in clean(wanted.get("q") or "").split():
            codes = codes.filter(
                Q(code__startswith=plain_digits(word))
                | Q(description_en__icontains=word)
                | Q(description_hi__iregex=spelled_like(word))
            )
        if wanted.get("scheme"):
            codes = codes.filter(scheme=wanted["scheme"])
        page = page_of(request, codes)
        return self.show(request, form=form, page_obj=page, day=day, lines=[rates_on(code, day) for code in page])


@dataclass(frozen=True)
class ShownRate:
    """A rate as it is read: 5%, not 5.00%."""

    shown: str
    period: Any
    source: str
    confidence: str


def shown_rate(rate: TaxRate) -> ShownRate:
    percent = f"{rate.percent.normalize():f}"
    return ShownRate(f"{percent}%", rate.period, rate.source, rate.get_confidence_display())


def rates_on(code: Any, day: date) -> dict[str, Any]:
    """A code with its rate on a day (None where none is on record) and its other rates."""
    rate = next((one for one in code.all_rates if covers(one.period, day)), None)
    return {
        "code": code,
        "rate": shown_rate(rate) if rate else None,
        "others": [shown_rate(one) for one in code.all_rates if one is not rate],
    }
