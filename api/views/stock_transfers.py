"""Goods from the warehouse to a shop: asked for, picked, handed over by scan, accepted by the shop's scan."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry, KnownNumber, Nothing
from api.filtering import YesNo
from api.keyset import wrong
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import (
    MOST_LINES,
    NOTE,
    Above0,
    From0,
    OfTenant,
    PlaceNameShape,
    ProductNameShape,
    Quantity,
    by_line,
    its_shop,
    one_owner,
    open_places,
    own_lots,
    own_products,
)
from inventory import transferring
from inventory.models import PlaceKind, ShortPick, TransferLine, TransferOrder, TransferStatus


class TransferShape(Shape):
    """A transfer order without its lines."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What is scanned at both ends.")
    tenant = TenantNameShape()
    destination = PlaceNameShape()
    status = serializers.ChoiceField(TransferStatus.choices)
    note = serializers.CharField()
    requested_by = PersonNameShape()
    requested_at = serializers.DateTimeField()
    picked_by = PersonNameShape(allow_null=True)
    picked_at = serializers.DateTimeField(allow_null=True)
    handed_over_by = PersonNameShape(allow_null=True)
    handed_over_at = serializers.DateTimeField(allow_null=True)
    accepted_by = PersonNameShape(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class TransferLineShape(Shape):
    id = serializers.IntegerField()
    product = ProductNameShape()
    lot = serializers.IntegerField(source="lot_id")
    lot_code = serializers.CharField(source="lot.code")
    expiry_date = serializers.DateField(source="lot.expiry_date", allow_null=True)
    source = PlaceNameShape()  # type: ignore[assignment]
    quantity = Quantity()
    picked_quantity = Quantity(allow_null=True)
    short_reason = serializers.ChoiceField(ShortPick.choices, allow_blank=True)
    accepted_quantity = Quantity(allow_null=True)
    missing = Quantity(help_text="Handed over, not accepted: still on the way.")


class WholeTransferShape(TransferShape):
    """A transfer order; its lines in walking order."""

    lines = TransferLineShape(many=True)


class ItemEntry(Entry):
    product = KnownNumber(own_products(Right.HANDLE_STOCK))
    quantity = Above0()


class TransferEntry(Entry):
    destination = KnownNumber(open_places(PlaceKind.UNIT), help_text="A shop that the tenant has on lease.")
    items = serializers.ListField(child=ItemEntry(), min_length=1, max_length=MOST_LINES)
    note = serializers.CharField(**NOTE)


class TransferFilters(django_filters.FilterSet):
    tenant = OfTenant()
    status = django_filters.ChoiceFilter(choices=TransferStatus.choices, method="at_status", label=_("status"))
    open = YesNo(method="is_open", label=_("neither accepted nor cancelled"))

    def at_status(self, rows: Any, name: str, value: str) -> Any:
        steps: dict[str, dict[str, Any]] = {
            TransferStatus.REQUESTED: {"picked_at": None, "cancelled_at": None},
            TransferStatus.PICKED: {"picked_at__isnull": False, "handed_over_at": None, "cancelled_at": None},
            TransferStatus.IN_TRANSIT: {"handed_over_at__isnull": False, "accepted_at": None},
            TransferStatus.ACCEPTED: {"accepted_at__isnull": False},
            TransferStatus.CANCELLED: {"cancelled_at__isnull": False},
        }
        return rows.filter(**steps[value])

    def is_open(self, rows: Any, name: str, value: bool) -> Any:
        under_way = TransferOrder.objects.filter(accepted_at=None, cancelled_at=None).values("pk")
        return rows.filter(pk__in=under_way) if value else rows.exclude(pk__in=under_way)


class Transfers(Endpoint):
    """Transfer orders, newest first. POST asks for goods: first expired first, held until they are picked.

    Where the warehouse has less, nothing is kept: 409 `not_enough_stock`, whose `details` say what is available.
    """

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": TransferEntry}
    answers: ClassVar[Any] = {"GET": TransferShape, "POST": WholeTransferShape}
    lists = creates = needs_key = True
    filterset_class = TransferFilters
    examples: ClassVar[Any] = {"POST": {"destination": 210, "items": [{"product": 88, "quantity": "12"}], "note": ""}}

    def get(self, request: Request) -> Response:
        return self.page(TransferOrder.objects.visible_to(self.actor).with_facts())

    def post(self, request: Request) -> Response:
        """Ask for goods for a shop."""
        entry = self.entry()
        tenant = one_owner([item["product"] for item in entry["items"]], "items")
        order = transferring.request(
            tenant=tenant,
            destination=its_shop(self, tenant, entry["destination"], "destination"),
            items=[(item["product"], item["quantity"]) for item in entry["items"]],
            note=entry["note"],
            by=self.actor,
            at=self.now,
        )
        return self.answer(whole_transfers().get(pk=order.pk))


class TransferEndpoint(Endpoint):
    """What the steps of a transfer share."""

    needs_key = True
    answers: ClassVar[Any] = {"POST": WholeTransferShape}

    def order(self, pk: int, right: Right) -> TransferOrder:
        return self.find(TransferOrder.objects.visible_to(self.actor, right), pk=pk)

    def whole(self, pk: int) -> Response:
        return self.answer(whole_transfers().get(pk=pk))

    def by_line(self, order: TransferOrder, lines: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        return by_line(lines, set(TransferLine.objects.filter(order=order).values_list("pk", flat=True)))


class OneTransfer(Endpoint):
    """A transfer order with its lines."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="transfer")
    answers: ClassVar[Any] = {"GET": WholeTransferShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(whole_transfers().visible_to(self.actor), pk=pk))  # type: ignore[attr-defined]


class PickedEntry(Entry):
    line = serializers.IntegerField()
    quantity = From0()
    short_reason = serializers.ChoiceField(ShortPick.choices, required=False, default="", allow_blank=True)


class PickEntry(Entry):
    lines = serializers.ListField(child=PickedEntry(), min_length=1, max_length=500)


class PickTransfer(TransferEndpoint):
    """Say what was picked of each line; why, where it is less."""

    policy = Policy({"POST": Right.KEEP_STOCK}, object_of="transfer")
    asks: ClassVar[Any] = {"POST": PickEntry}
    examples: ClassVar[Any] = {
        "POST": {"lines": [{"line": 900, "quantity": "11", "short_reason": "damaged"}]},
    }

    def post(self, request: Request, pk: int) -> Response:
        order = self.order(pk, Right.KEEP_STOCK)
        lines = self.by_line(order, self.entry()["lines"])
        picked = {line: transferring.Picked(**words) for line, words in lines.items()}
        transferring.pick(order=order, picked=picked, by=self.actor, at=self.now, key=self.write_key)
        return self.whole(pk)


class ScannedEntry(Entry):
    scanned = serializers.CharField(max_length=40, help_text="The code of the order, as it was scanned.")


class HandOverTransfer(TransferEndpoint):
    """Hand picked goods over, by scanning the order."""

    policy = Policy({"POST": Right.KEEP_STOCK}, object_of="transfer")
    asks: ClassVar[Any] = {"POST": ScannedEntry}

    def post(self, request: Request, pk: int) -> Response:
        order = self.order(pk, Right.KEEP_STOCK)
        scanned = self.entry()["scanned"]
        transferring.hand_over(order=order, scanned=scanned, by=self.actor, at=self.now, key=self.write_key)
        return self.whole(pk)


class AcceptedEntry(Entry):
    line = serializers.IntegerField()
    quantity = From0()


class AcceptEntry(ScannedEntry):
    lines = serializers.ListField(
        child=AcceptedEntry(), required=False, max_length=500, help_text="Left out where everything came."
    )


class AcceptTransfer(TransferEndpoint):
    """Accept goods in the shop, by scanning the order; what did not come stays on the way until it is settled."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="transfer")
    asks: ClassVar[Any] = {"POST": AcceptEntry}
    examples: ClassVar[Any] = {"POST": {"scanned": "T0000125"}}

    def post(self, request: Request, pk: int) -> Response:
        order = self.order(pk, Right.HANDLE_STOCK)
        entry = self.entry()
        lines = self.by_line(order, entry.get("lines", []))
        accepted = {line: words["quantity"] for line, words in lines.items()} if "lines" in entry else None
        transferring.accept(
            order=order,
            scanned=entry["scanned"],
            accepted=accepted,
            by=self.actor,
            at=self.now,
            key=self.write_key,
        )
        return self.whole(pk)


class CancelTransfer(TransferEndpoint):
    """Give an order up before it is handed over; its goods are free again."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="transfer")
    asks: ClassVar[Any] = {"POST": Nothing}

    def post(self, request: Request, pk: int) -> Response:
        order = self.order(pk, Right.HANDLE_STOCK)
        self.entry()
        transferring.cancel(order=order, by=self.actor, at=self.now)
        return self.whole(pk)


class SettleEntry(Entry):
    line = serializers.IntegerField()
    found = serializers.BooleanField(help_text="Whether it was found after all: then it is in the shop, else lost.")
    note = serializers.CharField(max_length=300, help_text="What happened; the owner of the goods will read it.")


class SettleTransfer(TransferEndpoint):
    """Settle what of a line is still on the way after the shop accepted: it was found after all, or it is lost."""

    policy = Policy({"POST": Right.KEEP_STOCK}, object_of="transfer")
    asks: ClassVar[Any] = {"POST": SettleEntry}
    examples: ClassVar[Any] = {"POST": {"line": 900, "found": False, "note": "Not in the van, not at the door"}}

    def post(self, request: Request, pk: int) -> Response:
        order = self.order(pk, Right.KEEP_STOCK)
        entry = self.entry()
        line = TransferLine.objects.filter(order=order, pk=entry.pop("line")).select_related("order").first()
        if line is None:
            raise wrong("line", "unknown", _("There is nothing with this key."))
        transferring.settle_missing(line=line, by=self.actor, at=self.now, key=self.write_key, **entry)
        return self.whole(pk)


class GoodsBackEntry(Entry):
    lot = KnownNumber(own_lots(Right.HANDLE_STOCK))
    shop = KnownNumber(open_places(PlaceKind.UNIT), help_text="A shop that the tenant has on lease.")
    quantity = Above0()


class SentBackShape(Shape):
    lot = serializers.IntegerField()
    shop = serializers.IntegerField()
    quantity = Quantity()
    movement = serializers.IntegerField()


class SendBacks(Endpoint):
    """Send goods from a shop back to the warehouse: they lie at its goods entrance until they are put away."""

    policy = Policy({"POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": GoodsBackEntry}
    answers: ClassVar[Any] = {"POST": SentBackShape}
    creates = needs_key = True
    examples: ClassVar[Any] = {"POST": {"lot": 1204, "shop": 210, "quantity": "3"}}

    def post(self, request: Request) -> Response:
        """Send goods back."""
        entry = self.entry()
        its_shop(self, entry["lot"].tenant, entry["shop"], "shop")
        posted = transferring.send_back(by=self.actor, at=self.now, key=self.write_key, **entry)
        made = {"lot": entry["lot"].pk, "shop": entry["shop"].pk, "quantity": entry["quantity"]}
        return self.answer({**made, "movement": posted.movement})


def whole_transfers() -> QuerySet[TransferOrder]:
    return TransferOrder.objects.with_facts().prefetch_related("lines__product", "lines__lot", "lines__source")
