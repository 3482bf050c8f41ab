"""A shop counts its own goods, and puts right what is not as the record says."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean
from core.refusals import Refusal
from inventory import counting, scanning
from inventory.adjusting import propose
from inventory.models import (
    AdjustmentStatus,
    Balance,
    CountLine,
    CountStatus,
    CycleCount,
    Location,
    Lot,
)
from tenants.models import Tenant
from web.forms.shop import WHAT_HAPPENED, AdjustForm, CountForm, CountStartForm
from web.views.base import attempt
from web.views.shop_frame import ShopPage, new_key, own_products, shops_today
from web.views.tenant_frame import tenant_for

LINES_A_PAGE = 40
HANDLES = Policy({"GET": Right.HANDLE_STOCK, "POST": Right.HANDLE_STOCK}, object_of="tenant")
TO_ENTER = (CountStatus.COUNTING, CountStatus.RECOUNTING)


class ShopCount(ShopPage):
    """The shop's own count: begun, entered page by page, done; blind, so the record is not shown."""

    policy = HANDLES
    template = "shop/count.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        return self._show(request, tenant, self._count(request, tenant))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        count = self._count(request, tenant)
        deed = request.POST.get("deed", "")
        if count is None:
            return self._begin(request, tenant)
        if deed == "cancel":
            now = timezone.now()
            done = _("The count was given up. Nothing has changed.")
            attempt(request, None, lambda: counting.cancel(count=count, by=request.user, at=now), done)  # type: ignore[arg-type]
            return redirect("shop-count", tenant.pk)
        if deed == "approve":
            self._approve(request, count)
            return redirect("shop-count", tenant.pk)
        if deed == "add":
            return self._add(request, tenant, count)
        return self._enter(request, tenant, count, deed)

    def _count(self, request: HttpRequest, tenant: Tenant) -> CycleCount | None:
        """The count of its own shop that the tenant has under way."""
        rows = CycleCount.objects.visible_to(request.user, Right.HANDLE_STOCK)
        return rows.open().filter(tenant=tenant, is_own_shop=True).order_by("-pk").first()

    def _begin(self, request: HttpRequest, tenant: Tenant) -> HttpResponse:
        form = CountStartForm(request.POST, shops=shops_today(tenant))
        if form.is_valid() and attempt(
            request,
            form,
            lambda: counting.open_count(
                tenant=tenant,
                places=[form.cleaned_data["shop"]],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                is_own_shop=True,
            ),
        ):
            return redirect("shop-count", tenant.pk)
        return self._show(request, tenant, None, start=form)

    def _enter(self, request: HttpRequest, tenant: Tenant, count: CycleCount, deed: str) -> HttpResponse:
        lines, page = self._page(request, count)
        form = CountForm(request.POST, lines=lines)
        if not form.is_valid():
            return self._show(request, tenant, count, form=form)
        now = timezone.now()
        for key, quantity in form.counted().items():
            line = CountLine.objects.get(count=count, pk=key)
            entered = attempt(
                request,
                form,
                lambda line=line, quantity=quantity: counting.enter(  # type: ignore[misc]
                    line=line,
                    quantity=quantity,
                    by=request.user,  # type: ignore[arg-type]
                    at=now,
                ),
            )
            if not entered:
                return self._show(request, tenant, count, form=form)
        if deed == "finish":
            self._finish(request, count)
            return redirect("shop-count", tenant.pk)
        after = page + 1 if deed == "next" else page
        return redirect(f"{reverse('shop-count', args=[tenant.pk])}?page={after}")

    def _finish(self, request: HttpRequest, count: CycleCount) -> None:
        now = timezone.now()
        finished = attempt(
            request,
            None,
            lambda: counting.finish_round(count=count, by=request.user, at=now),  # type: ignore[arg-type]
        )
        if finished and finished.status == CountStatus.COUNTED:
            self._approve(request, finished)

    def _approve(self, request: HttpRequest, count: CycleCount) -> None:
        """Whoever counted posts small differences at once; larger ones wait for a second person of the tenant."""
        attempt(
            request,
            None,
            lambda: counting.approve(
                count=count,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                key=f"count:{count.pk}",
            ),
            _("The count is done, and the record says what you counted."),
        )

    def _add(self, request: HttpRequest, tenant: Tenant, count: CycleCount) -> HttpResponse:
        """Goods found in the shop that the list does not name."""
        place = _place_of(count, tenant)
        code = clean(request.POST.get("code", ""))[:60]
        try:
            found = scanning.find(code, products=own_products(request, tenant))
            lot = found.lot or Lot.objects.filter(product=found.product).order_by("-pk").first()
        except Refusal as refusal:
            return self._show(request, tenant, count, problem=str(refusal))
        if lot is None or place is None:
            return self._show(request, tenant, count, problem=_("No lot of this is known. Receive the goods first."))
        attempt(request, None, lambda: counting.add_lot(count=count, lot=lot, location=place), _("On the list now."))
        return redirect("shop-count", tenant.pk)

    def _page(self, request: HttpRequest, count: CycleCount) -> tuple[list[Any], int]:
        """The lines of the page that is asked for, and its number."""
        page = Paginator(counting.to_count(count), LINES_A_PAGE).get_page(request.GET.get("page"))
        return list(page), page.number

    def _show(self, request: HttpRequest, tenant: Tenant, count: CycleCount | None, **context: Any) -> HttpResponse:
        shops = shops_today(tenant)
        if count is None:
            start = context.pop("start", None) or CountStartForm(shops=shops, initial=new_key())
            return self.show_shop(
                request, tenant, count=None, start=start, shops=list(shops), last=_last(request, tenant), **context
            )
        lines = counting.to_count(count) if count.status in TO_ENTER else []
        page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page"))
        form = context.pop("form", None) or CountForm(lines=list(page))
        place = _place_of(count, tenant)
        return self.show_shop(
            request,
            tenant,
            count=count,
            status_label=count.status.label,
            state=count.status.value,
            form=form,
            page_obj=page,
            place=place,
            is_to_enter=count.status in TO_ENTER,
            left=sum(line.counted is None for line in lines),
            lines_all=len(lines),
            lines_done=sum(line.counted is not None for line in lines),
            differing=_differing(count),
            **context,
        )


