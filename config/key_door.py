"""The short way in for requests that carry a key: no session, no cookie, no form, so nothing that serves those.

A people counter, a kiosk or a shop's own system asks often and always in the same way. The door admits only what
opens to keys; everything else with a key is answered as if there were nothing.
"""

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.test.utils import override_settings

from accounts.policy import Everyone, policy_of

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.SafeInput",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.key_door.OpensToKeys",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


class KeyDoor(WSGIHandler):
    """Django's own handler behind fewer doors."""

    def load_middleware(self, is_async: bool = False) -> None:
        with override_settings(MIDDLEWARE=MIDDLEWARE):
            super().load_middleware(is_async)


class OpensToKeys:
    """Views that keys open ask for the key themselves (`api.access`); of others only public ones are shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        policy = policy_of(view)
        if policy is None:
            raise Http404
        if getattr(getattr(view, "cls", view), "keys_open_it", False):
            return
        if policy.need(request.method or "") is not Everyone.PUBLIC:
            raise Http404


def is_for(environ: dict[str, Any]) -> bool:
    """Whether a request comes to the API with a key."""
    return environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer " and environ.get("PATH_INFO", "").startswith(
        "/api/"
    )
