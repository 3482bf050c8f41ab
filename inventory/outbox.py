"""Following every movement without missing one.

A serial number is taken before its transaction commits: a reader who has seen 7 may never learn that 6 came later.
So movements get their position here, after they are seen to be committed, one giver of positions at a time.
"""

from django.db import connection, transaction

from inventory.models import Dispatch, DispatchCount

MOST_AT_ONCE = 10_000

# Numbered in the order of their keys among those that are committed now; whoever commits later comes after.
GIVE = """
WITH waiting AS (
    SELECT movement_id, row_number() OVER (ORDER BY movement_id) AS step
    FROM (SELECT movement_id FROM inventory_dispatch WHERE position IS NULL ORDER BY movement_id LIMIT %s) AS first
), given AS (
    UPDATE inventory_dispatch d SET position = %s + waiting.step
    FROM waiting WHERE d.movement_id = waiting.movement_id
    RETURNING 1
)
SELECT count(*) FROM given
"""


def give_positions() -> int:
    """Number the movements committed since the last time. Returns how many."""
    with transaction.atomic():
        # Rivals wait here; when they go on, their next statement sees what was given meanwhile.
        count = DispatchCount.objects.select_for_update().get(pk=1)
        with connection.cursor() as cursor:
            cursor.execute(GIVE, [MOST_AT_ONCE, count.last])
            given = int(cursor.fetchone()[0])
        if given:
            count.last += given
            count.save(update_fields=["last"])
    return given


def follow(*, after: int, limit: int) -> list[Dispatch]:
    """The movements after position `after`, in order, at most `limit`, with who and whose. Ask again after the last."""
    give_positions()
    return list(
        Dispatch.objects.filter(position__gt=after)
        .select_related("movement__tenant", "movement__by")
        .order_by("position")[:limit]
    )
