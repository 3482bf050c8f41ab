"""What the pages of the warehouse office share: whose goods the reader may see, lists, forms, confirmations."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.roles import Reach, Right
from inventory.models import Lot, Product
from tenants.access import may, reach, tenants_with
from tenants.models import Tenant
from web.downloads import xlsx_response
from web.views.base import Page, fetch
from web.views.tenant_frame import WRONG
from web.views.warehouse_table import SHEET, Cell, Slice, Table


def sees_all(request: HttpRequest) -> bool:
    """Whether the reader works for the mall and sees the goods of every tenant."""
    return reach(request.user, Right.SEE_STOCK) == Reach.MALL


def of_reader(request: HttpRequest, rows: QuerySet[Any], path: str = "tenant") -> QuerySet[Any]:
    """Rows of papers without a tenant of their own, as far as the reader's right to see stock reaches."""
    if sees_all(request):
        return rows
    return rows.filter(**{f"{path}__in": tenants_with(request.user, Right.SEE_STOCK)})


def owners(request: HttpRequest) -> QuerySet[Tenant]:
    """The tenants whose goods the reader may see."""
    return Tenant.objects.visible_to(request.user, Right.SEE_STOCK)


def can(request: HttpRequest, tenant: Any) -> dict[str, bool]:
    """What the reader may do with the goods of a tenant."""
    user = request.user
    return {
        "keep": may(user, Right.KEEP_STOCK, tenant),
        "approve": may(user, Right.APPROVE_STOCK, tenant),
        "countersign": may(user, Right.COUNTERSIGN_COUNTS, tenant),
    }


def link(name: str, key: int, text: Any) -> Cell:
    """A cell that leads to the page of a thing."""
    return Cell(text, reverse(name, args=[key]))


def product_cell(product: Product, lot: Lot | None = None) -> Cell:
    """A product, leading to its lot where one is meant."""
    return link("lot", lot.pk, f"{product} · {lot.code}") if lot else Cell(str(product))


def sheet(name: str, table: Table) -> HttpResponse:
    """The table as a spreadsheet, of at most SHEET rows."""
    return xlsx_response(name, str(table.caption), table.heads, list(table.plain)[:SHEET])


class OfficePage(Page):
    """A page of the warehouse office, with `keeps`: whether the reader works in the warehouse."""

    def show(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        form = context.get("form")
        if status == 200 and request.method == "POST" and isinstance(form, BaseForm) and form.errors:
            status = WRONG
        context.setdefault("keeps", reach(request.user, Right.KEEP_STOCK) == Reach.MALL)
        return super().show(request, status=status, **context)


class ListPage(OfficePage):
    """One table with what it can be narrowed by."""

    template = "warehouse/list.html"
    is_sheet = False  # answered as a spreadsheet

    def list(self, request: HttpRequest, table: Table, *, page: Slice | None = None, **words: Any) -> HttpResponse:
        """Words: heading, and optionally lead, form, download_url, empty (title, why, next), tabs, actions."""
        return self.show(request, table=table, slice=page, **words)


class FormPage(OfficePage):
    """One form about goods. Words: heading, submit, back (URL), and optionally lead, facts, tone, icon."""

    template = "warehouse/form.html"


class ConfirmPage(OfficePage):
    """Asks once more. Words: heading, question, consequence, submit, back (URL), and optionally tone."""

    template = "warehouse/confirm.html"


def row(request: HttpRequest, rows: Any, right: Right, pk: int) -> Any:
    """One row that the reader may reach with `right`; foreign equals absent."""
    return fetch(rows.visible_to(request.user, right), pk=pk)


def new_key() -> dict[str, Any]:
    """A fresh name for what a form will do: sent twice, it happens once."""
    return {"key": uuid4()}
