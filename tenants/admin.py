"""Tenants at the repair desk."""

from django.contrib import admin

from core.repair import Repair
from tenants.models import BankAccount, Contact, GiAuthorisation, Membership, Paper, Tenant


@admin.register(Tenant)
class TenantRepair(Repair):
    list_display = ("name_en", "name_hi", "kind", "home_district", "closed_date")
    list_filter = ("kind",)
    search_fields = ("name_en", "name_hi", "gstin")
    list_select_related = ("home_district",)


@admin.register(Paper)
class PaperRepair(Repair):
    list_display = ("tenant", "kind", "number", "validity", "verified_at")
    autocomplete_fields = ("tenant",)
    readonly_fields = ("file", "file_name", "content_type", "size", "digest")
    list_select_related = ("tenant",)


@admin.register(Membership)
class MembershipRepair(Repair):
    list_display = ("user", "tenant", "role", "ended_at")
    autocomplete_fields = ("user", "tenant")
    list_select_related = ("user", "tenant")


@admin.register(Contact, BankAccount, GiAuthorisation)
class OfTenantRepair(Repair):
    list_display = ("tenant", "__str__")
    autocomplete_fields = ("tenant",)
    list_select_related = ("tenant",)
