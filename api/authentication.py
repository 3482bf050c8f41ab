"""Who is asking: a key in the Authorization header, or the session of our own pages."""

import re
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import AccessKey
from tenants.access import key_with_roles

# What accounts.keys.issue_key makes; anything else is refused before it reaches the database.
KEY = re.compile(r"Bearer +([0-9a-f]{12}\.[A-Za-z0-9_-]{43})", re.IGNORECASE)


class AccessKeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <key>`. The actor carries the scopes of the key as `key_scopes`."""

    def authenticate(self, request: Request) -> tuple[Any, AccessKey] | None:
        header = authentication.get_authorization_header(request).decode("latin-1").strip()
        if header.partition(" ")[0].lower() != "bearer":
            return None
        written = KEY.fullmatch(header)
        key = key_with_roles(text=written[1], at=timezone.now()) if written else None
        if key is None:
            raise AuthenticationFailed
        actor = key.holder
        actor.key_scopes = key.scopes  # type: ignore[union-attr]
        return actor, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Unity Mall"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of someone who signed in on our pages, with CSRF protection.

    Staff who have not proved the second factor that the mall asks for count as nobody.
    """

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        if settings.STAFF_SECOND_FACTOR_REQUIRED and user.is_mall_staff and not user.is_verified():
            request.lacks_second_factor = True  # read by api.access, to say why
            return None
        return user, None

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refused:
            raise PermissionDenied(code="csrf_failed") from refused


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the documentation describes keys."""

    target_class = AccessKeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of a person or a device."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the documentation describes sessions."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
