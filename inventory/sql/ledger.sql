-- The one writer of the stock ledger. Each function is one round trip and refuses by raising:
--   UM001 not enough stock (detail: lot, location, wanted, available)   UM002 key used for another write
--   UM003 the period is closed (detail: through_date)                   UM004 a hold has ended
--   UM005 the lot is not of this tenant                                 UM006 nothing moves
-- While one runs it carries the setting by which the guard of the tables knows the ledger (books.sql).
-- Locks are taken in one order everywhere: balances by lot and place, then their holds.

-- Frees what is held under holds of this balance whose time has passed. Locks the balance. A hold that is being made
-- (`but_not`) is not counted in the balance yet, so it frees nothing, however short its time.
CREATE FUNCTION inventory_end_overdue(a_lot bigint, a_place bigint, now_at timestamptz, but_not bigint DEFAULT 0)
RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
    freed numeric;
    caller text := coalesce(current_setting('mall.stock_writer', true), '');
BEGIN
    PERFORM set_config('mall.stock_writer', 'ledger', true);
    PERFORM 1 FROM inventory_balance WHERE lot_id = a_lot AND location_id = a_place FOR UPDATE;
    WITH ended AS (
        UPDATE inventory_hold SET ended_at = now_at, "end" = 'expired'
        WHERE lot_id = a_lot AND location_id = a_place AND ended_at IS NULL AND expires_at <= now_at
            AND id <> but_not
        RETURNING quantity
    ) SELECT coalesce(sum(quantity), 0) INTO freed FROM ended;
    IF freed > 0 THEN
        UPDATE inventory_balance SET held = held - freed WHERE lot_id = a_lot AND location_id = a_place;
    END IF;
    PERFORM set_config('mall.stock_writer', caller, true);
    RETURN freed;
END $$;

CREATE FUNCTION inventory_refuse_short(a_lot bigint, a_place bigint, wanted numeric, freed numeric) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    available numeric;
BEGIN
    SELECT on_hand - held + freed INTO available
    FROM inventory_balance WHERE lot_id = a_lot AND location_id = a_place;
    RAISE EXCEPTION 'not_enough_stock' USING ERRCODE = 'UM001', DETAIL = json_build_object(
        'lot', a_lot, 'location', a_place, 'wanted', wanted::text, 'available', coalesce(available, 0)::text);
END $$;

-- Writes one movement: the key, the balances, the entries, the holds it uses, the dispatch. All or nothing.
CREATE FUNCTION inventory_post(
    a_tenant bigint, a_kind text, a_key text, a_digest text, occurred timestamptz, writer bigint,
    a_reason text, a_document text, a_reverses bigint,
    lots bigint[], places bigint[], quantities numeric[], used bigint[],
    OUT movement bigint, OUT happened timestamptz, OUT recorded timestamptz, OUT is_replay boolean
) LANGUAGE plpgsql AS $$
DECLARE
    line record;
    earlier_digest text;
    closed_through date;
    now_at timestamptz := clock_timestamp();
    all_freed numeric := 0;
    used_quantity numeric;
    used_count integer;
