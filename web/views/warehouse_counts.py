"""Cycle counts: opened by place, counted blind, differences again, approved, countersigned by the owner."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import counting
from inventory.models import IN_WAREHOUSE, CountLine, CountStatus, CycleCount, Location, PlaceKind
from tenants.models import Tenant
from web.forms.warehouse import CountFilter, CountForm, CountOpenForm, KeyForm, WhyForm
from web.views.base import attempt
from web.views.warehouse_frame import (
    ConfirmPage,
    FormPage,
    ListPage,
    OfficePage,
    can,
    link,
    new_key,
    owners,
    product_cell,
    row,
)
from web.views.warehouse_table import Cell, Column, Table, slice_of

TONES = {
    CountStatus.COUNTING: "info",
    CountStatus.RECOUNTING: "warn",
    CountStatus.COUNTED: "warn",
    CountStatus.APPROVED: "warn",
    CountStatus.POSTED: "good",
    CountStatus.CANCELLED: "calm",
}
AT: dict[str, dict[str, Any]] = {
    CountStatus.COUNTING: {"first_done_at": None, "counted_at": None, "cancelled_at": None},
    CountStatus.RECOUNTING: {"first_done_at__isnull": False, "counted_at": None, "cancelled_at": None},
    CountStatus.COUNTED: {"counted_at__isnull": False, "approved_at": None, "cancelled_at": None},
    CountStatus.APPROVED: {"approved_at__isnull": False, "posted_at": None, "cancelled_at": None},
    CountStatus.POSTED: {"posted_at__isnull": False},
    CountStatus.CANCELLED: {"cancelled_at__isnull": False},
}
BLIND = (CountStatus.COUNTING, CountStatus.RECOUNTING)
SHOWN_AT_MOST = 500  # lines of a count on one page
ENTERED_AT_ONCE = 100


class Counts(ListPage):
    """Cycle counts, the newest first."""

    policy = Policy({"GET": Right.SEE_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        form = CountFilter(request.GET, owners=owners(request))
        form.is_valid()
        rows = CycleCount.objects.visible_to(request.user, Right.SEE_STOCK).with_facts()
        if form.cleaned_data.get("tenant"):
            rows = rows.filter(tenant=form.cleaned_data["tenant"])
        page = slice_of(request, rows.filter(**AT.get(form.cleaned_data.get("status", ""), {})), ("-pk",))
        table = Table(
            _("Counts"),
            [
                Column(_("Count")),
                Column(_("Tenant")),
                Column(_("Where")),
                Column(_("Opened at"), "moment"),
                Column(_("Opened by")),
                Column(_("Status")),
            ],
        )
        for count in page.rows:
            table.add(
                link("count", count.pk, count.code),
                count.tenant,
                _("in the shop") if count.is_own_shop else _("in the warehouse"),
                count.opened_at,
                count.opened_by,
                Cell(count.status.label, tone=TONES[count.status]),
            )
        return self.list(
            request,
            table,
            page=page,
            heading=_("Counts"),
            lead=_("Goods are counted without being told what is on record."),
            form=form,
            add=reverse("count-open"),
            add_label=_("Open a count"),
            empty={
                "title": _("No counts"),
                "why": _("Nothing has been counted that fits."),
                "next": _("The warehouse opens a count for a tenant's goods in some aisles."),
            },
        )


class CountOpen(FormPage):
    """A count begins: whose goods, in which aisles."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask(request, self._form(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request, request.POST)
        if form.is_valid():
            count = attempt(
                request,
                form,
                lambda: counting.open_count(
                    tenant=form.cleaned_data["tenant"],
                    places=_places(form.cleaned_data["aisles"]),
                    by=request.user,  # type: ignore[arg-type]
                    at=timezone.now(),
                    note=form.cleaned_data["note"],
                ),
            )
            if count:
                return redirect("count-enter", count.pk)
        return self._ask(request, form)

    def _form(self, request: HttpRequest, *data: Any) -> CountOpenForm:
        kept = Tenant.objects.visible_to(request.user, Right.KEEP_STOCK)
        bins = Location.objects.in_use().bins().order_by("aisle")
        return CountOpenForm(*data, owners=kept, aisles=bins.values_list("aisle", flat=True).distinct())

    def _ask(self, request: HttpRequest, form: CountOpenForm) -> HttpResponse:
        return self.show(
            request,
            form=form,
            heading=_("Open a count"),
            lead=_("All that the tenant has at these places comes on the list."),
            submit=_("Open the count"),
            back=reverse("counts"),
        )


