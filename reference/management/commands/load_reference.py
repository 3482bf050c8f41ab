"""`manage.py load_reference`: states, districts, ODOP, GI and tax from the project's files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reference.loading import FACTS, BrokenFacts, load


class Command(BaseCommand):
    help = "Load the reference facts. All or nothing; twice is once; nothing is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=FACTS, help="a folder of CSV files (default: the project's)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = load(folder=options["folder"], dry_run=options["dry_run"])
        except BrokenFacts as broken:
            raise CommandError(f"nothing was loaded; {len(broken.faults)} faults:\n{broken}") from broken
        for report in reports:
            if options["verbosity"] == 0:
                continue
            self.stdout.write(
                f"  {report.table:<22} {len(report.added):>4} added {len(report.changed):>4} changed"
                f" {report.unchanged:>4} left alone"
            )
            if options["verbosity"] > 1:
                for word, names in (("added", report.added), ("changed", report.changed)):
                    self.stdout.writelines(f"    {word}: {name}" for name in names)
            for name in report.not_in_files:
                self.stdout.write(f"    no longer in the files, kept: {name}")
