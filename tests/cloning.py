"""Databases of their own for tests that need committed rows: copies of the stage, made by PostgreSQL.

History tables refuse TRUNCATE, so no test flushes; what must commit plays on a copy that is dropped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from django.conf import settings
from django.db import connection, connections


def name_for_this_run(what: str) -> str:
    """A database name that says which process plays on it."""
    return f"test_{what}_{os.getpid()}"


def drop_what_dead_runs_left() -> None:
    """Drop the databases of test runs whose process is gone."""
    left = _run("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%\\_%'")
    for (name,) in left:
        pid = name.rsplit("_", 1)[1]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def copy_of_the_stage(name: str, blocker: Any) -> Iterator[str]:
    """A copy of the test database as it stands; yields its DATABASE_URL and drops it at the end."""
    name = name_for_this_run(name)
    with blocker.unblock():
        stage = connection.settings_dict["NAME"]
        connections.close_all()
    end_connections_to(stage)
    _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{stage}"')
    try:
        yield url_of(name)
    finally:
        _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def end_connections_to(name: str) -> None:
    """A browser's test leaves a connection of its own behind; who copies or drops a database may meet none."""
    # Only those of our own role: the cleaners that PostgreSQL itself sends make way by themselves.
    _run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = current_user")


def url_of(name: str) -> str:
    """The address of a database on the tests' cluster."""
    where = settings.DATABASES["default"]
    host = where["OPTIONS"].get("host") or where["HOST"]
    return f"postgres://{quote(where['USER'])}:{quote(where['PASSWORD'], safe='')}@/{name}?host={quote(host, safe='/')}"


def _run(*statements: str) -> list[tuple[str, ...]]:
    where = settings.DATABASES["default"]
    link = psycopg2.connect(
        host=where["OPTIONS"].get("host") or where["HOST"],
        user=where["USER"],
        password=where["PASSWORD"],
        dbname="unity_mall",
    )
    link.autocommit = True
    with link.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    link.close()
    return rows
