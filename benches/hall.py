"""The mall that is measured: a demo mall of a size in its own durable PostgreSQL, behind the real web server.

It is kept between runs, and made anew when what fills it has changed.
"""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.embedded import Cluster
from config.processes import web_command
from config.stamps import ROOT, fresh, hash_of, stamp

FILLED_FROM = (
    "*/migrations/*.py",
    "*/sql/*.sql",
    "inventory/places.py",
    "reference/facts/*.csv",
    "mall/plans/*",
    "demo/*.py",
)
NEVER = f"{10**9}/min"  # the throttle counts as always and never refuses


@dataclass(frozen=True)
class Spent:
    """Processor seconds of the web server and of the database."""

    server: float
    database: float

    def __sub__(self, before: "Spent") -> "Spent":
        return Spent(self.server - before.server, self.database - before.database)


@dataclass(frozen=True)
class Hall:
    """The served mall."""

    base: str
    server: int
    database: int
    cluster: Cluster

    def spent(self) -> Spent:
        return Spent(_seconds_of(self.server), _seconds_of(self.database))

    def key_of(self, username: str) -> tuple[tuple[str, str], ...]:
        """The header that asks as one of the demo's people."""
        from accounts.keys import issue_key
        from accounts.models import User

        new = issue_key(holder=User.objects.get(username=username), label="bench")
        return (("Authorization", f"Bearer {new.text}"),)

    def session_of(self, username: str) -> tuple[tuple[str, str], ...]:
        """The cookie of one of the demo's people who has signed in on the pages."""
        from django.conf import settings
        from django.test import Client

        from accounts.models import User

        browser = Client()
        browser.force_login(User.objects.get(username=username), settings.AUTHENTICATION_BACKENDS[-1])
        name = settings.SESSION_COOKIE_NAME
        return (("Cookie", f"{name}={browser.cookies[name].value}"),)


@contextlib.contextmanager
def served(*, size: int, workers: int, threads: int) -> Iterator[Hall]:
    """A hall with `size` generations of tenants, for as long as the block runs."""
    cluster = Cluster(ROOT / "var" / "bench" / f"size-{size}")
    cluster.state_dir.mkdir(parents=True, exist_ok=True)
    filled_from = hash_of(*FILLED_FROM)
    if cluster.data.exists() and not fresh(cluster.state_dir, "filled", filled_from):
        cluster.stop()
        shutil.rmtree(cluster.data)
    with cluster.lent():
        os.environ |= {
            "DATABASE_URL": cluster.url, "MALL_STATE_DIR": str(cluster.state_dir), "MALL_MODE": "demo",
            "DJANGO_SETTINGS_MODULE": "benches.settings", "PYTHONUTF8": "1",
            "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads), "HOST": "127.0.0.1",
            "THROTTLE_ANONYMOUS": NEVER, "THROTTLE_PERSON": NEVER, "THROTTLE_DEVICE": NEVER,
        }  # fmt: skip
        if not fresh(cluster.state_dir, "filled", filled_from):
            _fill(size)
            stamp(cluster.state_dir, "filled", filled_from)
        with _web_server(cluster) as hall:
            import django

            django.setup()
            yield hall


def _fill(size: int) -> None:
    for words in (
        ("migrate", "--verbosity", "0"), ("createcachetable",), ("load_reference", "--verbosity", "0"),
        ("build_mall", "--verbosity", "0"), ("prepare_warehouse", "--verbosity", "0"),
        ("demo_mall", "--size", str(size), "--if-empty", "--goods", "none"),
        ("collectstatic", "--no-input", "--clear", "--verbosity", "0"),
    ):  # fmt: skip
        print(f"  making the hall: {words[0]}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, ROOT / "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def _web_server(cluster: Cluster) -> Iterator[Hall]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = cluster.state_dir / "web.log"
    with open(log, "wb") as out:
        server = subprocess.Popen(shlex.split(web_command(port=port)), cwd=ROOT, stdout=out, stderr=out)
    base = f"http://127.0.0.1:{port}"
    database = cluster.pid()
    assert database is not None
    try:
        _wait(f"{base}/healthz/", server, log)
        yield Hall(base, server.pid, database, cluster)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            if urllib.request.urlopen(address, timeout=2).status == 200:  # noqa: S310 our own server
                return
        time.sleep(0.1)
    raise SystemExit(f"The web server does not answer. Its log:\n{log.read_text()}")


def _seconds_of(pid: int) -> float:
    """Processor seconds of a process and its children, those that have ended included."""
    total = 0.0
    process = psutil.Process(pid)
    ended = process.cpu_times()
    total += ended.children_user + ended.children_system
    for each in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
    return total
