"""A request to the real server, measured in turns with the floors so that a slow minute slows all three."""

from collections.abc import Iterator
from statistics import median

from benches.hall import Spent
from benches.load import Answers, Ask, press
from benches.registry import Measured, Trial

ROUNDS = 3
FLOOR, FLOOR_SQL = Ask("/floor/"), Ask("/floor-sql/")


def over_http(trial: Trial, ask: Ask) -> Iterator[Measured]:
    """Measure `ask` for each number of clients."""
    for each in (FLOOR, FLOOR_SQL, ask):
        press(trial.hall.base, each, clients=16, seconds=1)  # every thread opens its connection, every template is read
    for clients in trial.clients:
        turns: dict[Ask, list[tuple[Answers, Spent]]] = {FLOOR: [], FLOOR_SQL: [], ask: []}
        for _round in range(ROUNDS):
            for each, taken in turns.items():
                before = trial.hall.spent()
                answers = press(trial.hall.base, each, clients=clients, seconds=trial.seconds / ROUNDS)
                taken.append((answers, trial.hall.spent() - before))
        rate, floor, floor_sql = (_rate(turns[each]) for each in (ask, FLOOR, FLOOR_SQL))
        whole = Answers(latencies=[latency for answers, _spent in turns[ask] for latency in answers.latencies])
        yield Measured(
            bench=trial.name,
            clients=clients,
            rate=round(rate, 1),
            floor=round(floor, 1),
            ratio=round(rate / floor, 3),
            p95_ms=round(whole.percentile_ms(0.95), 1),
            cpu_ms=_each_ms(turns[ask], "server"),
            floor_cpu_ms=_each_ms(turns[FLOOR], "server"),
            database_cpu_ms=_each_ms(turns[ask], "database"),
            floor_sql=round(floor_sql, 1),
            ratio_sql=round(rate / floor_sql, 3),
        )


def _rate(turns: list[tuple[Answers, Spent]]) -> float:
    return median(answers.rate for answers, _spent in turns)


def _each_ms(turns: list[tuple[Answers, Spent]], whose: str) -> float:
    """Processor milliseconds an answer."""
    count = sum(answers.count for answers, _spent in turns)
    return round(1000 * sum(getattr(spent, whose) for _answers, spent in turns) / count, 2)
