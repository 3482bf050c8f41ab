"""Rivals at the same unit, in real processes on committed rows; and controls that show what holds them.

The lock makes a rival wait and be told in a sentence; the exclusion constraint is what cannot be walked
past. With the lock gone the constraint still holds; with both gone the unit is let twice, which shows
that the test sees it.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from tests.cloning import copy_of_the_stage

ROOT = Path(__file__).resolve().parent.parent
RIVALS = 4
pytestmark = pytest.mark.django_db

RIVAL = """
import datetime, os, sys, time
import django
django.setup()
from django.db import IntegrityError, OperationalError
from accounts.models import User
from core.periods import period
from leases.letting import UnitAlreadyLet, let_unit
from leases.models import Lease
from mall.models import Unit
from tenants.models import Tenant

way, number, start = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
unit = Unit.objects.get(number=os.environ["UNIT"])
tenant = list(Tenant.objects.order_by("pk"))[number]
by = User.objects.order_by("pk").first()
day = datetime.date(2027, 1, 1)
time.sleep(max(0.0, start - time.time()))
try:
    if way == "letting":
        let_unit(unit=unit, tenant=tenant, first=day, last=None, by=by)
    elif not Lease.objects.filter(unit=unit, period__overlap=period(day)).exists():
        time.sleep(0.2)
        Lease.objects.create(unit=unit, tenant=tenant, period=period(day))
    print("let")
except UnitAlreadyLet:
    print("refused")
except (IntegrityError, OperationalError):
    print("stopped by the database")
"""


@pytest.fixture(scope="module")
def copy(django_db_setup, django_db_blocker):
    with copy_of_the_stage("rivals", django_db_blocker) as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run(
            [sys.executable, "manage.py", "demo_mall", "--seed", "3", "--goods", "none"], cwd=ROOT, env=environment,
            check=True,
            capture_output=True,
        )  # fmt: skip
        yield url, environment


def compete(copy, way: str, unit: str) -> list[str]:
    """RIVALS processes let the same unit at the same moment. Returns what each of them said, sorted."""
    import time

    _url, environment = copy
    start = time.time() + 4
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, way, str(number), str(start)],
            cwd=ROOT,
            env=environment | {"UNIT": unit},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(RIVALS)
    ]
    return sorted(rival.communicate(timeout=60)[0].strip() for rival in rivals)


def leases_of(copy, unit: str) -> int:
    with psycopg2.connect(copy[0]) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM leases_lease l JOIN mall_unit u ON u.id = l.unit_id "
            "WHERE u.number = %s AND l.period @> DATE '2027-01-01'",
            [unit],
        )
        return cursor.fetchone()[0]


def free_units(copy) -> list[str]:
    with psycopg2.connect(copy[0]) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM mall_unit u WHERE NOT EXISTS (SELECT 1 FROM leases_lease l WHERE l.unit_id = u.id) "
            "AND NOT EXISTS (SELECT 1 FROM mall_unitblock b WHERE b.unit_id = u.id) ORDER BY number"
        )
        return [number for (number,) in cursor.fetchall()]


def test_of_four_rivals_one_gets_the_unit_and_the_others_are_told(copy):
    unit = free_units(copy)[0]
    assert compete(copy, "letting", unit) == ["let"] + ["refused"] * (RIVALS - 1)
    assert leases_of(copy, unit) == 1


def test_without_the_lock_the_database_still_lets_it_once(copy):
    unit = free_units(copy)[1]
    said = compete(copy, "without the lock", unit)
    assert said.count("let") == 1
    assert "stopped by the database" in said
    assert leases_of(copy, unit) == 1


def test_control_without_lock_and_constraint_the_unit_is_let_twice(copy):
    with psycopg2.connect(copy[0]) as link, link.cursor() as cursor:
        cursor.execute("ALTER TABLE leases_lease DROP CONSTRAINT unit_is_let_once_at_a_time")
    unit = free_units(copy)[2]
    compete(copy, "without the lock", unit)
    assert leases_of(copy, unit) > 1
