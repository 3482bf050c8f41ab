"""Counting what happens often and matters for a moment: one statement a count, right among rivals."""

from datetime import datetime

from django.core.cache import cache
from django.db import connection

from core.models import Tally

COUNT_MORE = f"""
INSERT INTO {Tally._meta.db_table} (key, number, ends_at) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET number = {Tally._meta.db_table}.number + excluded.number RETURNING number
"""  # noqa: S608 our own table's name


def count_more(key: str, *, by: int = 1, ends_at: datetime, seconds: int) -> int:
    """Count `key` up by `by` and return how often it was counted. It is forgotten after `ends_at`.

    In Redis where the cache is Redis (`seconds` is how long it is kept there), else in PostgreSQL.
    """
    if hasattr(cache, "_cache") and "redis" in type(cache._cache).__module__:
        return by if cache.add(key, by, timeout=seconds) else int(cache.incr(key, by))
    with connection.cursor() as cursor:
        cursor.execute(COUNT_MORE, [key, by, ends_at])
        return int(cursor.fetchone()[0])
