"""Transfers to shops: asked for, picked, handed over by scan, accepted by the shop; and what got lost on the way."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import transferring
from inventory.models import TransferLine, TransferOrder, TransferStatus
from web.forms.warehouse import TransferFilter
from web.templatetags.goods import quantity
from web.views.warehouse_frame import (
    ListPage,
    OfficePage,
    can,
    link,
    owners,
    product_cell,
    row,
)
from web.views.warehouse_table import Cell, Column, Table, slice_of

TONES = {
    TransferStatus.REQUESTED: "info",
    TransferStatus.PICKED: "warn",
    TransferStatus.IN_TRANSIT: "warn",
    TransferStatus.ACCEPTED: "good",
    TransferStatus.CANCELLED: "calm",
}
AT: dict[str, dict[str, Any]] = {
    TransferStatus.REQUESTED: {"picked_at": None, "cancelled_at": None},
    TransferStatus.PICKED: {"picked_at__isnull": False, "handed_over_at": None, "cancelled_at": None},
    TransferStatus.IN_TRANSIT: {"handed_over_at__isnull": False, "accepted_at": None},
    TransferStatus.ACCEPTED: {"accepted_at__isnull": False},
    TransferStatus.CANCELLED: {"cancelled_at__isnull": False},
}


class Transfers(ListPage):
    """Transfer orders, the newest first."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = TransferFilter(request.GET, owners=owners(request))
        form.is_valid()
        rows = TransferOrder.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
        if form.cleaned_data.get("tenant"):
            rows = rows.filter(tenant=form.cleaned_data["tenant"])
        page = slice_of(request, rows.filter(**AT.get(form.cleaned_data.get("status", ""), {})), ("-pk",))
        table = Table(
            _("Transfers"),
            [
                Column(_("Transfer")),
                Column(_("Tenant")),
                Column(_("To")),
                Column(_("Asked for at"), "moment"),
                Column(_("Handed over at"), "moment"),
                Column(_("Status")),
            ],
        )
        for order in page.rows:
            table.add(
                link("transfer", order.pk, order.code),
                order.tenant,
                order.destination,
                order.requested_at,
                order.handed_over_at,
                Cell(order.status.label, tone=TONES[order.status]),
            )
        return self.list(
            request,
            table,
            page=page,
            heading=_("Transfers"),
            lead=_("Goods on their way from the warehouse to shops."),
            form=form,
            empty={
                "title": _("No transfers"),
                "why": _("No shop has asked for goods that fit."),
                "next": _("A tenant asks for goods from the pages of its shop."),
            },
        )


class TransferShow(OfficePage):
    """A transfer: how far it is, its lines, and the next step."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="transfer")
    template = "warehouse/transfer.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects.with_facts(), Right.SEE_STOCK, pk)
        lines = list(order.lines.select_related("order", "product", "lot", "source"))
        missing = {line.pk: left for line in lines if line.missing and (left := transferring.still_missing(line))}
        may = can(request, order.tenant)
        status = order.status
        return self.show(
            request,
            order=order,
            tenant=order.tenant,
            tone=TONES[status],
            steps=_steps(order),
            table=_lines(lines, missing, settles=may["keep"]),
            may_pick=may["keep"] and status == TransferStatus.REQUESTED,
            may_hand_over=may["keep"] and status == TransferStatus.PICKED,
            may_cancel=may["keep"] and status in (TransferStatus.REQUESTED, TransferStatus.PICKED),
            is_missing=bool(missing),
        )


def _steps(order: TransferOrder) -> list[dict[str, Any]]:
    """The steps with who and when, for the timeline."""
    steps: list[dict[str, Any]] = [
        {"label": _("Asked for"), "at": order.requested_at, "by": order.requested_by},
        {"label": _("Picked"), "at": order.picked_at, "by": order.picked_by},
        {"label": _("Handed over"), "at": order.handed_over_at, "by": order.handed_over_by},
        {"label": _("Accepted by the shop"), "at": order.accepted_at, "by": order.accepted_by},
    ]
    if order.cancelled_at:
        return [*[step for step in steps if step["at"]], {"label": _("Cancelled"), "at": order.cancelled_at, "by": ""}]
    return steps


def _lines(lines: list[TransferLine], missing: dict[int, Decimal], *, settles: bool) -> Table:
    """Asked for, picked, accepted; and what is still on the way though the rest has arrived."""
    columns = [
        Column(_("Goods")),
        Column(_("Place")),
        Column(_("Asked for"), "number"),
        Column(_("Picked"), "number"),
        Column(_("Why fewer")),
        Column(_("Accepted"), "number"),
        Column(_("Missing")),
    ]
    table = Table(_("Lines"), columns)
    for line in lines:
        lost: Any = ""
        if line.pk in missing:
            words = _("%(n)s missing") % {"n": quantity(missing[line.pk])}
            lost = Cell(words, reverse("transfer-settle", args=[line.order_id, line.pk]) if settles else "")
        table.add(
            product_cell(line.product, line.lot),
            link("place", line.source_id, line.source.slug),
            line.quantity,
            line.picked_quantity,
            line.get_short_reason_display(),
            line.accepted_quantity,
            lost,
        )
    return table