BEGIN
    PERFORM set_config('mall.stock_writer', 'ledger', true);
    -- Whoever closes a period waits for the writers under way, and they for it.
    PERFORM pg_advisory_xact_lock_shared(7302, 1);
    is_replay := false;
    happened := least(occurred, now_at);
    recorded := now_at;
    INSERT INTO inventory_movement
        (tenant_id, kind, key, digest, occurred_at, recorded_at, by_id, reason, document, reverses_id)
    VALUES (a_tenant, a_kind, a_key, a_digest, happened, recorded, writer, a_reason, a_document, a_reverses)
    ON CONFLICT (tenant_id, key) DO NOTHING
    RETURNING id INTO movement;
    IF movement IS NULL THEN
        SELECT m.id, m.digest, m.occurred_at, m.recorded_at INTO movement, earlier_digest, happened, recorded
        FROM inventory_movement m WHERE m.tenant_id = a_tenant AND m.key = a_key;
        IF earlier_digest <> a_digest THEN
            RAISE EXCEPTION 'key_reused' USING ERRCODE = 'UM002';
        END IF;
        is_replay := true;
        PERFORM set_config('mall.stock_writer', '', true);
        RETURN;
    END IF;

    SELECT max(through_date) INTO closed_through FROM inventory_stockclosing;
    IF (happened AT TIME ZONE 'Asia/Kolkata')::date <= closed_through THEN
        RAISE EXCEPTION 'period_closed' USING ERRCODE = 'UM003',
            DETAIL = json_build_object('through_date', closed_through);
    END IF;

    FOR line IN
        SELECT u.lot, u.place, sum(u.quantity) AS quantity, max(coalesce(h.quantity, 0)) AS freed
        FROM unnest(lots, places, quantities) AS u (lot, place, quantity)
        LEFT JOIN (
            SELECT lot_id, location_id, sum(quantity) AS quantity
            FROM inventory_hold WHERE id = ANY (used) GROUP BY lot_id, location_id
        ) h ON h.lot_id = u.lot AND h.location_id = u.place
        GROUP BY u.lot, u.place
        HAVING sum(u.quantity) <> 0
        ORDER BY u.lot, u.place
    LOOP
        all_freed := all_freed + line.freed;
        -- The row decides: rivals wait here for each other and then look again.
        UPDATE inventory_balance b
        SET on_hand = b.on_hand + line.quantity, held = b.held - line.freed
        WHERE b.lot_id = line.lot AND b.location_id = line.place AND b.tenant_id = a_tenant
            AND (NOT b.is_physical OR line.quantity > 0 OR b.on_hand + line.quantity >= b.held - line.freed)
            AND b.held >= line.freed;
        CONTINUE WHEN FOUND;
        IF line.quantity < 0 AND inventory_end_overdue(line.lot, line.place, now_at) > 0 THEN
            UPDATE inventory_balance b
            SET on_hand = b.on_hand + line.quantity, held = b.held - line.freed
            WHERE b.lot_id = line.lot AND b.location_id = line.place AND b.tenant_id = a_tenant
                AND b.on_hand + line.quantity >= b.held - line.freed AND b.held >= line.freed;
            CONTINUE WHEN FOUND;
        END IF;
        -- There is no balance yet (or too little in it): the first goods of this lot at this place, or a shortage.
        INSERT INTO inventory_balance (tenant_id, lot_id, location_id, grain, is_physical, on_hand, held)
        SELECT a_tenant, line.lot, line.place, lot.grain, place.is_physical, line.quantity, 0
        FROM inventory_lot lot, inventory_location place
        WHERE lot.id = line.lot AND lot.tenant_id = a_tenant AND place.id = line.place
            AND (line.quantity > 0 OR NOT place.is_physical)
        ON CONFLICT (lot_id, location_id, tenant_id)
            DO UPDATE SET on_hand = inventory_balance.on_hand + excluded.on_hand;
        IF NOT FOUND THEN
            IF NOT EXISTS (SELECT 1 FROM inventory_lot WHERE id = line.lot AND tenant_id = a_tenant) THEN
                RAISE EXCEPTION 'lot_not_of_tenant' USING ERRCODE = 'UM005';
            END IF;
            IF EXISTS (SELECT 1 FROM inventory_hold WHERE id = ANY (used) AND (ended_at IS NOT NULL OR expires_at <= now_at))
            THEN
                RAISE EXCEPTION 'hold_ended' USING ERRCODE = 'UM004';
            END IF;
            PERFORM inventory_refuse_short(line.lot, line.place, -line.quantity, line.freed);
        END IF;
    END LOOP;

    INSERT INTO inventory_ledgerentry (movement_id, tenant_id, lot_id, location_id, quantity)
    SELECT movement, a_tenant, u.lot, u.place, sum(u.quantity)
    FROM unnest(lots, places, quantities) AS u (lot, place, quantity)
    GROUP BY u.lot, u.place
    HAVING sum(u.quantity) <> 0
    ORDER BY u.lot, u.place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing_moves' USING ERRCODE = 'UM006';
    END IF;

    IF cardinality(used) > 0 THEN
        WITH ended AS (
            UPDATE inventory_hold SET ended_at = now_at, "end" = 'used', used_by_id = movement
            WHERE id = ANY (used) AND tenant_id = a_tenant AND ended_at IS NULL AND expires_at > now_at
            RETURNING quantity
        ) SELECT count(*), sum(quantity) INTO used_count, used_quantity FROM ended;
        IF used_count <> cardinality(used) OR used_quantity <> all_freed THEN
            RAISE EXCEPTION 'hold_ended' USING ERRCODE = 'UM004';
        END IF;
    END IF;
    INSERT INTO inventory_dispatch (movement_id) VALUES (movement);
    PERFORM set_config('mall.stock_writer', '', true);
