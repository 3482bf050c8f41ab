"""A floor drawn: what stands in the database, turned into strings that an SVG template prints.

Ten units of the drawing are one metre, so that text and hatching have ordinary sizes. Every number leaves
here as text with a point and at most two decimals: a template that prints numbers in Hindi or English
style must not put commas into a polygon. Nothing here knows HTTP, so that pages, kiosks and reports share it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, ceil, degrees, dist
from typing import Any
from unicodedata import category

from mall.geometry import Point, area, bounds, contains, level_spans, nearest_side
from mall.models import Entrance, Floor, Unit, Zone

SCALE = 10  # units of the drawing in one metre
MARGIN = 2.5  # metres around the floor, for entrances that point inwards
LETTER = 0.6  # the width of a letter against its height, bold figures and Devanagari alike
UNIT_TEXT = (0.7, 1.5)  # metres: the smallest and the largest unit number
ZONE_TEXT = (1.5, 1.2, 0.95, 0.75)  # metres: sizes tried for a zone's name, the largest that fits wins
LINE = 1.3  # line height
AIR = (1.2, 0.8, 0.4)  # metres wanted between a zone's name and what is around it
STEP = 0.3  # metres between the rows in which free ground is looked for

Span = tuple[float, float]
Row = tuple[float, list[Span]]  # y, and the free spans of x there


@dataclass(frozen=True, slots=True)
class UnitMark:
    """What a caller says of a unit: its status, who trades there, and where a touch leads."""

    status: str  # as in leases.occupancy.UnitStatus, or any other state the design system has a sign for
    status_label: Any = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text around a point, turned by a multiple of ninety degrees."""

    lines: tuple[tuple[str, str], ...]  # (what it says, its y)
    x: str
    size: str
    turn: str = ""  # an SVG transform, or nothing


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """A unit on the plan."""

    number: str
    category: str
    points: str
    label_x: str
    label_y: str
    label_size: str
    status: str = ""
    status_label: Any = ""
    name: str = ""
    url: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """A zone on the plan; `text` is None where its name finds no room (it still has its title)."""

    code: str
    kind: str
    name: str
    points: str
    text: Text | None
    is_outside: bool = False  # before the building: parking, a forecourt


@dataclass(frozen=True, slots=True)
class DrawnEntrance:
    """An entrance: an arrow at the wall that points into the building."""

    name: str
    kind: str
    x: str
    y: str
    turn: str  # degrees clockwise from "up", 0 to 359


@dataclass(frozen=True, slots=True)
class Drawing:
    """A floor, ready for `templates/_plan.html`."""

    label: str
    view_box: str
    width: str
    height: str
    orientation: str  # "landscape" or "portrait": how a sheet of paper should lie
    outlines: tuple[str, ...]
    zones: tuple[DrawnZone, ...]
    units: tuple[DrawnUnit, ...]
    entrances: tuple[DrawnEntrance, ...]
    here: tuple[str, str] | None = None
    sign_scale: str = "1"


def draw(
    floor: Floor,
    units: Iterable[Unit],
    zones: Iterable[Zone],
    entrances: Iterable[Entrance],
    statuses: Mapping[int, UnitMark],
    *,
    here: Unit | Point | None = None,
) -> Drawing:
    """Draw a floor. `statuses` maps the key of a unit to its mark; a unit without one is drawn plain.

    `here` is a unit to point out, or a point in metres ("you are here"). No query, provided that the
    units come with their category.
    """
    units, zones = sorted(units, key=lambda unit: unit.number), list(zones)
    outline = _corners(floor.outline)
    shapes = {zone.pk: _corners(zone.polygon) for zone in zones}
    taken = [_corners(unit.polygon) for unit in units]
    # Large zones first, so that a court in the middle of a ring lies on top of it.
    zones.sort(key=lambda zone: -area(shapes[zone.pk]))
    size = _unit_text([unit.number for unit in units], taken)
    point = here if isinstance(here, tuple) else None
    width, depth = float(floor.width), float(floor.depth)
    return Drawing(
        label=str(floor),
        view_box=" ".join(_n(metres * SCALE) for metres in _frame(width, depth)),
        width=_n((width + 2 * MARGIN) * SCALE),
        height=_n((depth + 2 * MARGIN) * SCALE),
        orientation="landscape" if width >= depth else "portrait",
        outlines=(_points(outline),),
        zones=tuple(_zone(zone, place, zones, shapes, taken, outline) for place, zone in enumerate(zones)),
        units=tuple(_unit(unit, statuses.get(unit.pk), size, unit is here or unit == here) for unit in units),
        entrances=tuple(_entrance(entrance, outline) for entrance in entrances),
        here=(_n(point[0] * SCALE), _n(point[1] * SCALE)) if point else None,
    )


