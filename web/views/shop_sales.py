"""Goods are sold over the counter, and a slip of the finger is undone."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import ledger
from inventory.models import LedgerEntry, Movement, MovementKind, PlaceKind
from inventory.selling import sell_out
from tenants.models import Tenant
from web.forms.shop import GoodsForm
from web.views.base import attempt, fetch
from web.views.shop_frame import ShopPage, lying, new_key, own_products, shops_today
from web.views.tenant_frame import tenant_for

UNDO_WITHIN = timedelta(minutes=15)


class ShopSell(ShopPage):
    """Scan or choose, say how many, sold."""

    policy = Policy({"GET": Right.HANDLE_STOCK, "POST": Right.HANDLE_STOCK}, object_of="tenant")
    template = "shop/sell.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        initial = new_key() | {"product": request.GET.get("product")}
        return self._ask(request, tenant, _form(request, tenant, initial=initial), sold=_sold(request, tenant))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form = _form(request, tenant, data=request.POST)
        if form.is_valid():
            posted = attempt(
                request,
                form,
                lambda: sell_out(
                    product=form.cleaned_data["product"],
                    lot=form.lot,
                    shop=form.cleaned_data["shop"],
                    quantity=form.cleaned_data["quantity"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    key=str(form.cleaned_data["key"]),
                ),
            )
            if posted:
                return redirect(f"{reverse('shop-sell', args=[tenant.pk])}?sold={posted.movement}")
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: GoodsForm, **context: Any) -> HttpResponse:
        shops = list(form.fields["shop"].queryset)  # type: ignore[attr-defined]
        return self.show_shop(request, tenant, form=form, shops=shops, **context)


def _form(request: HttpRequest, tenant: Tenant, **kwargs: Any) -> GoodsForm:
    """The form with what lies in the tenant's shops today."""
    shops = shops_today(tenant)
    there = lying(location__in=shops.values("pk"))
    products = own_products(request, tenant).annotate(there=there).order_by("name_hi", "pk")
    form = GoodsForm(shops=shops, products=products, **kwargs)
    form.fields["product"].queryset = products.filter(there__gt=0)  # type: ignore[attr-defined]
    return form


def _sales(request: HttpRequest) -> QuerySet[Movement]:
    return Movement.objects.visible_to(request.user, Right.HANDLE_STOCK).filter(kind=MovementKind.SALE)


def _sold(request: HttpRequest, tenant: Tenant) -> dict[str, Any] | None:
    """The sale just made: what, how many, for how much, and whether it may still be undone."""
    asked = request.GET.get("sold", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
        return None
    sale = _sales(request).filter(tenant=tenant, pk=int(asked)).first()
    if sale is None:
        return None
    entries = list(
        LedgerEntry.objects.filter(movement=sale.pk, location__kind=PlaceKind.BUYER)
        .select_related("lot__product")
        .order_by("pk")
    )
    product = entries[0].lot.product
    quantity = sum(entry.quantity for entry in entries)
    return {
        "movement": sale,
        "product": product,
        "quantity": quantity,
        "amount": quantity * product.price if product.price is not None else None,
        "may_undo": _may_undo(request, sale),
        "is_undone": Movement.objects.filter(reverses=sale).exists(),
    }


def _may_undo(request: HttpRequest, sale: Movement) -> bool:
    return sale.by_id == request.user.pk and timezone.now() - sale.recorded_at <= UNDO_WITHIN


class ShopUndo(ShopPage):
    """A sale of the last minutes is undone by whoever made it."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="sale")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        sale = fetch(_sales(request), pk=pk)
        sell = reverse("shop-sell", args=[sale.tenant_id])
        if not _may_undo(request, sale):
            return redirect(f"{sell}?sold={sale.pk}")
        attempt(
            request,
            None,
            lambda: ledger.reverse(
                movement=sale,
                key=f"undo:{sale.pk}",
                at=timezone.now(),
                by=request.user,  # type: ignore[arg-type]
                reason=_("Undone at once"),
            ),
            _("The sale is undone. The goods are in the shop again."),
        )
        return redirect(f"{sell}?sold={sale.pk}")
