"""`manage.py build_mall`: the building from its plan file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mall.building import PlaceUnknown, build
from mall.models import Unit, unequal_sizes
from mall.planning import PlanNotReadable, read_plan

PLAN = Path(__file__).resolve().parents[2] / "plans" / "ujjain.toml"


class Command(BaseCommand):
    help = "Build the mall from its plan. All or nothing; twice is once; nothing is removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", type=Path, default=PLAN, help="a plan file (default: the mall's)")
        parser.add_argument("--overwrite", action="store_true", help="also replace areas that people corrected")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["plan"]
        try:
            reports = build(
                plan=read_plan(path.read_text(encoding="utf-8")), why=f"plan {path.name}",
                overwrite=options["overwrite"], dry_run=options["dry_run"],
            )  # fmt: skip
        except (PlanNotReadable, PlaceUnknown) as wrong:
            raise CommandError(f"nothing was built; {len(wrong.faults)} faults:\n" + "\n".join(wrong.faults)) from wrong
        except OSError as missing:
            raise CommandError(f"The plan {path} cannot be read.") from missing
        if options["verbosity"] == 0:
            return
        for report in reports:
            self.stdout.write(
                f"  {report.kind:<22} {len(report.added):>4} added {len(report.changed):>4} changed"
                f" {report.unchanged:>4} left alone"
            )
            for name in report.differing:
                self.stdout.write(f"    differs from the plan, left as corrected: {name}")
            for name in report.not_in_plan:
                self.stdout.write(f"    not in the plan, kept: {name}")
        for code, areas in unequal_sizes(list(Unit.objects.select_related("category"))).items():
            self.stdout.write(f"  warning: units of category {code} differ in size: {', '.join(map(str, areas))} m²")
