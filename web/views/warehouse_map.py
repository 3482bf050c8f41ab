"""The map of the warehouse: its bins as they stand, how full each is; and what lies at a place."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory.models import Balance, Location, PlaceKind
from mall.drawing import SCALE
from web.views.base import fetch
from web.views.warehouse_frame import OfficePage, link, product_cell
from web.views.warehouse_table import Cell, Column, Table, slice_of
from web.views.warehouse_work import chosen_owner

STEPS = (0, 25, 50, 75, 100)  # percent: above each begins the next step of fill
ROOM: Any = DecimalField(max_digits=20, decimal_places=3)
AIR = Decimal("1.5")  # metres around the shelves


@dataclass(frozen=True, slots=True)
class DrawnBin:
    """A bin on the map, in units of the drawing."""

    slug: str
    url: str
    x: str
    y: str
    width: str
    depth: str
    step: int  # 0 empty to 5 over-full: a shade, a pattern and a figure
    percent: int
    text_x: str
    text_y: str
    lots: int


def step_of(percent: int) -> int:
    """Which of the steps a fill is: 0 empty, 1 to 4 the quarters, 5 more than there is room for."""
    return sum(percent > least for least in STEPS)


def fills(request: HttpRequest, tenant: Any) -> list[tuple[Location, Decimal, int]]:
    """Every bin in use, the room taken in it (by one tenant or all) and how many lots. Two queries."""
    rows = Balance.objects.visible_to(request.user, Right.SEE_STOCK).stocked()
    if tenant:
        rows = rows.filter(tenant=tenant)
    room = Sum(F("on_hand") * F("lot__product__litres"), output_field=ROOM)
    there = {
        row["location"]: (row["litres"], row["lots"])
        for row in rows.filter(location__kind=PlaceKind.BIN)
        .order_by()
        .values("location")
        .annotate(litres=room, lots=Count("pk"))
    }
    bins = Location.objects.visible_to(request.user).in_use().bins().order_by("aisle", "rack", "shelf", "slug")
    return [(place, *there.get(place.pk, (Decimal(0), 0))) for place in bins]


class WarehouseMap(OfficePage):
    """The bins as they stand, shaded by how full they are; the same as a table."""

    policy = Policy({"GET": Right.SEE_STOCK})
    template = "warehouse/map.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        found = fills(request, tenant)
        drawn = [_drawn(place, litres, lots) for place, litres, lots in found if place.x is not None]
        table = Table(
            _("Bins"),
            [
                Column(_("Bin")),
                Column(_("Lots"), "number"),
                Column(_("Litres taken"), "number"),
                Column(_("Litres of room"), "number"),
                Column(_("Full, percent"), "number"),
            ],
        )
        for place, litres, lots in found:
            table.add(link("place", place.pk, place.slug), lots, litres, place.capacity_litres, percent(place, litres))
        return self.show(
            request,
            form=form,
            bins=drawn,
            aisles=_aisles([place for place, *_rest in found if place.x is not None]),
            view_box=_view_box([place for place, *_rest in found if place.x is not None]),
            legend=_legend(drawn),
            table=table,
            tenant=tenant,
        )


def percent(place: Location, litres: Decimal) -> int:
    return round(litres * 100 / place.capacity_litres) if place.capacity_litres else 0


def _drawn(place: Any, litres: Decimal, lots: int) -> DrawnBin:
    full = percent(place, litres)
    if litres and not full:
        full = 1  # something is there
    return DrawnBin(
        slug=place.slug,
        url=reverse("place", args=[place.pk]),
        x=_n(place.x),
        y=_n(place.y),
        width=_n(place.width),
        depth=_n(place.depth),
        step=step_of(full),
        percent=full,
        text_x=_n(place.x + place.width / 2),
        text_y=_n(place.y + place.depth / 2),
        lots=lots,
    )


def _n(metres: Decimal) -> str:
    """Metres as a number of the drawing, whatever the reader's language."""
    return f"{metres * SCALE:.2f}"


def _view_box(places: list[Any]) -> str:
    if not places:
        return "0 0 10 10"
    left, top = min(place.x for place in places) - AIR, min(place.y for place in places) - AIR
    right = max(place.x + place.width for place in places) + AIR
    bottom = max(place.y + place.depth for place in places) + AIR
    return " ".join((_n(left), _n(top), _n(right - left), _n(bottom - top)))


def _aisles(places: list[Any]) -> list[dict[str, str]]:
    """The letter of each aisle, above its first rack."""
    first: dict[str, list[Any]] = {}
    for place in places:
        first.setdefault(place.aisle, []).append(place)
    return [
        {
            "name": name,
            "x": _n((min(place.x for place in shelf) + max(place.x + place.width for place in shelf)) / 2),
            "y": _n(min(place.y for place in shelf) - AIR / 2),
        }
        for name, shelf in first.items()
    ]


def _legend(drawn: list[DrawnBin]) -> list[dict[str, Any]]:
    words = (_("empty"), _("to 25%"), _("to 50%"), _("to 75%"), _("to 100%"), _("over-full"))
    return [
        {"step": step, "label": label, "count": sum(bin.step == step for bin in drawn)}
        for step, label in enumerate(words)
    ]


class PlaceShow(OfficePage):
    """A place and what lies there, lot by lot."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="place")
    template = "warehouse/place.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        place = fetch(Location.objects.visible_to(request.user).filter(is_physical=True), pk=pk)
        rows = Balance.objects.visible_to(request.user, Right.SEE_STOCK).stocked().filter(location=place)
        page = slice_of(request, rows.with_facts(), ("lot_id", "pk"))
        table = Table(
            _("What lies there"),
            [
                Column(_("Goods")),
                Column(_("Tenant")),
                Column(_("On hand"), "number"),
                Column(_("Held"), "number"),
                Column(_("Good until"), "day"),
            ],
        )
        for balance in page.rows:
            table.add(
                product_cell(balance.lot.product, balance.lot),
                Cell(str(balance.tenant), reverse("tenant-position", args=[balance.tenant_id])),
                balance.on_hand,
                balance.held,
                balance.lot.expiry_date,
            )
        return self.show(request, place=place, table=table, slice=page)
