DROP FUNCTION inventory_release_hold(bigint);
DROP FUNCTION inventory_hold_stock(bigint, bigint, bigint, numeric, text, timestamptz, text, text, uuid);
DROP FUNCTION inventory_post(
    bigint, text, text, text, timestamptz, bigint, text, text, bigint, bigint[], bigint[], numeric[], bigint[]);
DROP FUNCTION inventory_refuse_short(bigint, bigint, numeric, numeric);
DROP FUNCTION inventory_end_overdue(bigint, bigint, timestamptz, bigint);
