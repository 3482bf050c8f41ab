"""Goods for the benches: a few lots in a shop to sell from, and a warehouse of a million lots."""

import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MANY = Decimal(1_000_000_000)


@dataclass(frozen=True)
class Stand:
    """A shop with lots that never run out, and someone who may sell them."""

    tenant: int
    username: str
    shop: int
    buyer: int
    lots: tuple[int, ...]


def stand(lots: int = 200) -> Stand:
    """A tenant's shop with `lots` lots in it; made once, found again."""
    from django.utils import timezone

    from inventory import ledger, places
    from inventory.models import Location, Lot, PlaceKind, Product
    from tenants.models import Membership

    owner = Membership.objects.filter(ended_at=None, role="owner").select_related("user", "tenant").earliest("pk")
    product, _made = Product.objects.get_or_create(
        tenant=owner.tenant, sku="BENCH", defaults={"name_en": "Bench", "name_hi": "बेंच", "kind": "other"}
    )
    shop = Location.objects.filter(kind=PlaceKind.UNIT).earliest("pk").pk
    now = timezone.now()
    there = list(Lot.objects.filter(product=product).order_by("pk").values_list("pk", flat=True)[:lots])
    for _missing in range(lots - len(there)):
        lot = ledger.add_lot(product=product, received_date=timezone.localdate(now)).pk
        lines = ledger.move(lot, places.the(PlaceKind.SUPPLIER).pk, shop, MANY)
        ledger.post(tenant=owner.tenant.pk, kind="shop_receipt", lines=lines, key=f"bench {lot}", at=now, by=owner.user)
        there.append(lot)
    return Stand(owner.tenant.pk, owner.user.username, shop, places.the(PlaceKind.BUYER).pk, tuple(there))


PRODUCTS = """
INSERT INTO inventory_product (tenant_id, sku, name_en, name_hi, gtin, kind, description_en, description_hi,
    unit_of_measure, is_one_of_a_kind, maker_en, maker_hi, story_en, story_hi, has_handloom_mark, has_silk_mark,
    is_packed, net_quantity, maker_address, country_of_origin, consumer_care, size, material, ingredients, food_mark,
    litres, price, changed_at)
SELECT t.id, 'MANY-' || n, 'Goods ' || n, 'माल ' || n, '', 'other', '', '', 'NOS', false, '', '', '', '', false,
    false, false, '', '', 'India', '', '', '', '', '', 1, 100, now()
FROM tenants_tenant t, generate_series(1, {products}) n
ON CONFLICT DO NOTHING
"""
LOTS = """
INSERT INTO inventory_lot (tenant_id, product_id, grain, maker_lot, received_date, made_date, expiry_date)
SELECT p.tenant_id, p.id, 'whole', '', current_date - (n % 400), NULL,
    CASE WHEN n % 5 = 0 THEN current_date + (n % 300) END
FROM inventory_product p, generate_series(1, {each}) n WHERE p.sku LIKE 'MANY-%'
RETURNING id
"""
MOVEMENTS = """
WITH places AS (
    SELECT array_agg(id ORDER BY id) AS bins FROM inventory_location WHERE kind = 'bin'
), fresh AS (
    SELECT l.id AS lot, l.tenant_id, bins[1 + l.id % cardinality(bins)] AS bin, 1 + l.id % 90 AS much
    FROM inventory_lot l, places
    WHERE NOT EXISTS (SELECT 1 FROM inventory_balance b WHERE b.lot_id = l.id)
), moved AS (
    INSERT INTO inventory_movement (tenant_id, kind, key, digest, occurred_at, recorded_at, reason, document)
    SELECT tenant_id, 'receipt', 'many ' || lot, '', now(), now(), '', '' FROM fresh
    RETURNING id, tenant_id, key
), lines AS (
    SELECT m.id AS movement, f.tenant_id, f.lot, side.place, side.sign * f.much AS quantity, side.is_physical
    FROM moved m JOIN fresh f ON m.key = 'many ' || f.lot,
        LATERAL (VALUES (f.bin, 1, true), ({supplier}::bigint, -1, false)) AS side (place, sign, is_physical)
), entered AS (
    INSERT INTO inventory_ledgerentry (movement_id, tenant_id, lot_id, location_id, quantity)
    SELECT movement, tenant_id, lot, place, quantity FROM lines RETURNING 1
), dispatched AS (
    INSERT INTO inventory_dispatch (movement_id) SELECT id FROM moved RETURNING 1
)
INSERT INTO inventory_balance (tenant_id, lot_id, location_id, grain, is_physical, on_hand, held)
SELECT tenant_id, lot, place, 'whole', is_physical, quantity, 0 FROM lines
"""


def fill_warehouse(cluster: Any, lots: int) -> None:
    """Bring the warehouse to about `lots` lots, by bulk statements of the superuser; verify_books proves the result."""
    from django.db import connection

    from inventory import places
    from inventory.models import Lot, PlaceKind

    there = Lot.objects.count()
    if there >= lots:
        return
    print(f"  filling the warehouse with {lots:,} lots", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_tenant")
        tenants = cursor.fetchone()[0]
    products = 100
    each = -(-(lots - there) // (tenants * products))
    supplier = places.the(PlaceKind.SUPPLIER).pk
    connection.close()
    link = cluster._connect("unity_mall")  # the superuser may skip triggers; the mall's own role may not
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(PRODUCTS.format(products=products))
        for _round in range(each):
            cursor.execute(LOTS.format(each=1))
            cursor.execute("ANALYZE inventory_lot, inventory_balance")
            cursor.execute(MOVEMENTS.format(supplier=supplier))
        cursor.execute("VACUUM ANALYZE")
    link.close()
