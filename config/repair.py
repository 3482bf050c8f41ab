"""Django admin, for rare repairs only: everyday work has its own pages."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.policy import Policy
from accounts.roles import Right
from tenants.access import reach


class RepairDesk(AdminSite):
    """Open to administrators of the mall with a second factor; nothing here deletes history."""

    site_header = _("Repair desk")
    site_title = _("Repair desk")
    index_title = _("Everyday work has its own pages; this is for rare repairs.")
    policy = Policy({"GET": Right.REPAIR, "POST": Right.REPAIR})

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leave out the second factors: their secrets are shown to nobody, once they are set up."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        kept = [model for model in models if model._meta.app_label not in ("otp_totp", "otp_static")]
        super().register(kept, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff and reach(request.user, Right.REPAIR) is not None
