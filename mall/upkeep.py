"""Units are kept true: areas corrected, units blocked and freed."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.periods import DateRange, period
from core.refusals import Refusal
from core.wording import checked
from mall.models import Unit, UnitBlock


class UnitAlreadyBlocked(Refusal):
    code = "unit_already_blocked"
    sentence = _("The unit is already blocked in this period. End that block first.")
    field = "first"


class BlockNotOpen(Refusal):
    code = "block_not_open"
    sentence = _("This block has already ended.")


@transaction.atomic
def correct_areas(*, unit: Unit, carpet_area: Decimal, chargeable_area: Decimal, by: User, why: str) -> Unit:
    """Correct the areas of a unit, in square metres, after a survey. Raises NotAcceptable."""
    unit = Unit.objects.select_for_update(of=("self",)).select_related("category").get(pk=unit.pk)
    unit.carpet_area, unit.chargeable_area = carpet_area, chargeable_area
    return record(checked(unit, exclude=("polygon",)), by=by, why=why)


@transaction.atomic
def block_unit(*, unit: Unit, first: date, last: date | None, reason: str, by: User) -> UnitBlock:
    """Take a unit out of use from `first` to `last`, both included; no `last` means until it is freed.

    Raises UnitAlreadyBlocked, NotAcceptable.
    """
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    span = period(first, last)
    if UnitBlock.objects.filter(unit=unit, period__overlap=span).exists():
        raise UnitAlreadyBlocked(field="first")
    return record(checked(UnitBlock(unit=unit, period=span, reason=reason)), by=by, why=reason)


@transaction.atomic
def free_unit(*, block: UnitBlock, on: date, by: User, why: str = "") -> UnitBlock:
    """End a block so that the unit can be used from `on`. A block that begins later is cut to its first day.

    Raises BlockNotOpen.
    """
    block = UnitBlock.objects.select_for_update().get(pk=block.pk)
    if block.period.upper is not None and block.period.upper <= on:
        raise BlockNotOpen
    # An empty period is refused by the database: a block keeps at least its first day.
    block.period = DateRange(block.period.lower, max(on, block.period.lower + timedelta(days=1)), "[)")
    return record(block, by=by, why=why)
