"""One shape for everything that went wrong: RFC 9457 problem details.

`code` is stable and the same in both languages; `title` and `detail` speak the reader's language;
`errors` names each wrong input. A foreign object and an absent one get the very same body.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core.refusals import Refusal
from core.wording import NotAcceptable

MEDIA_TYPE = "application/problem+json"
URN = "urn:unity-mall:problem:"

TITLES: dict[int, Any] = {
    400: _("The request is not right"),
    401: _("Sign in first"),
    403: _("You may not do this"),
    404: _("Not found"),
    405: _("Not possible here"),
    406: _("No such format"),
    409: _("Not possible now"),
    412: _("Changed in the meantime"),
    413: _("Too large"),
    415: _("Wrong type of content"),
    422: _("The request contradicts an earlier one"),
    428: _("A condition is missing"),
    429: _("Too many requests"),
    500: _("A fault of ours"),
    503: _("Not available at the moment"),
}

# What a code means, where the exception itself does not say it better.
SENTENCES: dict[str, Any] = {
    "bad_request": _("The request could not be understood. Check its address and its body."),
    "csrf_failed": _("The request did not come from our own page. Load the page again and repeat."),
    "not_authenticated": _("Send a key in the Authorization header, or sign in."),
    "authentication_failed": _("This key is not valid. It may have ended or been revoked."),
    "permission_denied": _("Your role does not allow this."),
    "not_found": _("There is nothing at this address that you may see."),
    "method_not_allowed": _("This address does not know this method. Allow names those that it knows."),
    "format_not_offered": _("Answers are given as JSON only. Accept application/json."),
    "unsupported_media_type": _("Send the body in the content type that the documentation names."),
    "too_large": _("The body is larger than this address takes."),
    "throttled": _("Wait as long as Retry-After says, then go on more slowly."),
    "not_storable": _("A value is too long or too large to be kept."),
    "still_in_use": _("Other records still point to this one."),
    "not_acceptable": NotAcceptable.sentence,
    "server_error": _("Something broke on our side. It has been recorded; try again later."),
    "not_available": _("The mall's records cannot be reached at the moment. Try again shortly."),
}

# Codes of problems that are known only by their status: what Django itself answers outside of any view.
CODES = {
    400: "bad_request",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "throttled",
    500: "server_error",
    503: "not_available",
}

# The sentence of a constraint that two writers can run into although each operation looked first.
CONSTRAINTS: dict[str, Any] = {
    "unit_is_let_once_at_a_time": _("A unit is let to one tenant at a time."),
    "unit_opens_after_it_is_handed_over": _("A unit opens for trade on or after the first day of its lease."),
    "unit_is_blocked_once_at_a_time": _("A unit is blocked once at a time."),
    "lease_begins_on_a_day_and_lasts": _("A lease lasts at least one day."),
    "chargeable_area_covers_carpet_area": _("The chargeable area is at least the carpet area."),
    "gstin_belongs_to_one_tenant": _("A GSTIN belongs to one tenant."),
    "tenant_leaves_after_it_came": _("A tenant leaves on or after the day it came."),
    "one_contact_is_called_first": _("One contact of a tenant is called first."),
    "paper_is_handed_in_once": _("The same file is handed in once."),
    "gi_authorised_user_number_is_used_once": _("An authorised-user number stands once on record."),
    "person_is_a_member_once_at_a_time": _("A person is a member of a tenant once at a time."),
    "sign_in_name_belongs_to_one_person": _("A sign-in name belongs to one person."),
    "device_name_is_used_once": _("The name of a device is used once."),
    "role_is_given_once": _("A role is given to a person once."),
    "sku_names_one_product_of_a_tenant": _("Another of your products has this SKU. Give each product its own."),
    "gtin_names_one_product_of_a_tenant": _("Another of your products has this barcode. Check the number."),
    "picture_is_added_once": _("This picture is there already."),
    "one_of_a_kind_comes_in_one_lot": _("This piece is one of a kind: there is never a second one."),
    "one_of_a_kind_is_there_once": _("This piece is one of a kind: there is never a second one."),
    "piece_goods_are_counted_in_whole_numbers": _(
        "These goods are counted in whole numbers: give a quantity without a fraction."
    ),
    "lot_expires_after_it_was_made": _("A lot is good until a day after it was made."),
    "stock_is_never_negative": _("There is not enough of this left. Choose less, or another lot."),
    "no_more_is_held_than_is_on_hand": _("There is not enough of this left. Choose less, or another lot."),
    "received_quantities_are_not_negative": _("Quantities of a delivery are 0 or more."),
    "receipt_is_received_or_cancelled_not_both": _("This delivery was received or cancelled already."),
    "no_more_is_picked_than_was_asked_for": _("No more is picked than was asked for."),
    "short_pick_says_why": _("Say why fewer were picked."),
    "no_more_is_accepted_than_was_picked": _("No more is accepted than was picked."),
    "transfer_goes_step_by_step": _("The order is at another step by now. Load it again."),
    "adjustment_says_what_happened": _("Say what happened; the owner of the goods will read it."),
    "second_person_is_another_person": _("Above the limit someone else decides, not whoever proposed it."),
    "counted_quantity_is_not_negative": _("A count is 0 or more."),
    "a_count_asks_for_a_lot_at_a_place_once": _("This lot is on the list of the count already."),
    "fact_laid_aside_says_why": _("Say why this is laid aside."),
}

# Members of `details` that are quantities.
QUANTITIES = frozenset({"wanted", "available", "on_hand", "sold", "expired", "free"})

Answer = tuple[int, dict[str, Any], dict[str, str]]


def problem(status: int, code: str, detail: Any = None, **more: Any) -> dict[str, Any]:
    """The body of a problem. `more` holds further members, such as `errors`."""
    body = {
        "type": URN + code,
        "title": str(TITLES.get(status, TITLES[400 if status < 500 else 500])),
        "status": status,
        "code": code,
        "detail": str(detail if detail is not None else SENTENCES.get(code, SENTENCES["bad_request"])),
    }
    return body | {name: value for name, value in more.items() if value}


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """The exception handler of the API. None where the fault is ours: it is logged and answered as a 500."""
    answer = _answer_to(exc)
    if answer is None:
        return None
    status, body, headers = answer
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def plain(request: HttpRequest, status: int, code: str | None = None) -> HttpResponse:
    """A problem for an address under /api/ that no view answered, as Django's error handlers need it."""
    body = problem(status, code or CODES.get(status, "bad_request" if status < 500 else "server_error"))
    return HttpResponse(JSONRenderer().render(body), status=status, content_type=MEDIA_TYPE)


