"""At the goods entrance: a delivery is received, photographed, cancelled; its goods go into bins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.refusals import Refusal
from inventory import putting_away, receiving
from inventory.models import Balance, GoodsReceipt, Location, PlaceKind
from web.forms.warehouse import DeliveryForm, KeyForm, PhotoForm, PutAwayForm, place_named
from web.views.base import attempt, fetch
from web.views.tenant_frame import WRONG
from web.views.warehouse_frame import ConfirmPage, OfficePage, new_key, row
from web.views.warehouse_table import Cell, Column, Table


class ReceiptAccept(OfficePage):
    """The delivery is at the door: line by line, what came good and what damaged."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="receipt")
    template = "warehouse/receive.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = row(request, GoodsReceipt.objects.with_facts(), Right.KEEP_STOCK, pk)
        return self._ask(request, receipt, DeliveryForm(lines=receipt.lines.all(), initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = row(request, GoodsReceipt.objects.with_facts(), Right.KEEP_STOCK, pk)
        form = DeliveryForm(request.POST, lines=receipt.lines.all())
        if form.is_valid() and attempt(
            request,
            form,
            lambda: receiving.accept_delivery(
                receipt=receipt,
                came={line.pk: receiving.Came(**form.said(line)) for line in form.lines},
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=str(form.cleaned_data["key"]),
            ),
            _("The delivery is received. Put the goods away next."),
        ):
            return redirect("receipt", receipt.pk)
        return self._ask(request, receipt, form)

    def _ask(self, request: HttpRequest, receipt: GoodsReceipt, form: DeliveryForm) -> HttpResponse:
        return self.show(request, receipt=receipt, tenant=receipt.tenant, form=form, sections=form.sections())


class ReceiptCancel(ConfirmPage):
    """A delivery that does not come."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="receipt")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, row(request, GoodsReceipt.objects, Right.KEEP_STOCK, pk), KeyForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = row(request, GoodsReceipt.objects, Right.KEEP_STOCK, pk)
        form = KeyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: receiving.cancel(receipt=receipt, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("The delivery is cancelled."),
        ):
            return redirect("receipt", receipt.pk)
        return self._ask(request, receipt, form)

    def _ask(self, request: HttpRequest, receipt: GoodsReceipt, form: KeyForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            heading=_("Cancel a delivery"),
            question=_("Cancel this delivery: %(receipt)s?") % {"receipt": receipt},
            consequence=_("Nobody waits for it any more. If it comes after all, announce it anew."),
            submit=_("Yes, cancel it"),
            back=reverse("receipt", args=[receipt.pk]),
        )


class ReceiptPhotograph(OfficePage):
    """A photograph of the delivery is added."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="receipt")
    template = "warehouse/form.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, row(request, GoodsReceipt.objects, Right.KEEP_STOCK, pk), PhotoForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        receipt = row(request, GoodsReceipt.objects, Right.KEEP_STOCK, pk)
        form = PhotoForm(request.POST, request.FILES)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: receiving.add_photo(
                receipt=receipt,
                upload=form.cleaned_data["file"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            ),
            _("The photograph is added."),
        ):
            return redirect("receipt", receipt.pk)
        return self._ask(request, receipt, form)

    def _ask(self, request: HttpRequest, receipt: GoodsReceipt, form: PhotoForm) -> HttpResponse:
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            heading=_("Add a photograph of %(receipt)s") % {"receipt": receipt},
            submit=_("Add"),
            back=reverse("receipt", args=[receipt.pk]),
        )


class PutAwayLot(OfficePage):
    """One lot goes into a bin: which suit, and the scan of the one that was taken."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="lot")
    template = "warehouse/put_away.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        balance = self._balance(request, pk)
        return self._ask(request, balance, PutAwayForm(initial=new_key() | {"quantity": balance.on_hand.normalize()}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        balance = self._balance(request, pk)
        form = PutAwayForm(request.POST)
        if form.is_valid():
            place = _bin(form)
            if place and attempt(
                request,
                form,
                lambda: putting_away.put_away(
                    lot=balance.lot,
                    quantity=form.cleaned_data["quantity"],
                    bin=place,
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    key=str(form.cleaned_data["key"]),
                ),
                _("Put away: %(goods)s in %(bin)s.") % {"goods": balance.lot, "bin": place.slug},
            ):
                return redirect("put-away")
        return self._ask(request, balance, form)

    def _balance(self, request: HttpRequest, pk: int) -> Balance:
        rows = Balance.objects.visible_to(request.user, Right.KEEP_STOCK).stocked().with_facts()
        return fetch(rows.filter(location__kind=PlaceKind.DOCK), lot=pk)

    def _ask(self, request: HttpRequest, balance: Balance, form: PutAwayForm) -> HttpResponse:
        table = Table(_("Bins that suit"), [Column(_("Bin")), Column(_("Free, litres"), "number"), Column(_("Why"))])
        for suggestion in putting_away.suggest_bins(balance.lot, balance.on_hand):
            place = suggestion.location
            table.add(Cell(place.slug, reverse("place", args=[place.pk])), suggestion.free_litres, suggestion.why)
        return self.show(request, balance=balance, lot=balance.lot, tenant=balance.tenant, table=table, form=form)


def _bin(form: PutAwayForm) -> Location | None:
    """The bin that was scanned; what is wrong with the scan stands beside its field."""
    try:
        place = place_named(form.cleaned_data["bin"])
    except Refusal as refusal:
        form.add_error("bin", str(refusal))
        return None
    if place is None or place.kind != PlaceKind.BIN:
        form.add_error("bin", _("There is no such bin. Scan its label again."))
        return None
    return place
