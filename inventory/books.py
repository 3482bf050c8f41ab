"""What must be true of the stock books, recomputed from the ledger's entries. The database refuses most of it at
the time of writing; this is the proof that it did."""

from core.books import Invariant

INVARIANTS = (
    Invariant(
        "balance_is_the_sum_of_its_entries",
        "Every balance is the sum of its ledger entries, and every sum has its balance.",
        """
        SELECT format('lot %s at place %s: the ledger says %s, the balance %s',
            coalesce(e.lot_id, b.lot_id), coalesce(e.location_id, b.location_id),
            coalesce(e.quantity, 0), coalesce(b.on_hand, 0))
        FROM (SELECT lot_id, location_id, sum(quantity) AS quantity FROM inventory_ledgerentry GROUP BY 1, 2) e
        FULL JOIN inventory_balance b ON b.lot_id = e.lot_id AND b.location_id = e.location_id
        WHERE coalesce(e.quantity, 0) <> coalesce(b.on_hand, 0)
        """,
    ),
    Invariant(
        "movement_sums_to_zero",
        "Within each movement the quantities of each lot sum to zero.",
        """
        SELECT format('movement %s, lot %s: %s out of nowhere', movement_id, lot_id, sum(quantity))
        FROM inventory_ledgerentry GROUP BY movement_id, lot_id HAVING sum(quantity) <> 0
        """,
    ),
    Invariant(
        "movement_has_entries",
        "Every movement moved something.",
        """
        SELECT format('movement %s has no entries', m.id) FROM inventory_movement m
        WHERE NOT EXISTS (SELECT 1 FROM inventory_ledgerentry e WHERE e.movement_id = m.id)
        """,
    ),
    Invariant(
        "stock_is_never_negative",
        "Nowhere in the mall is there less than nothing.",
        """
        SELECT format('lot %s at place %s: %s on hand', lot_id, location_id, on_hand)
        FROM inventory_balance WHERE is_physical AND on_hand < 0
        """,
    ),
    Invariant(
        "held_is_the_sum_of_standing_holds",
        "What a balance says is held is the sum of its holds that have not ended.",
        """
        SELECT format('lot %s at place %s: holds say %s, the balance %s', b.lot_id, b.location_id,
            coalesce(h.quantity, 0), b.held)
        FROM inventory_balance b
        LEFT JOIN (SELECT lot_id, location_id, sum(quantity) AS quantity FROM inventory_hold
            WHERE ended_at IS NULL GROUP BY 1, 2) h ON h.lot_id = b.lot_id AND h.location_id = b.location_id
        WHERE b.held <> coalesce(h.quantity, 0)
        """,
    ),
    Invariant(
        "no_more_is_held_than_is_on_hand",
        "No more is held than is on hand, and nothing outside the mall.",
        """
        SELECT format('lot %s at place %s: %s held of %s', lot_id, location_id, held, on_hand)
        FROM inventory_balance WHERE held < 0 OR (is_physical AND held > on_hand) OR (NOT is_physical AND held <> 0)
        """,
    ),
    Invariant(
        "entries_are_of_the_movements_tenant",
        "Entry, movement, lot and balance name the same tenant.",
        """
        SELECT format('entry %s: tenant %s, movement %s of %s, lot %s of %s', e.id, e.tenant_id,
            m.id, m.tenant_id, l.id, l.tenant_id)
        FROM inventory_ledgerentry e
        LEFT JOIN inventory_movement m ON m.id = e.movement_id
        LEFT JOIN inventory_lot l ON l.id = e.lot_id
        WHERE m.tenant_id IS DISTINCT FROM e.tenant_id OR l.tenant_id IS DISTINCT FROM e.tenant_id
        """,
    ),
    Invariant(
        "lot_is_of_its_products_tenant",
        "A lot belongs to the tenant of its product.",
        """
        SELECT format('lot %s of tenant %s, product %s of tenant %s', l.id, l.tenant_id, p.id, p.tenant_id)
        FROM inventory_lot l JOIN inventory_product p ON p.id = l.product_id WHERE p.tenant_id <> l.tenant_id
        """,
    ),
    Invariant(
        "one_of_a_kind_is_there_once",
        "Of a one-of-a-kind product there is at most one piece.",
        """
        SELECT format('lot %s at place %s: %s pieces of one', lot_id, location_id, on_hand)
        FROM inventory_balance WHERE grain = 'single' AND abs(on_hand) > 1
        UNION ALL
        SELECT format('product %s has %s lots of one piece', product_id, count(*))
        FROM inventory_lot WHERE grain = 'single' GROUP BY product_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "piece_goods_are_counted_in_whole_numbers",
        "Goods that are counted are there in whole numbers.",
        """
        SELECT format('lot %s at place %s: %s', lot_id, location_id, on_hand)
        FROM inventory_balance WHERE grain <> 'measured' AND on_hand <> trunc(on_hand)
        """,
    ),
    Invariant(
        "reversal_is_the_opposite",
        "A reversal is the exact opposite of the movement that it reverses.",
        """
        SELECT format('movement %s reverses %s: lot %s at place %s differs by %s', m.id, m.reverses_id,
            e.lot_id, e.location_id, sum(e.quantity))
        FROM inventory_movement m
        JOIN inventory_ledgerentry e ON e.movement_id IN (m.id, m.reverses_id)
        WHERE m.reverses_id IS NOT NULL
        GROUP BY m.id, m.reverses_id, e.lot_id, e.location_id HAVING sum(e.quantity) <> 0
        """,
    ),
    Invariant(
        "movement_is_written_down_after_it_happened",
        "No movement was written down before it happened.",
        """
        SELECT format('movement %s happened at %s, written down at %s', id, occurred_at, recorded_at)
        FROM inventory_movement WHERE occurred_at > recorded_at
        """,
    ),
    Invariant(
        "closed_period_stays_closed",
        "Nothing was written after a closing that happened in the closed period.",
        """
        SELECT format('movement %s of %s was written down after %s was closed', m.id, m.occurred_at, c.through_date)
        FROM inventory_stockclosing c JOIN inventory_movement m ON m.recorded_at > c.closed_at
            AND m.occurred_at < (c.through_date + 1)::timestamp AT TIME ZONE 'Asia/Kolkata'
        """,
    ),
    Invariant(
        "every_movement_is_dispatched",
        "Every movement stands in the outbox once, at a position of its own.",
        """
        SELECT format('movement %s is not in the outbox', m.id) FROM inventory_movement m
        WHERE NOT EXISTS (SELECT 1 FROM inventory_dispatch d WHERE d.movement_id = m.id)
        UNION ALL
        SELECT format('position %s is beyond the last one given, %s', d.position, c.last)
        FROM inventory_dispatch d, inventory_dispatchcount c WHERE d.position > c.last
        """,
    ),
    Invariant(
        "used_hold_names_its_movement",
        "A hold that was used names the movement that used it; no other does.",
        """
        SELECT format('hold %s ended as %s with movement %s', id, "end", used_by_id)
        FROM inventory_hold WHERE ("end" = 'used') <> (used_by_id IS NOT NULL)
        """,
    ),
    Invariant(
        "transfer_on_the_way_is_what_the_orders_say",
        "What is on the way is what transfer orders handed over and nobody has accepted or settled.",
        """
        SELECT format('lot %s: %s on the way, the orders say %s', coalesce(b.lot_id, o.lot_id),
            coalesce(b.on_hand, 0), coalesce(o.quantity, 0))
        FROM (
            SELECT b.lot_id, b.on_hand FROM inventory_balance b
            JOIN inventory_location p ON p.id = b.location_id WHERE p.kind = 'transit' AND b.on_hand <> 0
        ) b
        FULL JOIN (
            SELECT l.lot_id, sum(e.quantity) AS quantity
            FROM (SELECT DISTINCT lot_id FROM inventory_transferline) l
            JOIN inventory_ledgerentry e ON e.lot_id = l.lot_id
            JOIN inventory_location p ON p.id = e.location_id AND p.kind = 'transit'
            JOIN inventory_movement m ON m.id = e.movement_id AND m.document <> ''
            GROUP BY l.lot_id HAVING sum(e.quantity) <> 0
        ) o ON o.lot_id = b.lot_id
        WHERE coalesce(b.on_hand, 0) <> coalesce(o.quantity, 0)
        """,
    ),
    Invariant(
        "posted_papers_have_their_movements",
        "A posted adjustment has its movement, and no refused one does.",
        """
        SELECT format('adjustment %s: %s was proposed, %s moved', a.id, a.difference, coalesce(e.quantity, 0))
        FROM inventory_adjustment a
        LEFT JOIN inventory_ledgerentry e
            ON e.movement_id = a.movement_id AND e.lot_id = a.lot_id AND e.location_id = a.location_id
        WHERE a.movement_id IS NOT NULL AND e.quantity IS DISTINCT FROM a.difference
        """,
    ),
    Invariant(
        "second_person_is_another_person",
        "Above the limit, whoever decided an adjustment is not whoever proposed it.",
        """
        SELECT format('adjustment %s was proposed and decided by person %s', id, proposed_by_id)
        FROM inventory_adjustment WHERE NOT is_small AND decided_by_id = proposed_by_id
        """,
    ),
)
