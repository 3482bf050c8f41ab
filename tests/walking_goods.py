"""One of everything that belongs to a tenant's goods, for the walks. `mark` stands in every private text."""

import io
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.models import User
from inventory import ledger, places
from inventory.models import (
    Adjustment,
    CountLine,
    CycleCount,
    GoodsReceipt,
    Location,
    Movement,
    Picture,
    PlaceKind,
    Product,
    ReceiptLine,
    ReceiptPhoto,
    ScannedFact,
    SheetImport,
    SheetRow,
    StockClosing,
    StorageUse,
    TransferLine,
    TransferOrder,
)
from tenants.models import Tenant

KINDS = {
    "product", "lot", "hold", "movement", "receipt", "transfer", "count", "adjustment", "fact", "sheet", "picture",
    "sale",
}  # fmt: skip


def goods_of(*, tenant: Tenant, member: User, someone: User, by: User, now: datetime, mark: str) -> dict[str, Any]:
    """A product with a picture and a lot, and a paper of each kind about it."""
    today = timezone.localdate(now)
    product = Product.objects.create(
        tenant=tenant, sku=f"SKU-{mark}", name_en=f"Goods {mark}", name_hi=f"माल {mark}", kind="textile",
        price=Decimal(100), mrp=Decimal(120), story_en=f"Story {mark}", reorder_level=Decimal(1000),
    )  # fmt: skip
    lot = ledger.add_lot(product=product, received_date=today, maker_lot=mark)
    dock, supplier = places.the(PlaceKind.DOCK), places.the(PlaceKind.SUPPLIER)
    received = ledger.post(
        tenant=tenant.pk, kind="receipt", lines=ledger.move(lot.pk, supplier.pk, dock.pk, Decimal(50)),
        key=f"walk {mark}", at=now, by=by, reason=f"Reason {mark}",
    )  # fmt: skip
    bin = Location.objects.bins().order_by("slug").first()
    ledger.post(
        tenant=tenant.pk, kind="put_away", lines=ledger.move(lot.pk, dock.pk, bin.pk, Decimal(30)),
        key=f"walk 2 {mark}", at=now, by=by,
    )  # fmt: skip
    hold = ledger.hold(
        tenant=tenant.pk, lot=lot.pk, location=bin.pk, quantity=Decimal(2), purpose=f"Hold {mark}",
        until=now + timedelta(hours=2), key=f"walk {mark}",
    )  # fmt: skip
    receipt = GoodsReceipt.objects.create(
        tenant=tenant, expected_date=today, note=f"Note {mark}", announced_by=member, announced_at=now
    )
    ReceiptLine.objects.create(receipt=receipt, product=product, expected_quantity=Decimal(5), note=mark)
    photo = ReceiptPhoto.objects.create(
        receipt=receipt, file=ContentFile(drawn("JPEG"), "p.jpg"), added_by=member, added_at=now
    )
    shop = Location.objects.filter(kind=PlaceKind.UNIT).order_by("slug").first()
    ledger.post(
        tenant=tenant.pk, kind="relocation", lines=ledger.move(lot.pk, dock.pk, shop.pk, Decimal(5)),
        key=f"walk 3 {mark}", at=now, by=by,
    )  # fmt: skip
    sale = ledger.post(
        tenant=tenant.pk, kind="sale", lines=ledger.move(lot.pk, shop.pk, places.key_of(PlaceKind.BUYER), Decimal(1)),
        key=f"walk 4 {mark}", at=now, by=member,
    )  # fmt: skip
    transfer = TransferOrder.objects.create(
        tenant=tenant, destination=shop, note=f"Note {mark}", requested_by=member, requested_at=now
    )
    line = TransferLine.objects.create(
        order=transfer, product=product, lot=lot, source=bin, quantity=Decimal(2), hold=hold
    )
    count = CycleCount.objects.create(tenant=tenant, note=f"Note {mark}", opened_by=by, opened_at=now)
    CountLine.objects.create(count=count, lot=lot, location=bin)
    adjustment = Adjustment.objects.create(
        tenant=tenant, lot=lot, location=bin, difference=Decimal(-1), reason="lost", note=f"Note {mark}",
        value=Decimal(5000), proposed_by=someone, proposed_at=now,
    )  # fmt: skip
    fact = ScannedFact.objects.create(
        uid=uuid.uuid5(uuid.NAMESPACE_URL, mark), tenant=tenant, kind="sale", said={"code": f"Said {mark}"},
        digest="0" * 64, happened_at=now, received_at=now, sent_by=member, status="conflict",
        problem_code="not_enough_stock", problem={"code": "not_enough_stock", "details": {}},
    )  # fmt: skip
    sheet = SheetImport.objects.create(
        tenant=tenant, kind="catalogue", file=ContentFile(b"", f"{mark}.xlsx"), file_name=f"{mark}.xlsx", size=1,
        digest="0" * 64, handed_in_by=member, handed_in_at=now, status="checked", faulty=1,
    )  # fmt: skip
    return {
        "product": product, "lot": lot, "hold": hold, "receipt": receipt, "transfer": transfer, "count": count,
        "adjustment": adjustment, "fact": fact, "sheet": sheet, "picture": picture_of(product, member, now, mark),
        "photo": photo, "line": line, "sale": Movement.objects.get(pk=sale.movement),
        "movement": Movement.objects.get(pk=received.movement),
    }  # fmt: skip


