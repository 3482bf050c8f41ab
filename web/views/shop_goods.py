"""Goods come to a shop: brought along, announced to the warehouse, asked for from it, accepted from it."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean
from inventory import receiving, transferring
from inventory.models import GoodsReceipt, TransferLine, TransferOrder, TransferStatus
from tenants.models import Tenant
from web.finding import name_holds
from web.forms.shop import AcceptForm, AnnounceForm, AnnounceLine, ReceiveForm, TransferForm
from web.views.base import attempt, fetch, page_of
from web.views.shop_frame import ShopPage, free_in_bins, new_key, own_products, shops_today
from web.views.tenant_frame import tenant_for

ROWS_OF_A_DELIVERY = 6
PRODUCTS_SHOWN = 40
# How far a transfer is, for the bar: the steps are asked for, picked, handed over, accepted.
STEPS = {
    TransferStatus.REQUESTED: 1,
    TransferStatus.PICKED: 2,
    TransferStatus.IN_TRANSIT: 3,
    TransferStatus.ACCEPTED: 4,
    TransferStatus.CANCELLED: 0,
}
HANDLES = Policy({"GET": Right.HANDLE_STOCK, "POST": Right.HANDLE_STOCK}, object_of="tenant")


class ShopReceive(ShopPage):
    """Goods that the tenant brought straight to the shop."""

    policy = HANDLES
    template = "shop/receive.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        initial = new_key() | {"product": request.GET.get("product")}
        return self._ask(request, tenant, self._form(request, tenant, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form = self._form(request, tenant, data=request.POST)
        if form.is_valid():
            said = form.cleaned_data
            done = attempt(
                request,
                form,
                lambda: receiving.bring_to_shop(
                    product=said["product"],
                    quantity=said["quantity"],
                    shop=said["shop"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    key=str(said["key"]),
                    made_date=said["made_date"],
                    expiry_date=said["expiry_date"],
                    maker_lot=said["maker_lot"],
                ),
                _("In the shop now: %(product)s.") % {"product": said["product"]},
            )
            if done:
                return redirect("shop-product", said["product"].pk)
        return self._ask(request, tenant, form)

    def _form(self, request: HttpRequest, tenant: Tenant, **kwargs: Any) -> ReceiveForm:
        products = own_products(request, tenant).order_by("name_hi", "pk")
        return ReceiveForm(shops=shops_today(tenant), products=products, **kwargs)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: ReceiveForm) -> HttpResponse:
        shops = list(form.fields["shop"].queryset)  # type: ignore[attr-defined]
        return self.show_shop(request, tenant, form=form, shops=shops)


class ShopAnnounce(ShopPage):
    """A delivery to the warehouse is announced, so that someone waits for it."""

    policy = HANDLES
    template = "shop/announce.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form = AnnounceForm(initial={"expected_date": timezone.localdate()})
        return self._ask(request, tenant, form, self._lines(request, tenant))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form, lines = AnnounceForm(request.POST), self._lines(request, tenant, data=request.POST)
        if form.is_valid() & lines.is_valid():
            expected = [
                receiving.Expected(product=line.cleaned_data["product"], quantity=line.cleaned_data["quantity"])
                for line in lines
                if line.cleaned_data.get("product")
            ]
            if not expected:
                form.add_error(None, _("Say what comes: choose at least one product and how many."))
            elif receipt := attempt(
                request,
                form,
                lambda: receiving.announce(
                    tenant=tenant,
                    lines=expected,
                    expected_date=form.cleaned_data["expected_date"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    note=form.cleaned_data["note"],
                ),
                _("The warehouse expects your goods. Write the number of the delivery on the parcel."),
            ):
                return redirect(f"{reverse('shop-announce', args=[tenant.pk])}?made={receipt.pk}")
        return self._ask(request, tenant, form, lines)

    def _lines(self, request: HttpRequest, tenant: Tenant, **kwargs: Any) -> BaseFormSet:
        products = own_products(request, tenant).order_by("name_hi", "pk")
        rows = formset_factory(AnnounceLine, extra=ROWS_OF_A_DELIVERY, max_num=50, absolute_max=50)
        return rows(prefix="goods", form_kwargs={"products": products}, **kwargs)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: AnnounceForm, lines: BaseFormSet) -> HttpResponse:
        receipts = GoodsReceipt.objects.visible_to(request.user, Right.HANDLE_STOCK).filter(tenant=tenant)
        return self.show_shop(
            request,
            tenant,
            status=422 if lines.is_bound and not lines.is_valid() else 200,
            form=form,
            lines=lines,
            expected=list(receipts.expected().prefetch_related("lines__product").order_by("expected_date", "pk")[:20]),
        )


class ShopTransfer(ShopPage):
    """Goods are asked for from the warehouse."""

    policy = HANDLES
    template = "shop/ask.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        return self._ask(request, tenant, self._form(request, tenant, initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form = self._form(request, tenant, data=request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.request(
                tenant=tenant,
                destination=form.cleaned_data["shop"],
                items=form.wanted(),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                note=form.cleaned_data["note"],
            ),
            _("Asked for. The warehouse picks the goods; you see here how far they are."),
        ):
            return redirect("shop-transfers", tenant.pk)
        return self._ask(request, tenant, form)

    def _form(self, request: HttpRequest, tenant: Tenant, **kwargs: Any) -> TransferForm:
        rows = own_products(request, tenant).annotate(there=free_in_bins(timezone.now())).order_by("name_hi", "pk")
        if "data" in kwargs:
            named = [name.removeprefix("product-") for name in request.POST if name.startswith("product-")]
            products = rows.filter(pk__in=[int(key) for key in named[:200] if key.isascii() and key.isdigit()])
        else:
            products = _found(rows.filter(there__gt=0), request.GET.get("q", ""))[:PRODUCTS_SHOWN]
        return TransferForm(shops=shops_today(tenant), products=products, **kwargs)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: TransferForm) -> HttpResponse:
        shops = list(form.fields["shop"].queryset)  # type: ignore[attr-defined]
        word = clean(request.GET.get("q", ""))[:100]
        return self.show_shop(request, tenant, form=form, shops=shops, word=word, at_most=PRODUCTS_SHOWN)


def _found(products: QuerySet[Any], word: str) -> QuerySet[Any]:
    word = clean(word)[:100]
    return products.filter(name_holds(word) | Q(sku__icontains=word)) if word else products


def _orders(request: HttpRequest) -> QuerySet[TransferOrder]:
    """Transfers that the reader may handle, with their lines."""
    lines = Prefetch("lines", TransferLine.objects.select_related("product", "lot").order_by("pk"))
    rows = TransferOrder.objects.visible_to(request.user, Right.HANDLE_STOCK)
    return rows.select_related("tenant", "destination").prefetch_related(lines)


class ShopTransfers(ShopPage):
    """What was asked for and how far it is; what is on the way stands first, to be accepted."""

    policy = Policy({"GET": Right.HANDLE_STOCK}, object_of="tenant")
    template = "shop/transfers.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        orders = _orders(request).filter(tenant=tenant).order_by("-pk")
        coming = list(orders.in_transit()[:50])  # type: ignore[attr-defined]
        rest = orders.exclude(handed_over_at__isnull=False, accepted_at=None)
        page = page_of(request, rest)
        return self.show_shop(
            request,
            tenant,
            coming=[_line(order) for order in coming],
            page_obj=page,
            orders=[_line(order) for order in page],
            accept_urls=[reverse("shop-accept", args=[order.pk]) for order in coming],
        )


def _line(order: TransferOrder) -> dict[str, Any]:
    status = order.status
    return {
        "order": order,
        "lines": list(order.lines.all()),
        "status": status.value,
        "status_label": status.label,
        "step": STEPS[status],
        "may_call_off": status in (TransferStatus.REQUESTED, TransferStatus.PICKED),
    }


class ShopAccept(ShopPage):
    """The shop accepts what arrived: it scans the slip and says, line by line, how many there are."""

    policy = Policy({"GET": Right.HANDLE_STOCK, "POST": Right.HANDLE_STOCK}, object_of="transfer")
    template = "shop/accept.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = fetch(_orders(request), pk=pk)
        code = request.GET.get("code", "")[:40]
        form = AcceptForm(lines=_picked(order), initial=new_key() | {"scanned": code})
        return self._ask(request, order, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = fetch(_orders(request), pk=pk)
        form = AcceptForm(request.POST, lines=_picked(order))
        if form.is_valid() and attempt(
            request,
            form,
            lambda: transferring.accept(
                order=order,
                scanned=form.cleaned_data["scanned"],
                accepted=form.accepted(),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=str(form.cleaned_data["key"]),
            ),
            _("Accepted. The goods are in your shop now."),
        ):
            return redirect("shop-transfers", order.tenant_id)
        return self._ask(request, order, form)

    def _ask(self, request: HttpRequest, order: TransferOrder, form: AcceptForm) -> HttpResponse:
        return self.show_shop(
            request,
            order.tenant,
            form=form,
            order=order,
            line=_line(order),
            is_coming=order.status == TransferStatus.IN_TRANSIT,
        )


def _picked(order: TransferOrder) -> list[TransferLine]:
    """The lines of which something was handed over."""
    return [line for line in order.lines.all() if line.picked_quantity]


class ShopCallOff(ShopPage):
    """What was asked for is no longer wanted; the warehouse keeps it."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="transfer")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = fetch(_orders(request), pk=pk)
        attempt(
            request,
            None,
            lambda: transferring.cancel(order=order, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("Called off: %(order)s. The goods stay in the warehouse.") % {"order": order.code},
        )
        return redirect("shop-transfers", order.tenant_id)
