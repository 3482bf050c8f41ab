"""The plan file read: a text that a mall engineer can edit becomes a laid-out building.

No database here. `mall/plans/ujjain.toml` explains the language of plans in its own comments. A plan is
refused with all its faults at once, those of writing first, then those of measure (units that overlap,
stand outside or have no street before them: `mall.surveying`).

Rows: stand in the street and face the fronts; units and their numbers run from your left to your right.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import dist, radians
from typing import Any

from mall.geometry import (
    COMPASS,
    Point,
    Polygon,
    RadiusTooLarge,
    area,
    circle,
    on_circle,
    rectangle,
    rounded,
    wedge_angle,
)
from mall.reading_plans import THE_FILE, Table

CENT = Decimal("0.01")
OWED_TO = ("nobody", "state", "district")
ZONE_KINDS = ("trade", "service", "open")
ENTRANCE_KINDS = ("main", "side", "parking", "service")


class PlanNotReadable(ValueError):
    """The plan has faults: sentences that name table, key, what was found and what was expected."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Names:
    en: str
    hi: str


@dataclass(frozen=True, slots=True)
class PlannedMall:
    names: Names
    address: Names
    owner: Names
    operator: Names


@dataclass(frozen=True, slots=True)
class PlannedCategory:
    code: str
    names: Names
    owed_to: str
    is_uniform: bool
    area: Decimal | None  # carpet area in square metres where the category fixes it


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit with its corners; the first two are its front, from left to right as seen from the street."""

    number: str
    category: str
    place: str | int | None  # the state or district it is owed to: name in English or LGD code
    carpet_area: Decimal
    chargeable_area: Decimal
    polygon: Polygon

    @property
    def front(self) -> tuple[Point, Point]:
        return self.polygon[0], self.polygon[1]


@dataclass(frozen=True, slots=True)
class PlannedZone:
    code: str
    kind: str
    names: Names
    polygon: Polygon
    units: tuple[PlannedUnit, ...]


@dataclass(frozen=True, slots=True)
class PlannedEntrance:
    code: str
    kind: str
    names: Names
    point: Point
    is_step_free: bool


@dataclass(frozen=True, slots=True)
class PlannedFloor:
    level: int
    names: Names
    width: Decimal
    depth: Decimal
    outline: Polygon
    zones: tuple[PlannedZone, ...]
    entrances: tuple[PlannedEntrance, ...]

    @property
    def units(self) -> list[PlannedUnit]:
        return [unit for zone in self.zones for unit in zone.units]


@dataclass(frozen=True, slots=True)
class Plan:
    mall: PlannedMall
    corridor: float  # the least width of a street, in metres
    categories: tuple[PlannedCategory, ...]
    floors: tuple[PlannedFloor, ...]

    @property
    def units(self) -> list[PlannedUnit]:
        return [unit for floor in self.floors for unit in floor.units]


@dataclass(frozen=True, slots=True)
class _Piece:
    """One unit's share of a row, or a gap in it."""

    category: str  # blank: a gap
    place: str | int | None
    area: Decimal | None  # wanted
    extent: Decimal  # metres, or degrees in a ring, where `area` is None


