"""Leases at the repair desk."""

from django.contrib import admin

from core.repair import Repair
from leases.models import Lease


@admin.register(Lease)
class LeaseRepair(Repair):
    list_display = ("unit", "tenant", "period", "opening_date")
    autocomplete_fields = ("unit", "tenant")
    list_select_related = ("unit", "tenant")
