"""What is the matter with a unit on a day: derived from blocks and leases, stored nowhere."""

from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, QuerySet, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from leases.models import Lease
from mall.models import Unit, UnitBlock


class UnitStatus(TextChoices):
    """The states of a unit; where several hold, the first in this order speaks."""

    BLOCKED = "blocked", _("blocked")
    FITTING_OUT = "fitting_out", _("fitting out")
    LET = "let", _("let")
    OFFERED = "offered", _("offered")  # promised: a lease begins on a later day
    VACANT = "vacant", _("vacant")


def with_status(units: QuerySet[Unit], day: date) -> QuerySet[Unit]:
    """Add `status` (a UnitStatus value) to each unit, to filter and show. No query of its own."""
    leases = Lease.objects.filter(unit=OuterRef("pk"))
    blocks = UnitBlock.objects.filter(unit=OuterRef("pk"), period__contains=day)
    return units.annotate(
        status=Case(
            When(Exists(blocks), then=Value(UnitStatus.BLOCKED)),
            When(
                Exists(leases.filter(period__contains=day, opening_date__gt=day)),
                then=Value(UnitStatus.FITTING_OUT),
            ),
            When(Exists(leases.filter(period__contains=day)), then=Value(UnitStatus.LET)),
            When(Exists(leases.filter(period__startswith__gt=day)), then=Value(UnitStatus.OFFERED)),
            default=Value(UnitStatus.VACANT),
            output_field=CharField(),
        )
    )


def with_occupant(units: QuerySet[Unit], day: date) -> QuerySet[Unit]:
    """Add `leases_now`: the lease active on `day`, or the next one, with its tenant. One query for all."""
    leases = Lease.objects.from_day(day).select_related("tenant").order_by("period")
    return units.prefetch_related(Prefetch("leases", queryset=leases, to_attr="leases_now"))
