-- What must always be true of the stock ledger, whoever writes to it.

-- A line, a balance and a hold can never carry another tenant's lot, nor a lot a product of another tenant.
ALTER TABLE inventory_lot
    ADD CONSTRAINT lot_is_of_the_products_tenant
    FOREIGN KEY (product_id, tenant_id) REFERENCES inventory_product (id, tenant_id);
ALTER TABLE inventory_balance
    ADD CONSTRAINT balance_is_of_the_lots_tenant
    FOREIGN KEY (lot_id, tenant_id, grain) REFERENCES inventory_lot (id, tenant_id, grain),
    ADD CONSTRAINT balance_knows_whether_its_place_is_physical
    FOREIGN KEY (location_id, is_physical) REFERENCES inventory_location (id, is_physical);
-- Entries point at the balance, which their own transaction has just locked: so checking the key costs no wait.
ALTER TABLE inventory_ledgerentry
    ADD CONSTRAINT entry_is_of_the_movements_tenant
    FOREIGN KEY (tenant_id, movement_id) REFERENCES inventory_movement (tenant_id, id),
    ADD CONSTRAINT entry_is_of_the_balances_tenant
    FOREIGN KEY (lot_id, location_id, tenant_id) REFERENCES inventory_balance (lot_id, location_id, tenant_id);
ALTER TABLE inventory_hold
    ADD CONSTRAINT hold_is_of_the_balances_tenant
    FOREIGN KEY (lot_id, location_id, tenant_id) REFERENCES inventory_balance (lot_id, location_id, tenant_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE inventory_dispatch
    ADD CONSTRAINT dispatch_is_of_a_movement FOREIGN KEY (movement_id) REFERENCES inventory_movement (id);

-- Room on each page for the next state of a balance, so that it is changed in place.
ALTER TABLE inventory_balance SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Nothing comes from nowhere: within a movement the quantities of each lot sum to zero. Whatever is added in one
-- statement must be even in itself, so it is looked at once a statement, and at once.
CREATE FUNCTION inventory_entries_are_even() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    uneven record;
BEGIN
    SELECT movement_id, lot_id INTO uneven FROM added GROUP BY movement_id, lot_id HAVING sum(quantity) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'movement % brings lot % out of nowhere', uneven.movement_id, uneven.lot_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER movement_sums_to_zero AFTER INSERT ON inventory_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION inventory_entries_are_even();

-- Balances, holds and what they are made of have one writer. The functions of ledger.sql carry the setting while they
-- run; nobody else does. (The condition stands in the trigger: for the ledger itself no function is called.)
CREATE FUNCTION inventory_only_the_ledger_writes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'only the ledger writes to %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT OR UPDATE ON inventory_balance FOR EACH ROW
    WHEN (current_setting('mall.stock_writer', true) IS DISTINCT FROM 'ledger')
    EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT OR UPDATE ON inventory_hold FOR EACH ROW
    WHEN (current_setting('mall.stock_writer', true) IS DISTINCT FROM 'ledger')
    EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT ON inventory_movement FOR EACH ROW
    WHEN (current_setting('mall.stock_writer', true) IS DISTINCT FROM 'ledger')
    EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT ON inventory_ledgerentry FOR EACH ROW
    WHEN (current_setting('mall.stock_writer', true) IS DISTINCT FROM 'ledger')
    EXECUTE FUNCTION inventory_only_the_ledger_writes();
-- No balance and no hold is ever removed, not even by the ledger.
CREATE TRIGGER rows_are_kept BEFORE DELETE ON inventory_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER rows_are_kept BEFORE DELETE ON inventory_hold
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
