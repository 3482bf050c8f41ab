"""Half-open periods: the first day belongs, the last does not.

People write and read the last day that still belongs ("valid to 7 February 2032"); rows keep the
first day that no longer does. Only this file converts between the two.
"""

from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func, Value


def period(first: date, last: date | None = None) -> DateRange:
    """The period from `first` to `last`, both days included; no `last` means open-ended."""
    if last is not None and last < first:
        raise ValueError("a period cannot end before it begins")
    return DateRange(first, last + timedelta(days=1) if last else None, "[)")


def last_day(span: DateRange | None) -> date | None:
    """The last day that still belongs to `span`, or None when it has no end."""
    if span is None or span.upper is None:
        return None
    return span.upper - timedelta(days=1)


def covers(span: DateRange | None, day: date) -> bool:
    """Whether `day` lies in `span`. No span at all covers nothing."""
    if span is None or span.isempty:
        return False
    return (span.lower is None or span.lower <= day) and (span.upper is None or day < span.upper)


def one_at_a_time(owner: str) -> Func:
    """The owner's key as a range of one number, so that core GiST can compare it without an extension."""
    return Func(F(owner), F(owner), Value("[]"), function="int8range")
