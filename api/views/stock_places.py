"""Where goods can be: the places, and what lies in them now or lay in them at a moment."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Reach, Right
from api.keyset import (
    KEYSET,
    MOMENT,
    NEXT,
    NUMBER,
    TEXT,
    choice,
    exact,
    flag,
    keyset_page,
    limit_in,
    moment,
    number,
    one_of,
    words,
    wrong,
)
from api.shapes import NamedShape, Shape
from api.views.base import Endpoint
from inventory import codes
from inventory.models import PHYSICAL, Balance, LedgerEntry, Location, Lot, PlaceKind
from tenants.access import reach

QUANTITY: dict[str, Any] = {"max_digits": 14, "decimal_places": 3}


class PlaceRowShape(NamedShape):
    """A place that goods can be in. Virtual ones (buyers, losses) are not in the mall."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What its label carries.")
    slug = serializers.CharField(help_text="How people call it: A-01-1, shop-G-12, dock.")
    kind = serializers.ChoiceField(PlaceKind.choices)
    is_physical = serializers.BooleanField()
    zone = serializers.CharField(allow_null=True, help_text="Code of the zone.")
    unit = serializers.CharField(allow_null=True, help_text="Number of the unit, of a shop.")
    aisle = serializers.CharField()
    rack = serializers.IntegerField(allow_null=True)
    shelf = serializers.IntegerField(allow_null=True)
    capacity_litres = serializers.DecimalField(max_digits=10, decimal_places=1, allow_null=True)
    in_use = serializers.BooleanField()


class PlacePage(Shape):
    results = PlaceRowShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


PLACE = (
    *("id", "slug", "kind", "is_physical", "name_en", "name_hi", "aisle", "rack", "shelf", "capacity_litres"),
    *("zone__code", "unit__number", "closed_at"),
)


class Places(Endpoint):
    """The places of the mall: the goods entrance, bins, shops, and the virtual ones that goods come from and go to."""

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": PlacePage}
    parameters: ClassVar[Mapping[str, Any]] = {
        **KEYSET,
        "kind": one_of(PlaceKind.values),
        "slug": TEXT,
        "in_use": one_of(("true", "false")),
    }

    def get(self, request: Request) -> Response:
        rows = Location.objects.visible_to(self.actor)
        if kind := choice(request, "kind", PlaceKind.values):
            rows = rows.filter(kind=kind)
        if slug := words(request, "slug"):
            rows = rows.filter(slug__iexact=slug)
        if (in_use := flag(request, "in_use")) is not None:
            rows = rows.filter(closed_at__isnull=in_use)
        return keyset_page(request, rows.values(*PLACE), row=place_row)


def place_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "code": codes.written("B", row["id"]),
        **{name: row[name] for name in PLACE[1:9]},
        "capacity_litres": exact(row["capacity_litres"]),
        "zone": row["zone__code"],
        "unit": row["unit__number"],
        "in_use": row["closed_at"] is None,
    }


class BalanceRowShape(Shape):
    """So much of a lot at a place. `available` is what is neither held nor promised."""

    tenant = serializers.IntegerField()
    lot = serializers.IntegerField()
    lot_code = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    product = serializers.IntegerField()
    sku = serializers.CharField()
    product_name_en = serializers.CharField()
    product_name_hi = serializers.CharField()
    unit_of_measure = serializers.CharField()
    place = serializers.IntegerField()
    place_slug = serializers.CharField()
    place_kind = serializers.ChoiceField(PlaceKind.choices)
    on_hand = serializers.DecimalField(**QUANTITY)
    held = serializers.DecimalField(**QUANTITY, allow_null=True, help_text="Null in an answer about a moment.")
    available = serializers.DecimalField(**QUANTITY, allow_null=True, help_text="Null in an answer about a moment.")


