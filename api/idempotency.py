"""A write that is sent twice with one Idempotency-Key happens once, and gets its first answer again.

The key is inserted first, in the same transaction as the write: a second request with the same key waits at
the unique index until the first has committed (then it replays) or rolled back (then it does the work).
Only success is remembered; a refused write changed nothing and may be tried again with the same key.
"""

import json
import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import GivenAnswer
from core.refusals import Refusal
from inventory.ledger import KeyReused

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
METHODS = frozenset({"POST", "PATCH", "DELETE"})
WRITTEN = re.compile(r"[\x21-\x7e]{1,200}")
WAIT = "5s"
LOCK_NOT_AVAILABLE = "55P03"


class BadKey(Refusal):
    code = "bad_idempotency_key"
    status = 400
    sentence = _("An Idempotency-Key has 1 to 200 visible ASCII characters.")


class KeyMissing(Refusal):
    code = "idempotency_key_missing"
    status = 400
    sentence = _("Send an Idempotency-Key with this write: a new one for each write, the same when you send it again.")


class StillAtWork(Refusal):
    code = "still_at_work"
    sentence = _("The first request with this key is still at work. Ask again in a moment.")


def key_in(request: Request, *, is_needed: bool = False) -> str | None:
    """The key of this write; None for reads and where none was sent. Raises BadKey, KeyMissing."""
    key = request.headers.get(HEADER)
    if request.method not in METHODS:
        return None
    if key is None:
        if is_needed:
            raise KeyMissing
        return None
    if not WRITTEN.fullmatch(key):
        raise BadKey
    return key


def key_for_the_books(actor_key: str, key: str) -> str:
    """The key under which the ledger keeps what a write did.

    Everyone makes their own keys: the same key of two people names two writes. It is short enough for operations
    that make several movements and number them.
    """
    return f"api:{sha256(f'{actor_key} {key}'.encode()).hexdigest()}"


def answer_once(
    request: Request, work: Callable[[], Any], *, conceal: Iterable[str] = (), is_needed: bool = False
) -> Any:
    """Do `work` and return its answer; with a key that was used before, return the answer given then.

    Members named in `conceal` are secrets shown once: they are not remembered, a replay has null there. Where a key
    `is_needed`, a write without one is refused. Raises BadKey, KeyMissing, KeyReused, StillAtWork.
    """
    key = key_in(request, is_needed=is_needed)
    if key is None:
        return work()
    actor: Any = request.user
    digest = _digest(request)
    with transaction.atomic():
        claimed = _claim(actor.actor_key, key, digest)
        if claimed is None:
            return _replay(GivenAnswer.objects.get(actor=actor.actor_key, key=key), digest)
        response = work()
        claimed.status = response.status_code
        claimed.body = _kept(response.data, conceal)
        claimed.save(update_fields=["status", "body"])
        return response


def _claim(actor: str, key: str, digest: str) -> GivenAnswer | None:
    """The key, now ours; None where it already has an answer. Waits for a rival at most WAIT."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
    try:
        with transaction.atomic():
            claimed = GivenAnswer.objects.create(actor=actor, key=key, request_digest=digest)
    except IntegrityError:
        claimed = None
    except OperationalError as late:
        if getattr(late.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        raise StillAtWork from late
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    return claimed


def _replay(given: GivenAnswer, digest: str) -> Response:
    if given.request_digest != digest:
        raise KeyReused
    if given.status is None:
        raise StillAtWork
    return Response(given.body, status=given.status, headers={REPLAYED: "true"})


def _kept(data: Any, conceal: Iterable[str]) -> Any:
    if data is None:
        return None
    body = json.loads(JSONRenderer().render(data))
    return body | dict.fromkeys(conceal) if isinstance(body, dict) and conceal else body


def _digest(request: Request) -> str:
    """What was asked, not how it was written: the parts of a form, not its boundary."""
    asked = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if hasattr(request.data, "lists"):
        for name, values in sorted(request.data.lists()):
            for value in values:
                part = value.read() if hasattr(value, "read") else str(value).encode()
                if hasattr(value, "seek"):
                    value.seek(0)
                asked.update(f"\n{name}:{sha256(part).hexdigest()}".encode())
    else:
        asked.update(json.dumps(request.data, sort_keys=True, default=str).encode())
    return asked.hexdigest()
