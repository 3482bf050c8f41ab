"""`manage.py demo_mall`: fill an empty mall for training and benchmarks, or print its sign-ins."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from demo import filling, goods
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Fill an empty mall with made-up tenants. Same seed, size and day: the same mall."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", type=int, default=1, help="generations of tenants (default 1)")
        parser.add_argument("--seed", type=int, default=2028, help="default 2028")
        parser.add_argument("--on", help="the day the mall is seen on, YYYY-MM-DD (default today)")
        parser.add_argument(
            "--goods", choices=["none", *goods.SIZES], default="small", help="goods and their history (default small)"
        )
        parser.add_argument("--sign-ins", action="store_true", help="only print the sign-ins")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are tenants")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo mall has public passwords: it is not for production.")
        if options["sign_ins"]:
            for role, name, password in filling.sign_ins():
                self.stdout.write(f"  {role:<55} {name:<12} {password}")
            return
        if options["if_empty"] and Tenant.objects.exists():
            self.stdout.write("the mall has tenants; left alone")
            return
        today = date.fromisoformat(options["on"]) if options["on"] else timezone.localdate()
        try:
            filled = filling.fill(size=options["size"], seed=options["seed"], today=today, say=self.stdout.write)
        except RuntimeError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["goods"] != "none":
            self._fill_goods(options["seed"], today, options["goods"])
        self.stdout.write(f"demo mall: {filled.tenants} tenants, {filled.papers} papers, {filled.leases} leases")

    def _fill_goods(self, seed: int, today: date, size: str) -> None:
        people = {user.username: user for user in User.objects.filter(username__in=["admin", "warehouse"])}
        goods.fill_goods(
            seed=seed,
            now=timezone.now(),
            today=today,
            keeper=people["warehouse"],
            approver=people["admin"],
            size=size,
            say=self.stdout.write,
        )
