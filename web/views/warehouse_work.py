"""Today's work of the warehouse, and what needs a look: low stock, dates, age, discrepancies."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, DecimalField, F, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import adjusting, watching
from inventory.models import (
    Adjustment,
    Balance,
    CycleCount,
    GoodsReceipt,
    PlaceKind,
    Product,
    TransferOrder,
)
from web.forms.warehouse import OwnerFilter
from web.views.warehouse_frame import ListPage, OfficePage, link, of_reader, owners, product_cell, sheet
from web.views.warehouse_table import Cell, Column, Slice, Table, capped_counts, how_many, slice_of

LISTED = 10  # of each list, on the page of today's work
BUCKETS = (("0-30", 0, 30), ("31-90", 31, 90), ("91-180", 91, 180), ("180+", 181, None))


def chosen_owner(request: HttpRequest) -> tuple[OwnerFilter, Any]:
    """The filter by tenant, and the tenant that it names."""
    form = OwnerFilter(request.GET, owners=owners(request))
    form.is_valid()
    return form, form.cleaned_data.get("tenant")


def dated(request: HttpRequest, day: date, days: int) -> QuerySet[Balance]:
    """Goods whose last good day is past, or comes within so many days."""
    rows = Balance.objects.visible_to(request.user, Right.SEE_STOCK).stocked()
    return rows.filter(lot__expiry_date__lte=day + timedelta(days=days)).with_facts()


def at_dock(request: HttpRequest) -> QuerySet[Balance]:
    """Goods that were received and not put away."""
    rows = Balance.objects.visible_to(request.user, Right.SEE_STOCK).stocked()
    return rows.filter(location__kind=PlaceKind.DOCK).with_facts()


class Warehouse(OfficePage):
    """What is to be done in the warehouse now: how much of each, and what comes first."""

    policy = Policy({"GET": Right.KEEP_STOCK})
    template = "warehouse/today.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        now, today, rules = timezone.now(), timezone.localdate(), adjusting.rules()
        late = watching.late_transfers(now, rules)
        lists = {
            "receive": GoodsReceipt.objects.expected(),
            "put_away": at_dock(request),
            "pick": TransferOrder.objects.to_pick(),
            "hand_over": TransferOrder.objects.to_hand_over(),
            "count": CycleCount.objects.open().filter(is_own_shop=False),
            "decide": Adjustment.objects.waiting(),
            "late": late,
            "dated": dated(request, today, rules.expiry_warning_days),
        }
        since = now - timedelta(days=30)
        differ = watching.discrepancies(None, since=since)
        differing = {f"differ_{name}": getattr(differ, name) for name in differ.__dataclass_fields__}
        counts = capped_counts(lists | differing)
        return self.show(
            request,
            stats=_stats(counts, rules),
            late=list(late[:LISTED]),
            deliveries=_deliveries(lists["receive"], today),
            orders=_orders(lists["pick"]),
            is_quiet=not any(counts[name] for name in lists),
        )


def _stats(counts: dict[str, int], rules: Any) -> list[dict[str, Any]]:
    """The tiles of the page: label, how many, where they lead, and how urgent they are."""
    differ = sum(number for name, number in counts.items() if name.startswith("differ_"))
    lines = [
        ("late", _("Late transfers"), "clock", reverse("transfers") + "?status=in_transit", "bad"),
        ("receive", _("To receive"), "entrance", reverse("receipts") + "?status=expected", "info"),
        ("put_away", _("To put away"), "box", reverse("put-away"), "info"),
        ("pick", _("To pick"), "list", reverse("pick-lists"), "info"),
        ("hand_over", _("To hand over"), "hand", reverse("transfers") + "?status=picked", "info"),
        ("count", _("Open counts"), "check", reverse("counts"), "info"),
        ("decide", _("Adjustments to decide"), "people", reverse("adjustments"), "warn"),
        ("dated", _("Expire soon or have expired"), "calendar", reverse("expiring-stock"), "warn"),
    ]
    stats = [
        {
            "label": label,
            "value": how_many(counts[name]),
            "icon": icon,
            "url": url,
            "tone": tone if counts[name] else "calm",
            "note": _("longer than %(n)s hours on the way") % {"n": rules.transit_alarm_hours}
            if name == "late"
            else "",
        }
        for name, label, icon, url, tone in lines
    ]
    return [
        *stats,
        {
            "label": _("Discrepancies"),
            "value": how_many(differ),
            "icon": "warning",
            "url": reverse("discrepancies"),
            "tone": "warn" if differ else "calm",
        },
    ]


def _deliveries(rows: Any, today: date) -> Table:
    table = Table(
        _("Deliveries that are expected"),
        [Column(_("Receipt")), Column(_("Tenant")), Column(_("Expected on"), "day"), Column(_("Status"))],
    )
    for receipt in rows.select_related("tenant").order_by("expected_date", "pk")[:LISTED]:
        overdue = receipt.expected_date < today
        table.add(
            link("receipt", receipt.pk, receipt.code),
            receipt.tenant,
            receipt.expected_date,
            Cell(_("overdue") if overdue else _("expected"), tone="warn" if overdue else "info"),
        )
    return table


def _orders(rows: Any) -> Table:
    table = Table(
        _("Goods that shops have asked for"),
        [Column(_("Transfer")), Column(_("Tenant")), Column(_("To")), Column(_("Asked for at"), "moment")],
    )
    for order in rows.select_related("tenant", "destination").order_by("pk")[:LISTED]:
        table.add(link("transfer", order.pk, order.code), order.tenant, order.destination, order.requested_at)
    return table


class LowStock(ListPage):
    """Products of which little is left."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        rows = of_reader(request, watching.low_stock(tenant))
        table = Table(
            _("Low stock"),
            [
                Column(_("Product")),
                Column(_("SKU")),
                Column(_("Tenant")),
                Column(_("On hand"), "number"),
                Column(_("Warn at"), "number"),
            ],
        )
        for product in rows[:200]:
            table.add(
                link("position-lines", product.pk, str(product)),
                product.sku,
                product.tenant,
                product.on_hand,
                product.reorder_level,
            )
        return self.list(
            request,
            table,
            heading=table.caption,
            lead=_("The emptiest first; at most 200. The tenant says at which level to warn."),
            form=form,
            empty={
                "title": _("Nothing runs low"),
                "why": _("No product has fallen to the level at which its tenant wants to be warned."),
                "next": _("The level is part of the product's particulars."),
            },
        )


