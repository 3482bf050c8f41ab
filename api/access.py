"""Deny by default: a method passes only where the view's policy names it and the actor holds its need."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.policy import Policy
from tenants.access import admits


class Declared(BasePermission):
    """Asks the view's policy. A view without one, or a method that it does not name, admits nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        policy = getattr(view, "policy", None)
        method = request.method or ""
        if not isinstance(policy, Policy):
            return False
        if method == "OPTIONS":
            return True
        need = policy.need(method)
        if need is None and not hasattr(view, method.lower()):
            raise MethodNotAllowed(method)
        if admits(request.user, need):
            return True
        if getattr(request, "lacks_second_factor", False):
            raise PermissionDenied(_("Prove your second factor first, then repeat."), "second_factor_required")
        return False
