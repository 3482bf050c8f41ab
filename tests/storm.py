"""A storm over the stock ledger: many processes receive, move, hold, release, sell, count and reverse at once.

    python -m tests.storm --operations 20000 --processes 16 --seed 7

Every operation follows from the seed and its number; one in twenty is sent twice under the same key, at the same moment
over two connections. Meanwhile readers take the whole state, and rogues try to write past the ledger.
At the end the balances are compared with what the acknowledged writes add up to. `--without` takes one of the things
away that hold the books, to show that the storm notices.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

HOT_SHARE = 0.20
DUPLICATES = 0.05
LOTS, TENANTS = 40, 4
FIRST_STOCK = 400

# What is taken away, as statements. The functions are made anew with a part of their text replaced.
ROW_CONDITION = (
    (
        "AND (NOT b.is_physical OR line.quantity > 0 OR b.on_hand + line.quantity >= b.held - line.freed)\n",
        "\n",
    ),
    ("AND on_hand - held >= a_quantity", ""),
)
WITHOUT: dict[str, tuple[tuple[str, str], ...]] = {
    "row_condition": ROW_CONDITION,
    "lock_order": (("ORDER BY u.lot, u.place\n    LOOP", "ORDER BY random()\n    LOOP"),),
    "idempotency_insert": (
        (
            "VALUES (a_tenant, a_kind, a_key, a_digest, happened,",
            "VALUES (a_tenant, a_kind, a_key || random(), a_digest, happened,",
        ),
    ),
    # The key is looked for first and then written, as programs do that trust in looking.
    "unique_key": (
        (
            "INSERT INTO inventory_movement\n",
            "IF NOT EXISTS (SELECT 1 FROM inventory_movement m WHERE m.tenant_id = a_tenant AND m.key = a_key) THEN\n"
            "    PERFORM pg_sleep(0.002);\n    INSERT INTO inventory_movement\n",
        ),
        (
            "    ON CONFLICT (tenant_id, key) DO NOTHING\n    RETURNING id INTO movement;\n    IF movement",
            "    RETURNING id INTO movement;\n    END IF;\n    IF movement",
        ),
    ),
    "check": (),
}
DROPPED = {
    "unique_key": "ALTER TABLE inventory_movement DROP CONSTRAINT movement_happens_once_per_key",
    "check": "ALTER TABLE inventory_balance DROP CONSTRAINT stock_is_never_negative, "
    "DROP CONSTRAINT no_more_is_held_than_is_on_hand",
}

STATE = """
SELECT
    (SELECT count(*) FROM inventory_balance WHERE is_physical AND on_hand < 0),
    (SELECT count(*) FROM inventory_balance WHERE is_physical AND (held < 0 OR held > on_hand)),
    (SELECT count(*) FROM (SELECT lot_id FROM inventory_balance GROUP BY lot_id HAVING sum(on_hand) <> 0) uneven),
    (SELECT count(*) FROM (
        SELECT lot_id, location_id, sum(quantity) AS quantity FROM inventory_ledgerentry GROUP BY 1, 2) e
        FULL JOIN inventory_balance b USING (lot_id, location_id)
        WHERE coalesce(e.quantity, 0) <> coalesce(b.on_hand, 0)),
    (SELECT count(*) FROM (SELECT lot_id, location_id, sum(quantity) AS quantity FROM inventory_hold
        WHERE ended_at IS NULL GROUP BY 1, 2) h FULL JOIN inventory_balance b USING (lot_id, location_id)
        WHERE coalesce(h.quantity, 0) <> coalesce(b.held, 0))
