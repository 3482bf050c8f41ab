"""The stock ledger: movements a second through the service layer and over HTTP, and lists of a million lots."""

import json
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from statistics import median
from typing import Any

from benches.goods import Stand, fill_warehouse, stand
from benches.load import Ask, Write
from benches.over_http import over_http
from benches.registry import Measured, Trial, bench

ROUNDS = 3
MILLION = 1_000_000


@bench("ledger.http")
def http(trial: Trial) -> Iterator[Measured]:
    """Sales over the API by a shop's own system: different lots, then one hot lot."""
    yield from _sales(trial, "ledger.http different rows", hot=False)
    yield from _sales(trial, "ledger.http hot row", hot=True)


@bench("ledger.service")
def service(trial: Trial) -> Iterator[Measured]:
    """The same through the service layer in processes of their own. The floor is a raw psycopg2 loop that does the
    two statements of a movement, one UPDATE and one INSERT in one transaction, on the same database."""
    yield from _service(trial, "ledger.service different rows", hot=False)
    yield from _service(trial, "ledger.service hot row", hot=True)


@bench("stock.http")
def lists(trial: Trial) -> Iterator[Measured]:
    """Lists of stock at a million lots, over the API, for the warehouse keeper; then sales at that size."""
    fill_warehouse(trial.hall.cluster, MILLION)
    key = trial.hall.key_of("warehouse")
    for name, path in (
        ("balances", "/api/v1/inventory/balances/"),
        ("lots", "/api/v1/inventory/lots/"),
        ("movements", "/api/v1/inventory/movements/"),
        ("products", "/api/v1/inventory/products/"),
    ):
        yield from _named(trial, f"stock.http {name}, 1M lots", Ask(path, key))
    yield from _sales(trial, "ledger.http different rows, 1M lots", hot=False)


@bench("stock.page")
def pages(trial: Trial) -> Iterator[Measured]:
    """The pages over the same million lots: the shop's phone, the office."""
    fill_warehouse(trial.hall.cluster, MILLION)
    at = stand()
    owner, keeper = trial.hall.session_of(at.username), trial.hall.session_of("warehouse")
    for name, path, who in (
        ("my stock", f"/tenants/{at.tenant}/stock/", owner),
        ("position", f"/tenants/{at.tenant}/position/", keeper),
        ("movements", "/movements/", keeper),
        ("today", "/warehouse/", keeper),
        ("map", "/warehouse/map/", keeper),
    ):
        yield from _named(trial, f"stock.page {name}, 1M lots", Ask(path, who))


def _named(trial: Trial, name: str, ask: Ask) -> Iterator[Measured]:
    return over_http(Trial(name, trial.hall, trial.clients, trial.seconds), ask)


def _sales(trial: Trial, name: str, *, hot: bool) -> Iterator[Measured]:
    at = stand()
    bodies = tuple(
        json.dumps({"kind": "sale", "lines": [{"lot": lot, "source": at.shop, "quantity": "1"}]}).encode()
        for lot in (at.lots[:1] if hot else at.lots)
    )
    return _named(trial, name, Write("/api/v1/inventory/movements/", trial.hall.key_of(at.username), bodies))


def _service(trial: Trial, name: str, *, hot: bool) -> Iterator[Measured]:
    at = stand()
    for clients in trial.clients:
        rates: dict[str, list[float]] = {"service": [], "raw": []}
        spent: dict[str, list[float]] = {"service": [], "raw": []}
        for _round in range(ROUNDS):
            for what, loop in (("service", _through_service), ("raw", _raw)):
                before = trial.hall.spent()
                rate, cpu, done = _together(loop, at, clients, trial.seconds / ROUNDS, hot)
                rates[what].append(rate)
                spent[what].append(1000 * (cpu + (trial.hall.spent() - before).database) / max(done, 1))
        rate, floor = median(rates["service"]), median(rates["raw"])
        yield Measured(
            bench=name,
            clients=clients,
            rate=round(rate, 1),
            floor=round(floor, 1),
            ratio=round(rate / floor, 3),
            p95_ms=0.0,
            cpu_ms=round(median(spent["service"]), 2),
            floor_cpu_ms=round(median(spent["raw"]), 2),
            database_cpu_ms=0.0,
            floor_sql=0.0,
            ratio_sql=0.0,
        )


def _together(loop: Callable[..., int], at: Stand, clients: int, seconds: float, hot: bool) -> tuple[float, float, int]:
    """Let `clients` processes go on for `seconds`: movements a second, processor seconds spent, movements in all."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    start = time.time() + 0.3
    processes = [
        context.Process(target=_client, args=(loop, at, number, start, seconds, hot, results))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    told = [results.get(timeout=120) for _process in processes]
    for process in processes:
        process.join()
    done = sum(count for count, _cpu in told)
    return done / seconds, sum(cpu for _count, cpu in told), done


def _client(
    loop: Callable[..., int], at: Stand, number: int, start: float, seconds: float, hot: bool, results: Any
) -> None:
    lots = at.lots[:1] if hot else at.lots[number::8] or at.lots
    count = loop(at, lots, start, start + seconds)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    results.put((count, usage.ru_utime + usage.ru_stime))


def _through_service(at: Stand, lots: tuple[int, ...], start: float, end: float) -> int:
    from django.db import connection
    from django.utils import timezone

    from inventory import ledger

    connection.ensure_connection()
    run, count = f"{os.getpid()} {start}", 0
    _until(start)
    while time.time() < end:
        lines = ledger.move(lots[count % len(lots)], at.shop, at.buyer, Decimal(1))
        ledger.post(tenant=at.tenant, kind="sale", lines=lines, key=f"{run} {count}", at=timezone.now(), by=None)
        count += 1
    return count


def _raw(at: Stand, lots: tuple[int, ...], start: float, end: float) -> int:
    """The least that a movement can be: a guarded UPDATE and an INSERT, committed together."""
    import psycopg2

    link = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = link.cursor()
    with link:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_stock "
            "(lot bigint PRIMARY KEY, on_hand numeric(14, 3) CHECK (on_hand >= 0))"
            " WITH (fillfactor = 70)"
        )
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_line (id bigserial PRIMARY KEY, lot bigint, quantity numeric(14, 3), "
            "at timestamptz DEFAULT now())"
        )
        cursor.executemany(
            "INSERT INTO bench_stock VALUES (%s, 1000000000) ON CONFLICT DO NOTHING", [(lot,) for lot in lots]
        )
    count = 0
    _until(start)
    while time.time() < end:
        lot = lots[count % len(lots)]
        cursor.execute("UPDATE bench_stock SET on_hand = on_hand - 1 WHERE lot = %s AND on_hand >= 1", [lot])
        cursor.execute("INSERT INTO bench_line (lot, quantity) VALUES (%s, -1)", [lot])
        link.commit()
        count += 1
    link.close()
    return count


def _until(start: float) -> None:
    time.sleep(max(0.0, start - time.time()))
