"""Housekeeping that runs later."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core.models import GivenAnswer, Tally


@shared_task
def forget_old_answers() -> int:
    """Drop answers older than seven days, since nobody retries a write for that long, and tallies that ended."""
    Tally.objects.filter(ends_at__lt=timezone.now()).delete()
    return GivenAnswer.objects.filter(given_at__lt=timezone.now() - timedelta(days=7)).delete()[0]
