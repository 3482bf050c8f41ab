"""Sheets: taken along, handed in, looked over, applied, taken back."""

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.policy import Policy
from accounts.roles import Right
from core.indian_format import grouped
from insights.shops import shops_of
from inventory import sheets
from inventory.models import SheetImport, SheetKind, SheetRow, SheetStatus, Verdict
from inventory.sheet_columns import BY_KIND, FIELDS
from inventory.sheet_errors import REPAIRS, repair, sentence
from inventory.sheet_references import books
from inventory.sheet_tasks import apply_sheets, check_sheets
from inventory.sheet_undoing import not_undone
from inventory.sheet_writing import catalogue_sheet, marked_sheet, stock_sheet
from tenants.access import may
from tenants.models import Tenant
from web.doorbell import ring
from web.downloads import XLSX
from web.forms.sheets import ConfirmSheetForm, SheetForm
from web.views.base import Page, SignedIn, attempt, fetch, page_of
from web.views.tenant_frame import ConfirmPage, FormPage, tenant_for

RIGHTS = {SheetKind.CATALOGUE: Right.EDIT_PRODUCTS, SheetKind.STOCK: Right.HANDLE_STOCK}
AT_WORK = (SheetStatus.WAITING, SheetStatus.CHECKING, SheetStatus.CONFIRMED, SheetStatus.APPLYING)
# How each status looks: a state that the design system knows.
LOOKS = {
    SheetStatus.WAITING: "waiting",
    SheetStatus.CHECKING: "waiting",
    SheetStatus.REFUSED: "refused",
    SheetStatus.CHECKED: "info",
    SheetStatus.CONFIRMED: "waiting",
    SheetStatus.APPLYING: "waiting",
    SheetStatus.APPLIED: "good",
    SheetStatus.UNDONE: "withdrawn",
}
TILES = (
    (Verdict.NEW, "info", "plus"),
    (Verdict.CHANGED, "warn", "edit"),
    (Verdict.SAME, "calm", "check"),
    (Verdict.FAULTY, "bad", "warning"),
)
CHOICES = {column.name: dict(column.choices) for column in FIELDS if column.choices}
ROWS_ON_A_PAGE = 50
DIFFERENCES_SHOWN = 6


def sheet_for(request: HttpRequest, right: Right, pk: int) -> SheetImport:
    """The sheet, where the reader holds `right` over its tenant; else 404."""
    rows = SheetImport.objects.visible_to(request.user, right)
    return fetch(rows.select_related("tenant", "handed_in_by", "confirmed_by", "undone_by"), pk=pk)


def kinds_of(request: HttpRequest, tenant: Tenant) -> list[str]:
    """The kinds of sheets that the reader may hand in for a tenant."""
    if tenant.closed_date is not None:
        return []
    return [kind.value for kind, right in RIGHTS.items() if may(request.user, right, tenant)]


def as_download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "Cache-Control": "private, no-store",
        },
    )


class Sheets(Page):
    """What a tenant may take along and hand in, and what it handed in before."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")
    template = "sheets/sheets.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_STOCK, pk)
        rows = SheetImport.objects.visible_to(request.user).filter(tenant=tenant).select_related("handed_in_by")
        page = page_of(request, rows)
        return self.show(
            request,
            tenant=tenant,
            kinds=[(kind.value, kind.label) for kind in SheetKind],
            may_hand_in=bool(kinds_of(request, tenant)),
            page_obj=page,
            lines=[(sheet, LOOKS[SheetStatus(sheet.status)]) for sheet in page],
        )


class SheetDownload(Page):
    """A workbook to fill in, with what is on record."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_STOCK, pk)
        language = translation.get_language() or "hi"
        today = timezone.localdate()
        if kind == SheetKind.CATALOGUE:
            content = catalogue_sheet(tenant, language)
        elif kind == SheetKind.STOCK:
            content = stock_sheet(tenant, language, shops_of(tenant, today))
        else:
            raise Http404
        return as_download(content, f"{kind}-{today.isoformat()}.xlsx")


