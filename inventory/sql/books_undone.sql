DROP TRIGGER rows_are_kept ON inventory_hold;
DROP TRIGGER rows_are_kept ON inventory_balance;
DROP TRIGGER only_the_ledger_writes ON inventory_ledgerentry;
DROP TRIGGER only_the_ledger_writes ON inventory_movement;
DROP TRIGGER only_the_ledger_writes ON inventory_hold;
DROP TRIGGER only_the_ledger_writes ON inventory_balance;
DROP FUNCTION inventory_only_the_ledger_writes();
DROP TRIGGER movement_sums_to_zero ON inventory_ledgerentry;
DROP FUNCTION inventory_entries_are_even();
ALTER TABLE inventory_balance RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE inventory_dispatch DROP CONSTRAINT dispatch_is_of_a_movement;
ALTER TABLE inventory_hold DROP CONSTRAINT hold_is_of_the_balances_tenant;
ALTER TABLE inventory_ledgerentry
    DROP CONSTRAINT entry_is_of_the_balances_tenant, DROP CONSTRAINT entry_is_of_the_movements_tenant;
ALTER TABLE inventory_balance
    DROP CONSTRAINT balance_knows_whether_its_place_is_physical, DROP CONSTRAINT balance_is_of_the_lots_tenant;
ALTER TABLE inventory_lot DROP CONSTRAINT lot_is_of_the_products_tenant;
