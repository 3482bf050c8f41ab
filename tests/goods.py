"""Goods for tests of warehouse work: products, lots that lie somewhere, what is on hand."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory import ledger, places
from inventory.models import Balance, Location, Lot, MovementKind, PlaceKind, Product
from tenants.models import Tenant


def sari(tenant: Tenant, sku: str = "S-1", **facts: Any) -> Product:
    """A sari at ₹1,200 that takes a litre of room."""
    named = {"kind": "textile", "name_en": f"Sari {sku}", "name_hi": f"साड़ी {sku}", "price": Decimal(1200)}
    return Product.objects.create(tenant=tenant, sku=sku, **(named | facts))


def put(product: Product, place: Location, quantity: int | str, at: datetime, key: str = "", **facts: Any) -> Lot:
    """A new lot of a product lies at a place since `at`."""
    lot = ledger.add_lot(product=product, **({"received_date": at.date()} | facts))
    supplier = places.the(PlaceKind.SUPPLIER)
    carry(lot, supplier, place, quantity, at, key or f"put {lot.pk}", MovementKind.RECEIPT)
    return lot


def carry(
    lot: Lot, source: Location, target: Location, quantity: int | str, at: datetime, key: str, kind: str = "relocation"
) -> ledger.Posted:
    """So much of a lot went from one place to another at `at`; told now."""
    return ledger.post(
        tenant=lot.tenant_id,
        kind=kind,
        lines=ledger.move(lot.pk, source.pk, target.pk, Decimal(quantity)),
        key=key,
        at=at,
        by=None,
    )


def on_hand(lot: Lot, place: Location) -> Decimal:
    balance = Balance.objects.filter(lot=lot, location=place).first()
    return balance.on_hand if balance else Decimal(0)
