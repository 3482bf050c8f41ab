"""A planned building measured: what stands on something else, outside, or with no street before it.

Tolerances: walls are drawn as lines and rounded walls as short straight pieces, so shapes that only touch
may share a hand's breadth.
"""

from collections.abc import Iterator
from itertools import combinations

from mall.geometry import area, beside, bounds, distance_to_outline, shared_area
from mall.planning import Plan, PlannedFloor, PlannedUnit

TOUCH = 0.05  # square metres that two shapes may share and still count as side by side
ROUND_WALL = 0.02  # the share of a unit that may lie in the bulge of a rounded wall
AREA = 0.01  # how far the drawn area may be from the carpet area, as a share of it
AT_THE_WALL = 0.05  # metres


def faults_of(plan: Plan) -> list[str]:
    """A sentence for each fault of measure; empty for a building that can stand."""
    return [f"floor {floor.level}: {fault}." for floor in plan.floors for fault in _of_floor(floor, plan.corridor)]


def _of_floor(floor: PlannedFloor, corridor: float) -> Iterator[str]:
    left, top, right, bottom = bounds(floor.outline)
    if left < 0 or top < 0 or right > floor.width or bottom > floor.depth:
        yield f"the outline leaves the plan of {floor.width} by {floor.depth} m"
    yield from _entrances(floor)
    yield from _zones(floor)
    for unit in floor.units:
        yield from _unit(unit, floor, corridor)
    for one, other in combinations(floor.units, 2):
        shared = shared_area(one.polygon, other.polygon)
        if shared > TOUCH:
            yield f"{one.number} and {other.number} overlap by {shared:.2f} m²"


def _entrances(floor: PlannedFloor) -> Iterator[str]:
    for entrance in floor.entrances:
        away = distance_to_outline(entrance.point, floor.outline)
        if away > AT_THE_WALL:
            yield f"the entrance {entrance.code} is {away:.2f} m away from the outline; expected on it"


def _zones(floor: PlannedFloor) -> Iterator[str]:
    for zone in floor.zones:
        left, top, right, bottom = bounds(zone.polygon)
        if left < 0 or top < 0 or right > floor.width or bottom > floor.depth:
            yield f"the zone {zone.code} leaves the plan of {floor.width} by {floor.depth} m"
        for unit in zone.units:
            if shared_area(zone.polygon, unit.polygon) < area(unit.polygon) * (1 - ROUND_WALL):
                yield f"{unit.number} stands partly outside its zone {zone.code}"


def _unit(unit: PlannedUnit, floor: PlannedFloor, corridor: float) -> Iterator[str]:
    drawn = area(unit.polygon)
    if abs(drawn - float(unit.carpet_area)) > AREA * float(unit.carpet_area):
        yield f"{unit.number} is drawn with {drawn:.2f} m², but its carpet area is {unit.carpet_area} m²"
    if shared_area(floor.outline, unit.polygon) < drawn * (1 - ROUND_WALL):
        yield f"{unit.number} stands partly outside the floor"
    street = beside(unit.front, corridor)
    if shared_area(floor.outline, street) < area(street) - TOUCH:
        yield f"the street before {unit.number} is narrower than {corridor:g} m: a wall of the floor is near"
    for other in floor.units:
        if other is not unit and shared_area(other.polygon, street) > TOUCH:
            yield f"the street before {unit.number} is narrower than {corridor:g} m: {other.number} is near"
    for zone in floor.zones:
        if zone.kind != "service":
            continue
        if shared_area(zone.polygon, unit.polygon) > TOUCH:
            yield f"{unit.number} stands in the service zone {zone.code}"
        if shared_area(zone.polygon, street) > TOUCH:
            yield f"the street before {unit.number} is narrower than {corridor:g} m: {zone.code} is near"
