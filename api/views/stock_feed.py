"""What happened and what needs a look: the feed of movements, alerts, the room that goods take, closed periods."""

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Reach, Right
from api.fields import Day, Entry
from api.filtering import OnDay
from api.keyset import MOST_ROWS, NUMBER, exact, limit_in, local, number
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import NOTE, OfTenant, ProductNameShape, Quantity
from inventory import codes, outbox, watching
from inventory.adjusting import rules
from inventory.closing import close_period
from inventory.models import Balance, LedgerEntry, Movement, MovementKind, StockClosing, StorageUse
from tenants.access import may, reach

FIRST_ROWS = 50  # of each alert


class FedEntryShape(Shape):
    lot = serializers.IntegerField()
    place = serializers.IntegerField()
    quantity = Quantity()


class FedMovementShape(Shape):
    """A movement with its ledger entries, at its position in the order in which movements became known."""

    position = serializers.IntegerField()
    id = serializers.IntegerField()
    tenant = serializers.IntegerField()
    kind = serializers.ChoiceField(MovementKind.choices)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    reason = serializers.CharField()
    document = serializers.CharField()
    reverses = serializers.IntegerField(allow_null=True)
    entries = FedEntryShape(many=True)


class FeedShape(Shape):
    results = FedMovementShape(many=True)
    next = serializers.IntegerField(
        help_text="Ask again with `after` set to this, at once or later: nothing is missed and nothing comes twice."
    )
    is_end = serializers.BooleanField(help_text="There is no more at the moment.")


class Feed(Endpoint):
    """Every movement, in the order in which it became known.

    Positions run over the movements of all tenants; whoever may see one tenant's only gets those, and `next` goes on
    past the others.
    """

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": FeedShape}
    parameters: ClassVar[Mapping[str, Any]] = {
        "after": {"type": "integer", "minimum": 0, "default": 0, "description": "`next` of the answer before."},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    }

    def get(self, request: Request) -> Response:
        limit = limit_in(request)
        after = 0 if request.query_params.get("after") == "0" else number(request, "after") or 0
        found = outbox.follow(after=after, limit=limit)
        sees_all = reach(self.actor, Right.SEE_STOCK) == Reach.MALL
        mine = [it for it in found if sees_all or may(self.actor, Right.SEE_STOCK, it.movement.tenant)]
        entries: dict[int, list[dict[str, Any]]] = {it.movement_id: [] for it in mine}
        lines = LedgerEntry.objects.filter(movement__in=entries).order_by("pk")
        for movement, lot, place, quantity in lines.values_list("movement_id", "lot_id", "location_id", "quantity"):
            entries[movement].append({"lot": lot, "place": place, "quantity": exact(quantity)})
        rows = [fed(it.position, it.movement, entries[it.movement_id]) for it in mine]
        following = found[-1].position if found else after
        return Response({"results": rows, "next": following, "is_end": len(found) < limit})


def fed(position: int | None, movement: Movement, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "position": position,
        "id": movement.pk,
        "tenant": movement.tenant_id,
        "kind": movement.kind,
        "occurred_at": local(movement.occurred_at),
        "recorded_at": local(movement.recorded_at),
        "reason": movement.reason,
        "document": movement.document,
        "reverses": movement.reverses_id,
        "entries": entries,
    }


class LowStockShape(ProductNameShape):
    tenant = serializers.IntegerField(source="tenant_id")
    on_hand = Quantity()
    reorder_level = Quantity()


class LateTransferShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    tenant = TenantNameShape()
    destination = serializers.CharField(source="destination.slug")
    handed_over_at = serializers.DateTimeField()


class AlertBalanceShape(Shape):
    """A lot at a place that needs a look."""

    tenant = serializers.IntegerField(source="tenant_id")
    lot = serializers.IntegerField(source="lot_id")
    lot_code = serializers.SerializerMethodField()
    product = ProductNameShape(source="lot.product")
    expiry_date = serializers.DateField(source="lot.expiry_date", allow_null=True)
    received_date = serializers.DateField(source="lot.received_date")
    place = serializers.IntegerField(source="location_id")
    place_slug = serializers.CharField(source="location.slug")
    on_hand = Quantity()

    def get_lot_code(self, balance: Balance) -> str:
        return codes.written("L", balance.lot_id)


class AlertsShape(Shape):
    """The first fifty of each kind, the most pressing first."""

    low_stock = LowStockShape(many=True)
    expired = AlertBalanceShape(many=True)
    expiring = AlertBalanceShape(many=True)
    ageing = AlertBalanceShape(many=True)
    late_transfers = LateTransferShape(many=True)


class Alerts(Endpoint):
    """What needs a look: goods that run low, are past their date or will soon be, grow old, are on the way too long."""

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": AlertsShape}
    parameters: ClassVar[Mapping[str, Any]] = {"tenant": NUMBER}

    def get(self, request: Request) -> Response:
        limits, day = rules(), self.today
        rows = {
            "low_stock": watching.low_stock(),
            "expired": watching.expired(None, day),
            "expiring": watching.expiring(None, day, limits.expiry_warning_days),
            "ageing": watching.ageing(None, day, limits),
            "late_transfers": watching.late_transfers(self.now, limits),
        }
        return self.answer({name: self._own(request, found)[:FIRST_ROWS] for name, found in rows.items()})

    def _own(self, request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of those that the caller may see, those that were asked for."""
        rows = rows.visible_to(self.actor)  # type: ignore[attr-defined]
        tenant = number(request, "tenant")
        return rows.filter(tenant=tenant) if tenant else rows


class StorageUseShape(Shape):
    tenant = TenantNameShape()
    day = serializers.DateField()
    litres = serializers.DecimalField(max_digits=14, decimal_places=3)
    bins = serializers.IntegerField()
    lots = serializers.IntegerField()
    measured_at = serializers.DateTimeField()


class StorageUseFilters(django_filters.FilterSet):
    tenant = OfTenant()
    first = OnDay("day", lookup_expr="gte", label=_("from this day on"))
    last = OnDay("day", lookup_expr="lte", label=_("through this day"))


class StorageUses(Endpoint):
    """The room that goods took in the warehouse at the end of each day, newest first; storage is charged by it."""

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": StorageUseShape}
    lists = True
    filterset_class = StorageUseFilters

    def get(self, request: Request) -> Response:
        return self.page(StorageUse.objects.visible_to(self.actor).select_related("tenant"))


class ClosingShape(Shape):
    through_date = serializers.DateField()
    closed_by = PersonNameShape()
    closed_at = serializers.DateTimeField()
    note = serializers.CharField()


class ClosingEntry(Entry):
    through_date = Day(help_text="The last day of the period: yesterday or earlier.")
    note = serializers.CharField(**{**NOTE, "max_length": 200})


class Closings(Endpoint):
    """Closed periods of the stock ledger, newest first. POST closes it through a day: nothing is dated back into it."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.CLOSE_STOCK})
    asks: ClassVar[Any] = {"POST": ClosingEntry}
    answers: ClassVar[Any] = {"GET": ClosingShape, "POST": ClosingShape}
    lists = creates = needs_key = True

    def get(self, request: Request) -> Response:
        return self.page(StockClosing.objects.select_related("closed_by"))

    def post(self, request: Request) -> Response:
        """Close the ledger through a day."""
        entry = self.entry()
        closed = close_period(through=entry["through_date"], note=entry["note"], by=self.actor, at=self.now)
        return self.answer(closed)
