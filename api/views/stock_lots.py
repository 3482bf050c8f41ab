"""Lots: goods that came together, with every ledger entry that ever moved them; and holds, promises of some of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry, KnownNumber, Nothing
from api.keyset import (
    DAY,
    KEYSET,
    NEXT,
    NUMBER,
    TEXT,
    day,
    exact,
    flag,
    keyset_page,
    local,
    number,
    one_of,
    words,
    wrong,
)
from api.shapes import Shape
from api.views.base import Endpoint
from api.views.stock_places import QUANTITY
from api.views.stock_shared import Above0, Quantity, open_places, own_lots
from core.refusals import Refusal
from inventory import codes, ledger, returning
from inventory.models import (
    Balance,
    Grain,
    Hold,
    HoldEnd,
    LedgerEntry,
    Location,
    Lot,
    MovementKind,
    TransferLine,
)

LONGEST_HOLD = timedelta(days=31)


class LotRowShape(Shape):
    """A lot. `on_hand` is what of it is in the mall, wherever."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What its label carries.")
    tenant = serializers.IntegerField()
    product = serializers.IntegerField()
    sku = serializers.CharField()
    product_name_en = serializers.CharField()
    product_name_hi = serializers.CharField()
    unit_of_measure = serializers.CharField()
    grain = serializers.ChoiceField(Grain.choices)
    maker_lot = serializers.CharField()
    received_date = serializers.DateField()
    made_date = serializers.DateField(allow_null=True)
    expiry_date = serializers.DateField(allow_null=True)
    on_hand = serializers.DecimalField(**QUANTITY)


class LotPage(Shape):
    results = LotRowShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


LOT = (
    *("id", "tenant_id", "product_id", "product__sku", "product__name_en", "product__name_hi"),
    *("product__unit_of_measure", "grain", "maker_lot", "received_date", "made_date", "expiry_date"),
)


class Lots(Endpoint):
    """Lots, in the order in which they were entered."""

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": LotPage}
    parameters: ClassVar[Mapping[str, Any]] = {
        **KEYSET,
        "tenant": NUMBER,
        "product": NUMBER,
        "maker_lot": TEXT,
        "expires_from": DAY,
        "expires_to": {**DAY, "description": "Whose last good day is this one or an earlier one."},
    }

    def get(self, request: Request) -> Response:
        rows = Lot.objects.visible_to(self.actor)
        for name in ("tenant", "product"):
            if (key := number(request, name)) is not None:
                rows = rows.filter(**{name: key})
        if maker_lot := words(request, "maker_lot"):
            rows = rows.filter(maker_lot=maker_lot)
        if first := day(request, "expires_from"):
            rows = rows.filter(expiry_date__gte=first)
        if last := day(request, "expires_to"):
            rows = rows.filter(expiry_date__lte=last)
        return keyset_page(request, rows.values(*LOT), row=lot_row, finish=with_on_hand)


class OneLot(Endpoint):
    """A lot."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="lot")
    answers: ClassVar[Any] = {"GET": LotRowShape}

    def get(self, request: Request, pk: int) -> Response:
        row = self.find(Lot.objects.visible_to(self.actor).values(*LOT), pk=pk)
        with_on_hand([row])
        return Response(lot_row(row))


def with_on_hand(page: list[dict[str, Any]]) -> None:
    """How much of each lot is in the mall: one query for the page."""
    there = Balance.objects.stocked().filter(lot__in=[row["id"] for row in page])
    much = dict(there.values_list("lot").annotate(much=Sum("on_hand")).order_by())
    for row in page:
        row["on_hand"] = much.get(row["id"], Decimal("0.000"))


def lot_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "code": codes.written("L", row["id"]),
        "tenant": row["tenant_id"],
        "product": row["product_id"],
        "sku": row["product__sku"],
        "product_name_en": row["product__name_en"],
        "product_name_hi": row["product__name_hi"],
        "unit_of_measure": row["product__unit_of_measure"],
        **{name: row[name] for name in ("grain", "maker_lot", "received_date", "made_date", "expiry_date")},
        "on_hand": exact(row["on_hand"]),
    }


class LotEntryShape(Shape):
    """A line of the ledger: so much came to the place (above zero) or left it."""

    id = serializers.IntegerField()
    movement = serializers.IntegerField()
    kind = serializers.ChoiceField(MovementKind.choices)
    occurred_at = serializers.DateTimeField()
    document = serializers.CharField()
    place = serializers.IntegerField()
    place_slug = serializers.CharField()
    quantity = serializers.DecimalField(**QUANTITY)


class LotEntryPage(Shape):
    results = LotEntryShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


ENTRY = (
    *("id", "movement_id", "movement__kind", "movement__occurred_at", "movement__document"),
    *("location_id", "location__slug", "quantity"),
)


class LotEntries(Endpoint):
    """Every ledger entry of a lot, in the order in which they were written down."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="lot")
    answers: ClassVar[Any] = {"GET": LotEntryPage}
    parameters: ClassVar[Mapping[str, Any]] = {**KEYSET, "place": NUMBER}

    def get(self, request: Request, pk: int) -> Response:
        lot = self.find(Lot.objects.visible_to(self.actor), pk=pk)
        rows = LedgerEntry.objects.visible_to(self.actor).filter(lot=lot)
        if (place := number(request, "place")) is not None:
            rows = rows.filter(location=place)
        return keyset_page(request, rows.values(*ENTRY), row=entry_row)


def entry_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "movement": row["movement_id"],
        "kind": row["movement__kind"],
        "occurred_at": local(row["movement__occurred_at"]),
        "document": row["movement__document"],
        "place": row["location_id"],
        "place_slug": row["location__slug"],
        "quantity": exact(row["quantity"]),
    }