class BalancePage(Shape):
    results = BalanceRowShape(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


FACTS = (
    *("lot_id", "location_id", "tenant_id", "lot__expiry_date", "lot__product", "lot__product__sku"),
    *("lot__product__name_en", "lot__product__name_hi", "lot__product__unit_of_measure"),
    *("location__slug", "location__kind"),
)


class Balances(Endpoint):
    """What lies where: a row for each lot at each place in the mall, in the order of lot and place.

    With `at`, what lay there at that moment, from the ledger alone.
    """

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": BalancePage}
    parameters: ClassVar[Mapping[str, Any]] = {
        **KEYSET,
        "tenant": NUMBER,
        "product": NUMBER,
        "lot": NUMBER,
        "place": NUMBER,
        "place_kind": one_of([kind.value for kind in PHYSICAL]),
        "at": {**MOMENT, "description": "Stock as of this moment, by when things happened."},
    }

    def get(self, request: Request) -> Response:
        at = moment(request, "at")
        if at is not None:
            return self._then(request, at)
        rows = Balance.objects.visible_to(self.actor).stocked()
        rows = after_the_last(request, self._narrowed(request, rows)).with_overdue(self.now)
        limit = limit_in(request)
        found = list(rows.order_by("lot_id", "location_id").values(*FACTS, "on_hand", "held", "overdue")[: limit + 1])
        return self._page(found, limit)

    def _then(self, request: Request, at: datetime) -> Response:
        entries = self._narrowed(request, LedgerEntry.objects.visible_to(self.actor))
        tenant = number(request, "tenant")
        if tenant or reach(self.actor, Right.SEE_STOCK) == Reach.OWN:
            # Entries are found by lot; so say which lots it can be about.
            lots = Lot.objects.visible_to(self.actor)
            entries = entries.filter(lot__in=lots.filter(tenant=tenant) if tenant else lots)
        limit = limit_in(request)
        stock = after_the_last(request, entries).stock_at(at).order_by("lot_id", "location_id")
        keys = list(stock.values_list("lot", "location", "on_hand")[: limit + 1])
        facts = described([(lot, place) for lot, place, _much in keys])
        found = [{**facts[lot, place], "on_hand": much, "held": None} for lot, place, much in keys]
        return self._page(found, limit)

    def _narrowed(self, request: Request, rows: Any) -> Any:
        fields = (("tenant", "tenant"), ("product", "lot__product"), ("lot", "lot"), ("place", "location"))
        for name, field in fields:
            if (key := number(request, name)) is not None:
                rows = rows.filter(**{field: key})
        if kind := choice(request, "place_kind", [kind.value for kind in PHYSICAL]):
            rows = rows.filter(location__kind=kind)
        return rows

    def _page(self, found: list[dict[str, Any]], limit: int) -> Response:
        page = found[:limit]
        last = f"{page[-1]['lot_id']}-{page[-1]['location_id']}" if len(found) > limit else None
        return Response({"results": [balance_row(row) for row in page], "next": last})


def after_the_last(request: Request, rows: Any) -> Any:
    """The rows behind `after`, which names the lot and the place of the last row of the page before."""
    written = request.query_params.get("after")
    if written is None:
        return rows
    lot, _dash, place = written.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (lot, place)):
        raise wrong("after", "invalid", _("Send `next` of the page before as it is."))
    # The first condition is the one that an index answers.
    return rows.filter(Q(lot__gte=int(lot)) & (Q(lot__gt=int(lot)) | Q(location__gt=int(place))))


def described(keys: list[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    """Lot, product and place of each pair, by pair. Balances stand for every pair that ever moved."""
    lots, places = {lot for lot, _place in keys}, {place for _lot, place in keys}
    rows: QuerySet[Any] = Balance.objects.filter(lot__in=lots, location__in=places)
    return {(row["lot_id"], row["location_id"]): row for row in rows.values(*FACTS)}


def balance_row(row: dict[str, Any]) -> dict[str, Any]:
    overdue = row.get("overdue") or Decimal(0)
    held = None if row["held"] is None else row["held"] - overdue
    return {
        "tenant": row["tenant_id"],
        "lot": row["lot_id"],
        "lot_code": codes.written("L", row["lot_id"]),
        "expiry_date": row["lot__expiry_date"],
        "product": row["lot__product"],
        "sku": row["lot__product__sku"],
        "product_name_en": row["lot__product__name_en"],
        "product_name_hi": row["lot__product__name_hi"],
        "unit_of_measure": row["lot__product__unit_of_measure"],
        "place": row["location_id"],
        "place_slug": row["location__slug"],
        "place_kind": row["location__kind"],
        "on_hand": exact(row["on_hand"]),
        "held": exact(held),
        "available": None if held is None else exact(row["on_hand"] - held),
    }
