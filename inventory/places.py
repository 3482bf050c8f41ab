"""The places that goods can be in: made once from the building, found by kind or by unit."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.history import record_many
from core.refusals import Refusal
from inventory.models import PHYSICAL, Location, PlaceKind
from mall.models import Unit, Zone

WAREHOUSE = "warehouse"  # the code of the zone in the plan

# kind -> name in English and Hindi; there is one place of each.
SINGLE = {
    PlaceKind.DOCK: ("Goods entrance", "माल प्रवेश"),
    PlaceKind.STAGING: ("Picked goods", "निकाला हुआ माल"),
    PlaceKind.QUARANTINE: ("Set apart", "अलग रखा माल"),
    PlaceKind.TRANSIT: ("On the way", "रास्ते में"),
    PlaceKind.SUPPLIER: ("Owner's workshop", "मालिक की कार्यशाला"),
    PlaceKind.OWNER: ("Back with the owner", "मालिक को लौटा"),
    PlaceKind.BUYER: ("Buyers", "ख़रीदार"),
    PlaceKind.LOSS: ("Lost", "खोया"),
    PlaceKind.FOUND: ("Found", "मिला"),
    PlaceKind.DAMAGE: ("Damaged", "ख़राब"),
}

# How the shelves stand: aisles across the zone, racks along each, shelves above one another (drawn side by side).
AISLES = "ABCDEF"
RACKS = 8
SHELVES = 4
MARGIN = 1.5  # metres to the walls
RACK_WIDTH = 1.6
RACK_GAP = 0.2
SHELF_LITRES = Decimal(600)


class NoWarehouse(Refusal):
    code = "no_warehouse"
    sentence = _("The plan of the mall has no warehouse. Build the mall first.")


@dataclass(frozen=True)
class Prepared:
    """How many places were made, and how many there were."""

    made: int
    kept: int


def the(kind: PlaceKind) -> Location:
    """The one place of its kind: the dock, the buyers. Raises NoWarehouse where places have not been made yet."""
    try:
        return Location.objects.get(kind=kind)
    except Location.DoesNotExist as absent:
        raise NoWarehouse from absent


_KINDS: dict[int, PlaceKind] = {}


def kind_of(key: int) -> PlaceKind | None:
    """The kind of the place with this key; it never changes, so a process asks once. None where there is none."""
    if key not in _KINDS:
        kind = Location.objects.filter(pk=key).values_list("kind", flat=True).first()
        if kind is None:
            return None
        _KINDS[key] = PlaceKind(kind)
    return _KINDS[key]


@cache
def key_of(kind: PlaceKind) -> int:
    """The key of the one place of its kind, asked once per process. Raises NoWarehouse."""
    return the(kind).pk


def shop(unit: Unit) -> Location:
    """The place of goods in a unit."""
    return Location.objects.get(unit=unit)


def shops_of_units(units: Any) -> QuerySet[Location]:
    """The places of goods in these units (keys, or a query of keys)."""
    return Location.objects.filter(kind=PlaceKind.UNIT, unit__in=units, closed_at=None).select_related("unit")


@transaction.atomic
def prepare(*, by: Any = None) -> Prepared:
    """Make the places that are missing: one of each single kind, the bins of the warehouse, a shop for each unit.

    Twice is once; nothing that people changed is touched. Raises NoWarehouse.
    """
    zone = Zone.objects.filter(code=WAREHOUSE).first()
    if zone is None:
        raise NoWarehouse
    there = set(Location.objects.values_list("slug", flat=True))
    wanted = [*_single(zone), *_bins(zone), *_shops()]
    missing = [place for place in wanted if place.slug not in there]
    record_many(Location, missing, by=by, why="prepare_warehouse")
    return Prepared(made=len(missing), kept=len(wanted) - len(missing))


def _single(zone: Zone) -> list[Location]:
    in_warehouse = (PlaceKind.DOCK, PlaceKind.STAGING, PlaceKind.QUARANTINE)
    return [
        Location(
            slug=str(kind.value),
            kind=kind,
            is_physical=kind in PHYSICAL,
            zone=zone if kind in in_warehouse else None,
            name_en=english,
            name_hi=hindi,
        )
        for kind, (english, hindi) in SINGLE.items()
    ]


def _bins(zone: Zone) -> list[Location]:
    across = [corner[0] for corner in zone.polygon]
    down = [corner[1] for corner in zone.polygon]
    left, top = min(across) + MARGIN, min(down) + MARGIN
    aisle_step = (max(across) - min(across) - 2 * MARGIN) / len(AISLES)
    rack_step = (max(down) - min(down) - 2 * MARGIN) / RACKS
    return [
        _bin(
            zone,
            (aisle, rack, shelf),
            x=left + column * aisle_step + (aisle_step - RACK_WIDTH) / 2 + (shelf - 1) * RACK_WIDTH / SHELVES,
            y=top + (rack - 1) * rack_step,
            depth=rack_step - RACK_GAP,
        )
        for column, aisle in enumerate(AISLES)
        for rack in range(1, RACKS + 1)
        for shelf in range(1, SHELVES + 1)
    ]


def _bin(zone: Zone, address: tuple[str, int, int], *, x: float, y: float, depth: float) -> Location:
    aisle, rack, shelf = address
    slug = f"{aisle}-{rack:02d}-{shelf}"
    return Location(
        slug=slug,
        kind=PlaceKind.BIN,
        is_physical=True,
        zone=zone,
        name_en=f"Bin {slug}",
        name_hi=f"खाना {slug}",
        aisle=aisle,
        rack=rack,
        shelf=shelf,
        x=_metres(x),
        y=_metres(y),
        width=_metres(RACK_WIDTH / SHELVES),
        depth=_metres(depth),
        capacity_litres=SHELF_LITRES,
    )


def _shops() -> list[Location]:
    return [
        Location(
            slug=f"shop-{unit.number}",
            kind=PlaceKind.UNIT,
            is_physical=True,
            zone=unit.zone,
            unit=unit,
            name_en=f"Shop {unit.number}",
            name_hi=f"दुकान {unit.number}",
        )
        for unit in Unit.objects.select_related("zone")
    ]


def _metres(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))
