"""Real services for tests: a Redis of one's own, a worker, a free port."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection

from tests.support import machine

PATIENCE_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS, every: float = 0.05) -> None:
    """Wait for something that another process does; fails when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(every)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The URL of an empty Redis on a free port, without a file on disk."""
    port = free_port()
    command = [machine.redis() or "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        until(lambda: _accepts(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_database_url() -> str:
    """The database that this test process uses, for a process beside it."""
    settings = connection.settings_dict
    port = settings["PORT"] or 5432
    return (
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST'] or '/tmp'}&port={port}"
    )


test_database_url.__test__ = False  # type: ignore[attr-defined]


def environment(var: Path, **more: str) -> dict[str, str]:
    """The surroundings of a process beside the test: its database, and a var/ of its own."""
    return {
        **os.environ,
        "BATON_ENV": "test",
        "BATON_VAR": str(var),
        "DATABASE_URL": test_database_url(),
        **more,
    }


@contextlib.contextmanager
def worker(var: Path, broker: str = "", *, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the test's database. It is killed at the end: nothing may depend on a quiet end."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "project",
        "worker",
        "--without-gossip",
        "--without-mingle",
    ]
    surroundings = environment(var, **({"CELERY_BROKER_URL": broker} if broker else {}))
    started = subprocess.Popen(
        [*command, f"--concurrency={processes}"], cwd=machine.ROOT, env=surroundings, start_new_session=True
    )
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, 9)
        started.wait()
