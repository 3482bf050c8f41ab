"""Leases: who has which unit, and when."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Day, Entry, KnownCode, KnownNumber, Lasting, Period
from api.filtering import OnDay
from api.shapes import Shape, TenantNameShape, UnitNameShape
from api.views.base import Endpoint
from leases.letting import end_lease, let_unit
from leases.models import Lease
from mall.models import Unit
from tenants.models import Tenant


class LeaseShape(Shape):
    id = serializers.IntegerField()
    unit = UnitNameShape()
    tenant = TenantNameShape()
    period = Period()
    opening_date = serializers.DateField(allow_null=True, help_text="Until then the tenant is fitting out.")


class LeaseEntry(Lasting):
    unit = KnownCode(Unit.objects.visible_to, key="number")
    tenant = KnownNumber(lambda actor: Tenant.objects.visible_to(actor, Right.LET_UNITS))
    opening_date = Day(required=False, allow_null=True, default=None)
    why = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


def _tenants_in_reach(request: Request) -> QuerySet[Tenant]:
    return Tenant.objects.visible_to(request.user, Right.SEE_LEASES)


class LeaseFilters(django_filters.FilterSet):
    unit = django_filters.ModelChoiceFilter(
        queryset=Unit.objects.all(), to_field_name="number", label=_("number of the unit")
    )
    tenant = django_filters.ModelChoiceFilter(
        queryset=_tenants_in_reach, to_field_name="pk", label=_("id of the tenant")
    )
    active_on = OnDay("period", lookup_expr="contains", label=_("in force on this day"))


class Leases(Endpoint):
    """The leases that you may see; POST lets a unit to a tenant."""

    policy = Policy({"GET": Right.SEE_LEASES, "POST": Right.LET_UNITS})
    asks: ClassVar[Any] = {"POST": LeaseEntry}
    answers: ClassVar[Any] = {"GET": LeaseShape, "POST": LeaseShape}
    lists = creates = True
    filterset_class = LeaseFilters
    examples: ClassVar[Any] = {
        "POST": {"unit": "G-101", "tenant": 7, "first": "2026-12-01", "last": "2027-11-30", "why": "allotment"}
    }

    def get(self, request: Request) -> Response:
        return self.page(Lease.objects.visible_to(self.actor).select_related("unit", "tenant"))

    def post(self, request: Request) -> Response:
        """Let a unit to a tenant."""
        return self.answer(let_unit(by=self.actor, **self.entry()))


class OneLease(Endpoint):
    """A lease."""

    policy = Policy({"GET": Right.SEE_LEASES}, object_of="lease")
    answers: ClassVar[Any] = {"GET": LeaseShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(Lease.objects.visible_to(self.actor).select_related("unit", "tenant"), pk=pk))


class EndEntry(Entry):
    last = Day(help_text="The last day on which the unit is the tenant's.")
    why = serializers.CharField(max_length=300)


class EndLease(Endpoint):
    """End a lease before its time."""

    policy = Policy({"POST": Right.LET_UNITS}, object_of="lease")
    asks: ClassVar[Any] = {"POST": EndEntry}
    answers: ClassVar[Any] = {"POST": LeaseShape}

    def post(self, request: Request, pk: int) -> Response:
        lease = self.find(Lease.objects.visible_to(self.actor, Right.LET_UNITS), pk=pk)
        return self.answer(end_lease(lease=lease, by=self.actor, **self.entry()))
