"""The limits of warehouse work, closed periods of the ledger, and the room that goods took."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.history import record
from inventory import adjusting
from inventory.closing import close_period, closed_through
from inventory.models import StockClosing, StorageUse
from web.forms.warehouse import ClosingForm, DaysFilter, RulesForm
from web.views.base import attempt
from web.views.tenant_frame import WRONG
from web.views.warehouse_frame import FormPage, ListPage, link, owners, sheet
from web.views.warehouse_table import SHEET, Column, Table, slice_of


class Rules(FormPage):
    """The limits of warehouse work, as the mall sets them."""

    policy = Policy({"GET": Right.CLOSE_STOCK, "POST": Right.CLOSE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(request, RulesForm(instance=adjusting.rules()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RulesForm(request.POST, instance=adjusting.rules())
        if form.is_valid():
            attempt(request, form, lambda: record(form.instance, by=request.user), _("The rules are kept."))
            return redirect("warehouse-rules")
        return self._ask(request, form)

    def _ask(self, request: HttpRequest, form: RulesForm) -> HttpResponse:
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            heading=_("Rules of the warehouse"),
            lead=_("They hold from now on, for all tenants."),
            submit=_("Keep"),
            back=reverse("stock-closing"),
        )


class Closing(ListPage):
    """Closed periods of the stock ledger, and the closing of the next."""

    policy = Policy({"GET": Right.CLOSE_STOCK, "POST": Right.CLOSE_STOCK})
    template = "warehouse/closing.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(request, ClosingForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ClosingForm(request.POST)
        if form.is_valid():
            if request.POST.get("sure") != "yes":
                return self._ask(request, form, is_sure_asked=True)
            done = attempt(
                request,
                form,
                lambda: close_period(
                    through=form.cleaned_data["through_date"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    note=form.cleaned_data["note"],
                ),
                _("The period is closed."),
            )
            if done:
                return redirect("stock-closing")
        return self._ask(request, form)

    def _ask(self, request: HttpRequest, form: ClosingForm, **words: Any) -> HttpResponse:
        table = Table(
            _("Closed periods"),
            [
                Column(_("Closed through"), "day"),
                Column(_("Closed by")),
                Column(_("Closed at"), "moment"),
                Column(_("Note")),
            ],
        )
        for closing in StockClosing.objects.select_related("closed_by").order_by("-through_date")[:50]:
            table.add(closing.through_date, closing.closed_by, closing.closed_at, closing.note)
        return self.list(
            request,
            table,
            heading=_("Close the stock ledger"),
            form=form,
            closed=closed_through(),
            **words,
        )


class StorageUsed(ListPage):
    """The room that each tenant's goods took in the warehouse, day by day."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = DaysFilter(request.GET, owners=owners(request))
        form.is_valid()
        wanted = form.cleaned_data
        rows = StorageUse.objects.visible_to(request.user, Right.SEE_STOCK).select_related("tenant")
        for name, path in (("tenant", "tenant"), ("first", "day__gte"), ("last", "day__lte")):
            if wanted.get(name):
                rows = rows.filter(**{path: wanted[name]})
        if self.is_sheet:
            return sheet("storage-use", _uses(rows.order_by("-day", "pk")[:SHEET]))
        page = slice_of(request, rows, ("-day", "pk"))
        return self.list(
            request,
            _uses(page.rows),
            page=page,
            heading=_("Room taken in the warehouse"),
            lead=_("At the end of each day, from the stock ledger."),
            form=form,
            download_url=reverse("storage-use-download"),
            empty={
                "title": _("Nothing measured yet"),
                "why": _("The room is measured every night for the day before."),
                "next": _("Look again tomorrow, or choose other days."),
            },
        )


def _uses(rows: Any) -> Table:
    table = Table(
        _("Room taken in the warehouse"),
        [
            Column(_("Tenant")),
            Column(_("Day"), "day"),
            Column(_("Litres"), "number"),
            Column(_("Bins"), "number"),
            Column(_("Lots"), "number"),
        ],
    )
    for use in rows:
        table.add(link("tenant-position", use.tenant_id, str(use.tenant)), use.day, use.litres, use.bins, use.lots)
    return table
