"""People, roles and devices at the repair desk. Keys are made and revoked on their own pages only."""

from django.contrib import admin

from accounts.models import Device, RoleGrant, User
from core.repair import Repair


@admin.register(User)
class UserRepair(Repair):
    list_display = ("username", "full_name", "is_active", "is_staff")
    search_fields = ("username", "full_name", "email", "mobile")
    readonly_fields = ("password", "last_login", "joined_at")


@admin.register(RoleGrant)
class RoleGrantRepair(Repair):
    list_display = ("user", "role", "granted_at")
    autocomplete_fields = ("user", "granted_by")


@admin.register(Device)
class DeviceRepair(Repair):
    list_display = ("name", "kind", "is_active")