def picture_of(product: Product, by: User, now: datetime, mark: str) -> Picture:
    files = {size: ContentFile(drawn("WEBP"), f"{size}.webp") for size in ("small", "medium", "large")}
    return Picture.objects.create(
        product=product, width=8, height=8, alt_en=f"Alt {mark}", digest="0" * 64, added_by=by, added_at=now, **files
    )


def drawn(kind: str) -> bytes:
    """A small picture as a file of this kind."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "darkred").save(file, kind)
    return file.getvalue()


def many_goods(*, tenant: Tenant, people: list[User], now: datetime, number: int) -> dict[str, int]:
    """`number` of everything that a list of goods may hold, each with what its shape shows beside it."""
    today = timezone.localdate(now)
    products = Product.objects.bulk_create(
        Product(tenant=tenant, sku=f"N-{n}", name_en=f"G {n}", name_hi=f"म {n}", kind="other", price=Decimal(9))
        for n in range(number)
    )
    supplier = places.key_of(PlaceKind.SUPPLIER)
    shop = Location.objects.filter(kind=PlaceKind.UNIT).order_by("slug").first()
    for n, product in enumerate(products):
        lot = ledger.add_lot(product=product, received_date=today)
        lines = ledger.move(lot.pk, supplier, shop.pk, Decimal(5))
        ledger.post(tenant=tenant.pk, kind="shop_receipt", lines=lines, key=f"n {n}", at=now, by=people[n])
        asked = {"tenant": tenant, "note": f"n {n}"}
        receipt = GoodsReceipt.objects.create(
            **asked,
            expected_date=today,
            announced_by=people[n],
            announced_at=now,
            received_by=people[-n],
            received_at=now,
        )
        ReceiptLine.objects.create(receipt=receipt, product=product, expected_quantity=Decimal(1), lot=lot)
        order = TransferOrder.objects.create(**asked, destination=shop, requested_by=people[n], requested_at=now)
        TransferLine.objects.create(order=order, product=product, lot=lot, source=shop, quantity=Decimal(1))
        count = CycleCount.objects.create(**asked, opened_by=people[n], opened_at=now)
        CountLine.objects.create(count=count, lot=lot, location=shop)
        Adjustment.objects.create(
            **asked, lot=lot, location=shop, difference=Decimal(-1), reason="lost", value=Decimal(9),
            proposed_by=people[n], proposed_at=now, decided_by=people[-n - 1], decided_at=now,
        )  # fmt: skip
        ScannedFact.objects.create(
            uid=uuid.uuid4(), tenant=tenant, kind="sale", said={}, digest="", happened_at=now, received_at=now,
            sent_by=people[n], status="conflict", problem_code="x", problem={},
        )  # fmt: skip
    sheets = SheetImport.objects.bulk_create(
        SheetImport(
            tenant=tenant, kind="catalogue", file="sheets/n", file_name="n", size=1, digest="", handed_in_at=now,
            handed_in_by=people[n],
        )
        for n in range(number)
    )  # fmt: skip
    SheetRow.objects.bulk_create(
        SheetRow(sheet=sheets[0], row_no=n, verdict="new", product=products[n]) for n in range(number)
    )
    StorageUse.objects.bulk_create(
        StorageUse(tenant=tenant, day=today - timedelta(days=n), litres=1, bins=1, lots=1, measured_at=now)
        for n in range(number)
    )
    StockClosing.objects.bulk_create(
        StockClosing(through_date=today - timedelta(days=900 + n), closed_by=people[n], closed_at=now)
        for n in range(number)
    )
    Picture.objects.bulk_create(
        Picture(
            product=products[0], small="a", medium="b", large="c", width=1, height=1, digest=str(n), added_at=now,
            added_by=people[n],
        )
        for n in range(number)
    )  # fmt: skip
    return {"product": products[0].pk, "sheet": sheets[0].pk, "receipt": GoodsReceipt.objects.first().pk}
