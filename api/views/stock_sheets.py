"""Sheets over the API: handed in, looked into row by row, confirmed, taken back. The work itself is done later."""

from typing import Any, ClassVar

import django_filters
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry, Nothing
from api.parsing import StrictFormParser
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import OfTenant, must_have, of_a_tenant, tenant_meant
from insights.shops import shops_of
from inventory import sheets
from inventory.models import SheetImport, SheetKind, SheetRow, SheetStatus, Verdict


class SheetShape(Shape):
    """A workbook, what was found in it, and what became of it."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    tenant = TenantNameShape()
    kind = serializers.ChoiceField(SheetKind.choices)
    file_name = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    digest = serializers.CharField(help_text="SHA-256 of the file")
    handed_in_by = PersonNameShape()
    handed_in_at = serializers.DateTimeField()
    status = serializers.ChoiceField(SheetStatus.choices)
    refusal_code = serializers.CharField()
    refusal = serializers.CharField()
    rows = serializers.IntegerField()
    rows_done = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    faulty = serializers.IntegerField()
    confirmed_by = PersonNameShape(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    applied_at = serializers.DateTimeField(allow_null=True)
    undone_by = PersonNameShape(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


class SheetRowShape(Shape):
    """A row: what it would do or did, or what is wrong with it cell by cell."""

    row_no = serializers.IntegerField()
    verdict = serializers.ChoiceField(Verdict.choices)
    product = serializers.IntegerField(source="product_id", allow_null=True)
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    wrong = serializers.JSONField(source="errors", help_text="Each wrong cell: where, what is there, what is expected.")
    done_at = serializers.DateTimeField(allow_null=True)


class SheetEntry(Entry):
    tenant = of_a_tenant(Right.EDIT_PRODUCTS)
    kind = serializers.ChoiceField(SheetKind.choices)
    file = serializers.FileField(help_text="A workbook (.xlsx) with the columns of our own download")


class SheetFilters(django_filters.FilterSet):
    tenant = OfTenant()
    kind = django_filters.ChoiceFilter(choices=SheetKind.choices, label=_("kind"))
    status = django_filters.ChoiceFilter(choices=SheetStatus.choices, label=_("status"))


class Sheets(Endpoint):
    """Sheets handed in, newest first. POST hands one in, as multipart/form-data; it is checked in the background."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.EDIT_PRODUCTS})
    parser_classes = (StrictFormParser,)
    asks: ClassVar[Any] = {"POST": SheetEntry}
    answers: ClassVar[Any] = {"GET": SheetShape, "POST": SheetShape}
    lists = creates = needs_key = True
    filterset_class = SheetFilters

    def get(self, request: Request) -> Response:
        return self.page(whole_sheets(self))

    def post(self, request: Request) -> Response:
        """Hand in a sheet, as multipart/form-data."""
        entry = self.entry()
        tenant = tenant_meant(self, entry.get("tenant"), Right.EDIT_PRODUCTS)
        is_stock = entry["kind"] == SheetKind.STOCK
        if is_stock:
            must_have(self, Right.HANDLE_STOCK, tenant)
        sheet = sheets.hand_in(
            tenant=tenant,
            kind=entry["kind"],
            upload=entry["file"],
            by=self.actor,
            at=self.now,
            language=(get_language() or "hi")[:2],
            shops=shops_of(tenant, self.today) if is_stock else (),
        )
        return self.answer(whole_sheets(self).get(pk=sheet.pk))


class OneSheet(Endpoint):
    """A sheet: how far it has come and what was found in it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="sheet")
    answers: ClassVar[Any] = {"GET": SheetShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(whole_sheets(self), pk=pk))


class SheetRowFilters(django_filters.FilterSet):
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, label=_("verdict"))


class SheetRows(Endpoint):
    """The rows of a sheet with their verdicts and wrong cells."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="sheet")
    answers: ClassVar[Any] = {"GET": SheetRowShape}
    lists = True
    filterset_class = SheetRowFilters

    def get(self, request: Request, pk: int) -> Response:
        sheet = self.find(SheetImport.objects.visible_to(self.actor), pk=pk)
        return self.page(SheetRow.objects.filter(sheet=sheet))


class SheetStep(Endpoint):
    """What confirming and taking back share: stock is changed only by those who handle it."""

    needs_key = True
    answers: ClassVar[Any] = {"POST": SheetShape}

    def sheet(self, pk: int) -> SheetImport:
        rows = SheetImport.objects.visible_to(self.actor, Right.EDIT_PRODUCTS).select_related("tenant")
        return self.find(rows, pk=pk)

    def check_right(self, sheet: SheetImport) -> None:
        if sheet.kind == SheetKind.STOCK:
            must_have(self, Right.HANDLE_STOCK, sheet.tenant)


class ConfirmEntry(Entry):
    only_good = serializers.BooleanField(
        required=False, default=False, help_text="Apply the good rows although others are wrong."
    )


class ConfirmSheet(SheetStep):
    """Say that a checked sheet is to be applied; it is applied in the background."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="sheet")
    asks: ClassVar[Any] = {"POST": ConfirmEntry}

    def post(self, request: Request, pk: int) -> Response:
        sheet = self.sheet(pk)
        entry = self.entry()
        self.check_right(sheet)
        sheets.confirm(sheet=sheet, by=self.actor, at=self.now, **entry)
        return self.answer(whole_sheets(self).get(pk=pk))


class UndoSheet(SheetStep):
    """Take back what a sheet did, where nobody has touched it since."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="sheet")
    asks: ClassVar[Any] = {"POST": Nothing}

    def post(self, request: Request, pk: int) -> Response:
        sheet = self.sheet(pk)
        self.entry()
        self.check_right(sheet)
        sheets.undo(sheet=sheet, by=self.actor, at=self.now)
        return self.answer(whole_sheets(self).get(pk=pk))


def whole_sheets(view: Endpoint) -> Any:
    rows = SheetImport.objects.visible_to(view.actor)
    return rows.select_related("tenant", "handed_in_by", "confirmed_by", "undone_by")
