"""One database per size on the same server, so that sizes can be measured in turn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection
from psycopg import sql


def use(name: str) -> None:
    """Let this process talk to another database of the server."""
    connection.close()
    connection.settings_dict["NAME"] = name


def current() -> str:
    return str(connection.settings_dict["NAME"])


def url(name: str) -> str:
    settings = connection.settings_dict
    host, port = settings["HOST"] or "/tmp", settings["PORT"] or 5432
    return f"postgresql://{settings['USER']}@/{name}?host={host}&port={port}"


def copy(source: str, target: str) -> None:
    """A new database with everything in another one, which nobody may be using."""
    with _elsewhere():
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", target)
        _run("CREATE DATABASE {} TEMPLATE {}", target, source)


def exists(*names: str) -> bool:
    """Whether all of them do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [list(names)])
        return bool(cursor.fetchone()[0] == len(names))


def drop(*names: str) -> None:
    with _elsewhere():
        for name in names:
            _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@contextlib.contextmanager
def _elsewhere() -> Iterator[None]:
    before = current()
    use("postgres")
    try:
        yield
    finally:
        use(before)


def _run(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]
