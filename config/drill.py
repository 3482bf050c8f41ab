"""A rehearsal of production on this machine: server database, Redis, safe settings, the real front door.

    python -m config.drill      (bin/drill)

It makes a role and a database of its own, takes an empty Redis database, opens the mall as `bin/run` does
in production, looks at it from outside, lets a task wait in Redis while the worker is away, sees unsafe
settings refused, closes the mall and takes everything away again. The first thing that is not as it
should be ends the drill with exit code 1.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import psycopg2
import redis
from psycopg2 import sql

from config.front_door import MARK, ROOT

POSTGRES = os.environ.get("DRILL_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("DRILL_REDIS_URL", "redis://127.0.0.1:6379")
SITE = "mall.drill.example"
NAME = f"drill_{secrets.token_hex(4)}"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# What an operator may get wrong, and the sentence that must refuse it.
UNSAFE = {
    "mall.E002": {"SECRET_KEY": "short"},
    "mall.E005": {"BASE_URL": f"http://{SITE}"},
    "mall.E007": {"CELERY_BROKER_URL": ""},
    "mall.E010": {"DATABASE_URL": POSTGRES},
}


class Failed(Exception):
    """The drill found something that is not as it should be."""


def main() -> int:
    absent = [
        name for name, url, port in (("PostgreSQL", POSTGRES, 5432), ("Redis", REDIS, 6379)) if not _answers(url, port)
    ]
    if absent:
        print(f"THE PRODUCTION DRILL DID NOT RUN: no {' and no '.join(absent)} on this machine's usual port.")
        return 0
    state = Path(tempfile.mkdtemp(prefix="mall-drill-"))
    try:
        with _database() as database_url, _empty_redis() as redis_url:
            _rehearse(state, _environment(state, database_url, redis_url))
    except Failed as found:
        print(f"bin/drill FAILED: {found}", file=sys.stderr)
        for log in ("front-door.log", "log/web.log", "log/worker.log", "log/scheduler.log"):
            with contextlib.suppress(FileNotFoundError):
                print(f"--- {log}\n{(state / log).read_text()[-3000:]}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)
    print("bin/drill: all well")
    return 0


def _rehearse(state: Path, environment: dict[str, str]) -> None:
    _say("unsafe settings are refused")
    for code, changed in UNSAFE.items():
        _must_refuse(code, environment | changed)
    with _open_mall(state, environment) as (base, door):
        _say("pages carry the security headers, and plain HTTP is sent to https")
        _look_from_outside(base)
        _say("a task waits in Redis while the worker is away, and is done when it is back")
        _pass_a_task_through_redis(state, environment)
        _say("a killed web server comes back")
        _kill_the_web_server(state, base)
        _say("closing")
        door.send_signal(signal.SIGTERM)
        _must(door.wait(timeout=90) == 0, f"the mall closed with exit code {door.returncode}")
        _must(not _left_behind(state), f"processes were left behind: {_left_behind(state)}")


def _environment(state: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """Production as an operator would set it, mail to files so that the drill can read it."""
    return os.environ | {
        "MALL_MODE": "production", "MALL_STATE_DIR": str(state), "PORT": str(_free_port()),
        "DATABASE_URL": database_url, "CELERY_BROKER_URL": redis_url, "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(64), "ALLOWED_HOSTS": SITE, "BASE_URL": f"https://{SITE}",
        "CSRF_TRUSTED_ORIGINS": f"https://{SITE}", "BEHIND_PROXY": "true",
    }  # fmt: skip


def _must_refuse(code: str, environment: dict[str, str]) -> None:
    done = _manage(environment, "check", "--deploy", "--fail-level", "ERROR", "--database", "default")
    _must(done.returncode != 0 and code in done.stderr, f"{code} was not refused:\n{done.stdout}{done.stderr}")
    print("      " + next(line for line in done.stderr.splitlines() if code in line).strip(), flush=True)
    if code == "mall.E010":  # the web server asks no database before it serves
        return
    web = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    _must(web.returncode != 0 and code in web.stderr, f"the web server started in spite of {code}:\n{web.stderr}")


@contextlib.contextmanager
def _open_mall(state: Path, environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    _say("check, migrate, load and open, as bin/run does")
    log = state / "front-door.log"
    with open(log, "wb") as out:
        door = subprocess.Popen(
            [sys.executable, "-m", "config.front_door"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    base = f"http://127.0.0.1:{environment['PORT']}"
    try:
        _until(lambda: "Ctrl-C stops" in log.read_text() or door.poll() is not None, "the mall does not open", 240)
        _must(door.poll() is None, "the mall did not open")
        yield base, door
    finally:
        if door.poll() is None:
            door.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                door.wait(timeout=90)
        for process in _left_behind(state):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _look_from_outside(base: str) -> None:
    status, headers = _ask(f"{base}/healthz/", secure=False)
    _must(status == 200, f"/healthz/ answers {status}")
    status, headers = _ask(f"{base}/sign-in/", secure=True)
    _must(status == 200, f"/sign-in/ answers {status}")
    for name, value in HEADERS.items():
        _must(value in (headers[name] or ""), f"/sign-in/ has {name}: {headers[name]}")
    cookies = headers.get_all("Set-Cookie") or []
    _must(bool(cookies) and all("Secure" in cookie for cookie in cookies), f"cookies without Secure: {cookies}")
    status, headers = _ask(f"{base}/sign-in/", secure=False)
    _must(status == 301 and (headers["Location"] or "").startswith("https://"), f"plain HTTP answers {status}")
    status, headers = _ask(f"{base}/sign-in/", secure=True, host="elsewhere.example")
    _must(status == 400, f"another site's name is answered with {status}")
    status, headers = _ask(f"{base}/api/v1/units/", secure=True)
    _must(status == 401, f"the API answers a stranger with {status}")


def _ask(address: str, *, secure: bool, host: str = SITE) -> tuple[int, Message]:
    """As the proxy in front of the site would ask; redirects are not followed."""
    headers = {"Host": host, "X-Forwarded-Proto": "https" if secure else "http"}
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(urllib.request.Request(address, headers=headers), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def _pass_a_task_through_redis(state: Path, environment: dict[str, str]) -> None:
    """Ring for a password link as the page does; the mail must come by way of Redis and nothing else."""
    broker = redis.Redis.from_url(environment["CELERY_BROKER_URL"])
    mail = state / "mail"
    _supervise(state, "stop", "mall:worker")
    _in_the_mall(environment, RING)
    waiting = [message for message in broker.lrange("celery", 0, -1) if b"send_password_links" in message]
    _must(len(waiting) == 1, f"{len(waiting)} messages wait in Redis for one ring")
    _must(not any(mail.iterdir()), "there is mail before the worker is back")
    _supervise(state, "start", "mall:worker")
    _until(lambda: any("drill@" in letter.read_text() for letter in mail.iterdir()), "the worker sends no mail", 60)
    _must(not any((state / "broker/queue").iterdir()), "a message went into the folder of the embedded broker")


# The operator's first administrator, who has forgotten the password.
RING = f"""
from accounts.people import register_person
from accounts.tasks import send_password_links
register_person(username="drill", full_name="Drill", password="{NAME}-Simhastha", email="drill@{SITE}", by=None)
send_password_links.delay("drill")
"""


def _in_the_mall(environment: dict[str, str], code: str) -> None:
    done = _manage(environment, "shell", "--no-imports", "--command", code)
    _must(done.returncode == 0, done.stdout + done.stderr)


def _kill_the_web_server(state: Path, base: str) -> None:
    web = _supervise(state, "pid", "mall:web")
    psutil.Process(int(web)).kill()
    _until(lambda: _runs_anew(state, web), "the web server stays dead", 30)
    _until(lambda: _pulse(base), "the web server does not answer after kill -9", 30)


def _runs_anew(state: Path, old: str) -> bool:
    with contextlib.suppress(Failed):  # supervisorctl fails for a process that is down
        return _supervise(state, "pid", "mall:web") not in ("0", old)
    return False


def _pulse(base: str) -> bool:
    with contextlib.suppress(OSError):
        return _ask(f"{base}/healthz/", secure=False)[0] == 200
    return False


def _supervise(state: Path, *words: str) -> str:
    """Ask the process runner, as an operator would by hand."""
    done = subprocess.run(
        [Path(sys.executable).parent / "supervisorctl", "-c", state / "supervisor.conf", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    _must(done.returncode == 0, f"supervisorctl {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def _manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """A role without special rights and a database of its own; both are gone afterwards."""
    try:
        server = psycopg2.connect(POSTGRES, connect_timeout=5)
    except psycopg2.OperationalError as refused:
        raise Failed(f"PostgreSQL answers but lets nobody in; set DRILL_POSTGRES_URL. {refused}") from refused
    server.autocommit = True
    password, name = secrets.token_urlsafe(24), sql.Identifier(NAME)
    with server.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD {}").format(
                name, sql.Literal(password)
            )
        )
        try:
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(name, name))
            where = urlsplit(POSTGRES)
            yield f"postgres://{NAME}:{quote(password, safe='')}@{where.hostname}:{where.port or 5432}/{NAME}"
        finally:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            cursor.execute(sql.SQL("DROP ROLE {}").format(name))
            server.close()


@contextlib.contextmanager
def _empty_redis() -> Iterator[str]:
    """A Redis database that nobody uses, emptied afterwards. Two drills at once never take the same one."""
    for number in range(15, 0, -1):
        url = f"{REDIS.rstrip('/')}/{number}"
        link = redis.Redis.from_url(url)
        if link.dbsize() == 0 and link.set("taken-by", NAME, nx=True, ex=3600):
            try:
                yield url
            finally:
                link.flushdb()
            return
    raise Failed("every database of this Redis is in use")


def _left_behind(state: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(state):
                found.append(process)
    return found


def _answers(url: str, port: int) -> bool:
    where = urlsplit(url)
    with contextlib.suppress(OSError):
        socket.create_connection((where.hostname or "127.0.0.1", where.port or port), timeout=2).close()
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(holds: Callable[[], bool], otherwise: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Failed(otherwise)
        time.sleep(0.3)


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
