"""Labels for goods: chosen from the catalogue, printed as PDF."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory.labels import Paper, Wanted, sheet
from inventory.models import Lot, Product
from tenants.models import Tenant
from web.forms.catalogue import LabelsForm, ProductFilter
from web.views.base import Page, attempt, page_of
from web.views.catalogue_frame import listed, narrowed
from web.views.tenant_frame import WRONG, tenant_for

A_PAGE = 50  # products to choose from at once
LOTS_OF_ONE = 5  # the newest lots of a product that lie somewhere


@dataclass(frozen=True)
class Choice:
    """A product to print labels of, or one of its lots, with the field for how many."""

    product: Any
    lots: list[tuple[Lot, Any]]
    field: Any


def products_of(request: HttpRequest, tenant: Tenant) -> Any:
    return Product.objects.visible_to(request.user).filter(tenant=tenant)


def lots_by_product(request: HttpRequest, products: Iterable[Product]) -> dict[int, list[Lot]]:
    """Product key -> its newest lots that lie somewhere in the mall. One query."""
    lots = Lot.objects.visible_to(request.user).filter(
        product__in=list(products), balances__is_physical=True, balances__on_hand__gt=0
    )
    found: dict[int, list[Lot]] = {}
    for lot in lots.distinct().order_by("-received_date", "-pk"):
        kept = found.setdefault(lot.product_id, [])
        if len(kept) < LOTS_OF_ONE:
            kept.append(lot)
    return found


class Labels(Page):
    """Choose products or lots, how many labels of each, and the paper."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")
    template = "catalogue/labels.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask(request, tenant_for(request, Right.SEE_STOCK, pk))

    def ask(self, request: HttpRequest, tenant: Tenant, form: LabelsForm | None = None) -> HttpResponse:
        finder = ProductFilter(request.GET)
        finder.is_valid()
        rows = narrowed(listed(products_of(request, tenant)), finder.cleaned_data)
        one = request.GET.get("product", "")
        if one.isascii() and one.isdigit() and len(one) < 18:
            rows = rows.filter(pk=int(one))
        if form is not None:  # the page again, with what was asked for: those products and no others
            rows = listed(products_of(request, tenant)).filter(pk__in=_keys(form.goods, "P"))
        page = page_of(request, rows, A_PAGE)
        lots = lots_by_product(request, page)
        form = form or LabelsForm(goods=_codes(page, lots), copies={f"P{one}": 1})
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            tenant=tenant,
            finder=finder,
            form=form,
            page_obj=page,
            choices=[_choice(product, lots.get(product.pk, []), form) for product in page],
            pdf_url=reverse("labels-pdf", args=[tenant.pk]),
        )


class LabelsPdf(Labels):
    """The sheets themselves."""

    policy = Policy({"POST": Right.SEE_STOCK}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.http_method_not_allowed(request)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_STOCK, pk)
        products = {
            row.pk: row for row in products_of(request, tenant).filter(pk__in=_keys(request.POST, "P")[:A_PAGE])
        }
        lots = lots_by_product(request, products.values())
        form = LabelsForm(request.POST, goods=_codes(products.values(), lots))
        if form.is_valid():
            wanted = _wanted(products, lots, form.copies)
            paper, skip = Paper(form.cleaned_data["paper"]), form.cleaned_data["skip"] or 0
            pdf = attempt(request, form, lambda: sheet(wanted, paper=paper, skip=skip))
            if pdf:
                name = f"{_('labels')}-{timezone.localdate():%Y-%m-%d}.pdf"
                return HttpResponse(
                    pdf,
                    content_type="application/pdf",
                    headers={
                        "Content-Disposition": content_disposition_header(True, name) or "attachment",
                        "X-Content-Type-Options": "nosniff",
                        "Cache-Control": "private, no-store",
                    },
                )
        return self.ask(request, tenant, form)


def _wanted(products: dict[int, Product], lots: dict[int, list[Lot]], copies: dict[str, int]) -> list[Wanted]:
    """What to print, product by product, its lots behind it."""
    wanted = []
    for product in products.values():
        wanted.append(Wanted(product, copies.get(f"P{product.pk}", 0)))
        wanted += [Wanted(product, copies.get(f"L{lot.pk}", 0), lot) for lot in lots.get(product.pk, [])]
    return wanted


def _codes(products: Iterable[Product], lots: dict[int, list[Lot]]) -> list[str]:
    """The names of the form's fields: one for each product, one for each of its lots."""
    return [
        code for product in products for code in (f"P{product.pk}", *(f"L{lot.pk}" for lot in lots.get(product.pk, [])))
    ]


def _keys(names: Iterable[str], letter: str) -> list[int]:
    numbers = [name[1:] for name in names if name.startswith(letter)]
    return [int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 18]


def _choice(product: Any, lots: list[Lot], form: LabelsForm) -> Choice:
    def field(code: str) -> Any:
        return form[code] if code in form.fields else None

    return Choice(product, [(lot, field(f"L{lot.pk}")) for lot in lots], field(f"P{product.pk}"))
