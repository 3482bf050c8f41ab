"""Adjustments: stock on record put right, with a reason; above the mall's limit a second person decides."""

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Reach, Right
from api.fields import Entry, KnownNumber, Nothing, SaidWhy
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import (
    SHOP_LIKE,
    OfTenant,
    PlaceNameShape,
    ProductNameShape,
    Quantity,
    its_shop,
    must_have,
    open_places,
    own_lots,
)
from inventory import adjusting
from inventory.models import Adjustment, AdjustmentReason, AdjustmentStatus
from tenants.access import reach


class AdjustmentShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    tenant = TenantNameShape()
    product = ProductNameShape(source="lot.product")
    lot = serializers.IntegerField(source="lot_id")
    lot_code = serializers.CharField(source="lot.code")
    place = PlaceNameShape(source="location")
    difference = Quantity(help_text="Above zero: more than on record; below: fewer.")
    reason = serializers.ChoiceField(AdjustmentReason.choices)
    note = serializers.CharField()
    value = serializers.DecimalField(max_digits=14, decimal_places=2, help_text="₹, by the price, else the MRP")
    status = serializers.ChoiceField(AdjustmentStatus.choices)
    proposed_by = PersonNameShape()
    proposed_at = serializers.DateTimeField()
    decided_by = PersonNameShape(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    refusal = serializers.CharField()
    movement = serializers.IntegerField(source="movement_id", allow_null=True)


class AdjustmentEntry(Entry):
    lot = KnownNumber(own_lots(Right.SEE_STOCK))
    place = KnownNumber(open_places())
    difference = Quantity(help_text="Above zero: more than on record; below: fewer.")
    reason = serializers.ChoiceField(AdjustmentReason.choices)
    note = serializers.CharField(max_length=300, help_text="What happened; the owner of the goods reads it.")


class AdjustmentFilters(django_filters.FilterSet):
    tenant = OfTenant()
    reason = django_filters.ChoiceFilter(choices=AdjustmentReason.choices, label=_("reason"))
    status = django_filters.ChoiceFilter(choices=AdjustmentStatus.choices, method="at_status", label=_("status"))

    def at_status(self, rows: Any, name: str, value: str) -> Any:
        steps: dict[str, dict[str, Any]] = {
            AdjustmentStatus.WAITING: {"decided_at": None},
            AdjustmentStatus.POSTED: {"movement__isnull": False},
            AdjustmentStatus.REFUSED: {"decided_at__isnull": False, "movement": None},
        }
        return rows.filter(**steps[value])


class Adjustments(Endpoint):
    """Adjustments, newest first. POST proposes one: what is worth little is posted at once, the rest waits.

    A tenant adjusts what lies in its own shops, the warehouse everything.
    """

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.SEE_STOCK})
    asks: ClassVar[Any] = {"POST": AdjustmentEntry}
    answers: ClassVar[Any] = {"GET": AdjustmentShape, "POST": AdjustmentShape}
    lists = creates = needs_key = True
    filterset_class = AdjustmentFilters
    examples: ClassVar[Any] = {
        "POST": {"lot": 1204, "place": 210, "difference": "-1", "reason": "damaged", "note": "Torn on the hanger"}
    }

    def get(self, request: Request) -> Response:
        return self.page(Adjustment.objects.visible_to(self.actor).with_facts())

    def post(self, request: Request) -> Response:
        """Propose an adjustment."""
        entry = self.entry()
        lot, place = entry["lot"], entry.pop("place")
        in_shop = place.kind in SHOP_LIKE
        if not in_shop or reach(self.actor, Right.HANDLE_STOCK) is None:
            must_have(self, Right.KEEP_STOCK, lot.tenant)
        else:
            must_have(self, Right.HANDLE_STOCK, lot.tenant)
            if reach(self.actor, Right.HANDLE_STOCK) == Reach.OWN:
                its_shop(self, lot.tenant, place, "place")
        return self.answer(adjusting.propose(location=place, by=self.actor, at=self.now, key=self.write_key, **entry))


class OneAdjustment(Endpoint):
    """An adjustment."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="adjustment")
    answers: ClassVar[Any] = {"GET": AdjustmentShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(Adjustment.objects.visible_to(self.actor).with_facts(), pk=pk))


class ApproveAdjustment(Endpoint):
    """Agree to an adjustment as the second person; it is posted as of the moment it was proposed."""

    policy = Policy({"POST": Right.APPROVE_STOCK}, object_of="adjustment")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": AdjustmentShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        adjustment = self.find(Adjustment.objects.visible_to(self.actor, Right.APPROVE_STOCK), pk=pk)
        self.entry()
        adjusting.approve(adjustment=adjustment, by=self.actor, at=self.now)
        return self.answer(Adjustment.objects.with_facts().get(pk=pk))


class RefuseAdjustment(Endpoint):
    """Do not agree to an adjustment, saying why; nothing moves."""

    policy = Policy({"POST": Right.APPROVE_STOCK}, object_of="adjustment")
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": AdjustmentShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        adjustment = self.find(Adjustment.objects.visible_to(self.actor, Right.APPROVE_STOCK), pk=pk)
        adjusting.refuse(adjustment=adjustment, by=self.actor, at=self.now, why=self.entry()["why"])
        return self.answer(Adjustment.objects.with_facts().get(pk=pk))
