"""Deliveries: expected, received at the door line by line, with what was damaged and what it looked like."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.history import changes
from inventory.models import GoodsReceipt, ReceiptPhoto, ReceiptStatus
from web.forms.warehouse import ReceiptFilter
from web.views.base import Page, fetch
from web.views.warehouse_frame import (
    ListPage,
    OfficePage,
    can,
    link,
    owners,
    product_cell,
    row,
    sheet,
)
from web.views.warehouse_table import SHEET, Cell, Column, Table, slice_of

TONES = {ReceiptStatus.EXPECTED: "info", ReceiptStatus.RECEIVED: "good", ReceiptStatus.CANCELLED: "calm"}
AT: dict[str, dict[str, Any]] = {
    ReceiptStatus.EXPECTED: {"received_at": None, "cancelled_at": None},
    ReceiptStatus.RECEIVED: {"received_at__isnull": False},
    ReceiptStatus.CANCELLED: {"cancelled_at__isnull": False},
}


def receipts_of(request: HttpRequest, form: ReceiptFilter) -> QuerySet[GoodsReceipt]:
    """The deliveries that the reader asks for."""
    form.is_valid()
    rows = GoodsReceipt.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
    if form.cleaned_data.get("tenant"):
        rows = rows.filter(tenant=form.cleaned_data["tenant"])
    return rows.filter(**AT.get(form.cleaned_data.get("status", ""), {}))


class Receipts(ListPage):
    """Deliveries, the newest first."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = ReceiptFilter(request.GET, owners=owners(request))
        rows = receipts_of(request, form)
        if self.is_sheet:
            return sheet("receipts", _receipts(rows.order_by("-pk")[:SHEET]))
        page = slice_of(request, rows, ("-pk",))
        return self.list(
            request,
            _receipts(page.rows),
            page=page,
            heading=_("Deliveries"),
            lead=_("Goods that tenants have announced, and what came of them."),
            form=form,
            download_url=reverse("receipts-download"),
            empty={
                "title": _("No deliveries"),
                "why": _("No tenant has announced goods that fit."),
                "next": _("A tenant announces a delivery from the pages of its shop."),
            },
        )


def _receipts(rows: Any) -> Table:
    table = Table(
        _("Deliveries"),
        [
            Column(_("Receipt")),
            Column(_("Tenant")),
            Column(_("Expected on"), "day"),
            Column(_("Received at"), "moment"),
            Column(_("Lines"), "number"),
            Column(_("Differences"), "number"),
            Column(_("Status")),
        ],
    )
    for receipt in rows:
        lines = list(receipt.lines.all())
        table.add(
            link("receipt", receipt.pk, receipt.code),
            receipt.tenant,
            receipt.expected_date,
            receipt.received_at,
            len(lines),
            sum(bool(line.difference) for line in lines),
            Cell(receipt.status.label, tone=TONES[receipt.status]),
        )
    return table


class ReceiptShow(OfficePage):
    """A delivery: what was expected, what came, photographs, and what is to be done."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="receipt")
    template = "warehouse/receipt.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = row(request, GoodsReceipt.objects.with_facts(), Right.SEE_STOCK, pk)
        table = Table(
            _("Lines"),
            [
                Column(_("Product")),
                Column(_("Expected"), "number"),
                Column(_("In good order"), "number"),
                Column(_("Damaged"), "number"),
                Column(_("Difference"), "change"),
                Column(_("Good until"), "day"),
                Column(_("Lot")),
                Column(_("Note")),
            ],
        )
        for line in receipt.lines.select_related("product", "lot"):
            table.add(
                product_cell(line.product),
                line.expected_quantity,
                line.good_quantity,
                line.damaged_quantity,
                line.difference,
                line.expiry_date,
                link("lot", line.lot_id, line.lot.code) if line.lot else "",
                line.note,
            )
        may = can(request, receipt.tenant)
        return self.show(
            request,
            receipt=receipt,
            tone=TONES[receipt.status],
            tenant=receipt.tenant,
            table=table,
            photos=list(receipt.photos.all()),
            may_receive=may["keep"] and receipt.status == ReceiptStatus.EXPECTED,
            may_photograph=may["keep"] and receipt.status != ReceiptStatus.CANCELLED,
            entries=changes(receipt),
        )


class ReceiptPhotoFile(Page):
    """The photograph itself, for whoever may see the delivery."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="receipt")

    def get(self, request: HttpRequest, pk: int, photo: int) -> HttpResponseBase:
        receipt = row(request, GoodsReceipt.objects, Right.SEE_STOCK, pk)
        found = fetch(ReceiptPhoto.objects.filter(receipt=receipt), pk=photo)
        try:
            content = found.file.open("rb")
        except FileNotFoundError as lost:
            raise Http404 from lost
        return FileResponse(
            content,
            content_type="image/jpeg",
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
        )
