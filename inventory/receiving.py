"""Goods come in: announced by their owner, received at the door against what was announced, photographed."""

import io
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.refusals import Refusal
from inventory import ledger, places
from inventory.models import (
    GoodsReceipt,
    Grain,
    Location,
    Lot,
    Movement,
    MovementKind,
    PlaceKind,
    Product,
    ReceiptLine,
    ReceiptPhoto,
)
from inventory.pictures import drawn_in, redrawn
from tenants.models import Tenant

MOST_LINES = 200
MOST_PHOTOS = 10
PHOTO_WIDTH = 1600


class NothingAnnounced(Refusal):
    code = "nothing_announced"
    status = 400
    sentence = _("Say what comes: at least one product with a quantity above 0.")


class ForeignProduct(Refusal):
    code = "foreign_product"
    status = 404
    sentence = _("There is no such product of this tenant.")


class ReceiptNotExpected(Refusal):
    code = "receipt_not_expected"
    sentence = _("This delivery has been received or cancelled already.")


class UnknownLine(Refusal):
    code = "unknown_line"
    status = 400
    sentence = _("This line is not on the paper. Load the page again.")


class ExpiryNeeded(Refusal):
    """`details`: product."""

    code = "expiry_needed"
    status = 400
    sentence = _("Food needs its date: say until when it is good, or when it was made.")


class ExpiredOnArrival(Refusal):
    """`details`: product, expiry_date."""

    code = "expired_on_arrival"
    sentence = _("This is past its date already. Receive it as damaged, or send it back.")


class WrongQuantity(Refusal):
    """`details` of a line: line, most."""

    code = "wrong_quantity"
    status = 400
    sentence = _("Give a quantity of 0 or more, not above what the paper says; pieces are counted in whole numbers.")


class NotAShop(Refusal):
    code = "not_a_shop"
    status = 400
    sentence = _("Choose one of the tenant's shops. Goods for the warehouse are announced as a delivery.")


class TooManyPhotos(Refusal):
    code = "too_many_photos"
    sentence = _("There are ten photographs already. Remove one first.")


@dataclass(frozen=True)
class Expected:
    """A product that is announced: how much, and of which lot of the maker."""

    product: Product
    quantity: Decimal
    maker_lot: str = ""
    made_date: date | None = None
    expiry_date: date | None = None


@dataclass(frozen=True)
class Came:
    """What came of a line: in good order, damaged. Dates left out are those that were announced."""

    good: Decimal
    damaged: Decimal = Decimal(0)
    maker_lot: str = ""
    made_date: date | None = None
    expiry_date: date | None = None
    note: str = ""


@transaction.atomic
def announce(
    *, tenant: Tenant, lines: Iterable[Expected], expected_date: date, by: User, at: datetime, note: str = ""
) -> GoodsReceipt:
    """A tenant says what it will bring. Raises NothingAnnounced, ForeignProduct, WrongQuantity."""
    lines = [line for line in lines if line.quantity]
    if not 1 <= len(lines) <= MOST_LINES:
        raise NothingAnnounced
    for line in lines:
        if line.product.tenant_id != tenant.pk:
            raise ForeignProduct(field="product")
        _check(line.product, line.quantity)
    receipt = record(
        GoodsReceipt(tenant=tenant, expected_date=expected_date, note=note, announced_by=by, announced_at=at), by=by
    )
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            product=line.product,
            expected_quantity=line.quantity,
            maker_lot=line.maker_lot,
            made_date=line.made_date,
            expiry_date=line.expiry_date,
        )
        for line in lines
    )
    return receipt


@transaction.atomic
def add_line(*, receipt: GoodsReceipt, product: Product, by: User) -> ReceiptLine:
    """Something came that nobody announced. Raises ReceiptNotExpected, ForeignProduct."""
    receipt = _expected(receipt)
    if product.tenant_id != receipt.tenant_id:
        raise ForeignProduct(field="product")
    line, _made = ReceiptLine.objects.get_or_create(
        receipt=receipt, product=product, expected_quantity=Decimal(0), maker_lot=""
    )
    return line


def accept_delivery(
    *, receipt: GoodsReceipt, came: Mapping[int, Came], by: User, at: datetime, key: str
) -> GoodsReceipt:
    """Receive a delivery: what is good goes to the goods entrance, what is damaged is set apart, each line a lot.

    `came` says what came of each line (by its key); a line left out did not come. The same key again is the same
    receipt. Raises ReceiptNotExpected, UnknownLine, WrongQuantity, ExpiryNeeded, ExpiredOnArrival.
    """
    return ledger.again(lambda: _accept(receipt, came, by, at, key))


def _accept(receipt: GoodsReceipt, came: Mapping[int, Came], by: User, at: datetime, key: str) -> GoodsReceipt:
    receipt = GoodsReceipt.objects.select_for_update().get(pk=receipt.pk)
    if receipt.received_at and (
        _said_before(receipt.tenant_id, key, receipt.code) or _nothing_came_again(receipt, came)
    ):
        return receipt
    if receipt.received_at or receipt.cancelled_at:
        raise ReceiptNotExpected
    lines = {line.pk: line for line in receipt.lines.select_related("product")}
    if set(came) - set(lines):
        raise UnknownLine
    moved: list[ledger.Line] = []
    for pk, line in sorted(lines.items()):
        moved += _receive_line(line, came.get(pk, Came(Decimal(0))), at)
    if moved:
        ledger.post(
            tenant=receipt.tenant_id,
            kind=MovementKind.RECEIPT,
            lines=moved,
            key=key,
            at=at,
            by=by,
            document=receipt.code,
        )
    receipt.received_by, receipt.received_at = by, at
    return record(receipt, by=by)


