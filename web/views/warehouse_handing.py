"""The steps of a transfer: picked, handed over by scan, cancelled; and what got lost on the way settled."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import transferring
from inventory.models import TransferLine, TransferOrder
from web.forms.warehouse import KeyForm, PickForm, ScanForm, SettleForm
from web.templatetags.goods import quantity
from web.views.base import attempt, fetch
from web.views.warehouse_frame import ConfirmPage, FormPage, OfficePage, new_key, row


class TransferPick(OfficePage):
    """What was picked of each line, and why fewer."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="transfer")
    template = "warehouse/pick.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects.with_facts(), Right.KEEP_STOCK, pk)
        return self._ask(request, order, PickForm(lines=_to_pick(order), initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects.with_facts(), Right.KEEP_STOCK, pk)
        form = PickForm(request.POST, lines=_to_pick(order))
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.pick(
                order=order,
                picked={
                    line.pk: transferring.Picked(
                        quantity=form.cleaned_data[f"line-{line.pk}"],
                        short_reason=form.cleaned_data[f"line-{line.pk}-why"],
                    )
                    for line in form.lines
                },
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=str(form.cleaned_data["key"]),
            ),
            _("Picked. The goods wait to be handed over."),
        ):
            return redirect("transfer", order.pk)
        return self._ask(request, order, form)

    def _ask(self, request: HttpRequest, order: TransferOrder, form: PickForm) -> HttpResponse:
        return self.show(request, order=order, tenant=order.tenant, form=form)


def _to_pick(order: TransferOrder) -> list[TransferLine]:
    """The lines in walking order."""
    return list(
        order.lines.select_related("product", "lot", "source").order_by(
            "source__aisle", "source__rack", "source__shelf", "lot__expiry_date", "pk"
        )
    )


class TransferHandOver(FormPage):
    """The slip is scanned when the goods leave the warehouse."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="transfer")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects.with_facts(), Right.KEEP_STOCK, pk)
        return self._ask(request, order, ScanForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects.with_facts(), Right.KEEP_STOCK, pk)
        form = ScanForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.hand_over(
                order=order,
                scanned=form.cleaned_data["scanned"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=str(form.cleaned_data["key"]),
            ),
            _("Handed over. The shop accepts the goods by its own scan."),
        ):
            return redirect("transfer", order.pk)
        return self._ask(request, order, form)

    def _ask(self, request: HttpRequest, order: TransferOrder, form: ScanForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            tenant=order.tenant,
            heading=_("Hand over %(order)s") % {"order": order},
            lead=_("Scan the slip that lies with the goods, before whoever fetches them."),
            submit=_("Hand over"),
            back=reverse("transfer", args=[order.pk]),
        )


class TransferCancel(ConfirmPage):
    """A transfer that is not needed any more; what was held is free again."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="transfer")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, row(request, TransferOrder.objects, Right.KEEP_STOCK, pk), KeyForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = row(request, TransferOrder.objects, Right.KEEP_STOCK, pk)
        form = KeyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.cancel(order=order, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("The transfer is cancelled."),
        ):
            return redirect("transfer", order.pk)
        return self._ask(request, order, form)

    def _ask(self, request: HttpRequest, order: TransferOrder, form: KeyForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            heading=_("Cancel a transfer"),
            question=_("Cancel this transfer: %(order)s?") % {"order": order},
            consequence=_("The goods stay in the warehouse and are held no longer."),
            submit=_("Yes, cancel it"),
            back=reverse("transfer", args=[order.pk]),
        )


class TransferSettle(FormPage):
    """What was handed over and not accepted: found in the shop after all, or lost."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="transfer")

    def get(self, request: HttpRequest, pk: int, line: int) -> HttpResponse:
        return self._ask(request, self._line(request, pk, line), SettleForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int, line: int) -> HttpResponse:
        missing = self._line(request, pk, line)
        form = SettleForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.settle_missing(
                line=missing,
                found=form.cleaned_data["found"] == "yes",
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=str(form.cleaned_data["key"]),
                note=form.cleaned_data["note"],
            ),
            _("Settled."),
        ):
            return redirect("transfer", pk)
        return self._ask(request, missing, form)

    def _line(self, request: HttpRequest, pk: int, line: int) -> TransferLine:
        order = row(request, TransferOrder.objects, Right.KEEP_STOCK, pk)
        return fetch(
            TransferLine.objects.select_related("order__tenant", "product", "lot").filter(order=order), pk=line
        )

    def _ask(self, request: HttpRequest, line: TransferLine, form: SettleForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            tenant=line.order.tenant,
            heading=_("Settle what is missing"),
            lead=f"{line.lot} · {_('%(n)s missing') % {'n': quantity(transferring.still_missing(line))}}",
            submit=_("Settle"),
            back=reverse("transfer", args=[line.order_id]),
        )
