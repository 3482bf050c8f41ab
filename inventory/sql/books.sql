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

-- Nothing comes from nowhere: within a movement the quantities of each lot sum to zero.
CREATE FUNCTION inventory_movement_is_even() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(quantity) FROM inventory_ledgerentry
        WHERE movement_id = NEW.movement_id AND lot_id = NEW.lot_id) <> 0 THEN
        RAISE EXCEPTION 'movement % brings lot % out of nowhere', NEW.movement_id, NEW.lot_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER movement_sums_to_zero AFTER INSERT ON inventory_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION inventory_movement_is_even();

-- Balances and holds have one writer. The functions of ledger.sql carry the setting while they run; nobody else does.
CREATE FUNCTION inventory_only_the_ledger_writes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('mall.stock_writer', true), '') <> 'ledger' THEN
        RAISE EXCEPTION 'only the ledger writes to %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rows of % are never removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT OR UPDATE OR DELETE ON inventory_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT OR UPDATE OR DELETE ON inventory_hold
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT ON inventory_movement
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
CREATE TRIGGER only_the_ledger_writes BEFORE INSERT ON inventory_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION inventory_only_the_ledger_writes();
