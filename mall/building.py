"""The building is made from its plan: all or nothing, twice is once, nothing is removed.

Three hands write a unit: the plan, people in the back office, and the next plan. Where the plan was the last
to set a field, a new plan may set it again; what people set stays theirs and is reported as differing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from core.history import record, record_many
from mall.models import Entrance, Floor, Mall, OwedTo, Unit, UnitCategory, Zone, unequal_sizes
from mall.planning import Names, Plan
from mall.surveying import faults_of
from reference.models import District, State

Fields = dict[str, Any]  # attribute -> value, keys of other rows under their `_id`
PLAN = "plan"  # how the reason of a change begins that a plan made
PLACES: dict[str, type[State] | type[District]] = {OwedTo.STATE: State, OwedTo.DISTRICT: District}


class PlanDoesNotFit(Exception):
    """The plan cannot be built as it is; `faults` are sentences. Nothing was changed."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class BuildingCannotStand(PlanDoesNotFit):
    """Units of the plan overlap, stand outside, or have no street before them."""


class PlaceUnknown(PlanDoesNotFit):
    """The plan owes units to states or districts that the reference does not have."""


class PlaceTaken(PlanDoesNotFit):
    """The plan owes a unit to a place that has another unit, which the plan may not change."""


@dataclass
class Report:
    """What building did to one kind of row, by number, code or level."""

    kind: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    differing: list[str] = field(default_factory=list)  # set by people, left as they are
    not_in_plan: list[str] = field(default_factory=list)  # kept


@dataclass(frozen=True)
class Built:
    """What building did, and what the scheme would warn of."""

    reports: list[Report]
    unequal: dict[str, list[Decimal]]  # uniform category -> the areas found
    without_unit: list[str]  # states and districts that are owed a unit and have none


@transaction.atomic
def build(*, plan: Plan, name: str, by: Any = None, overwrite: bool = False, dry_run: bool = False) -> Built:
    """Bring the building up to the plan; the history says "plan <name>".

    What people changed after building stays as it is and is reported, unless `overwrite`. With `dry_run`
    everything is done, reported and undone. Raises BuildingCannotStand, PlaceUnknown, PlaceTaken.
    """
    if faults := faults_of(plan):
        raise BuildingCannotStand(faults)
    places = _places(plan)
    mason = _Mason(why=f"{PLAN} {name}", by=by, overwrite=overwrite)
    reports = [
        mason.bring(Mall, "id", _mall(plan)),
        mason.bring(UnitCategory, "code", _categories(plan)),
        mason.bring(Floor, "level", _floors(plan)),
    ]
    floors = _keys(Floor, "level")
    reports += [
        mason.bring(Zone, "code", _zones(plan, floors)),
        mason.bring(Entrance, "code", _entrances(plan, floors)),
        mason.bring(Unit, "number", _units(plan, floors, places), before_saving=_make_way),
    ]
    built = Built(
        reports,
        unequal_sizes(list(Unit.objects.select_related("category"))),
        [place.name_en for model in PLACES.values() for place in model._default_manager.filter(unit=None)],
    )
    if dry_run:
        transaction.set_rollback(True)
    return built


