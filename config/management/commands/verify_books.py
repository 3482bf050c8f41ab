"""`manage.py verify_books`: recompute all that the books say, name each disagreement, end with 1 if there is one."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from core.books import disagreements, invariants


class Command(BaseCommand):
    help = "Prove the books: one line per disagreement, exit 1 when there is any. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--most", type=int, default=50, help="lines per invariant before the rest is only counted")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        # One snapshot for all: whoever writes meanwhile changes nothing of what is compared.
        is_inside = connection.in_atomic_block
        with transaction.atomic():
            if not is_inside:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for invariant in invariants():
                began = time.monotonic()
                count = 0
                for count, disagreement in enumerate(disagreements(invariant), start=1):
                    if count <= options["most"]:
                        self.stdout.write(f"{invariant.name}: {disagreement.where}")
                if count > options["most"]:
                    self.stdout.write(f"{invariant.name}: {count - options['most']} more")
                found += count
                if options["verbosity"] > 1:
                    self.stdout.write(f"  {time.monotonic() - began:6.2f} s  {invariant.sentence}")
        if found:
            raise CommandError(f"{found} {'disagreement' if found == 1 else 'disagreements'}", returncode=1)
        if options["verbosity"] > 0:
            self.stdout.write(f"  the books agree: {len(invariants())} invariants")
