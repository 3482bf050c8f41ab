"""`bin/bench NAME`: measure, print a table for people or a JSON object a line."""

import argparse
import json
import sys
from collections.abc import Iterator

from benches.hall import served
from benches.registry import CASES, Measured, Took, Trial, chosen, load_cases

COLUMNS = {
    "bench": "bench", "clients": "clients", "rate": "rate/s", "floor": "floor/s", "ratio": "ratio",
    "floor_sql": "SQL floor/s", "ratio_sql": "ratio", "p95_ms": "p95 ms", "cpu_ms": "CPU ms",
    "floor_cpu_ms": "floor CPU ms", "database_cpu_ms": "DB CPU ms",
}  # fmt: skip


def main() -> int:
    load_cases()
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description=__doc__,
        epilog=f"Names: {', '.join(sorted(CASES))}; the part before the dot; all.",
    )
    parser.add_argument("name", help="what to measure")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--clients", type=_numbers, default=(1, 4, 8), help="how many ask at once (1,4,8)")
    parser.add_argument("--size", type=_positive, default=1, help="generations of tenants in the demo mall (1)")
    parser.add_argument("--seconds", type=_positive, default=3, help="how long each is asked (3)")
    parser.add_argument("--workers", type=_positive, default=2, help="processes of the web server (2)")
    parser.add_argument("--threads", type=_positive, default=4, help="threads of each (4)")
    options = parser.parse_args()
    names = chosen(options.name)
    if not names:
        parser.error(f"there is no bench {options.name}; there are {', '.join(sorted(CASES))}")
    with served(size=options.size, workers=options.workers, threads=options.threads) as hall:
        found = (
            measured for name in names for measured in CASES[name](Trial(name, hall, options.clients, options.seconds))
        )
        if options.json:
            for measured in found:
                print(json.dumps(measured.as_row()), flush=True)
        else:
            _table(found)
    return 0


def _table(found: Iterator[Measured | Took]) -> None:
    """A line as soon as it is known; its titles before the first of each shape."""
    shape: type | None = None
    for measured in found:
        row = measured.as_row()
        titles = COLUMNS if isinstance(measured, Measured) else {name: name for name in row}
        if type(measured) is not shape:
            shape = type(measured)
            print("  ".join(f"{title:>12}" for title in titles.values()))
        print("  ".join(f"{row[name]:>12}" for name in titles), flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