def _answer_to(exc: Exception) -> Answer | None:
    if isinstance(exc, Refusal):
        return exc.status, _refused(exc), {}
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_flat(exc.detail))
        return 400, problem(400, "not_acceptable", errors=errors), {}
    if isinstance(exc, exceptions.APIException):
        return _declared(exc)
    if isinstance(exc, Http404):
        return 404, problem(404, "not_found"), {}
    if isinstance(exc, DjangoPermissionDenied):
        return 403, problem(403, "permission_denied"), {}
    if isinstance(exc, IntegrityError):
        return _contradiction(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        return 503, problem(503, "not_available"), {"Retry-After": "2"}
    if isinstance(exc, DataError):
        return 400, problem(400, "not_storable"), {}
    if isinstance(exc, RequestDataTooBig):
        return 413, problem(413, "too_large"), {}
    if isinstance(exc, DjangoValidationError):
        return 400, problem(400, "not_acceptable", errors=list(_flat(exc.messages))), {}
    if isinstance(exc, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return 400, problem(400, "bad_request"), {}
    return None


def _refused(refusal: Refusal) -> dict[str, Any]:
    if isinstance(refusal, NotAcceptable):
        errors = [
            {"field": "" if field == "__all__" else field, "code": "invalid", "detail": str(sentence)}
            for field, sentences in refusal.errors.items()
            for sentence in sentences
        ]
    elif refusal.field:
        errors = [{"field": refusal.field, "code": refusal.code, "detail": str(refusal.sentence)}]
    else:
        errors = []
    # What the caller may act on: how much is available, through which day the books are closed.
    details = {} if isinstance(refusal, NotAcceptable) else _told(refusal.details)
    return problem(refusal.status, refusal.code, str(refusal), errors=errors, details=details)


def _told(details: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a refusal as JSON carries them without loss: quantities as text, without noughts at their end."""
    return {
        name: f"{Decimal(str(value)).normalize():f}" if name in QUANTITIES and value is not None else value
        for name, value in details.items()
    }


def _declared(exc: exceptions.APIException) -> Answer:
    """DRF's own exceptions; our sentence where their code is a general one, theirs where we gave it."""
    code = exc.get_codes()
    code = code if isinstance(code, str) else exc.default_code
    if isinstance(exc, exceptions.NotAcceptable):
        code = "format_not_offered"
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    detail = SENTENCES.get(code, exc.detail)
    return exc.status_code, problem(exc.status_code, code, detail), headers


def _contradiction(exc: IntegrityError) -> Answer | None:
    if isinstance(exc, ProtectedError | RestrictedError):
        return 409, problem(409, "still_in_use"), {}
    name = getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None)
    if name not in CONSTRAINTS:
        return None  # not a state of the mall that we know: a fault of ours
    return 409, problem(409, name, CONSTRAINTS[name]), {}


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """The leaves of DRF's nested error detail, each with the dotted path of its input."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, f"{path}.{step}".strip("."))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _flat(inner, f"{path}.{position}".strip(".") if nested else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