class ExpiringStock(ListPage):
    """Goods that expire soon or have expired, wherever they lie."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        today, days = timezone.localdate(), adjusting.rules().expiry_warning_days
        rows = dated(request, today, days)
        page = slice_of(request, rows.filter(tenant=tenant) if tenant else rows, ("lot__expiry_date", "pk"))
        return self.list(
            request,
            _dates(page, today),
            page=page,
            heading=_("Dates of goods"),
            lead=_("What has expired or expires within %(days)s days, the first to expire first.") % {"days": days},
            form=form,
            empty={
                "title": _("Nothing expires soon"),
                "why": _("All goods with a date are good for longer."),
                "next": "",
            },
        )


def _dates(page: Slice, today: date) -> Table:
    table = Table(
        _("Dates of goods"),
        [
            Column(_("Goods")),
            Column(_("Tenant")),
            Column(_("Place")),
            Column(_("On hand"), "number"),
            Column(_("Good until"), "day"),
            Column(_("Status")),
        ],
    )
    for balance in page.rows:
        gone = balance.lot.expiry_date < today
        table.add(
            product_cell(balance.lot.product, balance.lot),
            balance.tenant,
            link("place", balance.location_id, str(balance.location)),
            balance.on_hand,
            balance.lot.expiry_date,
            Cell(_("expired"), tone="bad") if gone else Cell(_("expires soon"), tone="warn"),
        )
    return table


def _ages(request: HttpRequest, tenant: Any, today: date) -> QuerySet[Any]:
    """Per product: what lies in the mall, and its worth, by how long ago it came. One query."""
    rows = Balance.objects.visible_to(request.user, Right.SEE_STOCK).stocked()
    bucket = Case(
        *(
            When(lot__received_date__gte=today - timedelta(days=to), then=Value(name))
            for name, _from, to in BUCKETS
            if to is not None
        ),
        default=Value(BUCKETS[-1][0]),
        output_field=CharField(),
    )
    money: Any = DecimalField(max_digits=20, decimal_places=2)
    price = F("lot__product__price")
    return (
        (rows.filter(tenant=tenant) if tenant else rows)
        .order_by()
        .values("lot__product", bucket=bucket)
        .annotate(
            there=Sum("on_hand"),
            lots=Count("lot", distinct=True),
            worth=Sum(F("on_hand") * price, output_field=money),
        )
    )


class Ageing(ListPage):
    """How long a tenant's goods have been lying, in four steps; as bars, as a table, as a sheet."""

    policy = Policy({"GET": Right.SEE_STOCK})
    template = "warehouse/ageing.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        if tenant is None:
            tenant = owners(request).first()
            form = OwnerFilter({"tenant": tenant.pk if tenant else ""}, owners=owners(request))
        today = timezone.localdate()
        table, bars = _aged(list(_ages(request, tenant, today)))
        if self.is_sheet:
            return sheet("ageing", table)
        return self.list(
            request,
            table,
            heading=_("Age of goods"),
            lead=_("How long the goods of %(tenant)s have been in the mall.") % {"tenant": tenant} if tenant else "",
            form=form,
            bars=bars,
            download_url=reverse("ageing-download"),
            tenant=tenant,
            empty={
                "title": _("No goods"),
                "why": _("Nothing of this tenant lies in the mall."),
                "next": _("Choose another tenant."),
            },
        )


