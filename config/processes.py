"""The processes of one machine, as supervisor keeps them."""

import os
import sys
from pathlib import Path
from shlex import quote

BIN = Path(sys.executable).parent


def web_command(*, port: int) -> str:
    """The web server in the foreground."""
    return (
        f"{quote(str(BIN / 'granian'))} --interface wsgi --host {os.environ.get('HOST', '127.0.0.1')} --port {port}"
        f" --workers {os.environ.get('WEB_WORKERS', '2')} --blocking-threads {os.environ.get('WEB_THREADS', '4')}"
        " --backlog 512 --respawn-failed-workers --workers-kill-timeout 10 --no-ws --log-level warning"
        " config.web_worker:application"
    )


def supervisor_conf(*, root: Path, state: Path, port: int, embedded_database: bool) -> str:
    """The text of supervisord's configuration: the database, and the group of web, worker and scheduler.

    Only the database starts by itself; the front door starts the group when the database is ready.
    """
    log = state / "log"
    programs = {
        "web": web_command(port=port),
        "worker": (
            f"{quote(str(BIN / 'celery'))} -A config worker --loglevel WARNING --concurrency 1"
            " --without-gossip --without-mingle --without-heartbeat"
        ),
        "scheduler": (
            f"{quote(str(BIN / 'celery'))} -A config beat --loglevel WARNING --pidfile="
            f" --schedule {quote(str(state / 'scheduler'))}"
        ),
    }
    parts = [
        "[supervisord]",
        "nodaemon=true",
        f"logfile={log / 'supervisor.log'}",
        "logfile_maxbytes=1MB",
        f"pidfile={state / 'supervisor.pid'}",
        f"directory={root}",
        "silent=true",
        *(["user=root"] if os.geteuid() == 0 else []),
        "",
        "[unix_http_server]",
        f"file={state / 'supervisor.sock'}",
        "chmod=0700",
        "",
        "[supervisorctl]",
        f"serverurl=unix://{state / 'supervisor.sock'}",
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    if embedded_database:
        parts += _program(
            "database", f"{quote(sys.executable)} -m config.embedded run", log, priority=1, by_itself=True,
            stop_signal="INT", tries=30,
        )  # fmt: skip
    # A group stops together, and before the database.
    parts += ["", "[group:mall]", f"programs={','.join(programs)}", "priority=10"]
    for name, command in programs.items():
        parts += _program(name, command, log, priority=10)
    return "\n".join(part.replace("%", "%%") for part in parts) + "\n"


def _program(
    name: str,
    command: str,
    log: Path,
    *,
    priority: int,
    by_itself: bool = False,
    stop_signal: str = "TERM",
    tries: int = 10,
) -> list[str]:
    return [
        "",
        f"[program:{name}]",
        f"command={command}",
        f"priority={priority}",
        f"autostart={'true' if by_itself else 'false'}",
        "autorestart=true",
        "startsecs=1",
        f"startretries={tries}",
        f"stopsignal={stop_signal}",
        "stopwaitsecs=20",
        "stopasgroup=false",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={log / name}.log",
        "stdout_logfile_maxbytes=5MB",
        "stdout_logfile_backups=3",
    ]
