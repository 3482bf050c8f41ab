"""Units: the list, its download, and one unit with all that has happened to it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.policy import Policy
from accounts.roles import Reach, Right
from core.devanagari import clean, plain_digits
from core.indian_format import day as shown_day
from core.periods import covers, last_day
from core.timeline import Source, timeline
from insights.overview import units_by_status
from leases.models import Lease
from leases.occupancy import UnitStatus, with_occupant, with_status
from mall.models import Unit, UnitBlock, UnitCategory, unequal_sizes
from tenants.access import may, reach
from tenants.models import Tenant
from web.downloads import xlsx_response
from web.finding import name_holds
from web.forms.building import UnitFilter
from web.templatetags.components import sign_of
from web.views.base import Page, fetch, page_of
from web.views.plan import drawn

HISTORY_PAGE = 10


@dataclass(frozen=True)
class Door:
    """Who stands at the door of a unit: the tenant it is let to, or for whom it is kept."""

    tenant: Tenant
    from_day: date | None  # None: today already
    url: str  # where the reader may read more about the tenant, or nothing


@dataclass(frozen=True)
class Line:
    """One unit in a list."""

    unit: Any
    status: UnitStatus
    door: Door | None


def sees_coming(user: Any) -> bool:
    """Whether leases that have not begun are the reader's business. A tenant's name at the door is everybody's."""
    return reach(user, Right.SEE_LEASES) == Reach.MALL


def line(unit: Any, user: Any, today: date) -> Line:
    """The line of a unit that was fetched by `with_line`. No query of its own."""
    return Line(unit, UnitStatus(unit.status), door_of(unit, user, today))


def door_of(unit: Any, user: Any, today: date) -> Door | None:
    """Who has the unit today, or next where the reader may know it."""
    if not unit.leases_now:
        return None
    lease = unit.leases_now[0]
    now = covers(lease.period, today)
    if not (now or sees_coming(user)):
        return None
    return Door(lease.tenant, None if now else lease.period.lower, tenant_url(lease.tenant, user))


def tenant_url(tenant: Tenant, user: Any) -> str:
    """The tenant's page, for whoever may open it."""
    return reverse("tenant", args=[tenant.pk]) if may(user, Right.SEE_TENANTS, tenant) else ""


def with_line(units: Any, today: date) -> Any:
    """What a line needs: places, status, occupant. One query more, however many units."""
    return with_occupant(with_status(units.with_places(), today), today)


def narrowed(units: Any, wanted: dict[str, Any], user: Any, today: date) -> Any:
    """The units that the filter form asks for."""
    leases = Lease.objects.from_day(today) if sees_coming(user) else Lease.objects.active_on(today)
    for word in clean(wanted.get("q") or "").split():
        at_the_door = leases.filter(name_holds(word, path="tenant__")).values("unit")
        units = units.filter(
            Q(number__icontains=plain_digits(word))
            | Q(pk__in=at_the_door)
            | name_holds(word, path="state__")
            | name_holds(word, path="district__")
        )
    for name in ("floor", "zone", "category"):
        if wanted.get(name):
            units = units.filter(**{name: wanted[name]})
    if wanted.get("status"):
        known: Any = with_status(units, today)
        units = known.filter(status=wanted["status"])
    return units


def asked_for(request: HttpRequest, today: date) -> tuple[UnitFilter, Any]:
    """The filter form and the units it asks for."""
    form = UnitFilter(request.GET)
    form.is_valid()
    units = Unit.objects.visible_to(request.user)
    return form, with_line(narrowed(units, form.cleaned_data, request.user, today), today)


class Units(Page):
    """The list of units."""

    policy = Policy({"GET": Right.SEE_MALL})
    template = "building/units.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form, units = asked_for(request, today)
        page = page_of(request, units)
        return self.show(
            request,
            form=form,
            page_obj=page,
            lines=[line(unit, request.user, today) for unit in page],
            narrowed=any(form.cleaned_data.values()),
            stats=status_tiles(today, form.cleaned_data.get("status") or ""),
            warnings=size_warnings(),
        )


def status_tiles(today: date, chosen: str) -> list[dict[str, Any]]:
    """How many units of the whole mall are in each status; each tile narrows the list to its own."""
    return [
        {
            "label": status.label,
            "value": count,
            "tone": sign_of(status.value).tone,
            "icon": sign_of(status.value).icon,
            "url": f"{reverse('units')}?status={status.value}",
            "chosen": status.value == chosen,
        }
        for status, count in units_by_status(today)
    ]


def size_warnings() -> list[dict[str, Any]]:
    """A warning for each category whose units should be of one size and are not."""
    uniform = Unit.objects.filter(category__is_uniform=True).select_related("category")
    unequal = unequal_sizes(list(uniform))
    categories = {one.code: one for one in UnitCategory.objects.all()} if unequal else {}
    return [
        {
            "title": _("Unequal sizes: %(category)s") % {"category": categories[code]},
            "text": ngettext(
                "The scheme gives each the same space, but %(count)d size is found: %(sizes)s m².",
                "The scheme gives each the same space, but %(count)d sizes are found: %(sizes)s m².",
                len(areas),
            )
            % {"count": len(areas), "sizes": _enumerated(areas)},
            "url": f"{reverse('units')}?category={code}",
        }
        for code, areas in unequal.items()
    ]


