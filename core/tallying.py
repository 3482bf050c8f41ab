"""Counting what happens often and matters for a moment: one statement a count, right among rivals."""

from datetime import datetime

from django.core.cache import cache
from django.db import connection

from core.models import Tally

ONCE_MORE = f"""
INSERT INTO {Tally._meta.db_table} (key, number, ends_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET number = {Tally._meta.db_table}.number + 1 RETURNING number
"""  # noqa: S608 our own table's name


def once_more(key: str, *, ends_at: datetime, seconds: int) -> int:
    """Count `key` once more and return how often it was counted. It is forgotten after `ends_at`.

    In Redis where the cache is Redis (`seconds` is how long it is kept there), else in PostgreSQL.
    """
    if hasattr(cache, "_cache") and "redis" in type(cache._cache).__module__:
        return 1 if cache.add(key, 1, timeout=seconds) else int(cache.incr(key))
    with connection.cursor() as cursor:
        cursor.execute(ONCE_MORE, [key, ends_at])
        return int(cursor.fetchone()[0])