class SheetHandIn(FormPage):
    """A workbook is handed in; it is checked in the background and nothing changes yet."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="tenant")
    template = "sheets/hand_in.html"

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_PRODUCTS, pk)
        kinds = kinds_of(request, tenant)
        asked = request.GET.get("kind")
        return self._ask(request, tenant, SheetForm(kinds=kinds, initial={"kind": asked} if asked in kinds else None))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_PRODUCTS, pk)
        form = SheetForm(request.POST, request.FILES, kinds=kinds_of(request, tenant))
        if form.is_valid():
            said = form.cleaned_data
            sheet = attempt(
                request,
                form,
                lambda: sheets.hand_in(
                    tenant=tenant,
                    kind=said["kind"],
                    upload=said["file"],
                    by=request.user,
                    at=timezone.now(),
                    language=translation.get_language() or "hi",
                    shops=shops_of(tenant, timezone.localdate()) if said["kind"] == SheetKind.STOCK else (),
                ),
            )
            if sheet is not None:
                ring(check_sheets)
                return redirect("sheet", sheet.pk)
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: SheetForm) -> HttpResponse:
        return self.ask(request, form, tenant=tenant, back=reverse("sheets", args=[tenant.pk]))


class SheetShow(Page):
    """How far a sheet has come, what it would do, and every wrong cell in it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="sheet")
    template = "sheets/sheet.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        sheet = sheet_for(request, Right.SEE_STOCK, pk)
        is_at_work = sheet.status in AT_WORK
        rows = SheetRow.objects.filter(sheet=sheet)
        shown = request.GET.get("show")
        if shown not in (Verdict.NEW, Verdict.CHANGED, Verdict.FAULTY):
            shown = Verdict.FAULTY if sheet.faulty else Verdict.CHANGED if sheet.changed else Verdict.NEW
        asked = request.GET.get("repair") if shown == Verdict.FAULTY else None
        groups = [] if is_at_work or not sheet.faulty else repairs(sheet)
        chosen = rows.filter(verdict=shown).select_related("product")
        if asked in REPAIRS:
            chosen = chosen.filter(pk__in=rows_to_repair(sheet, asked))
        page = None if is_at_work or sheet.status == SheetStatus.REFUSED else page_of(request, chosen, ROWS_ON_A_PAGE)
        names = _names() if page is not None and page.object_list else {}
        here = may(request.user, RIGHTS[SheetKind(sheet.kind)], sheet.tenant)
        return self.show(
            request,
            sheet=sheet,
            tenant=sheet.tenant,
            look=LOOKS[SheetStatus(sheet.status)],
            is_at_work=is_at_work,
            tiles=tiles(sheet, shown) if page is not None else [],
            shown=shown,
            repairs=groups,
            asked=asked,
            page_obj=page,
            lines=[row_line(sheet, row, names) for row in page] if page is not None else [],
            may_confirm=here and sheet.status == SheetStatus.CHECKED and bool(sheet.new + sheet.changed),
            may_undo=here and sheet.status == SheetStatus.APPLIED,
            stayed=[row_line(sheet, row, {}) for row in not_undone(sheet).select_related("product")[:ROWS_ON_A_PAGE]]
            if sheet.status == SheetStatus.UNDONE
            else [],
        )


def tiles(sheet: SheetImport, shown: str) -> list[dict[str, Any]]:
    """The four verdicts, each leading to its rows."""
    return [
        {
            "label": verdict.label,
            "value": grouped(getattr(sheet, verdict.value)),
            "tone": tone if getattr(sheet, verdict.value) else "calm",
            "icon": icon,
            "url": f"?show={verdict}#results" if verdict != Verdict.SAME and getattr(sheet, verdict.value) else "",
            "current": verdict == shown,
        }
        for verdict, tone, icon in TILES
    ]


def repairs(sheet: SheetImport) -> list[dict[str, Any]]:
    """The wrong cells by what mends them, the most first."""
    counts: Counter[str] = Counter()
    faulty = SheetRow.objects.filter(sheet=sheet, verdict=Verdict.FAULTY)
    for errors in faulty.values_list("errors", flat=True).iterator(chunk_size=2_000):
        counts.update(repair(error["code"]) for error in errors)
    return [{"name": name, "label": REPAIRS[name], "count": count} for name, count in counts.most_common()]


def rows_to_repair(sheet: SheetImport, name: str) -> list[int]:
    """The rows in which some cell is mended so."""
    faulty = SheetRow.objects.filter(sheet=sheet, verdict=Verdict.FAULTY).values_list("pk", "errors")
    return [key for key, errors in faulty if any(repair(error["code"]) == name for error in errors)]


Names = dict[str, dict[int, str]]


def _names() -> Names:
    """What each row is called that a product can refer to: five queries, whatever the page shows."""
    hindi = translation.get_language() == "hi"
    return {
        column: {key: names[hindi] or names[0] for key, names in book.names.items()} for column, book in books().items()
    }


