"""The embedded database keeps to itself and keeps what it was given, whatever is killed."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg2
import pytest

from config import embedded
from config.embedded import Cluster

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def somewhere() -> Iterator[Path]:
    """A folder that whoever PostgreSQL runs as may pass; pytest keeps its own to their owner."""
    with TemporaryDirectory(prefix="mall-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def cluster(somewhere: Path) -> Iterator[Cluster]:
    """A durable cluster of its own, stopped afterwards."""
    cluster = Cluster(somewhere / "var")
    yield cluster
    cluster.stop()


def ask(cluster: Cluster, statement: str) -> list[tuple[object, ...]]:
    """Ask as the application."""
    link = psycopg2.connect(cluster.url)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        link.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_database_keeps_to_itself(cluster):
    cluster.start()
    assert mode(cluster.home) == mode(cluster.data) == mode(cluster.socket_dir) == 0o700
    assert mode(cluster.socket_dir / ".s.PGSQL.5432") == 0o700
    assert ask(cluster, "SHOW listen_addresses") == [("",)]
    server = psutil.Process(cluster.pid())
    assert [link for link in server.net_connections() if link.family.name != "AF_UNIX"] == []


def test_the_application_is_no_superuser_and_cannot_become_one(cluster):
    cluster.start()
    rights = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    assert ask(cluster, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == [(False,) * 5]
    assert ask(cluster, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == [
        (embedded.ROLE,)
    ]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(cluster, f"ALTER ROLE {embedded.ROLE} SUPERUSER")


def test_nobody_gets_in_without_the_password(cluster):
    cluster.start()
    for role in (embedded.ROLE, "postgres"):
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(host=str(cluster.socket_dir), user=role, password="guessed", dbname=embedded.DATABASE)
    for secret in cluster.state_dir.glob("database-*password"):
        assert mode(secret) == 0o600


def test_no_password_stands_on_a_command_line(cluster):
    cluster.start()
    secrets = [path.read_text() for path in cluster.state_dir.glob("database-*password")]
    server = psutil.Process(cluster.pid())
    shown = []
    for process in (server, *server.children()):
        with contextlib.suppress(psutil.NoSuchProcess):  # a session may end while we look, or be a zombie
            shown.append(" ".join(process.cmdline()))
    assert any("postgres" in line for line in shown)
    assert len(secrets) == 2
    assert [line for line in shown if any(secret in line for secret in secrets)] == []


def test_kill_nine_loses_nothing_that_was_committed(cluster):
    cluster.start()
    ask(cluster, "CREATE TABLE kept (number int)")
    for round_ in range(3):
        ask(cluster, f"INSERT INTO kept VALUES ({round_})")
        os.kill(cluster.pid(), signal.SIGKILL)
        cluster.start()
        assert ask(cluster, "SELECT count(*) FROM kept") == [(round_ + 1,)]


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(cluster):
    cluster.start()
    ask(cluster, "CREATE TABLE kept (number int)")
    stale = (cluster.data / "postmaster.pid").read_text()
    cluster.stop()
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    try:
        (cluster.data / "postmaster.pid").write_text(stale.replace(stale.split("\n")[0], str(bystander.pid), 1))
        assert cluster.pid() is None
        cluster.start()
        assert ask(cluster, "SELECT count(*) FROM kept") == [(0,)]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_an_initdb_that_died_half_way_is_begun_anew(cluster):
    cluster.home.mkdir(parents=True)
    for half in ("data", "draft"):
        (cluster.home / half).mkdir()
        (cluster.home / half / "half").touch()
    cluster.start()
    assert ask(cluster, "SELECT 1") == [(1,)]


def test_two_starts_that_race_end_with_one_server(cluster):
    cluster.start()
    cluster.stop()
    words = [sys.executable, "-m", "config.embedded", "start", "--state", str(cluster.state_dir)]
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _one: subprocess.run(words, cwd=ROOT, capture_output=True, check=False), range(2)))
    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    assert ask(cluster, "SELECT 1") == [(1,)]
    servers = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(cluster.data) in (process.info["cmdline"] or []) and process.ppid() not in (0, cluster.pid())
    ]
    assert [process.pid for process in servers] == [cluster.pid()]


def test_the_last_who_gives_the_database_back_stops_it(cluster):
    with cluster.lent():
        with Cluster(cluster.state_dir).lent():
            assert cluster.answers()
        assert cluster.answers()
    assert not cluster.answers()
    assert cluster.pid() is None


def test_a_borrower_that_is_killed_keeps_nobody_waiting(cluster):
    borrower = subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "lend", "--state", str(cluster.state_dir), "--", "sleep", "60"],
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        until(cluster.answers)
        until(lambda: len(psutil.Process(borrower.pid).children()) > 0)
    finally:
        os.killpg(borrower.pid, signal.SIGKILL)
        borrower.wait()
    with cluster.lent():
        assert cluster.answers()
    assert not cluster.answers()


def test_a_state_directory_with_a_long_name_has_a_socket_all_the_same(somewhere):
    deep = Cluster(somewhere / ("a" * 60) / ("b" * 60))
    try:
        deep.start()
        assert mode(deep.socket_dir) == 0o700
        assert ask(deep, "SELECT 1") == [(1,)]
    finally:
        deep.stop()
        deep.socket_dir.rmdir()


def test_a_secret_is_made_once(tmp_path):
    with ThreadPoolExecutor(8) as racers:
        made = set(racers.map(lambda _one: embedded.secret(tmp_path / "secret"), range(40)))
    assert len(made) == 1
    assert mode(tmp_path / "secret") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_production_has_no_secret_of_our_making(tmp_path):
    assert embedded.secret_key(tmp_path, True) == ""
    assert list(tmp_path.iterdir()) == []
