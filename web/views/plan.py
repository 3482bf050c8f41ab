"""The floor plan: each unit a link, coloured by its status or by its category, with the same as a table."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.policy import Policy
from accounts.roles import Reach, Right
from core.periods import covers
from leases.occupancy import UnitStatus, with_occupant, with_status
from mall.drawing import Drawing, UnitMark, draw
from mall.models import Entrance, Floor, Unit, UnitCategory, Zone
from tenants.access import reach
from web.views.base import Page, fetch

DRAWN_CATEGORIES = 8  # static/css/plan.css knows so many patterns; a ninth category shares the first


@dataclass(frozen=True)
class Sheet:
    """A floor drawn, with the units that stand on it."""

    drawing: Drawing
    units: list[Any]


def drawn(floor: Floor, user: Any, today: date, *, by: str = "status", here: Unit | None = None) -> Sheet:
    """Draw a floor as `user` may see it today. A fixed number of queries."""
    units = list(
        with_occupant(with_status(Unit.objects.visible_to(user).filter(floor=floor).with_places(), today), today)
    )
    places = category_places() if by == "category" else {}
    coming = reach(user, Right.SEE_LEASES) == Reach.MALL
    marks = {unit.pk: mark(unit, today, coming, places) for unit in units}
    zones, entrances = Zone.objects.filter(floor=floor), Entrance.objects.filter(floor=floor)
    drawing = draw(floor, units, zones, entrances, marks, here=here)
    # Painted last, the unit in question keeps its whole outline.
    return Sheet(replace(drawing, units=tuple(sorted(drawing.units, key=lambda unit: unit.is_here))), units)


def mark(unit: Any, today: date, coming: bool, places: dict[int, int]) -> UnitMark:
    """What the plan says of a unit: its status, who has it, where its page is.

    A lease that has not begun is named only to who may see `coming` ones. With `places` the unit is
    coloured by its category, and the words say both.
    """
    status = UnitStatus(unit.status)
    lease = unit.leases_now[0] if unit.leases_now else None
    name = str(lease.tenant) if lease and (coming or covers(lease.period, today)) else ""
    return UnitMark(
        status=f"category-{places[unit.category_id]}" if places else status.value,
        status_label=f"{unit.category}, {status.label}" if places else status.label,
        name=name,
        url=reverse("unit", args=[unit.number]),
    )


def category_places() -> dict[int, int]:
    """The pattern of each category, by its order in the scheme: category key -> 1 to 8."""
    keys = UnitCategory.objects.values_list("pk", flat=True)
    return {key: place % DRAWN_CATEGORIES + 1 for place, key in enumerate(keys)}


class PlanShow(Page):
    """The plan of one floor; without a level, of the ground floor."""

    policy = Policy({"GET": Right.SEE_MALL}, object_of="floor")
    template = "building/plan.html"

    def get(self, request: HttpRequest, level: int | None = None) -> HttpResponse:
        floors = list(Floor.objects.all())
        if level is None:
            floor = min(floors, key=lambda one: (abs(one.level), -one.level), default=None)
        else:
            floor = fetch(Floor.objects.all(), level=level)
        by = "category" if request.GET.get("by") == "category" else "status"
        if floor is None:
            return self.show(request, floor=None)
        sheet = drawn(floor, request.user, timezone.localdate(), by=by)
        return self.show(
            request,
            floor=floor,
            by=by,
            tabs=floor_tabs(floors, floor, by),
            plan=sheet.drawing,
            lines=table(sheet),
            legend=status_legend(sheet.units) if by == "status" else None,
            categories=category_legend(sheet.units) if by == "category" else None,
        )


def floor_tabs(floors: list[Floor], current: Floor, by: str) -> list[dict[str, Any]]:
    """A tab for each floor; the way of colouring stays."""
    query = "?by=category" if by == "category" else ""
    return [
        {
            "label": str(floor),
            "url": reverse("plan-floor", args=[floor.level]) + query,
            "current": floor == current,
            "count": None,
        }
        for floor in floors
    ]


def table(sheet: Sheet) -> list[dict[str, Any]]:
    """The units of the plan in words."""
    names = {unit.number: unit.name for unit in sheet.drawing.units}
    return [
        {
            "unit": unit,
            "status": unit.status,
            "status_label": UnitStatus(unit.status).label,
            "name": names[unit.number],
        }
        for unit in sheet.units
    ]


def status_legend(units: list[Any]) -> list[dict[str, Any]]:
    """Each status with how many units of the floor are in it."""
    order = (UnitStatus.LET, UnitStatus.FITTING_OUT, UnitStatus.OFFERED, UnitStatus.VACANT, UnitStatus.BLOCKED)
    return [
        {"state": status.value, "label": status.label, "count": sum(unit.status == status for unit in units)}
        for status in order
    ]


def category_legend(units: list[Any]) -> list[dict[str, Any]]:
    """Each category that stands on the floor, with its pattern and how many units it has there."""
    places = category_places()
    found: dict[int, list[Any]] = {}
    for unit in units:
        found.setdefault(unit.category_id, []).append(unit)
    return [
        {"place": places[key], "label": str(found[key][0].category), "count": len(found[key])}
        for key in places
        if key in found
    ]
