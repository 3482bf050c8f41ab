"""How Django's own parts are set up for the mall."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Register the system checks."""
        from config import checks  # noqa: F401


class MallAdminConfig(AdminConfig):
    default = False
    default_site = "config.repair.RepairDesk"