class HoldOfATransfer(Refusal):
    code = "hold_of_a_transfer"
    sentence = _("These goods are held for a transfer order. Cancel the order instead.")


class HoldShape(Shape):
    """A promise: so much of a lot at a place, until a moment."""

    id = serializers.IntegerField()
    uid = serializers.UUIDField()
    tenant = serializers.IntegerField(source="tenant_id")
    lot = serializers.IntegerField(source="lot_id")
    place = serializers.IntegerField(source="location_id")
    quantity = serializers.DecimalField(**QUANTITY)
    purpose = serializers.CharField()
    held_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end = serializers.ChoiceField(HoldEnd.choices, allow_blank=True)


class HoldPage(Shape):
    results = HoldShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


class HoldEntry(Entry):
    lot = KnownNumber(lambda actor: Lot.objects.visible_to(actor, Right.HANDLE_STOCK))
    place = KnownNumber(lambda actor: Location.objects.visible_to(actor).filter(is_physical=True))
    quantity = serializers.DecimalField(**QUANTITY, min_value=Decimal("0.001"))
    purpose = serializers.CharField(max_length=100)
    until = serializers.DateTimeField(help_text="At most 31 days from now; then the goods are free again.")


HOLD = (
    *("id", "uid", "tenant_id", "lot_id", "location_id", "quantity", "purpose"),
    *("held_at", "expires_at", "ended_at", "end"),
)


class Holds(Endpoint):
    """Goods that are promised to someone. POST promises some: they are sold or moved to nobody else meanwhile."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": HoldEntry}
    answers: ClassVar[Any] = {"GET": HoldPage, "POST": HoldShape}
    creates = needs_key = True
    parameters: ClassVar[Mapping[str, Any]] = {
        **KEYSET,
        "tenant": NUMBER,
        "lot": NUMBER,
        "standing": one_of(("true", "false")),
    }
    examples: ClassVar[Any] = {
        "POST": {
            "lot": 1204, "place": 210, "quantity": "1", "purpose": "Shown to a customer, back at five",
            "until": "2026-11-30T17:00:00+05:30",
        }
    }  # fmt: skip

    def get(self, request: Request) -> Response:
        rows = Hold.objects.visible_to(self.actor)
        for name in ("tenant", "lot"):
            if (key := number(request, name)) is not None:
                rows = rows.filter(**{name: key})
        if (standing := flag(request, "standing")) is not None:
            now = rows.standing_at(self.now)
            rows = now if standing else rows.exclude(pk__in=now.values("pk"))
        return keyset_page(request, rows.values(*HOLD), row=hold_row)

    def post(self, request: Request) -> Response:
        """Hold some of a lot at a place."""
        entry = self.entry()
        self._check(entry["until"])
        made = ledger.hold(
            tenant=entry["lot"].tenant_id,
            lot=entry["lot"].pk,
            location=entry["place"].pk,
            quantity=entry["quantity"],
            purpose=entry["purpose"],
            until=entry["until"],
            key=self.write_key,
        )
        return self.answer(made)

    def _check(self, until: datetime) -> None:
        if not self.now < until <= self.now + LONGEST_HOLD:
            raise wrong("until", "out_of_range", _("A moment within the next 31 days."))


class ReleaseHold(Endpoint):
    """End a hold before its time; its goods are free again."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="hold")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": HoldShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        hold = self.find(Hold.objects.visible_to(self.actor, Right.HANDLE_STOCK), pk=pk)
        self.entry()
        if TransferLine.objects.filter(hold=hold).exists():
            raise HoldOfATransfer
        if not ledger.release(hold=hold.pk):
            raise ledger.HoldEnded
        hold.refresh_from_db()
        return self.answer(hold)


class ReturnEntry(Entry):
    lot = KnownNumber(own_lots(Right.KEEP_STOCK))
    place = KnownNumber(open_places(), help_text="Where in the warehouse the goods lie.")
    quantity = Above0()
    reason = serializers.CharField(max_length=300, help_text="Why; the owner of the goods will read it.")


class ReturnShape(Shape):
    lot = serializers.IntegerField()
    place = serializers.IntegerField()
    quantity = Quantity()
    movement = serializers.IntegerField()


class Returns(Endpoint):
    """Give goods in the warehouse back to their owner; they leave the mall."""

    policy = Policy({"POST": Right.KEEP_STOCK})
    asks: ClassVar[Any] = {"POST": ReturnEntry}
    answers: ClassVar[Any] = {"POST": ReturnShape}
    creates = needs_key = True
    examples: ClassVar[Any] = {"POST": {"lot": 1204, "place": 31, "quantity": "4", "reason": "Unsold since Diwali"}}

    def post(self, request: Request) -> Response:
        """Give goods back."""
        entry = self.entry()
        lot, place, quantity = entry["lot"], entry["place"], entry["quantity"]
        posted = returning.return_to_owner(
            lot=lot, source=place, quantity=quantity, reason=entry["reason"],
            by=self.actor, at=self.now, key=self.write_key,
        )  # fmt: skip
        return self.answer({"lot": lot.pk, "place": place.pk, "quantity": quantity, "movement": posted.movement})


def hold_row(row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: local(row[name]) for name in ("held_at", "expires_at", "ended_at")}
    return {
        **{name: row[name] for name in ("id", "uid", "purpose", "end")},
        "quantity": exact(row["quantity"]),
        "tenant": row["tenant_id"],
        "lot": row["lot_id"],
        "place": row["location_id"],
        **moments,
    }
