"""The storm over the stock ledger (tests/storm.py), and the controls that show that it would notice.

The long form: `bin/storm --operations 1000000`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cloning import copy_of_the_stage

ROOT = Path(__file__).resolve().parent.parent
SEED = 20280409
pytestmark = pytest.mark.django_db


def blow(blocker, *, operations: int, without: str | None = None) -> dict:
    with copy_of_the_stage("storm", blocker) as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        words = ["--operations", str(operations), "--processes", "16", "--seed", str(SEED)]
        words += ["--without", without] if without else []
        done = subprocess.run(
            [sys.executable, "-m", "tests.storm", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
            check=False, timeout=600,
        )  # fmt: skip
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert done.returncode == (1 if report["violations"] else 0)
        if without is None:
            verified = subprocess.run(
                [sys.executable, "manage.py", "verify_books"], cwd=ROOT, env=environment, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            assert verified.returncode == 0, verified.stdout + verified.stderr
        return report


def test_twenty_thousand_operations_of_sixteen_processes_leave_the_books_true(django_db_setup, django_db_blocker):
    report = blow(django_db_blocker, operations=20_000)
    assert report["first_violations"] == []
    assert report["violations"] == 0
    assert report["operations"] > 20_000  # with the duplicates and the intruders
    assert report["whole_state_reads"] > 20
    # It was a storm: goods ran short, holds ran out, things were undone.
    assert report["refused"]["not_enough_stock"] > 100
    assert report["refused"]["hold_ended"] > 10
    assert report["done"]["reversal"] > 100
    assert report["refused"]["intrusion"] == report["done"]["intrusion"] > 10


@pytest.mark.parametrize(
    ("without", "seen"),
    [
        ("row_condition", "violates check constraint"),
        ("lock_order", "deadlocks although locks are taken in one order"),
        ("check", "negative"),
        ("unique_key", "was acknowledged as two movements"),
        ("idempotency_insert", "was acknowledged as two movements"),
    ],
)
def test_control_the_same_storm_fails_without(without, seen, django_db_setup, django_db_blocker):
    report = blow(django_db_blocker, operations=1_500, without=without)
    assert report["violations"] > 0
    assert any(seen in sentence for sentence in report["violation_kinds"]), report["first_violations"]