def row_line(sheet: SheetImport, row: SheetRow, names: Names) -> dict[str, Any]:
    """A row as the page shows it: what is wrong cell by cell, or what would change."""
    headers = {column.name: column.header for column in BY_KIND[sheet.kind]}
    after, before = row.after or {}, row.before or {}
    if "cells" in after:
        after = {}
    changes = _changes(sheet, headers, before, after, names)
    return {
        "row": row,
        "name": row.product or after.get("sku") or "–",
        "errors": [
            {
                "cell": error["cell"] or row.row_no,
                "header": headers.get(error["column"], ""),
                "found": error["found"],
                "expected": sentence(error),
            }
            for error in row.errors
        ],
        "changes": changes[:DIFFERENCES_SHOWN],
        "more": max(0, len(changes) - DIFFERENCES_SHOWN),
    }


def _changes(sheet: SheetImport, headers: Any, before: Any, after: Any, names: Names) -> list[tuple[Any, str, str]]:
    if sheet.kind == SheetKind.STOCK:
        place, on_record = before.get("place", ""), before.get("on_record")
        return (
            [(place, _shown("on_record", on_record, names), _shown("counted", after.get("counted"), names))]
            if after
            else []
        )
    named = [(headers[name], name) for name in headers if name in after]
    return [
        (header, _shown(name, before.get(name), names), _shown(name, after[name], names))
        for header, name in named
        if before or after[name] not in ("", None, False)
    ]


def _shown(name: str, value: Any, names: Names) -> str:
    """A value as a person reads it; rows that it refers to by their name."""
    if value in ("", None):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in names:
        return names[name].get(value, str(value))
    return str(CHOICES.get(name, {}).get(value, value))


class SheetConfirm(ConfirmPage):
    """A checked sheet is to be applied."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="sheet")

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        sheet = own_sheet(request, pk)
        return self._ask(request, sheet, ConfirmSheetForm(faulty=sheet.faulty))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        sheet = own_sheet(request, pk)
        form = ConfirmSheetForm(request.POST, faulty=sheet.faulty)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: sheets.confirm(
                sheet=sheet,
                by=request.user,
                at=timezone.now(),
                only_good=form.cleaned_data.get("only_good", False),
            ),
        ):
            ring(apply_sheets)
            return redirect("sheet", sheet.pk)
        return self._ask(request, sheet, form)

    def _ask(self, request: HttpRequest, sheet: SheetImport, form: ConfirmSheetForm) -> HttpResponse:
        rows = sheet.new + sheet.changed
        return self.ask(
            request,
            form,
            tenant=sheet.tenant,
            heading=_("Apply the sheet"),
            question=ngettext("Apply %(rows)s row?", "Apply %(rows)s rows?", rows) % {"rows": grouped(rows)},
            consequence=_("%(new)s new, %(changed)s changed. You can take the sheet back afterwards.")
            % {"new": grouped(sheet.new), "changed": grouped(sheet.changed)},
            submit=_("Yes, apply"),
            tone="info",
            icon="upload",
            back=reverse("sheet", args=[sheet.pk]),
        )


class SheetUndo(ConfirmPage):
    """An applied sheet is taken back."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="sheet")

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self._ask(request, own_sheet(request, pk))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        sheet = own_sheet(request, pk)
        attempt(
            request,
            None,
            lambda: sheets.undo(sheet=sheet, by=request.user, at=timezone.now()),
            _("The sheet is taken back. What stayed is listed below, if anything did."),
        )
        return redirect("sheet", sheet.pk)

    def _ask(self, request: HttpRequest, sheet: SheetImport) -> HttpResponse:
        return self.ask(
            request,
            tenant=sheet.tenant,
            heading=_("Take the sheet back"),
            question=_("Take back what this sheet did?"),
            consequence=_("What nobody has touched since becomes as it was before. What was changed again stays."),
            submit=_("Yes, take it back"),
            back=reverse("sheet", args=[sheet.pk]),
        )


def own_sheet(request: HttpRequest, pk: int) -> SheetImport:
    """The sheet, where the reader may hand in sheets of its kind; else 404."""
    sheet = sheet_for(request, Right.EDIT_PRODUCTS, pk)
    if not may(request.user, RIGHTS[SheetKind(sheet.kind)], sheet.tenant):
        raise Http404
    return sheet


class SheetMarked(Page):
    """The wrong rows as a workbook, each wrong cell coloured and explained."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="sheet")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        sheet = sheet_for(request, Right.SEE_STOCK, pk)
        if not sheet.faulty:
            raise Http404
        content = marked_sheet(sheet, translation.get_language() or "hi")
        return as_download(content, f"{sheet.code}-{timezone.localdate().isoformat()}.xlsx")