def _aged(rows: list[dict[str, Any]]) -> tuple[Table, list[dict[str, Any]]]:
    """The table by product, oldest goods first, and one bar for each step by what it is worth."""
    products = Product.objects.in_bulk({row["lot__product"] for row in rows})
    of: dict[int, dict[str, dict[str, Any]]] = {}
    for row in rows:
        of.setdefault(row["lot__product"], {})[row["bucket"]] = row
    zero = Decimal(0)
    table = Table(
        _("Age of goods"),
        [
            Column(_("Product")),
            Column(_("SKU")),
            *(Column(_("%(days)s days") % {"days": name}, "number") for name, _from, _to in BUCKETS),
            Column(_("Worth"), "money"),
        ],
    )

    def oldest(key: int) -> tuple[Any, ...]:
        return tuple(-of[key].get(name, {"there": zero})["there"] for name, _from, _to in reversed(BUCKETS))

    for key in sorted(of, key=oldest):
        product, there = products[key], of[key]
        table.add(
            link("position-lines", key, str(product)),
            product.sku,
            *(there[name]["there"] if name in there else None for name, _from, _to in BUCKETS),
            sum((row["worth"] or zero for row in there.values()), zero),
        )
    worth = {
        name: sum((row["worth"] or zero for row in rows if row["bucket"] == name), zero) for name, *_rest in BUCKETS
    }
    most = max([*worth.values(), Decimal(1)])
    bars = [
        {"label": _("%(days)s days") % {"days": name}, "worth": worth[name], "part": int(worth[name] * 100 / most)}
        for name, *_rest in BUCKETS
    ]
    return table, bars


class Discrepancies(ListPage):
    """What does not agree, by where it showed."""

    policy = Policy({"GET": Right.SEE_STOCK})
    template = "warehouse/discrepancies.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form, tenant = chosen_owner(request)
        found = watching.discrepancies(tenant, since=timezone.now() - timedelta(days=30))
        return self.show(request, form=form, tables=_differing(request, found), heading=_("Discrepancies"))


def _differing(request: HttpRequest, found: watching.Discrepancies) -> list[Table]:
    """A table for each place where things may not agree; empty ones too, so that their absence is seen."""

    def rows(name: str, path: str) -> Any:
        return of_reader(request, getattr(found, name), path)[:50]

    goods = (Column(_("Goods")), Column(_("Tenant")))
    received = Table(
        _("Deliveries that differ from what was announced"),
        [Column(_("Receipt")), *goods, Column(_("Expected"), "number"), Column(_("Difference"), "change")],
    )
    for line in rows("received", "receipt__tenant"):
        received.add(
            link("receipt", line.receipt_id, line.receipt.code), line.product, line.receipt.tenant,
            line.expected_quantity, line.difference,
        )  # fmt: skip
    picked = Table(
        _("Fewer in the bin than on record"),
        [Column(_("Transfer")), *goods, Column(_("Place")), Column(_("Missing"), "number"), Column(_("Why"))],
    )
    for line in rows("picked", "order__tenant"):
        picked.add(
            link("transfer", line.order_id, line.order.code), product_cell(line.product, line.lot), line.order.tenant,
            line.source, line.quantity - line.picked_quantity, line.get_short_reason_display(),
        )  # fmt: skip
    missing = Table(
        _("Handed over, but not accepted by the shop"),
        [Column(_("Transfer")), *goods, Column(_("To")), Column(_("Missing"), "number")],
    )
    for line in rows("missing", "order__tenant"):
        missing.add(
            link("transfer", line.order_id, line.order.code), product_cell(line.product, line.lot), line.order.tenant,
            line.order.destination, line.missing,
        )  # fmt: skip
    return [received, picked, missing, *_differing_records(rows, goods)]


def _differing_records(rows: Any, goods: tuple[Column, ...]) -> list[Table]:
    counted = Table(
        _("Counted, but not countersigned yet"),
        [Column(_("Count")), *goods, Column(_("Place")), Column(_("Difference"), "change")],
    )
    for line in rows("counted", "count__tenant"):
        counted.add(
            link("count", line.count_id, line.count.code), product_cell(line.lot.product, line.lot), line.count.tenant,
            line.location, line.difference,
        )  # fmt: skip
    adjusted = Table(
        _("Adjustments that wait for a second person"),
        [Column(_("Adjustment")), *goods, Column(_("Difference"), "change"), Column(_("Worth"), "money")],
    )
    for thing in rows("adjusted", "tenant"):
        adjusted.add(
            link("adjustment", thing.pk, thing.code), product_cell(thing.lot.product, thing.lot), thing.tenant,
            thing.difference, thing.value,
        )  # fmt: skip
    noted = Table(
        _("Entries of phones that need a look"),
        [Column(_("Entry")), Column(_("Tenant")), Column(_("Happened at"), "moment"), Column(_("Sent by"))],
    )
    for fact in rows("noted", "tenant"):
        kind = link("tenant-position", fact.tenant_id, fact.get_kind_display())
        noted.add(kind, fact.tenant, fact.happened_at, fact.sent_by)
    return [counted, adjusted, noted]


def moment_of(day: date) -> datetime:
    """The first moment of a day in India."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
