"""ETags: a strong hash of what is answered, so that what has not changed is not sent again."""

from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.refusals import Refusal


class ChangedMeanwhile(Refusal):
    """What the caller read has changed since; writing over it would undo someone's work."""

    code = "changed_meanwhile"
    status = 412
    sentence = _("Someone has changed this since you read it. Read it again, then repeat your change.")


def etag_of(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'


def conditional(request: Request, response: HttpResponse) -> HttpResponseBase:
    """The rendered answer with its ETag, or a 304 where the caller already has it."""
    etag = etag_of(response.content)
    response["ETag"] = etag
    found = get_conditional_response(request._request, etag=etag, response=response)
    return found if found is not None else response


def require_match(request: Request, shown: Any) -> None:
    """Raise ChangedMeanwhile where If-Match names another version than `shown`, what a GET would answer."""
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return
    etags = parse_etags(wanted)
    if etags != ["*"] and etag_of(JSONRenderer().render(shown)) not in etags:
        raise ChangedMeanwhile
