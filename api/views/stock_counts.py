"""Cycle counts: opened, counted blind, differences counted again, approved, countersigned by the owner, posted.

Whoever counts is never told how many there should be: until a count waits for approval, its answers carry neither
what is on record nor a difference.
"""

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Reach, Right
from api.fields import Entry, KnownNumber, Nothing, SaidWhy
from api.filtering import YesNo
from api.keyset import wrong
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import (
    MOST_LINES,
    NOTE,
    From0,
    OfTenant,
    PlaceNameShape,
    ProductNameShape,
    its_shop,
    must_have,
    of_a_tenant,
    open_places,
    own_lots,
    tenant_meant,
)
from inventory import counting
from inventory.models import CountLine, CountStatus, CycleCount
from tenants.access import reach

UNDER_WAY = (CountStatus.COUNTING, CountStatus.RECOUNTING)


class CountShape(Shape):
    """A count without its lines."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    tenant = TenantNameShape()
    is_own_shop = serializers.BooleanField(help_text="Counted by the shop itself, of what lies there.")
    note = serializers.CharField()
    status = serializers.ChoiceField(CountStatus.choices)
    opened_by = PersonNameShape()
    opened_at = serializers.DateTimeField()
    first_done_at = serializers.DateTimeField(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)
    approved_by = PersonNameShape(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    countersigned_by = PersonNameShape(allow_null=True)
    countersigned_at = serializers.DateTimeField(allow_null=True)
    objection = serializers.CharField()
    posted_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class CountLineShape(Shape):
    """A lot at a place. What is on record is told only once nobody counts any more."""

    id = serializers.IntegerField()
    product = ProductNameShape(source="lot.product")
    lot = serializers.IntegerField(source="lot_id")
    lot_code = serializers.CharField(source="lot.code")
    maker_lot = serializers.CharField(source="lot.maker_lot")
    place = PlaceNameShape(source="location")
    counted = serializers.SerializerMethodField(help_text="Null while it is still to be counted, or counted again.")
    counted_at = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField(help_text="On record when counted; null while anyone counts.")
    difference = serializers.SerializerMethodField(help_text="Null while anyone counts.")
    movement = serializers.IntegerField(source="movement_id", allow_null=True)

    def _is_blind(self) -> bool:
        return self.context["status"] in UNDER_WAY

    def _is_open(self, line: CountLine) -> bool:
        """To be counted again: a first count that is shown would lead the second."""
        return self._is_blind() and line.needs_recount

    def get_counted(self, line: CountLine) -> str | None:
        return None if line.quantity is None or self._is_open(line) else str(line.quantity)

    def get_counted_at(self, line: CountLine) -> Any:
        moment = None if self._is_open(line) else line.counted_at
        return serializers.DateTimeField().to_representation(moment) if moment else None

    def get_expected(self, line: CountLine) -> str | None:
        return None if self._is_blind() or line.expected_quantity is None else str(line.expected_quantity)

    def get_difference(self, line: CountLine) -> str | None:
        return None if self._is_blind() or line.difference is None else str(line.difference)


class WholeCountShape(CountShape):
    """A count; while it is under way, the lines that are still to be counted in this round and those counted."""

    lines = serializers.SerializerMethodField()

    @extend_schema_field(CountLineShape(many=True))
    def get_lines(self, count: CycleCount) -> list[dict[str, Any]]:
        rows = count.lines.select_related("lot__product", "location").order_by("location__slug", "pk")
        shape = CountLineShape(rows, many=True, context={**self.context, "status": count.status})
        return list(shape.data)


class CountEntry(Entry):
    tenant = of_a_tenant(Right.SEE_STOCK)
    places = serializers.ListField(child=KnownNumber(open_places()), min_length=1, max_length=MOST_LINES)
    is_own_shop = serializers.BooleanField(
        required=False, default=False, help_text="A shop counts its own goods in its own shop."
    )
    note = serializers.CharField(**NOTE)


class CountFilters(django_filters.FilterSet):
    tenant = OfTenant()
    is_own_shop = YesNo("is_own_shop", label=_("counted by the shop itself"))
    open = YesNo(method="is_open", label=_("neither posted nor cancelled"))

    def is_open(self, rows: Any, name: str, value: bool) -> Any:
        under_way = CycleCount.objects.open().values("pk")
        return rows.filter(pk__in=under_way) if value else rows.exclude(pk__in=under_way)


class Counts(Endpoint):
    """Cycle counts, newest first. POST opens one, of what a tenant has at some places."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.SEE_STOCK})
    asks: ClassVar[Any] = {"POST": CountEntry}
    answers: ClassVar[Any] = {"GET": CountShape, "POST": WholeCountShape}
    lists = creates = needs_key = True
    filterset_class = CountFilters
    examples: ClassVar[Any] = {"POST": {"tenant": 7, "places": [31, 32, 33], "note": "Aisle A"}}

    def get(self, request: Request) -> Response:
        return self.page(CycleCount.objects.visible_to(self.actor).with_facts())

    def post(self, request: Request) -> Response:
        """Open a count."""
        entry = self.entry()
        right = Right.HANDLE_STOCK if entry["is_own_shop"] else Right.KEEP_STOCK
        tenant = tenant_meant(self, entry.pop("tenant", None), right if reach(self.actor, right) else Right.SEE_STOCK)
        must_have(self, right, tenant)
        if reach(self.actor, right) == Reach.OWN:
            for place in entry["places"]:
                its_shop(self, tenant, place, "places")
        return self.answer(counting.open_count(tenant=tenant, by=self.actor, at=self.now, **entry))


