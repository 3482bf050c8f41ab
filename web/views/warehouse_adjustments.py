"""Adjustments that wait for a second person, and what was decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import adjusting
from inventory.models import Adjustment, AdjustmentStatus
from web.forms.warehouse import AdjustmentFilter, DecideForm
from web.views.base import attempt
from web.views.warehouse_frame import FormPage, ListPage, OfficePage, can, link, new_key, owners, product_cell, row
from web.views.warehouse_table import Cell, Column, Table, slice_of

TONES = {AdjustmentStatus.WAITING: "warn", AdjustmentStatus.POSTED: "good", AdjustmentStatus.REFUSED: "bad"}


class Adjustments(ListPage):
    """Adjustments: first of all those that wait."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = AdjustmentFilter(request.GET, owners=owners(request))
        form.is_valid()
        rows = Adjustment.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
        if form.cleaned_data.get("tenant"):
            rows = rows.filter(tenant=form.cleaned_data["tenant"])
        if not form.cleaned_data.get("every"):
            rows = rows.waiting()
        page = slice_of(request, rows, ("-pk",))
        table = Table(
            _("Adjustments"),
            [
                Column(_("Adjustment")),
                Column(_("Goods")),
                Column(_("Tenant")),
                Column(_("Difference"), "change"),
                Column(_("Worth"), "money"),
                Column(_("Reason")),
                Column(_("Proposed by")),
                Column(_("Status")),
            ],
        )
        for thing in page.rows:
            table.add(
                link("adjustment", thing.pk, thing.code),
                product_cell(thing.lot.product, thing.lot),
                thing.tenant,
                thing.difference,
                thing.value,
                thing.get_reason_display(),
                thing.proposed_by,
                Cell(thing.status.label, tone=TONES[thing.status]),
            )
        return self.list(
            request,
            table,
            page=page,
            heading=_("Adjustments"),
            lead=_("Above the limit of worth, someone else decides than whoever proposed it."),
            form=form,
            empty={
                "title": _("Nothing to decide"),
                "why": _("No adjustment waits for a second person."),
                "next": _("Tick the box above to see those that were decided."),
            },
        )


class AdjustmentShow(OfficePage):
    """An adjustment: what happened, what it is worth, who proposed and who decided."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="adjustment")
    template = "warehouse/adjustment.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        thing = row(request, Adjustment.objects.with_facts(), Right.SEE_STOCK, pk)
        waits = thing.status == AdjustmentStatus.WAITING
        return self.show(
            request,
            adjustment=thing,
            tenant=thing.tenant,
            tone=TONES[thing.status],
            is_own=waits and thing.proposed_by_id == request.user.pk,
            may_decide=waits and can(request, thing.tenant)["approve"] and thing.proposed_by_id != request.user.pk,
        )


class AdjustmentDecide(FormPage):
    """A second person agrees, or says why not."""

    policy = Policy({"GET": Right.APPROVE_STOCK, "POST": Right.APPROVE_STOCK}, object_of="adjustment")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        thing = row(request, Adjustment.objects.with_facts(), Right.APPROVE_STOCK, pk)
        return self._ask(request, thing, DecideForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        thing = row(request, Adjustment.objects.with_facts(), Right.APPROVE_STOCK, pk)
        form = DecideForm(request.POST)
        if form.is_valid() and self._decide(request, thing, form):
            return redirect("adjustment", thing.pk)
        return self._ask(request, thing, form)

    def _decide(self, request: HttpRequest, thing: Adjustment, form: DecideForm) -> bool:
        by, now, why = request.user, timezone.now(), form.cleaned_data["why"]
        if form.cleaned_data["decision"] == "approve":
            deed = lambda: adjusting.approve(adjustment=thing, by=by, at=now)  # type: ignore[arg-type]  # noqa: E731
            return bool(attempt(request, form, deed, _("Approved and posted.")))
        deed = lambda: adjusting.refuse(adjustment=thing, by=by, at=now, why=why)  # type: ignore[arg-type]  # noqa: E731
        return bool(attempt(request, form, deed, _("Refused; nothing moves.")))

    def _ask(self, request: HttpRequest, thing: Adjustment, form: DecideForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            tenant=thing.tenant,
            heading=_("Decide %(adjustment)s") % {"adjustment": thing},
            lead=f"{thing.lot} · {thing.get_reason_display()} · {thing.note}",
            submit=_("Decide"),
            back=reverse("adjustment", args=[thing.pk]),
        )
