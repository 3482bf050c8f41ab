"""Sheets: handed in, checked without changing anything, confirmed, applied, and taken back.

A sheet is a row that says how far it has come. Whoever works on it holds a lease for a few minutes; when that worker
dies, the next one goes on: checking begins anew, applying goes on after the last rows that were done.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean, folded
from core.refusals import Refusal
from inventory import sheet_rows
from inventory.models import Location, SheetImport, SheetKind, SheetRow, SheetStatus, Verdict
from inventory.sheet_applying import apply_rows
from inventory.sheet_cells import text
from inventory.sheet_checking import CatalogueChecker, Head
from inventory.sheet_columns import BY_KIND, NEEDED, Column, by_header
from inventory.sheet_reading import WHY, Row, Sheet, SheetRefused, first_look, opened
from inventory.sheet_references import books
from inventory.sheet_stock import StockChecker
from inventory.sheet_undoing import undo_rows
from tenants.models import Tenant
from tenants.registering import still_here

LEASE = timedelta(minutes=3)
ROWS_AT_ONCE = 2_000
UNKNOWN_SHOWN = 200


class SheetNotChecked(Refusal):
    code = "sheet_not_checked"
    sentence = _("This sheet has not been checked, or has been applied already.")


class SheetHasErrors(Refusal):
    """`details`: faulty, how many rows."""

    code = "sheet_has_errors"
    sentence = _("Some rows are wrong. Mend them and hand in again, or apply only the good rows.")


class SheetChangesNothing(Refusal):
    code = "sheet_changes_nothing"
    sentence = _("There is nothing to apply: every row is as it is on record, or wrong.")


class SheetNotApplied(Refusal):
    code = "sheet_not_applied"
    sentence = _("Only a sheet that was applied is taken back, and only once.")


def hand_in(
    *,
    tenant: Tenant,
    kind: SheetKind | str,
    upload: UploadedFile,
    by: User,
    at: datetime,
    language: str,
    shops: Iterable[Location] = (),
) -> SheetImport:
    """Keep a workbook to be checked. `shops` are the places that a sheet of stock may speak of.

    Raises SheetRefused where its size, its name or its first bytes say already that it is no workbook; TenantHasLeft.
    """
    name = clean(PurePath((upload.name or "").replace("\\", "/")).name)[-150:]
    upload.seek(0)
    first_look(name, upload.size or 0, upload.read(4096))
    upload.seek(0)
    content = upload.read()
    with transaction.atomic():
        still_here(tenant)
        sheet = SheetImport(
            tenant=tenant,
            kind=kind,
            file_name=name,
            size=len(content),
            digest=sha256(content).hexdigest(),
            language="hi" if language == "hi" else "en",
            handed_in_by=by,
            handed_in_at=at,
        )
        sheet.file.save("sheet.xlsx", ContentFile(content), save=False)
        sheet.save()
        sheet.shops.set(shops)
    return sheet


def check(*, sheet: int, at: datetime) -> SheetImport | None:
    """Judge every row of a sheet and change nothing. None where another worker has it or it is not waiting."""
    taken = _take(sheet, at, SheetStatus.WAITING, SheetStatus.CHECKING)
    if taken is None:
        return None
    SheetRow.objects.filter(sheet=taken).delete()
    with translation.override(taken.language):
        try:
            with opened(taken.file.path) as read:
                counts, unknown = _judge_all(taken, read)
        except SheetRefused as refusal:
            SheetRow.objects.filter(sheet=taken).delete()
            return _done(
                taken,
                status=SheetStatus.REFUSED,
                refusal_code=refusal.why,
                refusal=str(refusal)[:300],
                rows=0,
                rows_done=0,
            )
        except FileNotFoundError:
            return _done(taken, status=SheetStatus.REFUSED, refusal_code="damaged", refusal=str(WHY["damaged"]))
    return _done(
        taken,
        status=SheetStatus.CHECKED,
        rows=counts.total(),
        rows_done=0,
        refusal_code="unknown_columns" if unknown else "",
        refusal=", ".join(unknown)[:UNKNOWN_SHOWN],
        **{str(verdict): counts[verdict] for verdict in Verdict},
    )


def confirm(*, sheet: SheetImport, by: User, at: datetime, only_good: bool = False) -> SheetImport:
    """Say that a checked sheet is to be applied: all of it, or its good rows only.

    Raises SheetNotChecked, SheetHasErrors, SheetChangesNothing.
    """
    with transaction.atomic():
        locked = SheetImport.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if locked.status != SheetStatus.CHECKED:
            raise SheetNotChecked
        if not locked.new + locked.changed:
            raise SheetChangesNothing
        if locked.faulty and not only_good:
            raise SheetHasErrors(faulty=locked.faulty)
        locked.status, locked.confirmed_by, locked.confirmed_at = SheetStatus.CONFIRMED, by, at
        locked.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    return locked


def apply(*, sheet: int, at: datetime) -> SheetImport | None:
    """Apply the good rows of a confirmed sheet, each once. None where another worker has it or it is not confirmed."""
    taken = _take(sheet, at, SheetStatus.CONFIRMED, SheetStatus.APPLYING)
    if taken is None:
        return None
    with translation.override(taken.language):
        for done in apply_rows(taken, at):
            _step(taken, rows_done=done)
    counts = Counter(SheetRow.objects.filter(sheet=taken).values_list("verdict", flat=True))
    return _done(
        taken,
        status=SheetStatus.APPLIED,
        applied_at=at,
        **{str(verdict): counts[verdict] for verdict in Verdict},
    )


def undo(*, sheet: SheetImport, by: User, at: datetime) -> SheetImport:
    """Take back what a sheet did, where nobody has touched it since. The rows that stay say why.

    Raises SheetNotApplied.
    """
    with transaction.atomic(), translation.override(sheet.language):
        locked = SheetImport.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if locked.status != SheetStatus.APPLIED:
            raise SheetNotApplied
        undo_rows(locked, by=by, at=at)
        locked.status, locked.undone_by, locked.undone_at = SheetStatus.UNDONE, by, at
        locked.save(update_fields=["status", "undone_by", "undone_at"])
    return locked


def _take(sheet: int, at: datetime, waiting: SheetStatus, working: SheetStatus) -> SheetImport | None:
    """Lease a sheet that waits, or whose worker has not been heard of for a while."""
    with transaction.atomic():
        rows = SheetImport.objects.select_for_update(skip_locked=True, of=("self",)).select_related("tenant")
        taken = rows.filter(pk=sheet, status__in=[waiting, working]).first()
        if taken is None:
            return None
        if taken.status == working and taken.worked_on_until and taken.worked_on_until > at:
            return None
        taken.status, taken.worked_on_until = working, at + LEASE
        taken.save(update_fields=["status", "worked_on_until"])
    return taken


def _step(sheet: SheetImport, **fields: Any) -> None:
    """Say how far the work has come, and go on having the lease."""
    SheetImport.objects.filter(pk=sheet.pk).update(worked_on_until=Now() + LEASE, **fields)


def _done(sheet: SheetImport, **fields: Any) -> SheetImport:
    SheetImport.objects.filter(pk=sheet.pk).update(worked_on_until=None, **fields)
    sheet.refresh_from_db()
    return sheet


def _judge_all(sheet: SheetImport, read: Sheet) -> tuple[Counter[str], list[str]]:
    """Judge the rows and keep the verdicts. Returns how many of each, and the names of columns nobody knows."""
    if read.ours.get("kind", sheet.kind) != sheet.kind:
        raise SheetRefused("other_kind")
    first = next(read.rows, None)
    if first is None:
        raise SheetRefused("no_rows")
    columns, unknown = head_of(sheet.kind, first)
    checker = _checker(sheet, Head(columns))
    names = [columns[place].name if place in columns else "" for place in range(max(columns) + 1)]
    _step(sheet, rows=max(read.count - 1, 0), rows_done=0, columns=names)
    counts: Counter[str] = Counter()
    for rows in _runs(_with_something(read.rows, columns)):
        lines = checker.judge(rows)
        sheet_rows.keep(sheet.pk, lines)
        counts.update(str(judged.verdict) for judged in lines)
        _step(sheet, rows_done=counts.total())
    if not counts:
        raise SheetRefused("no_rows")
    sheet_rows.settle()
    return counts, unknown


def _checker(sheet: SheetImport, head: Head) -> CatalogueChecker | StockChecker:
    if sheet.kind == SheetKind.CATALOGUE:
        return CatalogueChecker(sheet.tenant_id, head, books())
    return StockChecker(sheet.tenant_id, head, list(sheet.shops.all()))


def head_of(kind: str, first: Row) -> tuple[dict[int, Column], list[str]]:
    """Which column stands where, and which names nobody knows. Raises SheetRefused."""
    known = by_header(BY_KIND[kind])
    columns: dict[int, Column] = {}
    unknown: list[str] = []
    for place, cell in enumerate(first.cells):
        name = text(cell).rstrip("*").strip()
        if not name:
            continue
        column = known.get(folded(name))
        if column is None:
            unknown.append(name[:40])
        else:
            columns[place] = column
    names = [column.name for column in columns.values()]
    if not names:
        raise SheetRefused("no_head")
    if any(not set(one_of) & set(names) for one_of in NEEDED[kind]):
        wanted = [one_of[0] for one_of in NEEDED[kind] if not set(one_of) & set(names)]
        headers = {column.name: str(column.header) for column in BY_KIND[kind]}
        raise SheetRefused("column_missing", columns=", ".join(headers[name] for name in wanted))
    twice = [str(column.header) for column in columns.values() if names.count(column.name) > 1]
    if twice:
        raise SheetRefused("column_twice", columns=", ".join(dict.fromkeys(twice)))
    return columns, unknown


def _with_something(rows: Iterator[Row], columns: dict[int, Column]) -> Iterator[Row]:
    """Rows in which a column that is read has something; others are empty to us."""
    places = [place for place, column in columns.items() if column.reads != "note"]
    for row in rows:
        if row.formulas or any(place < len(row.cells) and text(row.cells[place]) for place in places):
            yield row


def _runs(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while run := list(islice(rows, ROWS_AT_ONCE)):
        yield run
