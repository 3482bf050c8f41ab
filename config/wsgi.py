"""The web server's way in. It refuses unsafe settings before it answers anyone."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.http import QueryDict
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from config import key_door  # noqa: E402 needs the apps that the line above loads
from config.checks import refuse_unsafe_settings  # noqa: E402

refuse_unsafe_settings()
key_application = key_door.KeyDoor()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, guarded from a charset that it cannot read: it would break before any middleware runs.

    Such a body is handed on as bytes of no known kind, which every view refuses in its own words.
    """
    try:
        _kind, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        QueryDict(b"a", encoding=parameters.get("charset"))
    except (LookupError, ValueError):
        environ = environ | {"CONTENT_TYPE": "application/octet-stream"}
    door = key_application if key_door.is_for(environ) else django_application
    return door(environ, start_response)