def _frame(width: float, depth: float) -> tuple[float, float, float, float]:
    return (-MARGIN, -MARGIN, width + 2 * MARGIN, depth + 2 * MARGIN)


def _unit(unit: Unit, mark: UnitMark | None, size: float, is_here: bool) -> DrawnUnit:
    x, y = unit.label_point
    mark = mark or UnitMark(status="")
    return DrawnUnit(
        number=unit.number,
        category=unit.category.code,
        points=_points(_corners(unit.polygon)),
        label_x=_n(x * SCALE),
        label_y=_n(y * SCALE),
        label_size=_n(size * SCALE),
        status=mark.status,
        status_label=mark.status_label,
        name=mark.name,
        url=mark.url,
        is_here=is_here,
    )


def _unit_text(numbers: Sequence[str], shapes: Sequence[Sequence[Point]]) -> float:
    """One size for every number of a floor, in metres: the largest at which each fits its unit."""
    smallest, largest = UNIT_TEXT
    fitting = [0.9 * _free_width(shape) / (LETTER * len(number)) for number, shape in zip(numbers, shapes, strict=True)]
    return max(smallest, min([largest, *fitting]))


def _free_width(shape: Sequence[Point]) -> float:
    """The length of the level line through the middle of a shape."""
    x, y = _middle(shape)
    span = next(((left, right) for left, right in level_spans(shape, y) if left <= x <= right), (x, x))
    return 2 * min(x - span[0], span[1] - x)


def _zone(
    zone: Zone,
    place: int,
    zones: Sequence[Zone],
    shapes: Mapping[Any, Sequence[Point]],
    taken: Sequence[Sequence[Point]],
    outline: Sequence[Point],
) -> DrawnZone:
    shape = shapes[zone.pk]
    smaller = [shapes[other.pk] for other in zones[place + 1 :]]
    around = [other for other in [*taken, *smaller] if _meet(shape, other)]
    return DrawnZone(
        code=zone.code,
        kind=zone.kind,
        is_outside=not contains(outline, _middle(shape)),
        name=str(zone),
        points=_points(shape),
        text=_name(str(zone), shape, tuple(around)),
    )


# The same zones are drawn again and again, and nothing about their names changes but with a new plan.
@lru_cache(maxsize=1024)
def _name(name: str, shape: tuple[Point, ...], around: tuple[tuple[Point, ...], ...]) -> Text | None:
    """The name of a zone where nothing stands in its way: large before small, level before upright."""
    free = _free_rows(shape, around)
    middle = _middle(shape)
    for size in ZONE_TEXT:
        for upright in (False, True):
            for lines in _breaks(name):
                along, across = max(map(_letters, lines)) * LETTER * size, len(lines) * LINE * size
                width, height = (across, along) if upright else (along, across)
                spot = _roomy_spot(free, middle, width, height)
                if spot is not None:
                    return _text(lines, spot, size, upright)
    return None


def _letters(text: str) -> int:
    """The signs of a text that take width: in Devanagari those above and below a letter take none."""
    return sum(category(sign) != "Mn" for sign in text)


def _breaks(name: str) -> list[tuple[str, ...]]:
    """A name in one line, and in the two most equal lines if it has a space to break at."""
    words = name.split()
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    best = min(splits, key=lambda two: max(map(_letters, two)), default=None)
    return [(name,), best] if best else [(name,)]