"""
STATE_NAMES = ("negative", "held beyond stock", "total not conserved", "ledger and balance differ", "holds differ")


@dataclass
class World:
    """The goods that the storm is over."""

    tenant_of: dict[int, int]  # lot -> tenant
    lots: list[int]
    places: list[int]  # physical
    supplier: int
    buyer: int
    loss: int
    found: int


@dataclass
class Told:
    """What one process saw."""

    done: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    # (tenant, key) -> (movement, lines as text): each key is one write, whoever sent it
    written: dict[tuple[int, str], tuple[int, tuple[tuple[int, int, str], ...]]] = field(default_factory=dict)
    reads: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--without", choices=sorted(WITHOUT))
    options = parser.parse_args()
    import django

    django.setup()
    began = time.monotonic()
    report = storm(options.operations, options.processes, options.seed, options.without)
    report["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))
    return 1 if report["violations"] else 0


def storm(operations: int, processes: int, seed: int, without: str | None) -> dict[str, Any]:
    """Let it blow; what was done, refused and violated."""
    from django.db import connection

    world = prepare(seed)
    _take_away(without)
    deadlocks = _deadlocks()
    connection.close()
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    over = context.Event()
    workers = [
        context.Process(target=_work, args=(world, number, processes, operations, seed, results))
        for number in range(processes)
    ]
    others = [context.Process(target=each, args=(world, over, results)) for each in (_read, _intrude)]
    for process in (*workers, *others):
        process.start()
    told = [results.get(timeout=3600) for _worker in workers for _it_and_its_twin in range(2)]
    over.set()
    told += [results.get(timeout=60) for _other in others]
    for process in (*workers, *others):
        process.join(timeout=60)
    violations = [sentence for each in told for sentence in each.violations]
    violations += list(_compare(world, told))
    if (found := _deadlocks() - deadlocks) > 0:
        violations.append(f"{found} deadlocks although locks are taken in one order")
    done = sum((each.done for each in told), Counter())
    return {
        "seed": seed,
        "without": without,
        "operations": sum(done.values()),
        "done": dict(done),
        "refused": dict(sum((each.refused for each in told), Counter())),
        "whole_state_reads": sum(each.reads for each in told),
        "violations": len(violations),
        "first_violations": violations[:8],
        "violation_kinds": sorted({_kind_of(sentence) for sentence in violations}),
    }


def _kind_of(sentence: str) -> str:
    """A violation without its numbers, so that a report names each kind once."""
    return re.sub(r"[0-9.]+", "n", sentence.partition("DETAIL")[0]).strip()[:160]


def prepare(seed: int) -> World:
    """Tenants, products and lots of this storm, with some stock in each place."""
    from django.utils import timezone

    from inventory import ledger, places
    from inventory.models import Location, PlaceKind, Product
    from reference.models import State
    from tenants.models import Tenant

    now = timezone.now()
    state = State.objects.first()
    assert state is not None
    bins = Location.objects.bins().order_by("pk")[:3]
    shops = Location.objects.filter(kind=PlaceKind.UNIT).order_by("pk")[:2]
    physical = [places.the(PlaceKind.DOCK).pk, *(place.pk for place in (*bins, *shops))]
    supplier = places.the(PlaceKind.SUPPLIER).pk
    tenant_of = {}
    for number in range(TENANTS):
        tenant = Tenant.objects.create(
            name_en=f"Storm {seed} {number}", name_hi="आँधी", kind="artisan", home_state=state,
            registered_date=timezone.localdate(now),
        )  # fmt: skip
        for which in range(LOTS // TENANTS):
            product = Product.objects.create(
                tenant=tenant, name_en=f"Goods {which}", name_hi="माल", sku=f"S{which}", kind="other",
                unit_of_measure="NOS" if which % 3 else "KGS",
            )  # fmt: skip
            lot = ledger.add_lot(product=product, received_date=timezone.localdate(now)).pk
            tenant_of[lot] = tenant.pk
            for place in physical:
                ledger.post(
                    tenant=tenant.pk, kind="receipt", lines=ledger.move(lot, supplier, place, Decimal(FIRST_STOCK)),
                    key=f"first {lot} {place}", at=now, by=None,
                )  # fmt: skip
    kinds = {kind: places.the(kind).pk for kind in (PlaceKind.BUYER, PlaceKind.LOSS, PlaceKind.FOUND)}
    return World(
        tenant_of, sorted(tenant_of), physical, supplier,
        kinds[PlaceKind.BUYER], kinds[PlaceKind.LOSS], kinds[PlaceKind.FOUND],
    )  # fmt: skip


def _work(world: World, number: int, processes: int, operations: int, seed: int, results: Any) -> None:
    """One process: its own operations; some are sent a second time at the same moment over another connection."""
    told, twins = Told(), Told()
    chance = random.Random(f"{seed}/{number}")
    holds: list[tuple[int, int, int, int, Decimal]] = []
    with ThreadPoolExecutor(1) as twin:
        for operation in range(number, operations, processes):
            again = None
            if random.Random(f"{seed}!{operation}").random() < DUPLICATES:
                again = twin.submit(_try, world, operation, seed, twins, [], chance, only_repeatable=True)
            _try(world, operation, seed, told, holds, chance, only_repeatable=False)
            if again is not None:
                again.result()
    results.put(told)
    results.put(twins)


def _try(world: World, operation: int, seed: int, told: Told, *rest: Any, only_repeatable: bool) -> None:
    rng = random.Random(f"{seed}:{operation}")
    try:
        _operate(world, operation, rng, told, *rest, only_repeatable=only_repeatable)
    except Exception as wrong:
        told.violations.append(f"operation {operation}: {type(wrong).__name__}: {wrong}"[:300])


def _operate(
    world: World, operation: int, rng: random.Random, told: Told, holds: list[Any], chance: random.Random,
    *, only_repeatable: bool,
) -> None:  # fmt: skip
    from django.utils import timezone

    from core.refusals import Refusal
    from inventory import ledger

    lot = world.lots[0] if rng.random() < HOT_SHARE else rng.choice(world.lots)
    tenant = world.tenant_of[lot]
    much = Decimal(rng.randint(1, 90))
    source, target = rng.sample(world.places, 2)
    what = rng.choices(
        ("receipt", "transfer", "sale", "hold", "end a hold", "count", "reversal"), (15, 30, 25, 10, 8, 8, 4)
    )[0]
    key = f"op {operation}"
    now = timezone.now()
    lines: list[ledger.Line] = []
    if what == "receipt":
        lines = ledger.move(lot, world.supplier, target, much)
    elif what == "transfer":
        other = rng.choice([each for each in world.lots if world.tenant_of[each] == tenant and each != lot])
        lines = [*ledger.move(lot, source, target, much), *ledger.move(other, target, source, much)]
        rng.shuffle(lines)
    elif what == "sale":
        lines = ledger.move(lot, source, world.buyer, much)
    try:
        if lines:
            posted = ledger.post(tenant=tenant, kind="relocation", lines=lines, key=key, at=now, by=None)
            _note(told, tenant, key, posted.movement, lines)
        elif what == "hold":
            until = now + timedelta(seconds=rng.choice((0.02, 0.5, 30)))
            held = ledger.hold(
                tenant=tenant, lot=lot, location=source, quantity=much, purpose="storm", until=until, key=key
            )
            holds.append((held.pk, tenant, lot, source, much))
        elif only_repeatable:
            return
        elif what == "end a hold" and holds:
            _end_a_hold(world, told, holds.pop(chance.randrange(len(holds))), key, chance)
        elif what == "count":
            _count(world, told, lot, source, key, chance)
        elif what == "reversal" and told.written:
            _reverse(told, chance.choice(list(told.written.items())[-50:]), key)
        told.done[what] += 1
    except Refusal as refusal:
        told.done[what] += 1
        told.refused[refusal.code] += 1


def _end_a_hold(world: World, told: Told, held: Any, key: str, chance: random.Random) -> None:
    from django.utils import timezone

    from inventory import ledger

    hold, tenant, lot, place, much = held
    if chance.random() < 0.4:
        ledger.release(hold=hold)
        return
    lines = ledger.move(lot, place, world.buyer, much)
    posted = ledger.post(tenant=tenant, kind="sale", lines=lines, key=key, at=timezone.now(), by=None, using=[hold])
    _note(told, tenant, key, posted.movement, lines)


def _count(world: World, told: Told, lot: int, place: int, key: str, chance: random.Random) -> None:
    """Counted now, posted a moment later: what moves in between survives."""
    from django.db import transaction
    from django.utils import timezone

    from inventory import ledger

    with transaction.atomic():
        there, _entry = ledger.on_record(lot=lot, location=place, at=timezone.now())
    difference = Decimal(chance.choice((-2, -1, 0, 1, 2)))
    if there + difference < 0 or not difference:
        return
    lines = (
        ledger.move(lot, world.found, place, difference)
        if difference > 0
        else ledger.move(lot, place, world.loss, -difference)
    )
    tenant = world.tenant_of[lot]
    posted = ledger.post(tenant=tenant, kind="count", lines=lines, key=key, at=timezone.now(), by=None)
    _note(told, tenant, key, posted.movement, lines)


def _reverse(told: Told, written: Any, key: str) -> None:
    from django.utils import timezone

    from inventory import ledger
    from inventory.models import Movement

    (tenant, _key), (pk, said) = written
    posted = ledger.reverse(movement=Movement.objects.get(pk=pk), key=key, at=timezone.now(), by=None, reason="storm")
    opposite = [ledger.Line(lot, place, -Decimal(much)) for lot, place, much in said]
    _note(told, tenant, key, posted.movement, opposite)


def _note(told: Told, tenant: int, key: str, movement: int, lines: list[Any]) -> None:
    told.written[tenant, key] = (movement, tuple((line.lot, line.location, str(line.quantity)) for line in lines))


def _read(world: World, over: Any, results: Any) -> None:
    """Take the whole state, again and again, each time in one snapshot."""
    from django.db import connection

    told = Told()
    while not over.is_set() or not told.reads:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(STATE)
            row = cursor.fetchone()
        took = time.monotonic() - began
        told.reads += 1
        told.violations += [
            f"read {told.reads}: {name}: {count}" for name, count in zip(STATE_NAMES, row, strict=True) if count
        ]
        time.sleep(max(0.05, 4 * took))  # the reader is a fifth of the storm at most, however long the ledger grows
    results.put(told)


def _intrude(world: World, over: Any, results: Any) -> None:
    """Write past the ledger: as anyone would, and as someone who knows the password of its guard."""
    from django.db import DatabaseError, connection, transaction

    told = Told()
    taking = "UPDATE inventory_balance SET on_hand = on_hand - 1000000 WHERE lot_id = %s AND location_id = %s"
    attempts = (
        ("", taking),
        ("SET LOCAL mall.stock_writer = 'ledger'", taking),
        ("", "DELETE FROM inventory_ledgerentry WHERE lot_id = %s AND location_id = %s"),
        ("", "UPDATE inventory_ledgerentry SET quantity = quantity + 1 WHERE lot_id = %s AND location_id = %s"),
    )
    while not over.is_set() or not told.done:
        for guard, statement in attempts:
            told.done["intrusion"] += 1
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    if guard:
                        cursor.execute(guard)
                    cursor.execute(statement, [random.choice(world.lots), random.choice(world.places)])
                told.violations.append(f"the database let someone in: {statement[:60]}")
            except DatabaseError:
                told.refused["intrusion"] += 1
        time.sleep(0.1)
    results.put(told)


def _compare(world: World, told: list[Told]) -> Iterator[str]:
    """Every acknowledged key is one movement, and the balances are what those writes add up to."""
    from django.db import connection

    from inventory.models import Balance, Movement

    with connection.cursor() as cursor:
        cursor.execute(STATE)
        yield from (f"at the end: {name}: {n}" for name, n in zip(STATE_NAMES, cursor.fetchone(), strict=True) if n)
    written: dict[tuple[int, str], Any] = {}
    for each in told:
        for key, said in each.written.items():
            if written.setdefault(key, said) != said:
                yield f"key {key} was acknowledged as two movements: {written[key][0]} and {said[0]}"
    kept = set(Movement.objects.values_list("pk", flat=True))
    if lost := [key for key, (movement, _lines) in written.items() if movement not in kept]:
        yield f"{len(lost)} acknowledged writes are lost, {lost[0]} first"
    expected: Counter = Counter({(lot, place): FIRST_STOCK for lot in world.lots for place in world.places})
    for _movement, lines in written.values():
        for lot, place, much in lines:
            if place in world.places:
                expected[lot, place] += Decimal(much)
    for balance in Balance.objects.filter(lot__in=world.lots, location__in=world.places):
        if balance.on_hand != expected[balance.lot_id, balance.location_id]:
            yield (
                f"lot {balance.lot_id} at {balance.location_id}: {balance.on_hand} on hand, "
                f"the acknowledged writes add up to {expected[balance.lot_id, balance.location_id]}"
            )


def _take_away(without: str | None) -> None:
    """Make the ledger's functions anew with a part of their text replaced, or drop what the tables keep."""
    from django.db import connection

    if without is None:
        return
    with connection.cursor() as cursor:
        for name in ("inventory_post", "inventory_hold_stock"):
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
            text = cursor.fetchone()[0]
            for there, instead in WITHOUT[without]:
                text = text.replace(there, instead)
            cursor.execute(text.replace("%", "%%") if "%" in text else text)
        if without in DROPPED:
            cursor.execute(DROPPED[without])


def _deadlocks() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
