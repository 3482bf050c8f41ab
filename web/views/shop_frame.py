"""What the pages of a shop's own goods share: the tenant, its shops, the words that the page's scripts say."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.roles import Right
from insights.shops import shops_of
from inventory.models import Balance, Location, Lot, PlaceKind, Product
from tenants.models import Tenant
from web.views.base import Page
from web.views.tenant_frame import WRONG, tenant_for

ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=3))


def shops_today(tenant: Tenant) -> QuerySet[Location]:
    """The places of goods in the units that the tenant has on lease today."""
    return shops_of(tenant, timezone.localdate())


def lying(**where: Any) -> Any:
    """How much of a product lies at such places: a part of a query about products."""
    there = Balance.objects.physical().filter(lot__product=OuterRef("pk"), **where)
    # Named by its lot's product alone: the tenant's index finds the rows.
    summed = there.filter(tenant=OuterRef("tenant")).order_by().values("lot__product").annotate(sum=Sum("on_hand"))
    return Coalesce(Subquery(summed.values("sum")), ZERO)


def free_in_bins(now: datetime) -> Any:
    """How much of a product lies in the warehouse's bins and is promised to nobody: a part of a query."""
    there = (
        Balance.objects.physical()
        .with_overdue(now)
        .filter(lot__product=OuterRef("pk"), tenant=OuterRef("tenant"), location__kind=PlaceKind.BIN)
    )
    summed = there.order_by().values("lot__product").annotate(sum=Sum(F("on_hand") - F("held") + F("overdue")))
    return Coalesce(Subquery(summed.values("sum")), ZERO)


def first_expiry(today: date) -> Any:
    """The next last good day among a product's lots in the mall, past ones first: a part of a query."""
    lots = Lot.objects.filter(
        product=OuterRef("pk"), expiry_date__isnull=False, balances__is_physical=True, balances__on_hand__gt=0
    )
    return Subquery(lots.order_by("expiry_date").values("expiry_date")[:1])


def own_products(request: HttpRequest, tenant: Tenant) -> QuerySet[Product]:
    """The tenant's products that are not laid aside, as the reader may handle them."""
    return Product.objects.visible_to(request.user, Right.HANDLE_STOCK).kept().filter(tenant=tenant)


class ShopPage(Page):
    """A page about a shop's own goods. `GET` and `POST` need the right to handle them unless it says otherwise."""

    right = Right.HANDLE_STOCK
    here = ""  # the url name of this page, for the fact queue and the way back

    def tenant(self, request: HttpRequest, pk: int) -> Tenant:
        return tenant_for(request, self.right, pk)

    def show_shop(self, request: HttpRequest, tenant: Tenant, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page, framed: where the tiles lead, where facts are sent, and what the scripts say."""
        form = context.get("form")
        if status == 200 and form is not None and form.errors:
            status = WRONG
        answer = self.show(
            request,
            status=status,
            tenant=tenant,
            home_url=reverse("shop-stock", args=[tenant.pk]),
            phone=phone(request, tenant),
            **context,
        )
        # The service worker keeps pages of one person only; another name here empties what it kept.
        answer["Mall-Person"] = str(request.user.pk)
        return answer


def new_key() -> dict[str, Any]:
    """A fresh name for what a form will do: sent twice, it happens once."""
    return {"key": uuid4()}


def phone(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """What the scripts of a shop page need: whose phone, where to send, which pages to keep, the words to say."""

    def page(name: str) -> str:
        return reverse(name, args=[tenant.pk])

    return {
        "person": str(request.user.pk),
        "tenant": tenant.pk,
        "facts": page("shop-facts"),
        "review": page("shop-review"),
        "worker": reverse("service-worker"),
        "reader_script": static("vendor/zxing-reader.js"),
        "reader_code": static("vendor/zxing_reader.wasm"),
        "keep": [
            page(name)
            for name in ("shop-stock", "shop-sell", "shop-receive", "shop-transfers", "shop-count", "shop-adjust")
        ],
        "words": words(),
    }


def words() -> dict[str, str]:
    """What the scripts say, in the reader's language."""
    return {
        "waiting_one": _("1 entry waits to be sent"),
        "waiting_many": _("%(n)s entries wait to be sent") % {"n": "{n}"},
        "offline": _("No network. What you enter is kept on this phone and sent later."),
        "kept": _("Kept on this phone. It will be sent when the network is back."),
        "not_kept": _("This phone cannot keep entries. Try again when the network is back."),
        "sent": _("Everything has been sent."),
        "conflict_one": _("1 entry needs a look"),
        "conflict_many": _("%(n)s entries need a look") % {"n": "{n}"},
        "look": _("Look at it"),
        "send_now": _("Send now"),
        "show_list": _("Show what waits"),
        "other_person": _("Entries of another person wait on this phone. They are sent when that person signs in."),
        "camera_title": _("Hold the code before the camera"),
        "camera_close": _("Close"),
        "torch": _("Light"),
        "camera_denied": _("The camera is not allowed. Allow it in the browser's settings, or type the code."),
        "camera_missing": _("No camera was found. Type the code, or use a scanner."),
        "camera_failed": _("The camera does not work here. Type the code, or use a scanner."),
        "scanned": _("Scanned: %(code)s") % {"code": "{code}"},
        "sale": _("Sold"),
        "sale_return": _("Returned by a buyer"),
        "shop_receipt": _("Brought to the shop"),
        "acceptance": _("Transfer accepted"),
        "count": _("Counted"),
        "adjustment": _("Adjusted"),
        "fill": _("Choose the goods and say how many."),
    }
