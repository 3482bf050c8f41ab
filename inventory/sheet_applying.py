"""The good rows of a sheet are applied, a few hundred at a time; each is done once, whatever dies in between.

Products are written by the database from the rows themselves: what the check has found goes from the row to the
product and to its history in one statement, which also marks the row as done.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from core.history import record
from core.refusals import Refusal
from inventory import adjusting, ledger, publishing, receiving
from inventory.models import (
    AdjustmentReason,
    Balance,
    Location,
    Product,
    SheetImport,
    SheetKind,
    SheetRow,
    Verdict,
)
from inventory.sheet_checking import as_json
from inventory.sheet_errors import sentence

ROWS_AT_ONCE = 500
STOCK_ROWS_AT_ONCE = 100
GOOD = (Verdict.NEW, Verdict.CHANGED)

COLUMNS = [str(field.column) for field in Product._meta.concrete_fields if not field.primary_key]
LISTED = ", ".join(COLUMNS)
KEPT = f"id, {LISTED}, history_date, history_type, history_user_id, history_change_reason"

ADD = f"""
WITH part AS (
  SELECT id, after, nextval(pg_get_serial_sequence('inventory_product', 'id')) AS product_id FROM (
    SELECT id, after FROM inventory_sheetrow
    WHERE id = ANY(%(rows)s) AND verdict = 'new' AND done_at IS NULL ORDER BY id FOR UPDATE
  ) locked
), made AS (
  INSERT INTO inventory_product (id, {LISTED})
  SELECT part.product_id, {", ".join(f"it.{column}" for column in COLUMNS)}
  FROM part, jsonb_populate_record(NULL::inventory_product, %(base)s::jsonb || part.after) it
  RETURNING *
), kept AS (
  INSERT INTO inventory_historicalproduct ({KEPT})
  SELECT id, {LISTED}, %(at)s, '+', %(by)s, %(why)s FROM made
)
UPDATE inventory_sheetrow done SET done_at = %(at)s, product_id = part.product_id
FROM part WHERE done.id = part.id AND done.id = ANY(%(rows)s)
"""  # noqa: S608  # names of columns, from the model

CHANGE = f"""
WITH part AS (
  SELECT id, product_id, before, after FROM inventory_sheetrow
  WHERE id = ANY(%(rows)s) AND verdict = 'changed' AND done_at IS NULL FOR UPDATE
), fit AS (
  SELECT part.id AS row_id, part.after, product.id
  FROM part JOIN inventory_product product ON product.id = part.product_id
  WHERE to_jsonb(product) @> part.before AND product.laid_aside_at IS NULL
  ORDER BY product.id FOR UPDATE OF product
), changed AS (
  UPDATE inventory_product product SET ({LISTED}) = (
    SELECT {", ".join(f"it.{column}" for column in COLUMNS)}
    FROM jsonb_populate_record(product, fit.after || %(now)s::jsonb) it
  )
  FROM fit WHERE product.id = fit.id RETURNING product.*
), kept AS (
  INSERT INTO inventory_historicalproduct ({KEPT})
  SELECT id, {LISTED}, %(at)s, '~', %(by)s, %(why)s FROM changed
)
UPDATE inventory_sheetrow done SET done_at = %(at)s
FROM fit WHERE done.id = fit.row_id AND done.id = ANY(%(rows)s)
"""  # noqa: S608  # names of columns, from the model


def apply_rows(sheet: SheetImport, at: datetime) -> Iterator[int]:
    """Apply what is left to do, in the order of the rows; says after each part how many rows are done."""
    waiting = SheetRow.objects.filter(sheet=sheet, verdict__in=GOOD, done_at=None).order_by("row_no")
    done = SheetRow.objects.filter(sheet=sheet).count() - waiting.count()
    keys = list(waiting.values_list("pk", flat=True))
    is_catalogue = sheet.kind == SheetKind.CATALOGUE
    size = ROWS_AT_ONCE if is_catalogue else STOCK_ROWS_AT_ONCE
    for start in range(0, len(keys), size):
        part = keys[start : start + size]
        if is_catalogue:
            _products(sheet, part, at)
        else:
            for key in part:
                _count(sheet, key, at)
        done += len(part)
        yield done


def _products(sheet: SheetImport, rows: list[int], at: datetime) -> None:
    """Write the products of some rows; where a rule stands against one, each on its own."""
    try:
        _write_products(sheet, rows, at)
    except IntegrityError:
        for row in rows:
            try:
                _write_products(sheet, [row], at)
            except IntegrityError as broken:
                _leave(row, "not_applied", why=_rule(broken))


@transaction.atomic
def _write_products(sheet: SheetImport, rows: list[int], at: datetime) -> None:
    said: dict[str, Any] = {
        "rows": rows,
        "at": at,
        "by": sheet.confirmed_by_id,
        "why": why(sheet),
        "base": _json({**_defaults(), "tenant_id": sheet.tenant_id, "changed_at": at.isoformat()}),
        "now": _json({"changed_at": at.isoformat()}),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, said)
        cursor.execute(CHANGE, said)
    for row in SheetRow.objects.filter(pk__in=rows, verdict=Verdict.CHANGED, done_at=None):
        _leave(row.pk, "changed_meanwhile")
    _take_back_unfinished(sheet, rows)


def _take_back_unfinished(sheet: SheetImport, rows: list[int]) -> None:
    """Cards that visitors saw and that now lack something are taken back from them, as after any other change."""
    changed = SheetRow.objects.filter(pk__in=rows, verdict=Verdict.CHANGED, done_at__isnull=False)
    shown = Product.objects.published().filter(pk__in=changed.values("product"))
    for product in shown.select_related("odop_listing").prefetch_related("pictures"):
        if publishing.unfinished(product):
            product.published_at = None
            record(product, by=_confirmer(sheet), why=why(sheet))


def why(sheet: SheetImport) -> str:
    return f"{sheet.code}: {sheet.file_name}"


def _defaults() -> dict[str, Any]:
    """What a new product is where the sheet says nothing."""
    fields = [field for field in Product._meta.concrete_fields if not field.primary_key]
    return {field.attname: as_json(field.get_default()) for field in fields if field.attname != "tenant_id"}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _leave(row: int, code: str, /, **facts: Any) -> None:
    """A row that could not be applied says so, and what it wanted stays to be read."""
    error = {"cell": "", "column": "", "found": "", "code": code, "facts": {k: str(v) for k, v in facts.items()}}
    error["expected"] = sentence(error)
    SheetRow.objects.filter(pk=row).update(verdict=Verdict.FAULTY, errors=[error])


def _rule(broken: IntegrityError) -> str:
    """The sentence of the rule that stood against a row."""
    name = getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None) or ""
    rules = {rule.name: rule for rule in Product._meta.constraints}
    return str(rules[name].violation_error_message) if name in rules else name


def _count(sheet: SheetImport, row: int, at: datetime) -> None:
    """Post the difference of one row; what the ledger refuses is said in the row."""
    try:
        ledger.again(lambda: _post_count(sheet, row, at))
    except Refusal as refusal:
        _leave(row, "not_applied", why=str(refusal))


def _post_count(sheet: SheetImport, key: int, at: datetime) -> None:
    row = SheetRow.objects.select_for_update(of=("self",)).get(pk=key)
    if row.done_at or row.verdict not in GOOD or row.product_id is None:
        return
    product = Product.objects.get(pk=row.product_id)
    before, after = row.before or {}, row.after or {}
    shop = Location.objects.get(pk=before["shop"])
    there = Balance.objects.select_for_update().filter(lot__product=product, location=shop)
    balances = list(there.order_by("lot_id").select_related("lot"))
    total = sum((balance.on_hand for balance in balances), Decimal(0))
    if total != Decimal(str(before["on_record"])):
        _leave(row.pk, "changed_meanwhile")
        return
    difference = Decimal(str(after["counted"])) - total
    if difference > 0:
        _more(sheet, row, product, shop, difference, balances, at)
    else:
        _less(sheet, row, shop, -difference, balances, at)
    SheetRow.objects.filter(pk=row.pk).update(done_at=at)


def _more(
    sheet: SheetImport,
    row: SheetRow,
    product: Product,
    shop: Location,
    quantity: Decimal,
    balances: list[Balance],
    at: datetime,
) -> None:
    """More than on record: found, in the lot that came last; goods the shop never had are brought to it."""
    if balances:
        lot = max(balances, key=lambda balance: balance.lot_id).lot
        _propose(sheet, row, lot, shop, quantity, AdjustmentReason.FOUND, at)
        return
    after = row.after or {}
    receiving.bring_to_shop(
        product=product,
        quantity=quantity,
        shop=shop,
        by=_confirmer(sheet),
        at=at,
        key=f"{key_of(sheet)}{row.row_no}",
        made_date=_day(after.get("made_date")),
        expiry_date=_day(after.get("expiry_date")),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _less(
    sheet: SheetImport, row: SheetRow, shop: Location, quantity: Decimal, balances: list[Balance], at: datetime
) -> None:  # fmt: skip
    """Fewer than on record: missing from the lots that expire first, as they would have been sold."""
    order = sorted(balances, key=lambda it: (it.lot.expiry_date or date.max, it.lot.received_date, it.lot_id))
    for balance in order:
        part = min(quantity, balance.on_hand)
        if part > 0:
            _propose(sheet, row, balance.lot, shop, -part, AdjustmentReason.LOST, at)
            quantity -= part


def _propose(
    sheet: SheetImport, row: SheetRow, lot: Any, shop: Location, difference: Decimal, reason: str, at: datetime
) -> None:
    """One correction. Above the mall's limit of worth it waits for a second person, as any other."""
    adjusting.propose(
        lot=lot,
        location=shop,
        difference=difference,
        reason=reason,
        note=f"{sheet.code}, {row.row_no}",
        by=_confirmer(sheet),
        at=at,
        key=f"{key_of(sheet)}{row.row_no}:{lot.pk}",
    )


def _confirmer(sheet: SheetImport) -> User:
    """Who said that the sheet is to be applied, and so answers for it."""
    assert sheet.confirmed_by is not None
    return sheet.confirmed_by


def key_of(sheet: SheetImport) -> str:
    """What the idempotency keys of all movements of a sheet begin with."""
    return f"sheet:{sheet.pk}:"