def _roomy_spot(free: Sequence[Row], middle: Point, width: float, height: float) -> Point | None:
    """Where a box fits, with as much air around it as there is."""
    tight = _spot(free, middle, width, height)
    if tight is None:
        return None
    roomy = (_spot(free, middle, width + 2 * air, height + 2 * air) for air in AIR)
    return next((spot for spot in roomy if spot is not None), tight)


def _spot(free: Sequence[Row], middle: Point, width: float, height: float) -> Point | None:
    """The place nearest to `middle` where a box stands on free ground only."""
    rows = ceil(height / STEP)
    found = []
    for first in range(len(free) - rows + 1):
        y, spans = free[first]
        for _, others in free[first + 1 : first + rows]:
            spans = _in_both(spans, others)
        y = (y + free[first + rows - 1][0]) / 2
        found += [
            (min(max(middle[0], left + width / 2), right - width / 2), y)
            for left, right in spans
            if right - left >= width
        ]
    return min(found, key=lambda spot: dist(spot, middle), default=None)


def _free_rows(shape: Sequence[Point], around: Sequence[Sequence[Point]]) -> list[Row]:
    """The free ground of a shape, in level rows: what is in it and in none of the shapes around."""
    _, top, _, bottom = bounds(shape)
    rows = []
    for step in range(int((bottom - top) / STEP)):
        y = top + (step + 0.5) * STEP
        spans = level_spans(shape, y)
        for other in around:
            spans = _without(spans, level_spans(other, y))
        rows.append((y, spans))
    return rows


def _in_both(ones: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    both = [(max(a, c), min(b, d)) for a, b in ones for c, d in others]
    return [(left, right) for left, right in both if left < right]


def _without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    for left, right in taken:
        parts = [part for a, b in spans for part in ((a, min(b, left)), (max(a, right), b))]
        spans = [(a, b) for a, b in parts if a < b]
    return list(spans)


def _text(lines: Sequence[str], spot: Point, size: float, upright: bool) -> Text:
    x, y = spot[0] * SCALE, spot[1] * SCALE
    first = y - (len(lines) - 1) / 2 * LINE * size * SCALE
    return Text(
        lines=tuple((line, _n(first + row * LINE * size * SCALE)) for row, line in enumerate(lines)),
        x=_n(x),
        size=_n(size * SCALE),
        turn=f"rotate(-90 {_n(x)} {_n(y)})" if upright else "",
    )


def _entrance(entrance: Entrance, outline: Sequence[Point]) -> DrawnEntrance:
    point = (float(entrance.x), float(entrance.y))
    (x1, y1), (x2, y2) = nearest_side(point, outline)
    inward = (-(y2 - y1), x2 - x1)
    length = (inward[0] ** 2 + inward[1] ** 2) ** 0.5
    inward = (inward[0] / length, inward[1] / length)
    if not contains(outline, (point[0] + 0.1 * inward[0], point[1] + 0.1 * inward[1])):
        inward = (-inward[0], -inward[1])
    return DrawnEntrance(
        name=str(entrance),
        kind=entrance.kind,
        x=_n(point[0] * SCALE),
        y=_n(point[1] * SCALE),
        turn=_n(degrees(atan2(inward[0], -inward[1])) % 360),
    )


def _meet(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two shapes may touch: their bounding boxes do."""
    left, top, right, bottom = bounds(one)
    left2, top2, right2, bottom2 = bounds(other)
    return left < right2 and left2 < right and top < bottom2 and top2 < bottom


def _middle(shape: Sequence[Point]) -> Point:
    left, top, right, bottom = bounds(shape)
    return ((left + right) / 2, (top + bottom) / 2)


def _corners(polygon: Iterable[Sequence[float]]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in polygon)


def _points(shape: Iterable[Point]) -> str:
    return " ".join(f"{_n(x * SCALE)},{_n(y * SCALE)}" for x, y in shape)


def _n(value: float) -> str:
    """A number for SVG: a point, two decimals at most, no trailing noughts."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
