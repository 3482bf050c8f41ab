"""From the goods entrance into bins, and pick lists in walking order."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory.models import Location, TransferLine
from web.forms.warehouse import PickFilter
from web.templatetags.goods import quantity
from web.views.warehouse_frame import ListPage, OfficePage, link, owners
from web.views.warehouse_table import Cell, Column, Table, slice_of
from web.views.warehouse_work import at_dock, chosen_owner

PICKED_AT_ONCE = 300  # lines of a pick list on one page


def aisles() -> list[str]:
    """The letters of the aisles. One query."""
    return list(Location.objects.in_use().bins().order_by("aisle").values_list("aisle", flat=True).distinct())


class PutAway(ListPage):
    """What stands at the goods entrance and belongs into bins, the longest there first."""

    policy = Policy({"GET": Right.KEEP_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        rows = at_dock(request)
        page = slice_of(request, rows.filter(tenant=tenant) if tenant else rows, ("lot_id", "pk"))
        table = Table(
            _("At the goods entrance"),
            [
                Column(_("Goods")),
                Column(_("Tenant")),
                Column(_("To put away"), "number"),
                Column(_("Came on"), "day"),
                Column(_("Good until"), "day"),
            ],
        )
        for balance in page.rows:
            table.add(
                link("put-away-lot", balance.lot_id, f"{balance.lot.product} · {balance.lot.code}"),
                balance.tenant,
                balance.on_hand,
                balance.lot.received_date,
                balance.lot.expiry_date,
            )
        return self.list(
            request,
            table,
            page=page,
            heading=_("Put away"),
            lead=_("Open the goods to see which bins suit them."),
            form=form,
            empty={
                "title": _("Everything is put away"),
                "why": _("Nothing stands at the goods entrance."),
                "next": _("Goods come here when a delivery is received."),
            },
        )


class PickLists(OfficePage):
    """What is to be picked, in walking order, by tenant or aisle. Made to be printed."""

    policy = Policy({"GET": Right.KEEP_STOCK})
    template = "warehouse/pick_lists.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = PickFilter(request.GET, owners=owners(request), aisles=aisles())
        form.is_valid()
        lines = TransferLine.objects.filter(order__picked_at=None, order__cancelled_at=None)
        if form.cleaned_data.get("tenant"):
            lines = lines.filter(order__tenant=form.cleaned_data["tenant"])
        if form.cleaned_data.get("aisle"):
            lines = lines.filter(source__aisle=form.cleaned_data["aisle"])
        in_order = lines.select_related("order__tenant", "order__destination", "lot", "product", "source").order_by(
            "source__aisle", "source__rack", "source__shelf", "lot__expiry_date", "lot__received_date", "pk"
        )
        found = list(in_order[: PICKED_AT_ONCE + 1])
        return self.show(
            request,
            form=form,
            stops=_stops(found[:PICKED_AT_ONCE]),
            is_more=len(found) > PICKED_AT_ONCE,
            orders=_orders(found[:PICKED_AT_ONCE]),
        )


def _stops(lines: list[TransferLine]) -> list[dict[str, Any]]:
    """Where to stop on the way, and what to take there."""
    return [
        {
            "place": place,
            "lines": [
                {
                    "goods": line.product,
                    "lot": line.lot,
                    "order": line.order,
                    "quantity": quantity(line.quantity),
                    "unit": line.product.get_unit_of_measure_display(),
                }
                for line in there
            ],
        }
        for place, there in groupby(lines, key=lambda line: line.source)
    ]


def _orders(lines: list[TransferLine]) -> Table:
    """The orders that these lines belong to; picking is entered order by order."""
    table = Table(_("Orders"), [Column(_("Transfer")), Column(_("Tenant")), Column(_("To")), Column(_("Enter"))])
    for order in {line.order_id: line.order for line in lines}.values():
        table.add(
            link("transfer", order.pk, order.code),
            order.tenant,
            order.destination,
            Cell(_("Enter what was picked"), reverse("transfer-pick", args=[order.pk])),
        )
    return table
