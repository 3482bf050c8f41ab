"""`manage.py prepare_warehouse`: bins, shops and the other places of goods, from the building."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inventory.places import NoWarehouse, prepare


class Command(BaseCommand):
    help = "Make the places that goods can be in, from the plan of the mall. Twice is once."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prepared = prepare()
        except NoWarehouse as missing:
            raise CommandError("The plan has no warehouse; build the mall first (manage.py build_mall).") from missing
        if options["verbosity"] > 0:
            self.stdout.write(f"  places of goods        {prepared.made:>4} made {prepared.kept:>4} kept")
