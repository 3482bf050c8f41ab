"""What `bin/run` does once the packages are there: prepare only what has changed, start, tell, stop cleanly."""

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from config.embedded import Cluster
from config.processes import BIN, supervisor_conf
from config.stamps import ROOT, fresh, hash_of, stamp

MARK = "MALL_PROCESS_OF"  # in the environment of every process of this mall, so that leftovers are found
WAIT = 60.0


class FrontDoor:
    """One start of the mall on this machine."""

    def __init__(self) -> None:
        self.state = Path(os.environ.get("MALL_STATE_DIR", ROOT / "var")).resolve()
        self.port = int(os.environ.get("PORT", "8000"))
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.mode = os.environ.get("MALL_MODE", "demo")
        self.cluster = None if os.environ.get("DATABASE_URL") else Cluster(self.state)
        self.began = time.monotonic()
        os.environ |= {"MALL_STATE_DIR": str(self.state), MARK: str(self.state), "PORT": str(self.port)}
        # Database messages and ours are UTF-8 whatever the machine's locale.
        os.environ["PYTHONUTF8"] = "1"
        self.supervisor: subprocess.Popen[bytes] | None = None

    def say(self, line: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f}s] {line}", flush=True)

    def open(self) -> int:
        """Prepare, start, and stay until told to stop. Returns the exit code."""
        for folder in ("log", "broker/queue", "broker/done", "broker/control", "mail", "papers"):
            (self.state / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _stop)
        with open(self.state / "front-door", "w") as door:
            try:
                # The kernel opens this lock again however we end.
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemExit(
                    f"The mall of {self.state} is running already. For a second one: MALL_STATE_DIR=/another PORT=…"
                ) from None
            return self.stay()

    def stay(self) -> int:
        try:
            self.clear_leftovers()
            self.refuse_taken_port()
            self.supervisor = self.start_supervisor()
            self.open_database()
            self.prepare()
            self.start_the_rest()
            self.tell()
            code = self.supervisor.wait()
            print(f"\nThe process runner ended by itself ({code}). Start again: bin/run heals that.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(flush=True)
            return 0
        except subprocess.CalledProcessError as failed:
            print(f"\n{' '.join(map(str, failed.cmd[1:4]))} failed. Nothing is running.", file=sys.stderr)
            return 1
        finally:
            self.close()

    def clear_leftovers(self) -> None:
        """End what an earlier start left behind when it was killed."""
        left = list(self.leftovers())
        if not left:
            return
        self.say(f"ending {len(left)} processes that an earlier start left behind")
        # The database last, and politely: it saves itself the recovery. The work of the others stands in it.
        database = [process for process in left if _name(process) == "postgres"]
        _end([process for process in left if process not in database], signal.SIGTERM, patience=2)
        _end(database, signal.SIGINT, patience=15)

    def leftovers(self) -> Iterator[psutil.Process]:
        """Processes of this mall that are not this one nor its parents."""
        own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid not in own and process.environ().get(MARK) == str(self.state):
                    yield process

    def refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError:
                raise SystemExit(
                    f"Port {self.port} is taken by another program. Choose another: PORT={self.port + 1} bin/run"
                ) from None

    def start_supervisor(self) -> subprocess.Popen[bytes]:
        conf = self.state / "supervisor.conf"
        conf.write_text(
            supervisor_conf(root=ROOT, state=self.state, port=self.port, embedded_database=self.cluster is not None)
        )
        (self.state / "supervisor.sock").unlink(missing_ok=True)
        supervisor = subprocess.Popen(
            [BIN / "supervisord", "-n", "-c", conf], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        _until(lambda: (self.state / "supervisor.sock").exists(), "the process runner does not start")
        return supervisor

    def open_database(self) -> None:
        if self.cluster is not None:
            self.say("starting the embedded database")
            _until(self.cluster.answers, f"the database does not start; see {self.state / 'log' / 'database.log'}")
            self.cluster.settle()

    def prepare(self) -> None:
        """Bring database and files up to date; what has not changed since the last time is left alone."""
        if self.mode == "production":
            self.say("checking the settings")
            self.manage("check", "--deploy", "--fail-level", "ERROR", "--database", "default")
        database = self.database_mark()
        code = hash_of("*/migrations/*.py")
        if not fresh(self.state, "migrated", f"{database} {code}"):
            self.say("bringing the database up to date")
            self.manage("migrate", "--verbosity", "0")
            self.manage("createcachetable")
            stamp(self.state, "migrated", f"{database} {code}")
        facts = hash_of("reference/facts/*", "mall/plans/*", "reference/*.py", "mall/*.py", "inventory/places.py")
        if not fresh(self.state, "facts", f"{database} {facts}"):
            self.say("loading states, districts, ODOP, GI and tax")
            self.manage("load_reference")
            self.say("building the mall from its plan")
            self.manage("build_mall")
            self.manage("prepare_warehouse")
            stamp(self.state, "facts", f"{database} {facts}")
        if self.mode == "demo" and not fresh(self.state, "demo", database):
            self.say("filling the demo mall")
            self.manage("demo_mall", "--if-empty")
            stamp(self.state, "demo", database)
        assets = hash_of("static/**/*", "requirements.txt")
        if not fresh(self.state, "assets", assets):
            self.say("gathering the front-end files")
            self.manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
            stamp(self.state, "assets", assets)

    def manage(self, *words: str) -> None:
        subprocess.run([sys.executable, ROOT / "manage.py", *words], cwd=ROOT, check=True)

    def database_mark(self) -> str:
        """Which database this is: a new or another one has nothing done to it yet."""
        if self.cluster is None:
            return hashlib.sha256(os.environ["DATABASE_URL"].encode()).hexdigest()[:16]
        return str((self.cluster.data / "PG_VERSION").stat().st_mtime_ns)

    def start_the_rest(self) -> None:
        rpc = self.rpc()
        self.say("starting the web server")
        rpc.supervisor.startProcess("mall:web", False)
        _until(self.pulse, f"the web server does not answer; see {self.state / 'log' / 'web.log'}")
        self.say(f"the mall is open: {self.address}/")
        for name in ("worker", "scheduler"):
            rpc.supervisor.startProcess(f"mall:{name}", False)
        self.say("worker and scheduler are starting")

    @property
    def address(self) -> str:
        return f"http://{'localhost' if self.host in ('127.0.0.1', '0.0.0.0') else self.host}:{self.port}"  # noqa: S104

    def rpc(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.state / 'supervisor.sock'}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)

    def pulse(self) -> bool:
        request = urllib.request.Request(
            f"http://{self.host}:{self.port}/healthz/",
            headers={"Host": os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")},
        )
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(request, timeout=2).status == 200  # noqa: S310
        return False

    def tell(self) -> None:
        print(f"\n  Pages       {self.address}/\n  API         {self.address}/api/v1/docs/")
        print(f"  Logs        {self.state / 'log'}")
        if self.mode == "demo":
            print("\n  Demo sign-ins (role, sign-in name, password)", flush=True)
            self.manage("demo_mall", "--sign-ins")
        print("\n  Ctrl-C stops everything.", flush=True)

    def close(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        if self.supervisor is None:
            return
        if self.supervisor.poll() is None:
            self.say("stopping")
            # The runner stops the group of web, worker and scheduler first, then the database.
            self.supervisor.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.supervisor.wait(timeout=60)
        self.clear_leftovers()
        self.say("stopped")


def _stop(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def _end(processes: list[psutil.Process], by: signal.Signals, *, patience: float) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(by)
    _gone, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def _until(holds: Any, otherwise: str) -> None:
    deadline = time.monotonic() + WAIT
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise[0].upper() + otherwise[1:] + ".")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(FrontDoor().open())
