"""The gate of all pages: a route that declares no policy admits nobody, each method asks for what it declares."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from accounts.policy import Everyone, policy_of
from tenants.access import admits

log = logging.getLogger(__name__)


class DeclaredAccess:
    """Asks the resolved view for its policy before the view runs. The API asks again, of keys (`api.access`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # After signing out, the browser's Back shows nothing of what was read.
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        policy = policy_of(view)
        if policy is None:
            log.error("no policy declared for %s: nobody is admitted", request.path)
            raise Http404
        if getattr(view, "keys_open_it", False) or getattr(getattr(view, "cls", None), "keys_open_it", False):
            return None
        need = policy.need(request.method or "")
        if request.method == "OPTIONS" or need is None:
            return HttpResponseNotAllowed(sorted(policy.needs))
        if need is Everyone.PUBLIC:
            return None
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")
        before_second_factor = getattr(getattr(view, "view_class", view), "before_second_factor", False)
        if needs_second_factor(request.user) and not before_second_factor:
            return HttpResponseRedirect(reverse("second-factor-setup"))
        if not admits(request.user, need):
            raise PermissionDenied
        return None


def needs_second_factor(user: Any) -> bool:
    """Whether someone works for the mall and has not proved a second factor in this session."""
    return bool(settings.STAFF_SECOND_FACTOR_REQUIRED and user.is_mall_staff and not user.is_verified())
