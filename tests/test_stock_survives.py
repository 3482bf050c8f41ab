"""PostgreSQL and the web workers are killed with -9 while shops sell: no sale is lost, none happens twice.

A durable cluster of its own, the real web server, writers that send the same key again until they are answered.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

import psycopg2
import pytest

from config.embedded import Cluster

ROOT = Path(__file__).resolve().parent.parent
WRITERS = 6
ROUNDS = int(os.environ.get("KILL_ROUNDS", "6"))
FIRST_STOCK = 100_000

PREPARE = """
import json, sys
import django
django.setup()
from decimal import Decimal
from django.utils import timezone
from accounts.keys import issue_key
from inventory import ledger, places
from inventory.models import Location, PlaceKind, Product
from tenants.models import Membership
owner = Membership.objects.filter(ended_at=None, role="owner").select_related("user", "tenant").first()
product = Product.objects.create(tenant=owner.tenant, sku="KILL", name_en="Sari", name_hi="साड़ी", kind="textile")
shop = Location.objects.filter(kind=PlaceKind.UNIT).first().pk
now = timezone.now()
lots = []
for number in range(4):
    lot = ledger.add_lot(product=product, received_date=timezone.localdate(now)).pk
    lines = ledger.move(lot, places.the(PlaceKind.SUPPLIER).pk, shop, Decimal(%d))
    ledger.post(tenant=owner.tenant.pk, kind="shop_receipt", lines=lines, key=f"first {lot}", at=now, by=None)
    lots.append(lot)
print(json.dumps({"key": issue_key(holder=owner.user, label="kill").text, "shop": shop, "lots": lots}))
"""


class Mall:
    """A served mall on a durable database, each of which can be killed and comes back."""

    def __init__(self, state: Path):
        self.cluster = Cluster(state)
        self.state = state
        self.port = 0
        self.environment = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        } | {
            "MALL_STATE_DIR": str(state), "MALL_MODE": "test", "DJANGO_SETTINGS_MODULE": "config.settings",
            "THROTTLE_PERSON": "10000000/min", "THROTTLE_ANONYMOUS": "10000000/min",
        }  # fmt: skip

    def build(self) -> dict:
        self.cluster.start()
        for words in (
            "migrate --verbosity 0", "createcachetable", "load_reference --verbosity 0", "build_mall --verbosity 0",
            "prepare_warehouse --verbosity 0", "demo_mall --size 1 --seed 5 --goods none",
        ):  # fmt: skip
            self._run("manage.py", *words.split())
        return json.loads(self._run("-c", PREPARE % FIRST_STOCK))

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _wait_for_database(self) -> None:
        for _try in range(600):
            with contextlib.suppress(psycopg2.OperationalError):
                psycopg2.connect(self.cluster.url).close()
                return
            time.sleep(0.05)
        raise AssertionError("the database does not come back")

    def serve(self) -> None:
        import socket

        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self.web = subprocess.Popen(
            [
                Path(sys.executable).parent / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
                str(self.port), "--workers", "2", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers",
                "config.wsgi:application",
            ],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def kill_database(self) -> None:
        """The server and all its processes at once, as a power cut does; then start it again."""
        postmaster = self.cluster.pid()
        if postmaster:
            for pid in (*_children(postmaster), postmaster):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.cluster.start()
        self._wait_for_database()

    def kill_web(self) -> None:
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()
        self.serve()

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.web.pid, signal.SIGKILL)
        self.cluster.stop()


def _children(pid: int) -> list[int]:
    found = subprocess.run(["/usr/bin/env", "pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


class Writer(threading.Thread):
    """Sells piece after piece; a sale that is not answered is sent again with its key until it is."""

    def __init__(self, mall: Mall, facts: dict, number: int, over: threading.Event):
        super().__init__()
        self.mall, self.facts, self.over = mall, facts, over
        self.rng = random.Random(number)
        self.acknowledged: dict[int, int] = {}  # movement -> lot
        self.resent = 0
        self.strange: list[str] = []

    def run(self) -> None:
        while not self.over.is_set():
            lot = self.rng.choice(self.facts["lots"])
            line = {"lot": lot, "source": self.facts["shop"], "quantity": "1"}
            body = json.dumps({"kind": "sale", "lines": [line]})
            key = str(uuid.uuid4())
            while True:
                status, answer = self._send(body, key)
                if status == 201:
                    if answer["id"] in self.acknowledged:
                        self.strange.append(f"movement {answer['id']} was acknowledged for two keys")
                    self.acknowledged[answer["id"]] = lot
                    break
                if status not in (0, 503):
                    self.strange.append(f"{status}: {answer}")
                    return
                self.resent += 1
                time.sleep(0.05)

    def _send(self, body: str, key: str) -> tuple[int, dict]:
        link = http.client.HTTPConnection("127.0.0.1", self.mall.port, timeout=10)
        try:
            link.request(
                "POST", "/api/v1/inventory/movements/", body,
                {"Content-Type": "application/json", "Authorization": f"Bearer {self.facts['key']}",
                 "Idempotency-Key": key},
            )  # fmt: skip
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}
        finally:
            link.close()


@pytest.fixture
def mall():
    with tempfile.TemporaryDirectory(prefix="survives-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 the database runs as another user where this one is root
        mall = Mall(Path(folder))
        facts = mall.build()
        mall.serve()
        try:
            yield mall, facts
        finally:
            mall.end()


def test_killed_database_and_web_server_lose_no_sale_and_make_none_twice(mall):
    mall, facts = mall
    over = threading.Event()
    writers = [Writer(mall, facts, number, over) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    chance = random.Random(2028)
    kills = Counter()
    time.sleep(2)
    for number in range(ROUNDS):
        time.sleep(chance.uniform(0.3, 1.2))
        what = ("database", "web")[number % 2]
        (mall.kill_database if what == "database" else mall.kill_web)()
        kills[what] += 1
        _until_someone_sells(writers)
    over.set()
    for writer in writers:
        writer.join(timeout=60)
        assert not writer.is_alive()
    assert [sentence for writer in writers for sentence in writer.strange] == []
    acknowledged: dict[int, int] = {}
    for writer in writers:
        assert not acknowledged.keys() & writer.acknowledged.keys()
        acknowledged |= writer.acknowledged
    with psycopg2.connect(mall.cluster.url) as link, link.cursor() as cursor:
        cursor.execute("SELECT id FROM inventory_movement WHERE kind = 'sale'")
        kept = {pk for (pk,) in cursor.fetchall()}
        cursor.execute(
            "SELECT lot_id, on_hand FROM inventory_balance WHERE location_id = %s AND lot_id = ANY (%s)",
            [facts["shop"], facts["lots"]],
        )
        left = {lot: int(on_hand) for lot, on_hand in cursor.fetchall()}
    # Every writer went on until it was answered, so what is kept is exactly what was acknowledged.
    assert kept == acknowledged.keys()
    sold = Counter(acknowledged.values())
    assert left == {lot: FIRST_STOCK - sold[lot] for lot in facts["lots"]}
    assert len(kept) > 100
    assert sum(writer.resent for writer in writers) > 0  # the kills were felt
    mall._run("manage.py", "verify_books")


def _until_someone_sells(writers: list[Writer]) -> None:
    before = sum(len(writer.acknowledged) for writer in writers)
    for _try in range(400):
        if sum(len(writer.acknowledged) for writer in writers) > before + WRITERS:
            return
        time.sleep(0.05)
    raise AssertionError("nobody sells any more")
