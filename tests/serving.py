"""A real web server over a copy of the stage with the demo mall in it, for tests with a real browser."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cloning import copy_of_the_stage

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served_mall(
    blocker: Any, state: Path, name: str = "browsers", goods: str = "small"
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields the server's address and the environment it runs in."""
    with copy_of_the_stage(name, blocker) as url:
        port = _free_port()
        environment = os.environ | {
            "DATABASE_URL": url, "MALL_STATE_DIR": str(state), "MALL_MODE": "test", "PORT": str(port),
            "THROTTLE_ANONYMOUS": "100000/min", "THROTTLE_PERSON": "100000/min",
        }  # fmt: skip
        _manage(environment, "demo_mall", "--seed", "2028", "--goods", goods)
        _manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        log = open(state / "web.log", "wb")  # noqa: SIM115 the server's for as long as it runs
        server = subprocess.Popen(
            [
                Path(sys.executable).parent / "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws", "config.wsgi:application",
            ],
            cwd=ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/healthz/", server, state / "web.log")
            yield f"http://127.0.0.1:{port}", environment
        finally:
            server.terminate()
            server.wait(timeout=20)
            log.close()


def _manage(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(150):
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            if urllib.request.urlopen(address, timeout=1).status == 200:  # noqa: S310 our own address
                return
        time.sleep(0.2)
    raise AssertionError(f"the server does not answer: {log.read_text()}")