class CountEndpoint(Endpoint):
    """What the steps of a count share: it is found, the right follows from who counts, the whole count is answered."""

    needs_key = True
    answers: ClassVar[Any] = {"POST": WholeCountShape}

    def whole(self, pk: int) -> Response:
        return self.answer(CycleCount.objects.visible_to(self.actor).with_facts().get(pk=pk))

    def counter_of(self, count: CycleCount) -> None:
        """Shops count their own goods, the warehouse what it keeps. Raises PermissionDenied."""
        must_have(self, Right.HANDLE_STOCK if count.is_own_shop else Right.KEEP_STOCK, count.tenant)


class OneCount(Endpoint):
    """A count with its lines; blind while anyone counts."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="count")
    answers: ClassVar[Any] = {"GET": WholeCountShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(CycleCount.objects.visible_to(self.actor).with_facts(), pk=pk))


class CountedEntry(Entry):
    line = serializers.IntegerField(required=False, help_text="A line of this count; or else lot and place.")
    lot = KnownNumber(own_lots(Right.SEE_STOCK), required=False)
    place = KnownNumber(open_places(), required=False)
    quantity = From0()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("line" in attrs) == ("lot" in attrs) or ("lot" in attrs) != ("place" in attrs):
            raise serializers.ValidationError({"line": [_("Name a line, or else a lot and a place.")]}, "required")
        return attrs


class EnterCount(CountEndpoint):
    """Say how many there are of a lot at a place; a lot that is not on the list is put on it."""

    policy = Policy({"POST": Right.SEE_STOCK}, object_of="count")
    asks: ClassVar[Any] = {"POST": CountedEntry}
    examples: ClassVar[Any] = {"POST": {"line": 5120, "quantity": "12"}}

    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor).select_related("tenant"), pk=pk)
        entry = self.entry()
        self.counter_of(count)
        if "line" in entry:
            line = CountLine.objects.select_related("count").filter(count=count, pk=entry["line"]).first()
            if line is None:
                raise wrong("line", "unknown", _("There is nothing with this key."))
        else:
            line = counting.add_lot(count=count, lot=entry["lot"], location=entry["place"])
        counting.enter(line=line, quantity=entry["quantity"], by=self.actor, at=self.now)
        return self.whole(pk)


class RoundEntry(Entry):
    round = serializers.ChoiceField(
        [(1, "first"), (2, "second")], help_text="Which round is done: sent twice, the second one is not ended early."
    )


class FinishRound(CountEndpoint):
    """A round is done: what differs too much is counted again, else the count waits for approval."""

    policy = Policy({"POST": Right.SEE_STOCK}, object_of="count")
    asks: ClassVar[Any] = {"POST": RoundEntry}

    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor).select_related("tenant"), pk=pk)
        said = int(self.entry()["round"])
        self.counter_of(count)
        count = CycleCount.objects.select_for_update(of=("self",)).get(pk=pk)
        if count.status in UNDER_WAY and said != (1 if count.first_done_at is None else 2):
            raise counting.CountNotAtThisStep(status=str(count.status.value))
        counting.finish_round(count=count, by=self.actor, at=self.now)
        return self.whole(pk)


class ApproveCount(CountEndpoint):
    """Approve the differences, as another person than those who counted; a shop's own count is posted then."""

    policy = Policy({"POST": Right.APPROVE_STOCK}, object_of="count")
    asks: ClassVar[Any] = {"POST": Nothing}

    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor, Right.APPROVE_STOCK), pk=pk)
        self.entry()
        counting.approve(count=count, by=self.actor, at=self.now, key=self.write_key)
        return self.whole(pk)


class CountersignCount(CountEndpoint):
    """Agree as the owner of the goods; the differences are posted, all or none."""

    policy = Policy({"POST": Right.COUNTERSIGN_COUNTS}, object_of="count")
    asks: ClassVar[Any] = {"POST": Nothing}

    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor, Right.COUNTERSIGN_COUNTS), pk=pk)
        self.entry()
        counting.countersign(count=count, by=self.actor, at=self.now, key=self.write_key)
        return self.whole(pk)


class ObjectToCount(CountEndpoint):
    """Do not agree as the owner of the goods, saying why; what differs is counted once more."""

    policy = Policy({"POST": Right.COUNTERSIGN_COUNTS}, object_of="count")
    asks: ClassVar[Any] = {"POST": SaidWhy}

    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor, Right.COUNTERSIGN_COUNTS), pk=pk)
        counting.object_to(count=count, by=self.actor, at=self.now, why=self.entry()["why"])
        return self.whole(pk)


class CancelCount(CountEndpoint):
    """Give a count up before it is posted, saying why; nothing moves."""

    policy = Policy({"POST": Right.SEE_STOCK}, object_of="count")
    asks: ClassVar[Any] = {"POST": SaidWhy}

    def post(self, request: Request, pk: int) -> Response:
        count = self.find(CycleCount.objects.visible_to(self.actor).select_related("tenant"), pk=pk)
        why = self.entry()["why"]
        self.counter_of(count)
        counting.cancel(count=count, by=self.actor, at=self.now, why=why)
        return self.whole(pk)
