"""A sheet of stock is judged: what was counted in the shops against what is on record there."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import translation

from core.devanagari import folded
from inventory.models import Balance, Location, ProductKind, UnitOfMeasure, Verdict
from inventory.sheet_checking import Cells, Head, Judged, ProductFinder, as_json
from inventory.sheet_reading import Row

PRODUCT_FIELDS = ("sku", "unit_of_measure", "is_one_of_a_kind", "kind", "shelf_life_days")
SHOPS_SHOWN = 10


class StockChecker:
    """Judges rows of a sheet of stock. What is on record is read when the sheet is checked and again when applied."""

    def __init__(self, tenant: int, head: Head, shops: list[Location]) -> None:
        self.tenant, self.head = tenant, head
        self.cells = Cells(head, {})
        self.finder = ProductFinder(tenant, head, PRODUCT_FIELDS)
        self.shops = _by_name(shops)
        self.shop_names = ", ".join(shop.slug for shop in shops[:SHOPS_SHOWN]) or "–"
        self.seen: dict[tuple[int, int], int] = {}

    def judge(self, rows: list[Row]) -> list[Judged]:
        """The verdicts on some rows. Call once for each run of rows, in order."""
        lines = [self.cells.read(row) for row in rows]
        self.finder.fetch(lines)
        found = [(judged, self._product(judged), self._shop(judged)) for judged in lines]
        record = on_record(self.tenant, [product["pk"] for _line, product, _shop in found if product])
        for judged, product, shop in found:
            if product and shop:
                self._check(judged, product)
                self._compare(judged, product, shop, record.get((product["pk"], shop.pk)))
            if judged.errors:
                judged.after = {"cells": judged.row.cells}
        return lines

    def _product(self, judged: Judged) -> dict[str, Any] | None:
        product = self.finder.of(judged)
        if product is None and not judged.errors:
            self.head.error(judged, "sku" if "sku" in self.head.places else "code", "no_such_product")
        judged.product = product["pk"] if product else None
        return product

    def _shop(self, judged: Judged) -> Location | None:
        said = judged.values.get("shop")
        shop = self.shops.get(folded(said)) if said else None
        if said and shop is None:
            self.head.error(judged, "shop", "no_such_shop", shops=self.shop_names)
        return shop

    def _check(self, judged: Judged, product: dict[str, Any]) -> None:
        counted = judged.values.get("counted")
        if counted is None:
            return
        if counted < 0:
            self.head.error(judged, "counted", "negative")
        if product["is_one_of_a_kind"] and counted not in (0, 1):
            self.head.error(judged, "counted", "one_piece")
        elif UnitOfMeasure(product["unit_of_measure"]).is_counted and counted % 1:
            self.head.error(judged, "counted", "not_whole")
        made, expiry = judged.values.get("made_date"), judged.values.get("expiry_date")
        if made and expiry and expiry < made:
            self.head.error(judged, "expiry_date", "expiry_before_making")

    def _compare(self, judged: Judged, product: dict[str, Any], shop: Location, record: Decimal | None) -> None:
        counted = judged.values.get("counted")
        if counted is None:
            return
        first = self.seen.setdefault((product["pk"], shop.pk), judged.row.number)
        if first != judged.row.number:
            self.head.error(judged, "counted", "twice", row=first)
        is_new = record is None and counted > 0
        has_expiry = product["kind"] == ProductKind.FOOD or product["shelf_life_days"] is not None
        if is_new and has_expiry and not judged.values.get("expiry_date"):
            self.head.error(judged, "expiry_date", "needs_expiry")
        if judged.errors or counted == (record or 0):
            return
        judged.verdict = Verdict.NEW if is_new else Verdict.CHANGED
        judged.before = {"shop": shop.pk, "place": shop.slug, "on_record": as_json(record or Decimal(0))}
        judged.after = {
            "counted": as_json(counted),
            "made_date": as_json(judged.values.get("made_date")),
            "expiry_date": as_json(judged.values.get("expiry_date")),
        }


def on_record(tenant: int, products: list[int]) -> Mapping[tuple[int, int], Decimal]:
    """How much of each product there is at each place on record; places that never had any are not in it."""
    rows = Balance.objects.physical().filter(tenant=tenant, lot__product__in=products)
    sums = rows.values_list("lot__product", "location").annotate(sum=Sum("on_hand"))
    return {(product, location): total for product, location, total in sums}


def _by_name(shops: list[Location]) -> dict[str, Location]:
    found: dict[str, Location] = {}
    for shop in shops:
        names = {shop.slug, shop.name_en, shop.name_hi}
        for language in ("en", "hi"):
            with translation.override(language):
                names.add(str(shop))
        for name in names:
            found.setdefault(folded(name), shop)
    return found
