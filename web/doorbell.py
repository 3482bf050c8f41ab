"""Rings for a task once the work is committed. The work itself stands as a row and is swept anyway."""

import logging
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ring(task: Any, *about: Any) -> None:
    """Ask a worker to sweep now. A broker that is down costs some seconds, not the page."""
    try:
        task.delay_on_commit(*about)
    except (OperationalError, OSError):
        log.warning("the broker is down: %s waits for its next sweep", task.name, exc_info=True)
