"""Reads a stranger's workbook in a process of its own, with little memory and little time.

Started by `inventory.sheet_reading`; says on its output what became of it. A file that brings it down brings down
nothing else.
"""

import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MEGABYTE = 1024 * 1024
MEMORY = 600 * MEGABYTE  # of addresses; what is really used stays below 300 MB
SECONDS = 30
LARGEST_OUTPUT = 400 * MEGABYTE
LONGEST_TEXT = 33_000
ROWS_AT_ONCE = 500
OUR_SHEET = "unity-mall"


def limit() -> None:
    """From here on this process cannot take much of the machine, whatever it reads."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def read(path: str, out: str) -> dict[str, Any]:
    """Guard the workbook at `path`, then write its first visible sheet to `out`, a line of JSON per row."""
    import orjson
    from python_calamine import CalamineWorkbook

    from inventory.sheet_guard import MOST_ROWS, Unreadable, guard

    plan = guard(path)
    book = CalamineWorkbook.from_path(path)
    ours = _ours(book) if OUR_SHEET in plan.names else {}
    name = plan.names[plan.index]
    if book.sheet_names[plan.index] != name:
        raise Unreadable("damaged")
    sheet = book.get_sheet_by_index(plan.index)
    # Rows are handed out from the top, but each from the first used column on.
    before = [None] * (sheet.start[1] if sheet.start else 0)
    written = 0
    with open(out, "wb") as file:
        lines: list[bytes] = []
        for row_no, row in enumerate(sheet.iter_rows(), start=1):
            cells = [*before, *map(_plain, row)]
            formulas = plan.formulas.get(row_no)
            if formulas is None and not any(cell not in (None, "") for cell in cells):
                continue
            written += 1
            if written > MOST_ROWS + 1:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
            lines.append(orjson.dumps([row_no, cells, formulas]))
            if len(lines) == ROWS_AT_ONCE:
                file.write(b"\n".join(lines) + b"\n")
                lines.clear()
        file.write(b"\n".join(lines))
    return {"rows": written, "name": name, "ours": ours}


def _ours(book: Any) -> dict[str, str]:
    """What our own download wrote about itself into its hidden sheet."""
    rows = book.get_sheet_by_name(OUR_SHEET).to_python()[:20]
    return {str(row[0])[:40]: str(row[1])[:80] for row in rows if len(row) > 1}


def _plain(value: Any) -> Any:
    """A cell as JSON knows it; a day becomes {"day": ...}."""
    if value is None or isinstance(value, str):
        return value[:LONGEST_TEXT] if value else None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return {"day": value.date().isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)


def peak() -> int:
    """The most memory that this process has really used, in kilobytes; 0 where the system does not say."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def main() -> int:
    import orjson

    limit()
    answer: dict[str, Any]
    try:
        answer = read(sys.argv[1], sys.argv[2])
    except MemoryError:
        answer = {"refused": "too_large_inside", "facts": {}}
    except BaseException as wrong:  # a panic of the reader is no Exception; all end here
        code = getattr(wrong, "code", None)
        known = type(wrong).__name__ == "Unreadable"
        answer = {"refused": code if known else "damaged", "facts": getattr(wrong, "facts", {}) if known else {}}
        if not known:
            sys.stderr.write(f"{type(wrong).__name__}: {wrong}"[:500])
    answer["peak"] = peak()
    sys.stdout.buffer.write(orjson.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
