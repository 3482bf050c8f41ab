"""Deliveries: announced by the tenant, received at the door, photographed, put away (GRN); or straight to a shop."""

import logging
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Day, Entry, KnownNumber, Nothing
from api.filtering import OnDay, YesNo
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.papers import AnyFormat
from api.views.stock_pictures import PictureFormParser
from api.views.stock_shared import (
    MOST_LINES,
    NOTE,
    Above0,
    From0,
    OfTenant,
    ProductNameShape,
    Quantity,
    by_line,
    its_shop,
    one_owner,
    open_places,
    own_lots,
    own_products,
)
from inventory import putting_away, receiving
from inventory.models import GoodsReceipt, PlaceKind, ReceiptPhoto, ReceiptStatus

log = logging.getLogger(__name__)

MAKER_LOT: dict[str, Any] = {"max_length": 40, "required": False, "default": "", "allow_blank": True}
MAYBE_DAY: dict[str, Any] = {"required": False, "allow_null": True, "default": None}


class ReceiptLineShape(Shape):
    id = serializers.IntegerField()
    product = ProductNameShape()
    expected_quantity = Quantity()
    good_quantity = Quantity(allow_null=True)
    damaged_quantity = Quantity(allow_null=True)
    difference = Quantity(allow_null=True, help_text="Came less expected; null until it came.")
    maker_lot = serializers.CharField()
    made_date = serializers.DateField(allow_null=True)
    expiry_date = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    lot = serializers.IntegerField(source="lot_id", allow_null=True)


class ReceiptShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    tenant = TenantNameShape()
    status = serializers.ChoiceField(ReceiptStatus.choices)
    expected_date = serializers.DateField()
    note = serializers.CharField()
    announced_by = PersonNameShape()
    announced_at = serializers.DateTimeField()
    received_by = PersonNameShape(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    lines = ReceiptLineShape(many=True)


class ExpectedEntry(Entry):
    product = KnownNumber(own_products(Right.HANDLE_STOCK))
    quantity = Above0()
    maker_lot = serializers.CharField(**MAKER_LOT)
    made_date = Day(**MAYBE_DAY)
    expiry_date = Day(**MAYBE_DAY)


class AnnouncementEntry(Entry):
    expected_date = Day()
    note = serializers.CharField(**NOTE)
    lines = serializers.ListField(child=ExpectedEntry(), min_length=1, max_length=MOST_LINES)


class ReceiptFilters(django_filters.FilterSet):
    tenant = OfTenant()
    expected_from = OnDay("expected_date", lookup_expr="gte", label=_("expected on this day or later"))
    expected_to = OnDay("expected_date", lookup_expr="lte", label=_("expected on this day or earlier"))
    received = YesNo("received_at", lookup_expr="isnull", exclude=True, label=_("has come"))
    open = YesNo(method="is_open", label=_("still expected"))

    def is_open(self, rows: Any, name: str, value: bool) -> Any:
        expected = GoodsReceipt.objects.expected().values("pk")
        return rows.filter(pk__in=expected) if value else rows.exclude(pk__in=expected)


class Receipts(Endpoint):
    """Deliveries, newest first. POST announces one, of one tenant's products."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": AnnouncementEntry}
    answers: ClassVar[Any] = {"GET": ReceiptShape, "POST": ReceiptShape}
    lists = creates = needs_key = True
    filterset_class = ReceiptFilters
    examples: ClassVar[Any] = {
        "POST": {"expected_date": "2026-12-01", "note": "", "lines": [{"product": 88, "quantity": "40"}]}
    }

    def get(self, request: Request) -> Response:
        return self.page(GoodsReceipt.objects.visible_to(self.actor).with_facts())

    def post(self, request: Request) -> Response:
        """Announce a delivery."""
        entry = self.entry()
        tenant = one_owner([line["product"] for line in entry["lines"]], "lines")
        receipt = receiving.announce(
            tenant=tenant,
            lines=[receiving.Expected(**line) for line in entry["lines"]],
            expected_date=entry["expected_date"],
            note=entry["note"],
            by=self.actor,
            at=self.now,
        )
        return self.answer(whole(receipt.pk))


class OneReceipt(Endpoint):
    """A delivery with its lines."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="receipt")
    answers: ClassVar[Any] = {"GET": ReceiptShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(GoodsReceipt.objects.visible_to(self.actor).with_facts(), pk=pk))


class CameEntry(Entry):
    line = serializers.IntegerField()
    good = From0()
    damaged = From0(required=False, default=Decimal(0))
    maker_lot = serializers.CharField(**MAKER_LOT)
    made_date = Day(**MAYBE_DAY)
    expiry_date = Day(**MAYBE_DAY)
    note = serializers.CharField(**NOTE)


class ReceiveEntry(Entry):
    lines = serializers.ListField(child=CameEntry(), min_length=1, max_length=MOST_LINES)


class ReceiveReceipt(Endpoint):
    """Receive a delivery at the door: what came in good order, what came damaged. Every line gets its lot."""

    policy = Policy({"POST": Right.KEEP_STOCK}, object_of="receipt")
    asks: ClassVar[Any] = {"POST": ReceiveEntry}
    answers: ClassVar[Any] = {"POST": ReceiptShape}
    needs_key = True
    examples: ClassVar[Any] = {"POST": {"lines": [{"line": 301, "good": "38", "damaged": "2", "note": "wet"}]}}

    def post(self, request: Request, pk: int) -> Response:
        receipt = self.find(GoodsReceipt.objects.visible_to(self.actor, Right.KEEP_STOCK), pk=pk)
        lines = by_line(self.entry()["lines"], set(receipt.lines.values_list("pk", flat=True)))
        came = {line: receiving.Came(**words) for line, words in lines.items()}
        receiving.accept_delivery(receipt=receipt, came=came, by=self.actor, at=self.now, key=self.write_key)
        return self.answer(whole(pk))


class CancelReceipt(Endpoint):
    """Say that an announced delivery will not come."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="receipt")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": ReceiptShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        receipt = self.find(GoodsReceipt.objects.visible_to(self.actor, Right.HANDLE_STOCK), pk=pk)
        self.entry()
        receiving.cancel(receipt=receipt, by=self.actor, at=self.now)
        return self.answer(whole(pk))


class PhotoShape(Shape):
    """A photograph; its file is at `inventory/receipts/<receipt>/photos/<id>/`."""

    id = serializers.IntegerField()
    added_by = PersonNameShape()
    added_at = serializers.DateTimeField()


class PhotoEntry(Entry):
    file = serializers.FileField(help_text="JPEG, PNG or WebP of at most 12 MB; where it was taken is not kept.")


class PhotosShape(Shape):
    results = PhotoShape(many=True)


class ReceiptPhotos(Endpoint):
    """The photographs of a delivery, at most ten; POST adds one, as multipart/form-data."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.KEEP_STOCK}, object_of="receipt")
    parser_classes = (PictureFormParser,)
    asks: ClassVar[Any] = {"POST": PhotoEntry}
    answers: ClassVar[Any] = {"GET": PhotosShape, "POST": PhotoShape}
    creates = needs_key = True

    def get(self, request: Request, pk: int) -> Response:
        receipt = self.find(GoodsReceipt.objects.visible_to(self.actor), pk=pk)
        return self.answer({"results": receipt.photos.select_related("added_by")})

    def post(self, request: Request, pk: int) -> Response:
        """Add a photograph, as multipart/form-data."""
        receipt = self.find(GoodsReceipt.objects.visible_to(self.actor, Right.KEEP_STOCK), pk=pk)
        upload = self.entry()["file"]
        return self.answer(receiving.add_photo(receipt=receipt, upload=upload, by=self.actor, at=self.now))


class ReceiptPhotoFile(Endpoint):
    """The file of a photograph of a delivery."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="receipt")
    content_negotiation_class = AnyFormat
    answers: ClassVar[Any] = {"GET": Nothing}
    answers_files = "image/*"
    caching = "private, max-age=86400"

    def get(self, request: Request, pk: int, photo: int) -> FileResponse:
        receipt = self.find(GoodsReceipt.objects.visible_to(self.actor), pk=pk)
        kept = self.find(ReceiptPhoto.objects.filter(receipt=receipt), pk=photo)
        try:
            content = kept.file.open("rb")
        except FileNotFoundError as lost:
            log.error("the file of photograph %s of a delivery is not where it was put", kept.pk)
            raise Http404 from lost
        response = FileResponse(content, content_type="image/jpeg")
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = self.caching
        return response


class PutAwayEntry(Entry):
    lot = KnownNumber(own_lots(Right.KEEP_STOCK))
    bin = KnownNumber(open_places(PlaceKind.BIN))
    quantity = Above0()


class PutAwayShape(Shape):
    lot = serializers.IntegerField()
    bin = serializers.IntegerField()
    quantity = Quantity()
    movement = serializers.IntegerField()


class PutAways(Endpoint):
    """Put goods from the goods entrance into a bin that has room for them."""

    policy = Policy({"POST": Right.KEEP_STOCK})
    asks: ClassVar[Any] = {"POST": PutAwayEntry}
    answers: ClassVar[Any] = {"POST": PutAwayShape}
    creates = needs_key = True
    examples: ClassVar[Any] = {"POST": {"lot": 1204, "bin": 31, "quantity": "12"}}

    def post(self, request: Request) -> Response:
        """Put goods away."""
        entry = self.entry()
        posted = putting_away.put_away(by=self.actor, at=self.now, key=self.write_key, **entry)
        made = {"lot": entry["lot"].pk, "bin": entry["bin"].pk, "quantity": entry["quantity"]}
        return self.answer({**made, "movement": posted.movement})


class ShopReceiptEntry(ExpectedEntry):
    shop = KnownNumber(open_places(PlaceKind.UNIT), help_text="A shop that the tenant has on lease.")


class ShopReceiptShape(Shape):
    """The lot that the goods are now."""

    lot = serializers.IntegerField()
    lot_code = serializers.CharField(help_text="What its label carries.")
    product = serializers.IntegerField()
    shop = serializers.IntegerField()
    quantity = Quantity()
    expiry_date = serializers.DateField(allow_null=True)


class ShopReceipts(Endpoint):
    """Bring goods straight to a shop, past the warehouse; they become a lot."""

    policy = Policy({"POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": ShopReceiptEntry}
    answers: ClassVar[Any] = {"POST": ShopReceiptShape}
    creates = needs_key = True
    examples: ClassVar[Any] = {"POST": {"product": 88, "shop": 210, "quantity": "6", "expiry_date": "2027-03-31"}}

    def post(self, request: Request) -> Response:
        """Take goods into a shop."""
        entry = self.entry()
        its_shop(self, entry["product"].tenant, entry["shop"], "shop")
        lot = receiving.bring_to_shop(by=self.actor, at=self.now, key=self.write_key, **entry)
        there = {"product": lot.product_id, "shop": entry["shop"].pk, "quantity": entry["quantity"]}
        return self.answer({"lot": lot.pk, "lot_code": lot.code, **there, "expiry_date": lot.expiry_date})


def whole(pk: int) -> GoodsReceipt:
    return GoodsReceipt.objects.with_facts().get(pk=pk)
