"""Closing a period of the stock ledger: nothing may be said any more to have happened in it."""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.refusals import Refusal
from inventory.models import StockClosing


class DayNotOver(Refusal):
    code = "day_not_over"
    status = 400
    sentence = _("Only days that are over can be closed: choose yesterday or earlier.")


class ClosedAlready(Refusal):
    code = "closed_already"
    sentence = _("The stock ledger is closed through that day already.")


def close_period(*, through: date, by: User, at: datetime, note: str = "") -> StockClosing:
    """Close the ledger through a day that is over at `at`. Waits for writers under way.

    Raises DayNotOver, ClosedAlready.
    """
    if through >= timezone.localdate(at):
        raise DayNotOver(field="through_date")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Writers share this lock (inventory/sql/ledger.sql); whoever comes later sees the closing.
            cursor.execute("SELECT pg_advisory_xact_lock(7302, 1)")
            # As the ledger writes down its own moments: by the database's clock, once its turn has come.
            cursor.execute("SELECT clock_timestamp()")
            (closed_at,) = cursor.fetchone()
        closed = closed_through()
        if closed is not None and through <= closed:
            raise ClosedAlready(field="through_date", through_date=closed.isoformat())
        return StockClosing.objects.create(through_date=through, closed_by=by, closed_at=closed_at, note=note)


def closed_through() -> date | None:
    """The last day of the closed period; None where nothing is closed yet."""
    return StockClosing.objects.aggregate(last=Max("through_date"))["last"]
