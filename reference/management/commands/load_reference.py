"""`manage.py load_reference`: states, districts, ODOP, GI and tax from the project's files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reference.loading import FACTS, BrokenFacts, Report, load


class Command(BaseCommand):
    help = "Load the reference facts. All or nothing; twice is once; nothing is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FACTS, help="a folder of CSV files (default: the project's)")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
        parser.add_argument("--verbose", action="store_true", help="name every row added or changed")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = load(folder=options["folder"], dry_run=options["dry_run"])
        except BrokenFacts as broken:
            count = len(broken.faults)
            raise CommandError(
                f"nothing was loaded; {count} {'fault' if count == 1 else 'faults'}:\n{broken}"
            ) from broken
        for report in reports:
            if options["verbosity"] > 0:
                self._say(report, names=options["verbose"] or options["verbosity"] > 1)
            for name in report.not_in_files:
                self.stderr.write(self.style.WARNING(f"  {report.table}: no longer in the files, kept: {name}"))
        if options["dry_run"] and options["verbosity"] > 0:
            self.stdout.write("  dry run: nothing was changed")

    def _say(self, report: Report, *, names: bool) -> None:
        self.stdout.write(
            f"  {report.table:<22} {len(report.added):>4} added {len(report.changed):>4} changed"
            f" {report.unchanged:>4} left alone"
        )
        if names:
            for word, rows in (("added", report.added), ("changed", report.changed)):
                for row in rows:
                    self.stdout.write(f"    {word}: {row}")