def _receive_line(line: ReceiptLine, came: Came, at: datetime) -> list[ledger.Line]:
    """Write down what came of a line; the ledger's lines for it."""
    product = line.product
    for quantity in (came.good, came.damaged):
        _check(product, quantity)
    line.good_quantity, line.damaged_quantity, line.note = came.good, came.damaged, came.note
    line.maker_lot = came.maker_lot or line.maker_lot
    line.made_date = came.made_date or line.made_date
    line.expiry_date = came.expiry_date or line.expiry_date
    moved: list[ledger.Line] = []
    if came.good or came.damaged:
        line.expiry_date = expiry_of(product, line.made_date, line.expiry_date)
        if came.good and line.expiry_date and line.expiry_date < timezone.localdate(at):
            raise ExpiredOnArrival(product=product.pk, expiry_date=line.expiry_date.isoformat())
        line.lot = ledger.add_lot(
            product=product,
            received_date=timezone.localdate(at),
            made_date=line.made_date,
            expiry_date=line.expiry_date,
            maker_lot=line.maker_lot,
        )
        supplier = places.key_of(PlaceKind.SUPPLIER)
        for quantity, place in ((came.good, PlaceKind.DOCK), (came.damaged, PlaceKind.QUARANTINE)):
            if quantity:
                moved += ledger.move(line.lot.pk, supplier, places.key_of(place), quantity)
    line.save()
    return moved


@transaction.atomic
def cancel(*, receipt: GoodsReceipt, by: User, at: datetime) -> GoodsReceipt:
    """A delivery will not come. Raises ReceiptNotExpected."""
    receipt = _expected(receipt)
    receipt.cancelled_at = at
    return record(receipt, by=by)


@transaction.atomic
def add_photo(*, receipt: GoodsReceipt, upload: Any, by: User, at: datetime) -> ReceiptPhoto:
    """Keep a photograph of a delivery, drawn anew by us. Raises TooManyPhotos and PictureRefused."""
    receipt = GoodsReceipt.objects.select_for_update().get(pk=receipt.pk)
    if receipt.photos.count() >= MOST_PHOTOS:
        raise TooManyPhotos
    picture, _digest = redrawn(upload)
    drawn = io.BytesIO()
    drawn_in(picture, PHOTO_WIDTH).save(drawn, "JPEG", quality=80)
    file = ContentFile(drawn.getvalue(), f"{uuid.uuid4().hex}.jpg")
    return ReceiptPhoto.objects.create(receipt=receipt, file=file, added_by=by, added_at=at)


def bring_to_shop(
    *,
    product: Product,
    quantity: Decimal,
    shop: Location,
    by: User,
    at: datetime,
    key: str,
    made_date: date | None = None,
    expiry_date: date | None = None,
    maker_lot: str = "",
) -> Lot:
    """A tenant brings goods straight to its shop: a new lot there. The same key again is the same lot.

    Raises NotAShop, WrongQuantity, ExpiryNeeded, ExpiredOnArrival, OneOfAKind.
    """
    if shop.kind not in (PlaceKind.UNIT, PlaceKind.FAIR):
        raise NotAShop(field="shop")
    if quantity <= 0:
        raise WrongQuantity(field="quantity")
    _check(product, quantity)
    expiry_date = expiry_of(product, made_date, expiry_date)
    if expiry_date and expiry_date < timezone.localdate(at):
        raise ExpiredOnArrival(product=product.pk, expiry_date=expiry_date.isoformat())

    def work() -> Lot:
        # Whoever sends the same again waits here for the first.
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        earlier = Movement.objects.filter(tenant=product.tenant_id, key=key).first()
        if earlier is not None:
            entry = earlier.entries.filter(location=shop.pk, quantity=quantity).select_related("lot").first()
            if entry is None or entry.lot.product_id != product.pk:
                raise ledger.KeyReused
            return entry.lot
        lot = ledger.add_lot(
            product=product,
            received_date=timezone.localdate(at),
            made_date=made_date,
            expiry_date=expiry_date,
            maker_lot=maker_lot,
        )
        lines = ledger.move(lot.pk, places.key_of(PlaceKind.SUPPLIER), shop.pk, quantity)
        ledger.post(tenant=product.tenant_id, kind=MovementKind.SHOP_RECEIPT, lines=lines, key=key, at=at, by=by)
        return lot

    return ledger.again(work)


def expiry_of(product: Product, made: date | None, expiry: date | None) -> date | None:
    """Until when goods are good: as said, or by the day they were made. Raises ExpiryNeeded where food says neither."""
    if expiry is None and made is not None and product.shelf_life_days is not None:
        expiry = made + timedelta(days=product.shelf_life_days)
    if expiry is None and product.has_expiry:
        raise ExpiryNeeded(field="expiry_date", product=product.pk)
    return expiry


def _expected(receipt: GoodsReceipt) -> GoodsReceipt:
    receipt = GoodsReceipt.objects.select_for_update().get(pk=receipt.pk)
    if receipt.received_at or receipt.cancelled_at:
        raise ReceiptNotExpected
    return receipt


def _check(product: Product, quantity: Decimal) -> None:
    is_whole = quantity == quantity.to_integral_value()
    if quantity < 0 or (product.grain != Grain.MEASURED and not is_whole):
        raise WrongQuantity(field="quantity")


def _nothing_came_again(receipt: GoodsReceipt, came: Mapping[int, Came]) -> bool:
    """Where nothing came, nothing moved that could keep the key: then the same words are the same write."""
    return not any(it.good or it.damaged for it in came.values()) and not receipt.lines.exclude(lot=None).exists()


def _said_before(tenant: int, key: str, document: str) -> bool:
    return Movement.objects.filter(tenant=tenant, key=key, document=document).exists()