@dataclass(frozen=True)
class _Mason:
    """Brings rows to what the plan wants, and knows which of their fields are not the plan's any more."""

    why: str
    by: Any
    overwrite: bool

    def bring(
        self,
        model: Any,
        key: str,
        wanted: dict[Any, Fields],
        before_saving: Callable[["_Mason", list[Any], list[Any]], None] | None = None,
    ) -> Report:
        """Add and change rows until they are as wanted; `wanted` says the fields of each row by its key."""
        report = Report(str(model._meta.verbose_name))
        there = {getattr(row, key): row for row in model._default_manager.select_for_update(of=("self",))}
        differing = {
            name: fields
            for name, row in there.items()
            if (fields := [one for one, value in wanted.get(name, {}).items() if getattr(row, one) != value])
        }
        theirs = {} if self.overwrite else _set_by_people({there[name]: fields for name, fields in differing.items()})
        changed = []
        for name, fields in differing.items():
            row, left = there[name], theirs.get(there[name].pk, set())
            if left:
                report.differing.append(f"{name}: {_differences(row, wanted[name], sorted(left))}")
            for one in set(fields) - left:
                setattr(row, one, wanted[name][one])
            if set(fields) - left:
                report.changed.append(str(name))
                changed.append(row)
        added = [model(**{key: name}, **fields) for name, fields in wanted.items() if name not in there]
        if before_saving is not None:
            before_saving(self, added, changed)
        for row in changed:
            self.keep(row)
        self.add(model, added)
        report.added = [str(getattr(row, key)) for row in added]
        report.unchanged = len(wanted) - len(added) - len(differing)
        report.not_in_plan = [str(name) for name in there if name not in wanted]
        return report

    def keep(self, row: Any) -> None:
        if _remembers(type(row)):
            record(row, by=self.by, why=self.why)
        else:
            row.save()

    def add(self, model: Any, rows: list[Any]) -> None:
        if _remembers(model):
            record_many(model, rows, by=self.by, why=self.why)
        else:
            model._default_manager.bulk_create(rows)


def _remembers(model: Any) -> bool:
    """Floors, zones, entrances and categories keep no history: only the plan writes them."""
    return hasattr(model, "history")


def _set_by_people(rows: dict[Any, list[str]]) -> dict[int, set[str]]:
    """Of each row the named fields whose present value was set by people, not by a plan. One query.

    Going back through a row's history, the oldest entry with the present value is the one that set it.
    """
    if not rows or not _remembers(type(next(iter(rows)))):
        return {}
    history = next(iter(rows)).__class__.history.filter(id__in=[row.pk for row in rows]).order_by("-history_id")
    entries: dict[int, list[Any]] = {}
    for entry in history:
        entries.setdefault(entry.id, []).append(entry)
    theirs: dict[int, set[str]] = {}
    for row, fields in rows.items():
        for one in fields:
            setter = None
            for entry in entries.get(row.pk, []):
                if getattr(entry, one) != getattr(row, one):
                    break
                setter = entry
            if setter is None or not _by_plan(setter):
                theirs.setdefault(row.pk, set()).add(one)
    return theirs


def _by_plan(entry: Any) -> bool:
    return (entry.history_change_reason or "").startswith(f"{PLAN} ") and entry.history_user_id is None


def _differences(row: Any, wanted: Fields, names: list[str]) -> str:
    """ "carpet area (m²) is 18.10, planned 18.58"; a polygon is only said to differ."""
    said = []
    for name in names:
        field_ = row._meta.get_field(name)
        if field_.is_relation or isinstance(wanted[name], list):
            said.append(f"{field_.verbose_name} differs")
        else:
            said.append(f"{field_.verbose_name} is {getattr(row, name)}, planned {wanted[name]}")
    return "; ".join(said)


def _make_way(mason: _Mason, added: list[Any], changed: list[Any]) -> None:
    """Units that exchange places first give up their own: a place has one unit at any time. Raises PlaceTaken."""
    faults = []
    changing = {unit.pk: unit for unit in changed}
    for of in ("state_id", "district_id"):
        wanted = {getattr(unit, of) for unit in [*added, *changed]} - {None}
        held = Unit.objects.filter(**{f"{of}__in": wanted}).select_related("state", "district")
        holders = {getattr(unit, of): unit for unit in held}
        for taker in [*added, *changed]:
            holder = holders.get(getattr(taker, of))
            if holder is None or holder.pk == taker.pk:
                continue
            if holder.pk in changing and getattr(changing[holder.pk], of) != getattr(holder, of):
                mason.keep(_without(holder, of))
                continue
            faults.append(
                f"unit {taker.number} is planned for {getattr(taker, of[:-3]).name_en}, but unit {holder.number} "
                "has it and the plan may not change that. Free it in the back office, or correct the plan."
            )
    if faults:
        raise PlaceTaken(faults)