def _enumerated(areas: list[Decimal]) -> str:
    """The smallest and the largest, and what lies between as long as it can be taken in."""
    return " · ".join(map(str, areas)) if len(areas) <= 4 else f"{areas[0]} … {areas[-1]}"


class UnitsDownload(Page):
    """The list as it is filtered, as a spreadsheet."""

    policy = Policy({"GET": Right.SEE_MALL})

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        _form, units = asked_for(request, today)
        columns = [
            _("Unit"),
            _("Floor"),
            _("Zone"),
            _("Category"),
            _("Owed to"),
            _("Status"),
            _("Tenant in Hindi"),
            _("Tenant in English"),
            _("From"),
            _("Carpet area (m²)"),
            _("Chargeable area (m²)"),
        ]
        rows = (_cells(line(unit, request.user, today)) for unit in units)
        return xlsx_response(_("units"), _("Units"), columns, rows)


def _cells(row: Line) -> list[Any]:
    unit, door = row.unit, row.door
    return [
        unit.number,
        str(unit.floor),
        str(unit.zone),
        str(unit.category),
        str(unit.owed_place or ""),
        str(row.status.label),
        door.tenant.name_hi if door else "",
        door.tenant.name_en if door else "",
        door.from_day if door else None,
        unit.carpet_area,
        unit.chargeable_area,
    ]


# One unit


def unit_for(request: HttpRequest, number: str, today: date) -> Any:
    """A unit as its pages show it: places, status, who has it. 404 where there is none."""
    return fetch(with_line(Unit.objects.visible_to(request.user), today), number=number)


def abilities(user: Any) -> dict[str, bool]:
    """What the reader may do with units."""
    return {
        "keep": reach(user, Right.KEEP_MALL) == Reach.MALL,
        "let": reach(user, Right.LET_UNITS) == Reach.MALL,
        "see_leases": reach(user, Right.SEE_LEASES) is not None,
        # Why a unit is closed is the mall's affair; that it is closed everybody sees.
        "see_blocks": user.is_mall_staff,
        "see_history": all(reach(user, right) == Reach.MALL for right in (Right.SEE_HISTORY, Right.SEE_LEASES)),
    }


class UnitShow(Page):
    """A unit on one page: where it is, whose it is, when it was let and blocked, who changed what."""

    policy = Policy({"GET": Right.SEE_MALL}, object_of="unit")
    template = "building/unit.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        user, today = request.user, timezone.localdate()
        unit = unit_for(request, number, today)
        can = abilities(user)
        history = history_of(unit).get_page(request.GET.get("page")) if can["see_history"] else None
        return self.show(
            request,
            unit=unit,
            can=can,
            line=line(unit, user, today),
            plan=drawn(unit.floor, user, today, here=unit).drawing,
            leases=leases_of(unit, user, today),
            blocks=blocks_of(unit, today) if can["see_blocks"] else None,
            size_warning=size_warning(unit),
            page_obj=history,
            entries=history.object_list if history else None,
        )


def leases_of(unit: Unit, user: Any, today: date) -> list[dict[str, Any]]:
    """The leases of a unit that the reader may see, the newest first."""
    leases = Lease.objects.visible_to(user).filter(unit=unit).select_related("tenant").order_by("-period")
    return [
        {
            "lease": lease,
            "url": tenant_url(lease.tenant, user),
            "is_open": state != "ended",
            "state": state,
            "state_label": label,
        }
        for lease in leases
        for state, label in [state_of(lease.period, today)]
    ]


def blocks_of(unit: Unit, today: date) -> list[dict[str, Any]]:
    """The times in which a unit was, is or will be blocked, the newest first."""
    return [
        {"block": block, "is_open": state != "ended", "state": state, "state_label": label}
        for block in UnitBlock.objects.filter(unit=unit)
        for state, label in [state_of(block.period, today)]
    ]


def state_of(span: Any, today: date) -> tuple[str, str]:
    """Whether a period runs, has ended or is still to come: a state and its word."""
    if covers(span, today):
        return "active", _("runs")
    if today < span.lower:
        return "upcoming", _("to come")
    return "ended", _("ended")


def size_warning(unit: Unit) -> str:
    """What is odd about the size of a unit whose category asks for one size; nothing where all is well."""
    if not unit.category.is_uniform:
        return ""
    areas = Counter(Unit.objects.filter(category=unit.category_id).values_list("carpet_area", flat=True))
    usual, times = areas.most_common(1)[0]
    if usual == unit.carpet_area:
        return ""
    return _(
        "This unit measures %(area)s m², most of its category (%(times)d of %(all)d) measure %(usual)s m². "
        "The scheme gives each the same space."
    ) % {"area": unit.carpet_area, "usual": usual, "times": times, "all": areas.total()}


def history_of(unit: Unit) -> Any:
    """The changes of a unit, its blocks and its leases as pages of one timeline."""
    return timeline(
        [
            Source(Unit.history.filter(id=unit.pk)),
            Source(UnitBlock.history.filter(unit_id=unit.pk), lambda row: row.reason),
            Source(Lease.history.filter(unit_id=unit.pk).select_related("tenant"), lambda row: row.tenant),
        ],
        HISTORY_PAGE,
    )


def shown_period(span: Any) -> str:
    """A period in a sentence: 1 Nov 2026 – 31 Oct 2031, or from 1 Nov 2026 on."""
    end = last_day(span)
    if end is None:
        return _("from %(first)s on") % {"first": shown_day(span.lower)}
    return f"{shown_day(span.lower)} – {shown_day(end)}"
