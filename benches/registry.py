"""What can be measured, by name, and the shape of an answer."""

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from benches.hall import Hall


@dataclass(frozen=True)
class Trial:
    """What a case is given: the mall, how many ask at once, and for how long."""

    name: str
    hall: Hall
    clients: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class Measured:
    """Rates a second beside the floors of the same run, and processor milliseconds for each.

    `floor` does nothing behind the same server and middleware; `floor_sql` asks one statement for as
    many rows. Processor time is steadier than a rate on a machine that does other things too.
    """

    bench: str
    clients: int
    rate: float
    floor: float
    ratio: float
    p95_ms: float
    cpu_ms: float
    floor_cpu_ms: float
    database_cpu_ms: float
    floor_sql: float
    ratio_sql: float

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Took:
    """Seconds for one large piece of work beside its floor in the same run, and the most memory it took."""

    bench: str
    rows: int
    seconds: float
    floor: float
    ratio: float
    peak_mb: float

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


Case = Callable[[Trial], Iterator[Measured | Took]]
CASES: dict[str, Case] = {}


def bench(name: str) -> Callable[[Case], Case]:
    """Offer a case as `bin/bench NAME`; the part before the dot runs all its cases."""

    def offer(case: Case) -> Case:
        if name in CASES:
            raise ValueError(f"two benches are called {name}")
        CASES[name] = case
        return case

    return offer


def load_cases() -> None:
    """Import every file of `benches/cases`."""
    cases = import_module("benches.cases")
    for module in pkgutil.iter_modules(cases.__path__, "benches.cases."):
        import_module(module.name)


def chosen(name: str) -> list[str]:
    """The cases that `name` means: one, a family, or `all`. Empty where there are none."""
    return sorted(case for case in CASES if name in ("all", case, case.partition(".")[0]))
