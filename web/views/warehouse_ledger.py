"""The stock ledger to read: a lot's every line, movements with theirs, what a tenant has where, and the way back."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.refusals import Refusal
from inventory import ledger, scanning, watching
from inventory.models import (
    IN_WAREHOUSE,
    Balance,
    Hold,
    LedgerEntry,
    Location,
    Lot,
    Movement,
    MovementKind,
    PlaceKind,
    Product,
)
from web.forms.warehouse import MovementFilter, WhyForm
from web.views.base import attempt, fetch
from web.views.tenant_frame import tenant_for
from web.views.warehouse_frame import (
    ConfirmPage,
    ListPage,
    OfficePage,
    can,
    link,
    new_key,
    owners,
    product_cell,
    row,
    sheet,
)
from web.views.warehouse_table import SHEET, Cell, Column, Slice, Table, slice_of
from web.views.warehouse_work import moment_of

# The figures of a tenant's position -> the kinds of places that each adds up.
FIGURES: dict[str, tuple[PlaceKind, ...]] = {
    "at_dock": (PlaceKind.DOCK,),
    "in_bins": (PlaceKind.BIN,),
    "in_staging": (PlaceKind.STAGING,),
    "set_apart": (PlaceKind.QUARANTINE,),
    "on_the_way": (PlaceKind.TRANSIT,),
    "in_shops": (PlaceKind.UNIT, PlaceKind.FAIR),
    "in_warehouse": tuple(IN_WAREHOUSE),
}


class LotShow(OfficePage):
    """A lot: what it is, where it lies, and every line of the ledger with what lay there after it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="lot")
    template = "warehouse/lot.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        lots = Lot.objects.visible_to(request.user, Right.SEE_STOCK).select_related("product", "tenant")
        lot = fetch(lots, pk=pk)
        entries = LedgerEntry.objects.filter(lot=lot).select_related("movement", "location")
        page = slice_of(request, entries, ("-pk",))
        there = Balance.objects.filter(lot=lot).physical().exclude(on_hand=0).select_related("location")
        return self.show(
            request,
            lot=lot,
            tenant=lot.tenant,
            can=can(request, lot.tenant),
            places=_places(there),
            table=_ledger(page),
            slice=page,
        )


def _places(balances: Iterable[Balance]) -> Table:
    table = Table(_("Where it lies"), [Column(_("Place")), Column(_("On hand"), "number"), Column(_("Held"), "number")])
    for balance in balances:
        table.add(link("place", balance.location_id, str(balance.location)), balance.on_hand, balance.held)
    return table


def _ledger(page: Slice) -> Table:
    """The lines, newest first, each with the sum at its place up to and with it. One query more."""
    table = Table(
        _("Every line of the ledger"),
        [
            Column(_("Movement")),
            Column(_("Happened at"), "moment"),
            Column(_("Place")),
            Column(_("Change"), "change"),
            Column(_("There after it"), "number"),
            Column(_("Document")),
        ],
    )
    after: dict[int, Decimal] = {}
    if page.rows:
        newest = page.rows[0]
        sums = LedgerEntry.objects.filter(lot=newest.lot_id, pk__lte=newest.pk).order_by().values("location")
        after = {line["location"]: line["sum"] for line in sums.annotate(sum=Sum("quantity"))}
    for entry in page.rows:
        table.add(
            link("movement", entry.movement_id, entry.movement.get_kind_display()),
            entry.movement.occurred_at,
            link("place", entry.location_id, str(entry.location)) if entry.location.is_physical else entry.location,
            entry.quantity,
            after[entry.location_id] if entry.location.is_physical else None,
            entry.movement.document,
        )
        after[entry.location_id] -= entry.quantity
    return table


