"""The gate before everything: input that no field could ever hold is a 400, not a 500 further in."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class SafeInput:
    """Refuses NUL bytes and undecodable text in cookies, the path and the query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A quoted cookie may hold what no header can; the session would carry it into a query.
        if any("\x00" in text or not _is_text(text) for text in request.COOKIES.values()):
            raise BadRequest("NUL byte or undecodable text in a cookie")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> None:
        texts = [request.path_info, *(part for pair in request.GET.lists() for part in (pair[0], *pair[1]))]
        if any("\x00" in text or not _is_text(text) for text in texts):
            raise BadRequest("NUL byte or undecodable text in the address")


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
