"""Django admin, for rare repairs only: everyday work has its own pages."""

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

    def has_permission(self, request: HttpRequest) -> bool:
        return (
            request.user.is_active and request.user.is_staff and reach(request.user, Right.REPAIR) is not None
        )