def _places(aisles: list[str]) -> list[Location]:
    """The bins of these aisles; with none chosen, every place of the warehouse."""
    places = Location.objects.in_use()
    if aisles:
        return list(places.filter(kind=PlaceKind.BIN, aisle__in=aisles))
    return list(places.filter(kind__in=IN_WAREHOUSE))


class CountShow(OfficePage):
    """A count: how far it is. What is on record is shown once nobody counts blind any more."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="count")
    template = "warehouse/count.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = row(request, CycleCount.objects.with_facts(), Right.SEE_STOCK, pk)
        status, may = count.status, can(request, count.tenant)
        is_blind = status in BLIND
        lines = count.lines.select_related("lot__product", "location", "counted_by")
        shown = [] if is_blind or status == CountStatus.CANCELLED else list(lines[:SHOWN_AT_MOST])
        return self.show(
            request,
            count=count,
            tenant=count.tenant,
            tone=TONES[status],
            table=_compared(shown),
            is_blind=is_blind,
            lines_all=count.lines.count(),
            may_enter=may["keep"] and is_blind and not count.is_own_shop,
            may_cancel=may["keep"] and status in (*BLIND, CountStatus.COUNTED, CountStatus.APPROVED),
            may_approve=may["approve"] and status == CountStatus.COUNTED,
            may_sign=may["countersign"] and status == CountStatus.APPROVED,
        )


def _compared(lines: list[CountLine]) -> Table:
    """What was counted beside what was on record then."""
    table = Table(
        _("What was counted"),
        [
            Column(_("Goods")),
            Column(_("Place")),
            Column(_("First count"), "number"),
            Column(_("Counted"), "number"),
            Column(_("On record then"), "number"),
            Column(_("Difference"), "change"),
            Column(_("Counted by")),
        ],
    )
    for line in lines:
        table.add(
            product_cell(line.lot.product, line.lot),
            link("place", line.location_id, line.location.slug),
            line.first_quantity,
            line.quantity,
            line.expected_quantity,
            line.difference,
            line.counted_by,
        )
    return table


class CountEnter(OfficePage):
    """Someone stands at the shelf and counts. Nothing on this page says how many there should be."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="count")
    template = "warehouse/count_enter.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = row(request, CycleCount.objects.with_facts(), Right.KEEP_STOCK, pk)
        if count.status not in BLIND:
            return redirect("count", count.pk)
        part = _part(request)
        return self._ask(request, count, CountForm(lines=_told(count, part)), part)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = row(request, CycleCount.objects.with_facts(), Right.KEEP_STOCK, pk)
        part = _part(request)
        form = CountForm(request.POST, lines=_told(count, part))
        if form.is_valid() and attempt(request, form, lambda: _enter(request, count, form)):
            return redirect(_next(request, count, part))
        return self._ask(request, count, form, part)

    def _ask(self, request: HttpRequest, count: CycleCount, form: CountForm, part: int) -> HttpResponse:
        every = counting.to_count(count)
        return self.show(
            request,
            count=count,
            tenant=count.tenant,
            form=form,
            lines_done=sum(line.counted is not None for line in every),
            lines_all=len(every),
            is_again=count.status == CountStatus.RECOUNTING,
            part=part,
            is_last=(part + 1) * ENTERED_AT_ONCE >= len(every),
        )