def _place_of(count: CycleCount, tenant: Tenant) -> Location | None:
    """The shop that is counted: that of the first line, else the tenant's only one."""
    line = count.lines.select_related("location").first()
    return line.location if line else shops_today(tenant).first()


def _differing(count: CycleCount) -> list[CountLine]:
    """Once counted: the lines that differ from the record."""
    if count.status != CountStatus.COUNTED:
        return []
    lines = count.lines.select_related("lot__product").order_by("pk")
    return [line for line in lines if line.difference]


def _last(request: HttpRequest, tenant: Tenant) -> CycleCount | None:
    """The last count of its own shop that was posted."""
    rows = CycleCount.objects.visible_to(request.user, Right.HANDLE_STOCK).filter(tenant=tenant, is_own_shop=True)
    return rows.exclude(posted_at=None).order_by("-pk").first()


class ShopAdjust(ShopPage):
    """Stock of the shop is put right: what, how many, what happened."""

    policy = HANDLES
    template = "shop/adjust.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        return self._ask(request, tenant, self._form(request, tenant, initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        form = self._form(request, tenant, data=request.POST)
        if form.is_valid():
            balance = form.cleaned_data["balance"]
            made = attempt(
                request,
                form,
                lambda: propose(
                    lot=balance.lot,
                    location=balance.location,
                    difference=form.difference,
                    reason=form.reason,
                    note=form.cleaned_data["note"],
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    key=str(form.cleaned_data["key"]),
                ),
            )
            if made:
                self._say(request, made)
                return redirect("shop-product", balance.lot.product_id)
        return self._ask(request, tenant, form)

    def _say(self, request: HttpRequest, made: Any) -> None:
        if made.status == AdjustmentStatus.POSTED:
            messages.success(request, _("Put right. The record says what you have."))
        else:
            messages.info(request, _("Noted. Because of the sum, a second person decides first."))

    def _form(self, request: HttpRequest, tenant: Tenant, **kwargs: Any) -> AdjustForm:
        return AdjustForm(balances=_in_shops(request, tenant), products=own_products(request, tenant), **kwargs)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: AdjustForm) -> HttpResponse:
        happened = {name: {"reason": reason, "sign": sign} for name, (reason, sign) in WHAT_HAPPENED.items()}
        return self.show_shop(
            request, tenant, form=form, shops=list(shops_today(tenant)), happened_json=json.dumps(happened)
        )


def _in_shops(request: HttpRequest, tenant: Tenant) -> QuerySet[Balance]:
    """Every lot that lies, or lay, in the tenant's shops."""
    return (
        Balance.objects.visible_to(request.user, Right.HANDLE_STOCK)
        .physical()
        .filter(tenant=tenant, location__in=shops_today(tenant).values("pk"))
        .select_related("lot__product", "location")
        .order_by("lot__product__name_hi", "lot")
    )
