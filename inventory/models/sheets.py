"""Sheets that tenants hand in: checked first, every wrong cell named, applied on demand, and taken back if mistaken."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from inventory import codes
from inventory.models.catalogue import OfOwner, Product
from inventory.models.stock import Location
from tenants.models import Tenant


class SheetKind(models.TextChoices):
    CATALOGUE = "catalogue", _("Catalogue")
    STOCK = "stock", _("Stock of the shop")


class SheetStatus(models.TextChoices):
    WAITING = "waiting", _("waits to be checked")
    CHECKING = "checking", _("being checked")
    REFUSED = "refused", _("cannot be read")
    CHECKED = "checked", _("checked, nothing changed yet")
    CONFIRMED = "confirmed", _("waits to be applied")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    UNDONE = "undone", _("taken back")


class SheetImports(OfOwner):
    """Questions about sheets handed in."""

    def waiting(self) -> "SheetImports":
        return self.filter(status__in=[SheetStatus.WAITING, SheetStatus.CONFIRMED])


def sheet_path(_sheet: "SheetImport", _filename: str) -> str:
    return f"sheets/{uuid.uuid4().hex}.xlsx"


class SheetImport(models.Model):
    """A workbook that a tenant handed in, what was found in it, and what became of it."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="sheet_imports", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=9, choices=SheetKind)
    file = models.FileField(_("file"), upload_to=sheet_path)
    file_name = models.CharField(_("file name"), max_length=150)
    size = models.PositiveIntegerField(_("size in bytes"))
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    language = models.CharField(_("language of the answers"), max_length=2, default="hi")
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("handed in by"))
    handed_in_at = models.DateTimeField(_("handed in at"))
    status = models.CharField(_("status"), max_length=9, choices=SheetStatus, default=SheetStatus.WAITING)
    # Where a sheet of stock may say what was counted: the tenant's shops when it was handed in.
    shops = models.ManyToManyField(Location, related_name="+", blank=True, verbose_name=_("shops"))
    # The name of what each column fills, in the order of the sheet; "" for columns that are not read.
    columns = models.JSONField(_("columns"), default=list, blank=True)
    # Whoever works on it has it until then; afterwards another worker may begin anew.
    worked_on_until = models.DateTimeField(null=True, blank=True)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal = models.CharField(_("why it cannot be read"), max_length=300, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    same = models.PositiveIntegerField(_("the same"), default=0)
    faulty = models.PositiveIntegerField(_("faulty"), default=0)
    # The workbook back, with the wrong cells coloured and explained.
    marked_file = models.FileField(_("marked workbook"), upload_to=sheet_path, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("taken back by")
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects: ClassVar[Any] = SheetImports.as_manager()

    class Meta:
        verbose_name = _("sheet handed in")
        verbose_name_plural = _("sheets handed in")
        ordering: ClassVar[Any] = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(applied_at__isnull=False), name="sheet_is_applied_before_it_is_undone"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return codes.written("I", self.pk)


class Verdict(models.TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    SAME = "same", _("the same")
    FAULTY = "faulty", _("faulty")


class SheetRow(models.Model):
    """A row of a sheet: what it would do, or what is wrong with it cell by cell."""

    sheet = models.ForeignKey(SheetImport, models.CASCADE, related_name="row_set", verbose_name=_("sheet"))
    row_no = models.PositiveIntegerField(_("row"))
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict)
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("product")
    )
    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    # [{"cell": "D7", "column": "price", "found": "abc", "code": "not_a_number", "expected": "..."}]
    errors = models.JSONField(_("errors"), default=list, blank=True)
    done_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of a sheet")
        ordering: ClassVar[Any] = ["row_no"]
        constraints = [models.UniqueConstraint(fields=["sheet", "row_no"], name="a_row_of_a_sheet_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.row_no}: {self.verdict}"
