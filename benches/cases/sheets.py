"""A sheet of goods from the first byte to the last product, beside reading the same file and copying its rows."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benches.registry import Took, Trial, bench

WRONG, MANY = 10_000, 50_000
HEAD = ("sku", "name_en", "name_hi", "kind", "unit_of_measure", "price", "mrp", "country_of_origin")


@bench("sheets.import")
def sheets_import(_trial: Trial) -> Iterator[Took]:
    """10,000 wrong rows, checked; then 50,000 good ones, checked and applied. Each step in a worker of its own."""
    run = f"{time.time():.0f}"
    for name, rows, is_wrong in (("all wrong", WRONG, True), ("new", MANY, False)):
        with tempfile.TemporaryDirectory(prefix="bench-sheet-") as folder:
            path = Path(folder) / "sheet.xlsx"
            _write(path, rows, run, is_wrong=is_wrong)
            floor = _alone("floor", str(path))["seconds"]
            sheet = _alone("hand_in", str(path))["sheet"]
            steps = ("check",) if is_wrong else ("check", "apply")
            done = [_alone(step, str(sheet)) for step in steps]
            for step, did in zip(steps, done, strict=True):
                yield _took(f"sheets.import {step}, {name}", rows, did["seconds"], floor, did["peak_mb"])
            if len(done) > 1:
                seconds = sum(did["seconds"] for did in done)
                yield _took(f"sheets.import all, {name}", rows, seconds, floor, max(did["peak_mb"] for did in done))


def _took(name: str, rows: int, seconds: float, floor: float, peak_mb: float) -> Took:
    return Took(name, rows, round(seconds, 2), round(floor, 2), round(seconds / floor, 2), round(peak_mb, 1))


def _write(path: Path, rows: int, run: str, *, is_wrong: bool) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEAD)
    price = "abc" if is_wrong else 450
    for n in range(rows):
        page.append((f"S{run}-{n}", f"Saree {n}", f"साड़ी {n}", "textile", "NOS", price, 500, "India"))
    book.save(path)


def _alone(what: str, about: str) -> dict[str, Any]:
    """One step in a fresh process: its seconds on the clock and the most memory that it or its reader used."""
    done = subprocess.run([sys.executable, "-m", __name__, what, about], stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _hand_in(path: str) -> int:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from inventory import sheets
    from tenants.models import Membership

    owner = Membership.objects.filter(ended_at=None, role="owner").select_related("user", "tenant").earliest("pk")
    upload = SimpleUploadedFile("bench.xlsx", Path(path).read_bytes())
    return sheets.hand_in(
        tenant=owner.tenant, kind="catalogue", upload=upload, by=owner.user, at=timezone.now(), language="hi"
    ).pk


def _floor(path: str) -> None:
    """The least that it can be: the file read, and its rows copied into a table once."""
    import io

    from django.db import connection
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
    text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_sheet")
        cursor.execute("CREATE TABLE bench_sheet (" + ", ".join(f"{name} text" for name in HEAD) + ")")
        cursor.copy_expert("COPY bench_sheet FROM STDIN", text)
        cursor.execute("DROP TABLE bench_sheet")


def _work(what: str, sheet: int) -> None:
    from django.utils import timezone

    from inventory import sheets
    from inventory.models import SheetImport

    if what == "check":
        sheets.check(sheet=sheet, at=timezone.now())
        return
    handed = SheetImport.objects.select_related("handed_in_by").get(pk=sheet)
    sheets.confirm(sheet=handed, by=handed.handed_in_by, at=timezone.now())
    sheets.apply(sheet=sheet, at=timezone.now())


def main() -> None:
    import resource

    import django

    django.setup()
    from inventory.sheet_child import peak

    what, about = sys.argv[1:]
    answer: dict[str, Any] = {}
    start = time.monotonic()
    if what == "hand_in":
        answer["sheet"] = _hand_in(about)
    elif what == "floor":
        _floor(about)
    else:
        _work(what, int(about))
    answer["seconds"] = time.monotonic() - start
    answer["peak_mb"] = max(peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