def _without(unit: Unit, of: str) -> Unit:
    setattr(unit, of, None)
    return unit


def _places(plan: Plan) -> dict[str, Fields]:
    """The state and the district of each unit, or None. Raises PlaceUnknown."""
    known = {
        kind: {key: place.pk for place in model._default_manager.all() for key in (place.name_en, place.lgd_code)}
        for kind, model in PLACES.items()
    }
    owed = {category.code: category.owed_to for category in plan.categories}
    found: dict[str, Fields] = {}
    faults = []
    for unit in plan.units:
        found[unit.number] = {"state_id": None, "district_id": None}
        kind = owed[unit.category]
        if kind == OwedTo.NOBODY or unit.place is None:
            continue
        found[unit.number][f"{kind}_id"] = known[kind].get(unit.place)
        if unit.place not in known[kind]:
            faults.append(
                f"unit {unit.number}: the {kind} {unit.place!r} is not in the reference. "
                "Load it first (manage.py load_reference), or correct its name in the plan."
            )
    if faults:
        raise PlaceUnknown(faults)
    return found


def _mall(plan: Plan) -> dict[int, Fields]:
    mall = plan.mall
    return {
        1: {
            **_both("name", mall.names),
            **_both("address", mall.address),
            **_both("owner", mall.owner),
            **_both("operator", mall.operator),
        }
    }


def _categories(plan: Plan) -> dict[str, Fields]:
    return {
        category.code: {
            "owed_to": category.owed_to,
            "is_uniform": category.is_uniform,
            "order": order,
            **_both("name", category.names),
        }
        for order, category in enumerate(plan.categories)
    }


def _floors(plan: Plan) -> dict[int, Fields]:
    return {
        floor.level: {
            "width": floor.width,
            "depth": floor.depth,
            "outline": _corners(floor.outline),
            **_both("name", floor.names),
        }
        for floor in plan.floors
    }


def _zones(plan: Plan, floors: dict[Any, int]) -> dict[str, Fields]:
    return {
        zone.code: {
            "floor_id": floors[floor.level],
            "kind": zone.kind,
            "polygon": _corners(zone.polygon),
            **_both("name", zone.names),
        }
        for floor in plan.floors
        for zone in floor.zones
    }


def _entrances(plan: Plan, floors: dict[Any, int]) -> dict[str, Fields]:
    return {
        entrance.code: {
            "floor_id": floors[floor.level],
            "kind": entrance.kind,
            "x": Decimal(f"{entrance.point[0]:.2f}"),
            "y": Decimal(f"{entrance.point[1]:.2f}"),
            "is_step_free": entrance.is_step_free,
            **_both("name", entrance.names),
        }
        for floor in plan.floors
        for entrance in floor.entrances
    }


def _units(plan: Plan, floors: dict[Any, int], places: dict[str, Fields]) -> dict[str, Fields]:
    zones, categories = _keys(Zone, "code"), _keys(UnitCategory, "code")
    return {
        unit.number: {
            "floor_id": floors[floor.level],
            "zone_id": zones[zone.code],
            "category_id": categories[unit.category],
            "carpet_area": unit.carpet_area,
            "chargeable_area": unit.chargeable_area,
            "polygon": _corners(unit.polygon),
            **places[unit.number],
        }
        for floor in plan.floors
        for zone in floor.zones
        for unit in zone.units
    }


def _keys(model: type[models.Model], by: str) -> dict[Any, int]:
    return dict(model._default_manager.values_list(by, "pk"))


def _both(of: str, names: Names) -> Fields:
    return {f"{of}_en": names.en, f"{of}_hi": names.hi}


def _corners(polygon: Iterable[Iterable[float]]) -> list[list[float]]:
    return [[float(part) for part in corner] for corner in polygon]