class MovementShow(OfficePage):
    """A movement: what it was, its lines, what it reverses or what reversed it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="movement")
    template = "warehouse/movement.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Movement.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
        movement = fetch(rows.select_related("reversed_by"), pk=pk)
        table = Table(_("Lines"), [Column(_("Goods")), Column(_("Place")), Column(_("Change"), "change")])
        entries = LedgerEntry.objects.filter(movement=movement).select_related("lot__product", "location")
        for entry in entries.order_by("pk"):
            table.add(
                product_cell(entry.lot.product, entry.lot),
                link("place", entry.location_id, str(entry.location)) if entry.location.is_physical else entry.location,
                entry.quantity,
            )
        reversed_by = getattr(movement, "reversed_by", None)
        may = can(request, movement.tenant)
        return self.show(
            request,
            movement=movement,
            tenant=movement.tenant,
            table=table,
            reversed_by=reversed_by,
            may_reverse=may["keep"] and reversed_by is None and movement.kind != MovementKind.REVERSAL,
        )


class MovementReverse(ConfirmPage):
    """A movement is undone by its opposite, with a reason."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="movement")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, row(request, Movement.objects, Right.KEEP_STOCK, pk), WhyForm(initial=new_key()))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        movement = row(request, Movement.objects, Right.KEEP_STOCK, pk)
        form = WhyForm(request.POST)
        if form.is_valid():
            posted = attempt(
                request,
                form,
                lambda: ledger.reverse(
                    movement=movement,
                    key=str(form.cleaned_data["key"]),
                    at=timezone.now(),
                    by=request.user,  # type: ignore[arg-type]
                    reason=form.cleaned_data["why"],
                ),
                _("The movement is reversed."),
            )
            if posted:
                return redirect("movement", posted.movement)
        return self._ask(request, movement, form)

    def _ask(self, request: HttpRequest, movement: Movement, form: WhyForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            heading=_("Reverse a movement"),
            question=_("Reverse this movement: %(movement)s?") % {"movement": movement},
            consequence=_("The goods go back to where they came from. Both movements stay in the ledger."),
            submit=_("Yes, reverse it"),
            back=reverse("movement", args=[movement.pk]),
        )


class Movements(ListPage):
    """All movements, the newest first; as a sheet up to 10,000 of them."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = MovementFilter(request.GET, owners=owners(request))
        rows = Movement.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
        form.is_valid()
        rows = moved(request, rows, form.cleaned_data)
        if self.is_sheet:
            return sheet("movements", _movements(rows.order_by("-pk")[:SHEET]))
        page = slice_of(request, rows, ("-pk",))
        return self.list(
            request,
            _movements(page.rows),
            page=page,
            heading=_("Movements"),
            lead=_("Everything that came, went or moved, as it was written down."),
            form=form,
            download_url=reverse("movements-download"),
            empty={
                "title": _("No movement fits"),
                "why": _("Nothing that happened matches what you chose."),
                "next": _("Choose a longer time, or clear the filters."),
            },
        )


def moved(request: HttpRequest, rows: QuerySet[Movement], wanted: dict[str, Any]) -> QuerySet[Movement]:
    """The movements that the filter asks for; each narrowing starts from an index."""
    if wanted.get("tenant"):
        rows = rows.filter(tenant=wanted["tenant"])
    if wanted.get("kind"):
        rows = rows.filter(kind=wanted["kind"])
    if wanted.get("first"):
        rows = rows.filter(occurred_at__gte=moment_of(wanted["first"]))
    if wanted.get("last"):
        rows = rows.filter(occurred_at__lt=moment_of(wanted["last"] + timedelta(days=1)))
    if wanted.get("product"):
        rows = rows.filter(pk__in=_entries_of(request, wanted["product"], wanted.get("tenant")).values("movement"))
    if wanted.get("place"):
        place = Location.objects.filter(slug__iexact=wanted["place"].strip()).first()
        lots = Balance.objects.filter(location=place).values("lot")
        rows = rows.filter(pk__in=LedgerEntry.objects.filter(lot__in=lots, location=place).values("movement"))
    return rows


def _entries_of(request: HttpRequest, typed: str, tenant: Any) -> QuerySet[LedgerEntry]:
    """The ledger lines of the lots of whatever was typed: a product, or a lot."""
    products = Product.objects.visible_to(request.user, Right.SEE_STOCK)
    try:
        found = scanning.find(typed, products=products.filter(tenant=tenant) if tenant else products)
    except scanning.SeveralScanned as several:
        return LedgerEntry.objects.filter(lot__in=Lot.objects.filter(product__in=several.details["products"]))
    except Refusal:
        return LedgerEntry.objects.none()
    if found.lot:
        return LedgerEntry.objects.filter(lot=found.lot)
    return LedgerEntry.objects.filter(lot__in=Lot.objects.filter(product=found.product).values("pk"))


def _movements(rows: Iterable[Movement]) -> Table:
    table = Table(
        _("Movements"),
        [
            Column(_("Kind")),
            Column(_("Happened at"), "moment"),
            Column(_("Tenant")),
            Column(_("Document")),
            Column(_("By")),
            Column(_("Reason")),
        ],
    )
    for movement in rows:
        table.add(
            link("movement", movement.pk, movement.get_kind_display()),
            movement.occurred_at,
            movement.tenant,
            movement.document,
            movement.by,
            movement.reason,
        )
    return table


class TenantPosition(ListPage):
    """What a tenant has where. Every figure leads to the lines of the ledger behind it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="tenant")
    template = "warehouse/position.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_STOCK, pk)
        every = watching.position(tenant)
        page = Slice(list(every[:SHEET]), None, True) if self.is_sheet else slice_of(request, every, ("name_en", "pk"))
        table = Table(
            _("Goods by place"),
            [
                Column(_("Product")),
                Column(_("Goods entrance"), "number"),
                Column(_("Bins"), "number"),
                Column(_("Picked"), "number"),
                Column(_("Set apart"), "number"),
                Column(_("On the way"), "number"),
                Column(_("Shops"), "number"),
                Column(_("Together"), "number"),
                Column(_("Held"), "number"),
                Column(_("Worth"), "money"),
            ],
        )
        figures = ("at_dock", "in_bins", "in_staging", "set_apart", "on_the_way", "in_shops", "on_hand", "held")
        for product in page.rows:
            lines = reverse("position-lines", args=[product.pk])
            table.add(
                link("position-lines", product.pk, str(product)),
                *(Cell(getattr(product, name), f"{lines}?figure={name}") for name in figures),
                product.value,
            )
        if self.is_sheet:
            return sheet("position", table)
        return self.list(
            request,
            table,
            page=page,
            tenant=tenant,
            totals=watching.totals(tenant),
            heading=_("Goods of %(tenant)s") % {"tenant": tenant},
            download_url=reverse("position-download", args=[tenant.pk]),
            empty={
                "title": _("No goods yet"),
                "why": _("This tenant has no products."),
                "next": _("Products are added in the catalogue."),
            },
        )