END $$;

-- Promises so much of a balance until a moment.
CREATE FUNCTION inventory_hold_stock(
    a_tenant bigint, a_lot bigint, a_place bigint, a_quantity numeric, a_purpose text, until timestamptz,
    a_key text, a_digest text, a_uid uuid,
    OUT hold bigint, OUT is_replay boolean
) LANGUAGE plpgsql AS $$
DECLARE
    earlier_digest text;
    now_at timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('mall.stock_writer', 'ledger', true);
    is_replay := false;
    INSERT INTO inventory_hold
        (uid, tenant_id, lot_id, location_id, quantity, key, digest, purpose, held_at, expires_at, "end")
    VALUES (a_uid, a_tenant, a_lot, a_place, a_quantity, a_key, a_digest, a_purpose, now_at, until, '')
    ON CONFLICT (tenant_id, key) DO NOTHING
    RETURNING id INTO hold;
    IF hold IS NULL THEN
        SELECT h.id, h.digest INTO hold, earlier_digest
        FROM inventory_hold h WHERE h.tenant_id = a_tenant AND h.key = a_key;
        IF earlier_digest <> a_digest THEN
            RAISE EXCEPTION 'key_reused' USING ERRCODE = 'UM002';
        END IF;
        is_replay := true;
        PERFORM set_config('mall.stock_writer', '', true);
        RETURN;
    END IF;
    UPDATE inventory_balance SET held = held + a_quantity
    WHERE lot_id = a_lot AND location_id = a_place AND tenant_id = a_tenant AND is_physical
        AND on_hand - held >= a_quantity;
    IF NOT FOUND THEN
        IF inventory_end_overdue(a_lot, a_place, now_at, hold) > 0 THEN
            UPDATE inventory_balance SET held = held + a_quantity
            WHERE lot_id = a_lot AND location_id = a_place AND tenant_id = a_tenant AND is_physical
                AND on_hand - held >= a_quantity;
        END IF;
        IF NOT FOUND THEN
            PERFORM inventory_refuse_short(a_lot, a_place, a_quantity, 0);
        END IF;
    END IF;
    PERFORM set_config('mall.stock_writer', '', true);
END $$;

-- Ends a hold before its time. False where it had ended already.
CREATE FUNCTION inventory_release_hold(a_hold bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    it record;
BEGIN
    PERFORM set_config('mall.stock_writer', 'ledger', true);
    SELECT lot_id, location_id, quantity INTO it FROM inventory_hold WHERE id = a_hold;
    PERFORM 1 FROM inventory_balance WHERE lot_id = it.lot_id AND location_id = it.location_id FOR UPDATE;
    UPDATE inventory_hold SET ended_at = clock_timestamp(), "end" = 'released' WHERE id = a_hold AND ended_at IS NULL;
    IF NOT FOUND THEN
        PERFORM set_config('mall.stock_writer', '', true);
        RETURN false;
    END IF;
    UPDATE inventory_balance SET held = held - it.quantity
    WHERE lot_id = it.lot_id AND location_id = it.location_id;
    PERFORM set_config('mall.stock_writer', '', true);
    RETURN true;
END $$;