_Laid = tuple[_Piece, Polygon]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the top of the file fixes for all rows below."""

    loading: Decimal
    categories: dict[str, PlannedCategory]


def read_plan(text: str) -> Plan:
    """Read a plan and lay it out. Raises PlanNotReadable with every fault of writing."""
    try:
        entries = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as fault:
        raise PlanNotReadable([f"The file is not TOML: {fault}."]) from fault
    faults: list[str] = []
    file = Table(THE_FILE, entries, faults)
    mall = file.table("mall")
    planned_mall = PlannedMall(
        _names(mall), _names(mall, "address"), _names(mall, "owner"), _names(mall, "operator", blank=True)
    )
    loading = mall.number("loading", above=0, unit="times the carpet area")
    if loading < 1:
        mall.fault(f'"loading" is {loading}; expected 1 or more: the chargeable area covers the carpet area')
    corridor = float(mall.number("corridor", above=0))
    mall.done()
    categories = tuple(_category(table) for table in file.tables("category", "category", required=True))
    rules = _Rules(loading, {category.code: category for category in categories})
    floors = tuple(_floor(table, rules) for table in file.tables("floor", "floor", required=True))
    file.done()
    faults += _repeated(categories, floors)
    if faults:
        raise PlanNotReadable(faults)
    return Plan(planned_mall, corridor, categories, floors)


def _names(table: Table, of: str = "name", *, blank: bool = False) -> Names:
    longest = 300 if of == "address" else 200
    return Names(
        table.text(f"{of}_en", blank=blank, longest=longest),
        table.hindi(f"{of}_hi", blank=blank, longest=longest),
    )


def _category(table: Table) -> PlannedCategory:
    category = PlannedCategory(
        code=table.code("code"),
        names=_names(table),
        owed_to=table.choice("owed_to", OWED_TO),
        is_uniform=table.yes_or_no("uniform", False),
        area=table.number("area", above=0, unit="square metres") if table.has("area") else None,
    )
    if category.is_uniform and category.area is None:
        table.fault('"area" is missing: a uniform category has one carpet area for all its units')
    table.done()
    return category


def _floor(table: Table, rules: _Rules) -> PlannedFloor:
    level, prefix = table.whole("level", least=-9), table.text("prefix", longest=4)
    floor = PlannedFloor(
        level=level,
        names=_names(table),
        width=table.number("width", above=0),
        depth=table.number("depth", above=0),
        outline=_outline(table, "outline"),
        zones=tuple(_zone(zone, prefix, rules) for zone in table.tables("zone", "zone")),
        entrances=tuple(_entrance(entrance) for entrance in table.tables("entrance", "entrance")),
    )
    table.done()
    return floor


def _entrance(table: Table) -> PlannedEntrance:
    entrance = PlannedEntrance(
        code=table.code("code"),
        kind=table.choice("kind", ENTRANCE_KINDS),
        names=_names(table),
        point=table.numbers("at", "x y"),  # type: ignore[arg-type]
        is_step_free=table.yes_or_no("step_free", True),
    )
    table.done()
    return entrance


def _zone(table: Table, prefix: str, rules: _Rules) -> PlannedZone:
    units = [unit for row in table.tables("row", "row") for unit in _numbered(row, _row, prefix, rules)]
    units += [unit for ring in table.tables("ring", "ring") for unit in _numbered(ring, _ring, prefix, rules)]
    zone = PlannedZone(
        code=table.code("code"),
        kind=table.choice("kind", ZONE_KINDS),
        names=_names(table),
        polygon=_shape(table),
        units=tuple(units),
    )
    if zone.units and zone.kind != "trade":
        table.fault(f'"kind" is "{zone.kind}"; expected "trade": units stand in this zone')
    table.done()
    return zone


def _shape(table: Table) -> Polygon:
    given = [key for key in ("rectangle", "circle", "corners") if table.has(key)]
    if len(given) != 1:
        table.fault(f'the shape is given {len(given)} times; expected one of "rectangle", "circle" and "corners"')
    if table.has("circle"):
        x, y, radius = table.numbers("circle", "x y radius")
        if radius <= 0:
            table.fault(f'"circle" has the radius {radius:g}; expected more than 0')
        return _rounded_off(circle((x, y), radius))
    if table.has("corners"):
        return _outline(table, "corners")
    if table.has("rectangle"):
        x, y, width, depth = table.numbers("rectangle", "x y width depth")
        if width <= 0 or depth <= 0:
            table.fault(f'"rectangle" is {width:g} wide and {depth:g} deep; expected more than 0')
        return _rounded_off(rectangle(x, y, width, depth))
    return rectangle(0, 0, 1, 1)


def _outline(table: Table, key: str) -> Polygon:
    corners = table.corners(key)
    try:
        return _rounded_off(rounded(corners))
    except RadiusTooLarge as fault:
        table.fault(f'"{key}": {fault}')
        return rectangle(0, 0, 1, 1)


def _numbered(
    table: Table, lay: Callable[[Table, _Rules], list[_Laid]], prefix: str, rules: _Rules
) -> list[PlannedUnit]:
    """The units of one row or ring, with the carpet area the file fixes or else the one that they enclose."""
    first = table.whole("numbers_from", least=1)
    units = []
    for number, (piece, corners) in enumerate(lay(table, rules), start=first):
        polygon = _rounded_off(corners)
        carpet_area = piece.area or Decimal(str(area(polygon)))
        units.append(
            PlannedUnit(
                number=f"{prefix}-{number:03d}",
                category=piece.category,
                place=piece.place,
                carpet_area=carpet_area.quantize(CENT, ROUND_HALF_UP),
                chargeable_area=(carpet_area * rules.loading).quantize(CENT, ROUND_HALF_UP),
                polygon=polygon,
            )
        )
    table.done()
    return units


def _row(table: Table, rules: _Rules) -> list[_Laid]:
    """A straight row: its front line begins at `from` and runs in `direction`; units reach `depth` back."""
    x, y = table.numbers("from", "x y")
    ahead = COMPASS[table.choice("direction", tuple(COMPASS))]
    depth = float(table.number("depth", above=0))
    back = (ahead[1] * depth, -ahead[0] * depth)
    laid: list[_Laid] = []
    for piece in _pieces(table, "width", rules):
        extent = float(piece.area) / depth if piece.area else float(piece.extent)
        end = (x + ahead[0] * extent, y + ahead[1] * extent)
        if piece.category:
            corners = ((x, y), end, (end[0] + back[0], end[1] + back[1]), (x + back[0], y + back[1]))
            laid.append((piece, corners))
        x, y = end
    return laid


def _ring(table: Table, rules: _Rules) -> list[_Laid]:
    """A bent row around `centre`: fronts at the radius `front`, backs at the radius `back`, from `bearing` on
    (in degrees: 0 is up on the plan, 90 to the right).

    Fronts nearer to the centre look inwards and their numbers run clockwise, as one sees them from there;
    fronts farther out look outwards and their numbers run the other way.
    """
    x, y = table.numbers("centre", "x y")
    bearing = radians(float(table.number("bearing", above=-360, unit="degrees")))
    front, back = float(table.number("front", above=0)), float(table.number("back", above=0))
    if front == back:
        table.fault(f'"front" and "back" are both {front:g}; expected two radii')
        back = front + 1
    turn = 1 if front < back else -1
    laid: list[_Laid] = []
    for piece in _pieces(table, "angle", rules):
        extent = radians(float(piece.extent))
        if piece.area:
            try:
                extent = wedge_angle(float(piece.area), front, back)
            except ValueError:
                table.fault(f'"units": {piece.area} m² do not fit between the radii {front:g} and {back:g}')
                break
        end = bearing + turn * extent
        if piece.category:
            inner = (on_circle((x, y), front, bearing), on_circle((x, y), front, end))
            outer = (on_circle((x, y), back, end), on_circle((x, y), back, bearing))
            laid.append((piece, (*inner, *outer)))
        bearing = end
    return laid


def _pieces(table: Table, measure: str, rules: _Rules) -> Iterator[_Piece]:
    """The units and gaps of a row in their order; `measure` is the key of an extent given outright."""
    for group in table.tables("units", "group", required=True):
        if group.has("gap"):
            yield _Piece("", None, None, group.number("gap", above=0))
        else:
            yield from _group(group, measure, rules)
        group.done()


def _group(group: Table, measure: str, rules: _Rules) -> Iterator[_Piece]:
    category = rules.categories.get(group.choice("category", tuple(rules.categories) or ("",)))
    if category is None:
        return
    wanted, extent = category.area, Decimal(1)
    if group.has("area"):
        wanted = group.number("area", above=0, unit="square metres")
    elif group.has(measure):
        wanted, extent = None, group.number(measure, above=0)
    elif wanted is None:
        group.fault(f'the size is missing; expected "area" or "{measure}": the category fixes none')
    places: list[str | int] = group.places("places")
    if category.owed_to == "nobody":
        if places:
            group.fault(f'"places" is given, but units of category "{category.code}" are owed to nobody')
        yield from [_Piece(category.code, None, wanted, extent)] * group.whole("count", least=1, default=1)
        return
    if not places:
        group.fault(f'"places" is missing or empty; expected a {category.owed_to} for each unit')
    for place in places:
        yield _Piece(category.code, place, wanted, extent)


def _rounded_off(polygon: Polygon) -> Polygon:
    """To whole centimetres, without corners that fall on one another."""
    exact = [(round(x, 2) + 0.0, round(y, 2) + 0.0) for x, y in polygon]
    apart = [here for here, there in zip(exact, [exact[-1], *exact[:-1]], strict=True) if dist(here, there)]
    return tuple(apart) or tuple(exact)


def _repeated(categories: tuple[PlannedCategory, ...], floors: tuple[PlannedFloor, ...]) -> Iterator[str]:
    """What must stand once in the file and stands twice."""
    zones = [zone for floor in floors for zone in floor.zones]
    units = [unit for zone in zones for unit in zone.units]
    owed = {category.code: category.owed_to for category in categories}
    once: list[tuple[str, list[Any]]] = [
        ("the category", [category.code for category in categories]),
        ("the floor with level", [floor.level for floor in floors]),
        ("the zone", [zone.code for zone in zones]),
        ("the entrance", [entrance.code for floor in floors for entrance in floor.entrances]),
        ("the unit number", [unit.number for unit in units]),
        ("the state", [unit.place for unit in units if owed[unit.category] == "state"]),
        ("the district", [unit.place for unit in units if owed[unit.category] == "district"]),
    ]
    for what, found in once:
        for one, times in Counter(found).items():
            if times > 1:
                yield f"{what[:1].upper()}{what[1:]} {one} stands {times} times; expected once."