class PositionLines(ListPage):
    """The ledger lines, or the holds, that add up to one figure of a position."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="product")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = fetch(Product.objects.visible_to(request.user, Right.SEE_STOCK).select_related("tenant"), pk=pk)
        figure = request.GET.get("figure", "")
        lots = Lot.objects.filter(product=product).values("pk")
        words = {
            "heading": str(product),
            "tenant": product.tenant,
            "empty": {
                "title": _("Nothing here"),
                "why": _("No line of the ledger belongs to this figure."),
                "next": "",
            },
        }
        if figure == "held":
            holds = Hold.objects.filter(lot__in=lots, ended_at=None)
            page = slice_of(request, holds.select_related("lot__product", "location"), ("-pk",))
            total = holds.aggregate(sum=Sum("quantity"))["sum"]
            return self.list(request, _holds(page), page=page, total=total or Decimal(0), **words)
        entries = LedgerEntry.objects.filter(lot__in=lots, location__is_physical=True)
        if figure in FIGURES:
            entries = entries.filter(location__kind__in=FIGURES[figure])
        page = slice_of(request, entries.select_related("lot__product", "location", "movement"), ("-pk",))
        total = entries.aggregate(sum=Sum("quantity"))["sum"]
        return self.list(request, _lines(page), page=page, total=total or Decimal(0), **words)


def _lines(page: Slice) -> Table:
    table = Table(
        _("Lines of the ledger"),
        [
            Column(_("Movement")),
            Column(_("Happened at"), "moment"),
            Column(_("Lot")),
            Column(_("Place")),
            Column(_("Change"), "change"),
        ],
    )
    for entry in page.rows:
        table.add(
            link("movement", entry.movement_id, entry.movement.get_kind_display()),
            entry.movement.occurred_at,
            link("lot", entry.lot_id, entry.lot.code),
            link("place", entry.location_id, str(entry.location)),
            entry.quantity,
        )
    return table


def _holds(page: Slice) -> Table:
    table = Table(
        _("Holds"),
        [
            Column(_("Held for")),
            Column(_("Lot")),
            Column(_("Place")),
            Column(_("Quantity"), "number"),
            Column(_("Until"), "moment"),
        ],
    )
    for hold in page.rows:
        table.add(
            hold.purpose,
            link("lot", hold.lot_id, hold.lot.code),
            link("place", hold.location_id, str(hold.location)),
            hold.quantity,
            hold.expires_at,
        )
    return table
