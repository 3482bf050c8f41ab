"""Units are kept true: areas corrected, units blocked and freed."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from leases.models import Lease
from mall.models import Unit, UnitBlock
from mall.upkeep import block_unit, correct_areas, free_unit
from web.forms.building import AreasForm, BlockForm, FreeForm
from web.views.asking import ConfirmPage, FormPage
from web.views.base import attempt, fetch
from web.views.building import shown_period, unit_for

KEEPING = {"GET": Right.KEEP_MALL, "POST": Right.KEEP_MALL}


class UnitAreas(FormPage):
    """The areas of a unit are corrected."""

    policy = Policy(KEEPING, object_of="unit")
    template = "building/form.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        unit = unit_for(request, number, timezone.localdate())
        return self._ask(request, unit, AreasForm.of(unit))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        unit = unit_for(request, number, timezone.localdate())
        form = AreasForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: correct_areas(unit=unit, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("The areas are corrected."),
        ):
            return redirect("unit", unit.number)
        return self._ask(request, unit, form)

    def _ask(self, request: HttpRequest, unit: Unit, form: AreasForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            unit=unit,
            heading=_("Correct the areas"),
            lead=_("Write square metres as they were measured. Charges follow the chargeable area."),
            submit=_("Save the areas"),
            back=reverse("unit", args=[unit.number]),
        )


class UnitBlocking(ConfirmPage):
    """A unit is taken out of use."""

    policy = Policy(KEEPING, object_of="unit")
    template = "building/confirm.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        today = timezone.localdate()
        unit = unit_for(request, number, today)
        return self._ask(request, unit, BlockForm(initial={"first": today}), today)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        today = timezone.localdate()
        unit = unit_for(request, number, today)
        form = BlockForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: block_unit(unit=unit, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("%(unit)s is blocked.") % {"unit": unit},
        ):
            return redirect("unit", unit.number)
        return self._ask(request, unit, form, today)

    def _ask(self, request: HttpRequest, unit: Unit, form: BlockForm, today: date) -> HttpResponse:
        return self.ask(
            request,
            form,
            unit=unit,
            heading=_("Block the unit"),
            question=_("Block %(unit)s?") % {"unit": unit},
            consequence=_block_consequence(unit, today),
            submit=_("Block the unit"),
            tone="bad",
            back=reverse("unit", args=[unit.number]),
        )


def _block_consequence(unit: Unit, today: date) -> str:
    """What a block means, and whom it hits."""
    nobody = _("While it is blocked it counts as blocked, whoever has it, and cannot be let anew.")
    lease = Lease.objects.from_day(today).filter(unit=unit).select_related("tenant").order_by("period").first()
    if lease is None:
        return nobody
    words: dict[str, Any] = {"tenant": lease.tenant, "period": shown_period(lease.period)}
    return f"{nobody} " + _("It is let to %(tenant)s (%(period)s): tell them. Their lease goes on.") % words


class UnitFreeing(ConfirmPage):
    """A block ends, and the unit can be used again."""

    policy = Policy(KEEPING, object_of="block")
    template = "building/confirm.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        block = self._block(request, pk)
        return self._ask(request, block, FreeForm(block=block, initial={"on": timezone.localdate()}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        block = self._block(request, pk)
        form = FreeForm(request.POST, block=block)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: free_unit(block=block, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
            _("%(unit)s can be used again from the day you chose.") % {"unit": block.unit},
        ):
            return redirect("unit", block.unit.number)
        return self._ask(request, block, form)

    @staticmethod
    def _block(request: HttpRequest, pk: int) -> UnitBlock:
        blocks = UnitBlock.objects.filter(unit__in=Unit.objects.visible_to(request.user))
        return fetch(blocks.select_related("unit"), pk=pk)

    def _ask(self, request: HttpRequest, block: UnitBlock, form: FreeForm) -> HttpResponse:
        words: dict[str, Any] = {
            "unit": block.unit,
            "reason": block.reason,
            "period": shown_period(block.period),
        }
        return self.ask(
            request,
            form,
            unit=block.unit,
            heading=_("Free the unit"),
            question=_("Free %(unit)s?") % words,
            consequence=_("It is blocked: %(period)s. Reason: %(reason)s") % words,
            submit=_("Free the unit"),
            tone="info",
            icon="check",
            back=reverse("unit", args=[block.unit.number]),
        )
