"""Shapes on a floor plan, in metres: x to the right, y down. No database, no drawing.

One measure answers every question about two shapes: the area they share. Two units that share any area
overlap; a unit that does not share its whole area with the floor stands partly outside.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import acos, asin, atan2, ceil, cos, dist, hypot, pi, radians, sin, tan

Point = tuple[float, float]
Polygon = tuple[Point, ...]

ARC_STEP = radians(5)  # a rounded wall is drawn in steps of five degrees
COMPASS = {"right": (1.0, 0.0), "down": (0.0, 1.0), "left": (-1.0, 0.0), "up": (0.0, -1.0)}


def area(polygon: Sequence[Point]) -> float:
    """The area a polygon encloses, in square metres, whichever way round its corners run."""
    return abs(_signed_area(polygon))


def _signed_area(polygon: Sequence[Point]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in edges(polygon)) / 2


def edges(polygon: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    """The sides of a polygon, the one that closes it included."""
    return pairwise([*polygon, polygon[0]])


def bounds(polygon: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    across, down = [x for x, _ in polygon], [y for _, y in polygon]
    return min(across), min(down), max(across), max(down)


def shared_area(shape: Sequence[Point], convex: Sequence[Point]) -> float:
    """The area that lies in both; the second shape must be convex, the first may be any simple polygon.

    Sutherland and Hodgman (1974): cut the first shape along each side of the second.
    """
    left, top, right, bottom = bounds(shape)
    left2, top2, right2, bottom2 = bounds(convex)
    if left >= right2 or left2 >= right or top >= bottom2 or top2 >= bottom:
        return 0.0
    turn = 1 if _signed_area(convex) > 0 else -1
    rest = list(shape)
    for start, end in edges(convex):
        rest = _cut(rest, start, end, turn)
        if not rest:
            return 0.0
    return area(rest)


def _cut(shape: list[Point], start: Point, end: Point, turn: int) -> list[Point]:
    """What is left of the shape on the inner side of the line from start to end."""

    def side(point: Point) -> float:
        return turn * ((end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0]))

    kept: list[Point] = []
    for here, there in edges(shape):
        a, b = side(here), side(there)
        if a >= 0:
            kept.append(here)
        if a * b < 0:
            share = a / (a - b)
            kept.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])))
    return kept


def distance_to_outline(point: Point, polygon: Sequence[Point]) -> float:
    """How far a point is from the nearest side of a polygon."""
    return min(_distance_to_side(point, start, end) for start, end in edges(polygon))


def nearest_side(point: Point, polygon: Sequence[Point]) -> tuple[Point, Point]:
    """The side of a polygon that a point on its outline belongs to."""
    return min(edges(polygon), key=lambda side: _distance_to_side(point, *side))


def _distance_to_side(point: Point, start: Point, end: Point) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return dist(point, (start[0] + along * dx, start[1] + along * dy))


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside a polygon (points on its sides may fall either way)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in edges(polygon):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def level_spans(polygon: Sequence[Point], y: float) -> list[tuple[float, float]]:
    """Where the level line at `y` runs inside a polygon, from left to right."""
    crossings = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in edges(polygon) if (y1 > y) != (y2 > y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def rectangle(x: float, y: float, width: float, depth: float) -> Polygon:
    """A rectangle by its top left corner."""
    return ((x, y), (x + width, y), (x + width, y + depth), (x, y + depth))


def circle(centre: Point, radius: float) -> Polygon:
    """A round place, in steps small enough to look round."""
    steps = round(2 * pi / ARC_STEP)
    return tuple(
        (
            centre[0] + radius * sin(2 * pi * step / steps),
            centre[1] - radius * cos(2 * pi * step / steps),
        )
        for step in range(steps)
    )


def rounded(corners: Sequence[tuple[float, ...]]) -> Polygon:
    """A polygon from corners [x, y] and rounded corners [x, y, radius].

    Raises RadiusTooLarge where a rounding does not fit between its neighbours.
    """
    if len(corners) < 3:
        raise ValueError("a polygon has three corners or more")
    outline: list[Point] = []
    for place, corner in enumerate(corners):
        if len(corner) == 2:
            outline.append((corner[0], corner[1]))
        else:
            outline.extend(_rounding(corners[place - 1], corner, corners[(place + 1) % len(corners)]))
    return tuple(outline)


class RadiusTooLarge(ValueError):
    """A corner cannot be rounded that much: its sides are too short."""


def _rounding(before: Sequence[float], corner: Sequence[float], after: Sequence[float]) -> list[Point]:
    x, y, radius = corner
    to_before, to_after = (before[0] - x, before[1] - y), (after[0] - x, after[1] - y)
    length_before, length_after = hypot(*to_before), hypot(*to_after)
    if not length_before or not length_after:
        raise RadiusTooLarge(f"the corner [{x:g}, {y:g}] stands twice")
    u = (to_before[0] / length_before, to_before[1] / length_before)
    v = (to_after[0] / length_after, to_after[1] / length_after)
    half = acos(max(-1.0, min(1.0, u[0] * v[0] + u[1] * v[1]))) / 2
    if half >= pi / 2 - 1e-9 or half <= 1e-9:
        return [(x, y)]  # no corner at all: straight on, or straight back
    reach = radius / tan(half)
    if reach > min(length_before, length_after) + 1e-6:
        raise RadiusTooLarge(
            f"the corner [{x:g}, {y:g}] cannot have the radius {radius:g}: "
            f"its shorter side is {min(length_before, length_after):g} m"
        )
    middle = hypot(u[0] + v[0], u[1] + v[1])
    away = radius / sin(half)
    centre = (x + (u[0] + v[0]) / middle * away, y + (u[1] + v[1]) / middle * away)
    first = atan2(y + u[1] * reach - centre[1], x + u[0] * reach - centre[0])
    last = atan2(y + v[1] * reach - centre[1], x + v[0] * reach - centre[0])
    sweep = (last - first + pi) % (2 * pi) - pi
    steps = max(1, ceil(abs(sweep) / ARC_STEP - 1e-9))
    return [
        (
            centre[0] + radius * cos(first + sweep * step / steps),
            centre[1] + radius * sin(first + sweep * step / steps),
        )
        for step in range(steps + 1)
    ]


def beside(front: tuple[Point, Point], depth: float) -> Polygon:
    """The strip of street, `depth` metres deep, before a front that runs from left to right.

    Left and right are those of a visitor who stands in the street and faces the front.
    """
    (x1, y1), (x2, y2) = front
    length = dist((x1, y1), (x2, y2))
    back = (-(y2 - y1) / length * depth, (x2 - x1) / length * depth)  # towards the visitor
    return ((x1, y1), (x2, y2), (x2 + back[0], y2 + back[1]), (x1 + back[0], y1 + back[1]))


def on_circle(centre: Point, radius: float, bearing: float) -> Point:
    """A point on a circle by its bearing in radians: 0 is up on the plan, then clockwise."""
    return (centre[0] + radius * sin(bearing), centre[1] - radius * cos(bearing))


def wedge_angle(wanted: float, front: float, back: float) -> float:
    """The angle, in radians, of a straight-walled piece of a ring that has the wanted area.

    Between radii r and R and over the angle t it has (R² - r²) / 2 · sin t. Raises ValueError where even
    a quarter of the ring is too small.
    """
    sine = 2 * wanted / abs(back * back - front * front)
    if sine > 1:
        raise ValueError("the ring is too narrow for this area")
    return asin(sine)
