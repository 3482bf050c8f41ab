"""Sheets are checked and applied in the background. A row says what waits; the tasks sweep such rows."""

import logging

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from inventory import sheets
from inventory.models import SheetImport, SheetStatus

log = logging.getLogger(__name__)

AT_ONCE = 20


@shared_task
def check_sheets() -> int:
    """Check every sheet that waits, the oldest first. Returns how many."""
    return sum(sheets.check(sheet=key, at=timezone.now()) is not None for key in _waiting("waiting", "checking"))


@shared_task
def apply_sheets() -> int:
    """Apply every sheet that was confirmed, the oldest first. Returns how many."""
    return sum(sheets.apply(sheet=key, at=timezone.now()) is not None for key in _waiting("confirmed", "applying"))


def _waiting(waiting: str, working: str) -> list[int]:
    """Sheets that wait, and those whose worker has not been heard of for a while."""
    left = Q(status=SheetStatus(working)) & (Q(worked_on_until=None) | Q(worked_on_until__lt=timezone.now()))
    rows = SheetImport.objects.filter(Q(status=SheetStatus(waiting)) | left).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])