def _part(request: HttpRequest) -> int:
    asked = request.GET.get("part", "0")
    return min(int(asked), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def _told(count: CycleCount, part: int) -> list[counting.ToCount]:
    return counting.to_count(count)[part * ENTERED_AT_ONCE : (part + 1) * ENTERED_AT_ONCE]


@transaction.atomic
def _enter(request: HttpRequest, count: CycleCount, form: CountForm) -> bool:
    """Write down what was filled in; and close the round where that was asked for."""
    lines = CountLine.objects.select_related("count").filter(count=count).in_bulk([key for key, _q in form.entered()])
    now = timezone.now()
    for key, quantity in form.entered():
        counting.enter(line=lines[key], quantity=quantity, by=request.user, at=now)  # type: ignore[arg-type]
    if request.POST.get("deed") == "finish":
        counting.finish_round(count=count, by=request.user, at=now)  # type: ignore[arg-type]
    return True


def _next(request: HttpRequest, count: CycleCount, part: int) -> str:
    if request.POST.get("deed") == "finish":
        return reverse("count", args=[count.pk])
    further = part + 1 if request.POST.get("deed") == "next" else part
    return f"{reverse('count-enter', args=[count.pk])}?part={further}"


class CountStep(ConfirmPage):
    """A step of a count that one person takes and answers for."""

    right: Right
    asks_why = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = WhyForm(initial=new_key()) if self.asks_why else KeyForm(initial=new_key())
        return self._ask(request, row(request, CycleCount.objects, self.right, pk), form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        count = row(request, CycleCount.objects, self.right, pk)
        form = WhyForm(request.POST) if self.asks_why else KeyForm(request.POST)
        if form.is_valid() and attempt(request, form, lambda: self.take(request, count, form), self.told()):
            return redirect("count", count.pk)
        return self._ask(request, count, form)

    def take(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> Any:
        """Carry the step out."""
        raise NotImplementedError

    def told(self) -> str:
        """What is said when it is done."""
        raise NotImplementedError

    def asked(self, count: CycleCount) -> dict[str, Any]:
        """Heading, question, consequence, submit."""
        raise NotImplementedError

    def _ask(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> HttpResponse:
        return self.show(request, form=form, back=reverse("count", args=[count.pk]), **self.asked(count))


class CountApprove(CountStep):
    """Another person than those who counted approves."""

    policy = Policy({"GET": Right.APPROVE_STOCK, "POST": Right.APPROVE_STOCK}, object_of="count")
    right = Right.APPROVE_STOCK

    def take(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> Any:
        key = str(form.cleaned_data["key"])
        return counting.approve(count=count, by=request.user, at=timezone.now(), key=key)  # type: ignore[arg-type]

    def told(self) -> str:
        return _("The count is approved.")

    def asked(self, count: CycleCount) -> dict[str, Any]:
        return {
            "heading": _("Approve a count"),
            "question": _("Approve this count: %(count)s?") % {"count": count},
            "consequence": _("Next the owner of the goods countersigns it, and the differences are posted."),
            "submit": _("Yes, approve it"),
            "tone": "good",
        }


class CountCountersign(CountStep):
    """The owner of the goods agrees, and the differences are posted."""

    policy = Policy({"GET": Right.COUNTERSIGN_COUNTS, "POST": Right.COUNTERSIGN_COUNTS}, object_of="count")
    right = Right.COUNTERSIGN_COUNTS

    def take(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> Any:
        key = str(form.cleaned_data["key"])
        return counting.countersign(count=count, by=request.user, at=timezone.now(), key=key)  # type: ignore[arg-type]

    def told(self) -> str:
        return _("The count is countersigned, and the differences are posted.")

    def asked(self, count: CycleCount) -> dict[str, Any]:
        return {
            "heading": _("Countersign a count"),
            "question": _("Countersign this count: %(count)s?") % {"count": count},
            "consequence": _("As the owner you agree; the stock on record becomes what was counted."),
            "submit": _("Yes, countersign it"),
            "tone": "good",
        }


class CountObject(CountStep):
    """The owner does not agree and says why."""

    policy = Policy({"GET": Right.COUNTERSIGN_COUNTS, "POST": Right.COUNTERSIGN_COUNTS}, object_of="count")
    right = Right.COUNTERSIGN_COUNTS
    asks_why = True

    def take(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> Any:
        why = form.cleaned_data["why"]
        return counting.object_to(count=count, by=request.user, at=timezone.now(), why=why)  # type: ignore[arg-type]

    def told(self) -> str:
        return _("Your objection is written down. What differs is counted once more.")

    def asked(self, count: CycleCount) -> dict[str, Any]:
        return {
            "heading": _("Object to a count"),
            "question": _("Do you object to this count: %(count)s?") % {"count": count},
            "consequence": _("What differs is counted once more, by someone else."),
            "submit": _("Yes, object"),
            "tone": "warn",
        }


class CountCancel(CountStep):
    """A count is given up; nothing moves."""

    policy = Policy({"GET": Right.KEEP_STOCK, "POST": Right.KEEP_STOCK}, object_of="count")
    right = Right.KEEP_STOCK
    asks_why = True

    def take(self, request: HttpRequest, count: CycleCount, form: KeyForm) -> Any:
        why = form.cleaned_data["why"]
        return counting.cancel(count=count, by=request.user, at=timezone.now(), why=why)  # type: ignore[arg-type]

    def told(self) -> str:
        return _("The count is given up.")

    def asked(self, count: CycleCount) -> dict[str, Any]:
        return {
            "heading": _("Give a count up"),
            "question": _("Give this count up: %(count)s?") % {"count": count},
            "consequence": _("Nothing is posted. What was counted so far stays to be read."),
            "submit": _("Yes, give it up"),
        }
