"""How often someone may ask: so many times in a window, by actor, or by network address for nobody known."""

import logging
import time
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import Device, User
from core.tallying import count_more

# Counts that this process has taken from the common count and not used up: key -> how many.
TAKEN: dict[str, int] = {}
TAKING = Lock()
MOST_AT_ONCE = 10

log = logging.getLogger(__name__)


class ByActor(SimpleRateThrottle):
    """A count per actor and window: one statement a request, whatever the rate.

    DRF's own throttle keeps a list of moments per actor, which for a people counter would be thousands
    long, written anew at each request. A window admits at most twice its number across its edge.
    """

    def __init__(self) -> None:
        """Rates are chosen by the actor, not fixed for the class."""

    def allow_request(self, request: Request, view: Any) -> bool:
        kind, who = self._who(request)
        most, window = self.parse_rate(str(api_settings.DEFAULT_THROTTLE_RATES[kind]))
        if most is None or window is None:
            return True
        now = time.time()
        self.ends_in = window - now % window
        key = f"throttle:{who}:{int(now // window)}"
        try:
            return self._count(key, most, datetime.fromtimestamp(now + self.ends_in, UTC), 2 * window)
        except Exception:  # a count that fails must not close the mall
            log.warning("throttle not counted", exc_info=True)
            return True

    def _count(self, key: str, most: int, ends_at: datetime, seconds: int) -> bool:
        """Count this request. A process takes a few at once from the common count and uses them up by itself.

        So somebody busy costs one statement in several requests; at most a few hundredths of the number go unused.
        """
        at_once = min(MOST_AT_ONCE, most // 100) or 1
        with TAKING:
            if TAKEN.get(key, 0) > 0:
                TAKEN[key] -= 1
                return True
        counted = count_more(key, by=at_once, ends_at=ends_at, seconds=seconds)
        with TAKING:
            if len(TAKEN) > 10_000:
                TAKEN.clear()  # windows that are over; what was left of the others is lost, not gained
            if counted <= most:
                TAKEN[key] = at_once - 1
        return counted <= most

    def wait(self) -> float:
        return self.ends_in

    def _who(self, request: Request) -> tuple[str, str]:
        actor = request.user
        if isinstance(actor, Device):
            return "device", actor.actor_key
        if isinstance(actor, User):
            return "person", actor.actor_key
        return "anonymous", f"address:{self.get_ident(request)}"
