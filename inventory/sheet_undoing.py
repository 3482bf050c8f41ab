"""What a sheet did is taken back where nobody has touched it since; the rows that stay say why."""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from core.refusals import Refusal
from inventory import ledger
from inventory.models import Adjustment, Lot, Movement, Product, SheetImport, SheetKind, SheetRow
from inventory.sheet_applying import COLUMNS, KEPT, LISTED, key_of, why
from inventory.sheet_errors import sentence

RESTORE = f"""
WITH fit AS (
  SELECT part.id AS row_id, part.before, product.id
  FROM inventory_sheetrow part JOIN inventory_product product ON product.id = part.product_id
  WHERE part.sheet_id = %(sheet)s AND part.verdict = 'changed' AND part.done_at IS NOT NULL
    AND to_jsonb(product) @> part.after
  ORDER BY product.id FOR UPDATE OF product
), changed AS (
  UPDATE inventory_product product SET ({LISTED}) = (
    SELECT {", ".join(f"it.{column}" for column in COLUMNS)}
    FROM jsonb_populate_record(product, fit.before || %(now)s::jsonb) it
  )
  FROM fit WHERE product.id = fit.id RETURNING product.*
), kept AS (
  INSERT INTO inventory_historicalproduct ({KEPT})
  SELECT id, {LISTED}, %(at)s, '~', %(by)s, %(why)s FROM changed
)
SELECT row_id FROM fit
"""  # noqa: S608  # names of columns, from the model

REMOVE = f"""
WITH gone AS (
  DELETE FROM inventory_product WHERE id = ANY(%(products)s) RETURNING *
)
INSERT INTO inventory_historicalproduct ({KEPT})
SELECT id, {LISTED}, %(at)s, '-', %(by)s, %(why)s FROM gone
"""  # noqa: S608

LAY_ASIDE = f"""
WITH aside AS (
  UPDATE inventory_product SET laid_aside_at = %(at)s, published_at = NULL, changed_at = %(at)s
  WHERE id = ANY(%(products)s) AND laid_aside_at IS NULL RETURNING *
)
INSERT INTO inventory_historicalproduct ({KEPT})
SELECT id, {LISTED}, %(at)s, '~', %(by)s, %(why)s FROM aside
"""  # noqa: S608


def undo_rows(sheet: SheetImport, *, by: User, at: datetime) -> None:
    """Take back every row that was applied. Call in a transaction."""
    if sheet.kind == SheetKind.CATALOGUE:
        said = {"sheet": sheet.pk, "at": at, "by": by.pk, "why": why(sheet), "now": _now(at)}
        _restore(sheet, said)
        _take_away(sheet, said)
    else:
        _reverse(sheet, by, at)


def not_undone(sheet: SheetImport) -> Any:
    """The rows of a sheet taken back that stayed as they were, with the reason in `errors`."""
    return SheetRow.objects.filter(sheet=sheet, done_at__isnull=False).exclude(errors=[])


def _now(at: datetime) -> str:
    return f'{{"changed_at": "{at.isoformat()}"}}'


def _restore(sheet: SheetImport, said: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, said)
        restored = {key for (key,) in cursor.fetchall()}
    left = SheetRow.objects.filter(sheet=sheet, verdict="changed", done_at__isnull=False).exclude(pk__in=restored)
    _say(left, "undo_changed")


def _take_away(sheet: SheetImport, said: dict[str, Any]) -> None:
    """New products go, unless something names them by now: then they are laid aside, or stay with their stock."""
    rows = SheetRow.objects.filter(sheet=sheet, verdict="new", done_at__isnull=False)
    keys = list(rows.values_list("product_id", flat=True))
    stocked = set(Lot.objects.filter(product__in=keys).values_list("product_id", flat=True))
    named = _named_elsewhere(sheet, [key for key in keys if key not in stocked])
    free = [key for key in keys if key not in stocked and key not in named]
    SheetRow.objects.filter(sheet=sheet, product__in=free).update(product=None)
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, {**said, "products": free})
        cursor.execute(LAY_ASIDE, {**said, "products": sorted(named)})
    _say(rows.filter(product__in=stocked), "undo_stock")
    _say(rows.filter(product__in=named), "undo_used")


def _named_elsewhere(sheet: SheetImport, keys: list[int]) -> set[int]:
    """Which products some other row points at."""
    named: set[int] = set()
    for relation in Product._meta.related_objects:
        model: Any = relation.related_model
        name = relation.field.name
        rows = model._default_manager.filter(**{f"{name}__in": keys})
        if model is SheetRow:
            rows = rows.exclude(sheet=sheet)
        elif model._meta.model_name == "historicalproduct":
            continue
        named.update(rows.values_list(f"{name}_id", flat=True))
    return named


def _reverse(sheet: SheetImport, by: User, at: datetime) -> None:
    """Reverse the movements of a sheet of stock, the newest first."""
    rows = {row.row_no: row for row in SheetRow.objects.filter(sheet=sheet, done_at__isnull=False)}
    movements = Movement.objects.filter(tenant=sheet.tenant_id, key__startswith=key_of(sheet), reversed_by=None)
    for movement in movements.order_by("-pk"):
        row = rows.get(int(movement.key.split(":")[2]))
        try:
            ledger.reverse(movement=movement, key=f"undo:{movement.pk}", at=at, by=by, reason=why(sheet))
        except Refusal as refusal:
            if row:
                _say(SheetRow.objects.filter(pk=row.pk), "undo_refused", why=str(refusal))
    notes = {f"{sheet.code}, {number}": row for number, row in rows.items()}
    for adjustment in Adjustment.objects.waiting().filter(tenant=sheet.tenant_id, note__startswith=f"{sheet.code}, "):
        row = notes.get(adjustment.note)
        if row:
            _say(SheetRow.objects.filter(pk=row.pk), "undo_waits", code=adjustment.code)


def _say(rows: Any, code: str, /, **facts: Any) -> None:
    error = {"cell": "", "column": "", "found": "", "code": code, "facts": {k: str(v) for k, v in facts.items()}}
    error["expected"] = sentence(error)
    rows.update(errors=[error])
