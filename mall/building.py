"""The building is made from its plan: all or nothing, twice is once, nothing is removed.

Sizes and places of units that people corrected in the back office are theirs: the plan does not silently
overwrite them, they are reported as differing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from core.history import record
from mall.models import Entrance, Floor, Mall, OwedTo, Unit, UnitCategory, Zone
from mall.planning import Names, Plan, PlannedUnit
from reference.models import District, State

MEASURES = ("carpet_area", "chargeable_area")


class PlaceUnknown(Exception):
    """The plan owes units to places that the reference does not have."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass
class Report:
    """What building did to one kind of row."""

    kind: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    differing: list[str] = field(default_factory=list)  # corrected by people; left alone
    not_in_plan: list[str] = field(default_factory=list)  # kept


@transaction.atomic
def build(*, plan: Plan, why: str, overwrite: bool = False, dry_run: bool = False) -> list[Report]:
    """Bring the building up to the plan. `why` goes into the history of what changes.

    With `overwrite` the plan's areas replace corrected ones. Raises PlaceUnknown before anything is changed.
    """
    places = _places(plan)
    reports = [
        _bring(
            Mall,
            {1: {"id": 1, **_named(plan.mall.names), **_both("address", plan.mall.address),
                 **_both("owner", plan.mall.owner), **_both("operator", plan.mall.operator)}},
            "id", why,
        ),
        _bring(
            UnitCategory,
            {
                category.code: {
                    "code": category.code, "owed_to": category.owed_to, "is_uniform": category.is_uniform,
                    "order": order, **_named(category.names),
                }
                for order, category in enumerate(plan.categories)
            },
            "code", why,
        ),
        _bring(
            Floor,
            {
                floor.level: {
                    "level": floor.level, "width": floor.width, "depth": floor.depth,
                    "outline": _corners(floor.outline), **_named(floor.names),
                }
                for floor in plan.floors
            },
            "level", why,
        ),
    ]  # fmt: skip
    floors = {floor.level: floor for floor in Floor.objects.all()}
    reports += [
        _bring(
            Zone,
            {
                zone.code: {
                    "code": zone.code, "floor": floors[floor.level], "kind": zone.kind,
                    "polygon": _corners(zone.polygon), **_named(zone.names),
                }
                for floor in plan.floors for zone in floor.zones
            },
            "code", why,
        ),
        _bring(
            Entrance,
            {
                entrance.code: {
                    "code": entrance.code, "floor": floors[floor.level], "kind": entrance.kind,
                    "x": _metres(entrance.point[0]), "y": _metres(entrance.point[1]),
                    "is_step_free": entrance.is_step_free, **_named(entrance.names),
                }
                for floor in plan.floors for entrance in floor.entrances
            },
            "code", why,
        ),
    ]  # fmt: skip
    zones = {zone.code: zone for zone in Zone.objects.select_related("floor")}
    categories = {category.code: category for category in UnitCategory.objects.all()}
    units = {
        unit.number: {
            "number": unit.number, "zone": zones[zone.code], "floor": zones[zone.code].floor,
            "category": categories[unit.category], "carpet_area": unit.carpet_area,
            "chargeable_area": unit.chargeable_area, "polygon": _corners(unit.polygon),
            **places.get(unit.number, {"state": None, "district": None}),
        }
        for floor in plan.floors for zone in floor.zones for unit in zone.units
    }  # fmt: skip
    reports.append(_bring(Unit, units, "number", why, guarded=() if overwrite else MEASURES))
    if dry_run:
        transaction.set_rollback(True)
    return reports


def _bring(
    model: type[models.Model], wanted: dict[Any, dict[str, Any]], key: str, why: str, guarded: Iterable[str] = ()
) -> Report:
    """Add and change rows of one kind until they are as wanted; leave guarded fields that people changed."""
    report = Report(model.__name__)
    there = {getattr(thing, key): thing for thing in model._default_manager.all()}
    for name, fields in wanted.items():
        thing = there.pop(name, None)
        if thing is None:
            _keep(model(**fields), why)
            report.added.append(str(name))
            continue
        differ = [field_ for field_, value in fields.items() if getattr(thing, field_) != value]
        left = [field_ for field_ in differ if field_ in guarded]
        if left:
            report.differing.append(f"{name} ({', '.join(left)})")
        for field_ in set(differ) - set(left):
            setattr(thing, field_, fields[field_])
        if set(differ) - set(left):
            _keep(thing, why)
            report.changed.append(str(name))
        elif not left:
            report.unchanged += 1
    report.not_in_plan = [str(name) for name in there]
    return report


def _keep(thing: models.Model, why: str) -> None:
    if hasattr(type(thing), "history"):
        record(thing, by=None, why=why)
    else:
        thing.save()


def _places(plan: Plan) -> dict[str, dict[str, Any]]:
    """The state or district of each unit that is owed to one. Raises PlaceUnknown."""
    owed = {category.code: category.owed_to for category in plan.categories}
    known: dict[str, dict[str | int, models.Model]] = {
        OwedTo.STATE: _by_name_and_code(State.objects.all()),
        OwedTo.DISTRICT: _by_name_and_code(District.objects.all()),
    }
    found: dict[str, dict[str, Any]] = {}
    faults = []
    for unit in plan.units:
        kind = owed[unit.category]
        if unit.place is None or kind == OwedTo.NOBODY:
            continue
        place = known[kind].get(unit.place)
        if place is None:
            faults.append(_unknown(unit, kind))
            continue
        found[unit.number] = {"state": None, "district": None, kind: place}
    if faults:
        raise PlaceUnknown(faults)
    return found


def _unknown(unit: PlannedUnit, kind: str) -> str:
    return (
        f"unit {unit.number}: the {kind} {unit.place!r} is not in the reference. "
        "Load it first (manage.py load_reference), or correct its name in the plan."
    )


def _by_name_and_code(places: Iterable[Any]) -> dict[str | int, models.Model]:
    return {key: place for place in places for key in (place.name_en, place.lgd_code)}


def _named(names: Names) -> dict[str, str]:
    return _both("name", names)


def _both(of: str, names: Names) -> dict[str, str]:
    return {f"{of}_en": names.en, f"{of}_hi": names.hi}


def _corners(polygon: Iterable[Iterable[float]]) -> list[list[float]]:
    return [[float(part) for part in corner] for corner in polygon]


def _metres(value: float) -> Any:
    return Floor._meta.get_field("width").to_python(f"{value:.2f}")
