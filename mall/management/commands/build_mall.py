"""`manage.py build_mall`: the building from its plan file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from mall.building import Built, PlanDoesNotFit, Report, build
from mall.planning import PlanNotReadable, read_plan

PLAN = Path(__file__).resolve().parents[2] / "plans" / "ujjain.toml"


class Command(BaseCommand):
    help = "Build the mall from its plan. All or nothing; twice is once; nothing is removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", type=Path, default=PLAN, help="a plan file (default: the mall's)")
        parser.add_argument("--overwrite", action="store_true", help="also replace what people changed since")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["plan"]
        try:
            with translation.override("en"):
                built = build(
                    plan=read_plan(path.read_text(encoding="utf-8-sig")),
                    name=path.name,
                    overwrite=options["overwrite"],
                    dry_run=options["dry_run"],
                )
        except (PlanNotReadable, PlanDoesNotFit) as wrong:
            count = len(wrong.faults)
            raise CommandError(
                f"nothing was built; {count} {'fault' if count == 1 else 'faults'} in {path}:\n{wrong}"
            ) from wrong
        except UnicodeDecodeError as wrong:
            raise CommandError(f"nothing was built; the plan {path} is not written in UTF-8.") from wrong
        except OSError as missing:
            raise CommandError(f"nothing was built; the plan {path} cannot be read.") from missing
        for report in built.reports:
            self._say(report, counts=options["verbosity"] > 0, names=options["verbosity"] > 1)
        self._warn(built)
        if options["dry_run"] and options["verbosity"] > 0:
            self.stdout.write("  dry run: nothing was changed")

    def _say(self, report: Report, *, counts: bool, names: bool) -> None:
        if counts:
            self.stdout.write(
                f"  {report.kind:<22} {len(report.added):>4} added {len(report.changed):>4} changed"
                f" {report.unchanged:>4} left alone"
            )
        if names:
            for word, rows in (("added", report.added), ("changed", report.changed)):
                for row in rows:
                    self.stdout.write(f"    {word}: {row}")
        for row in report.differing:
            self._warning(f"{report.kind} {row}: differs from the plan; left as people set it")
        for row in report.not_in_plan:
            self._warning(f"{report.kind} {row}: not in the plan; kept")

    def _warn(self, built: Built) -> None:
        for code, areas in built.unequal.items():
            self._warning(f"units of category {code} should be equal, but differ: {', '.join(map(str, areas))} m²")
        for place in built.without_unit:
            self._warning(f"{place} is owed a unit, but the plan gives none")

    def _warning(self, sentence: str) -> None:
        self.stderr.write(self.style.WARNING(f"  {sentence}"))
