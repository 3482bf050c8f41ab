"""The building at the repair desk; its everyday source is the plan file."""

from django.contrib import admin

from core.repair import Repair
from mall.models import Mall, Unit, UnitBlock


@admin.register(Mall)
class MallRepair(Repair):
    list_display = ("name_en", "owner_en", "operator_en")


@admin.register(Unit)
class UnitRepair(Repair):
    list_display = ("number", "floor", "category", "carpet_area", "state", "district")
    list_filter = ("floor", "category")
    search_fields = ("number",)
    list_select_related = ("floor", "category", "state", "district")


@admin.register(UnitBlock)
class UnitBlockRepair(Repair):
    list_display = ("unit", "period", "reason")
    autocomplete_fields = ("unit",)
