"""Who occupies which unit, and when. Terms of rent come on top of this."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.roles import Right
from core.periods import one_at_a_time
from mall.models import Unit
from tenants.models import OfTenant, Tenant


class Leases(OfTenant):
    """Questions about leases."""

    right = Right.SEE_LEASES

    def active_on(self, day: date) -> "Leases":
        return self.filter(period__contains=day)

    def from_day(self, day: date) -> "Leases":
        """Active on `day` or beginning later."""
        return self.filter(Q(period__endswith__gt=day) | Q(period__endswith=None))


class Lease(models.Model):
    """A tenant has a unit for a period. One unit, one tenant at a time: the database sees to it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="leases", verbose_name=_("unit"))
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="leases", verbose_name=_("tenant"))
    period = DateRangeField(_("period"))
    # Until this day the tenant is fitting out; None: it trades from the first day.
    opening_date = models.DateField(_("opens for trade on"), null=True, blank=True)

    objects: ClassVar[Any] = Leases.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        ordering: ClassVar[Any] = ["unit__number", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False),
                name="lease_begins_on_a_day_and_lasts",
            ),
            models.CheckConstraint(
                condition=Q(opening_date=None) | Q(opening_date__gte=F("period__startswith")),
                name="unit_opens_after_it_is_handed_over",
            ),
            ExclusionConstraint(
                name="unit_is_let_once_at_a_time",
                expressions=[
                    (one_at_a_time("unit"), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.tenant}"
