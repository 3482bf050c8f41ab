"""What went wrong is told in the language of the door: problem+json to programs, a page to people."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from api import problems
from web.views import errors as pages


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: NUL bytes, an unknown host, a form with too many fields."""
    return problems.plain(request, 400) if _is_api(request) else pages.unreadable(request)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return problems.plain(request, 403) if _is_api(request) else pages.not_allowed(request)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return problems.plain(request, 404) if _is_api(request) else pages.not_found(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database does not answer, else 500. Called while the exception is being handled."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return problems.plain(request, 503) if _is_api(request) else pages.closed(request)
    return problems.plain(request, 500) if _is_api(request) else pages.broken(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that is not ours, or no longer fresh."""
    return problems.plain(request, 403) if _is_api(request) else pages.form_expired(request)


def _is_api(request: Any) -> bool:
    return request.path_info.startswith("/api/")
