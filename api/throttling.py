"""How often someone may ask: so many times in a window, by actor, or by network address for nobody known."""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import Device, User
from core.tallying import once_more

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
            ends_at = datetime.fromtimestamp(now + self.ends_in, UTC)
            return once_more(key, ends_at=ends_at, seconds=2 * window) <= most
        except Exception:  # a count that fails must not close the mall
            log.warning("throttle not counted", exc_info=True)
            return True

    def wait(self) -> float:
        return self.ends_in

    def _who(self, request: Request) -> tuple[str, str]:
        actor = request.user
        if isinstance(actor, Device):
            return "device", actor.actor_key
        if isinstance(actor, User):
            return "person", actor.actor_key
        return "anonymous", f"address:{self.get_ident(request)}"
