"""A real PostgreSQL for development, tests and the demo, with nothing to install: who uses it, and for how long."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from project.binaries import NoDatabase, find_binaries, home_of
from project.postgres import Server, locked, private_folder

__all__ = ["NoDatabase", "erase", "local_server", "recorded_url", "running", "throwaway"]

THROWAWAY_PREFIX = "baton-test-"


@contextlib.contextmanager
def running(var: Path) -> Iterator[str]:
    """The URL of this checkout's database, which runs as long as anybody is inside; DATABASE_URL overrides it.

    Each user holds a shared lock, which the kernel drops however the process ends; the last one out stops the server.
    """
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = local_server(var)
    with (server.home / "users.lock").open("a") as users:
        with locked(server.home / "door.lock"):
            fcntl.flock(users, fcntl.LOCK_SH)
            server.start()
        try:
            yield server.url()
        finally:
            _leave(server, users)


def _leave(server: Server, users: IO[str]) -> None:
    with locked(server.home / "door.lock"), contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.stop()


def local_server(var: Path) -> Server:
    home = home_of(var)
    private_folder(home)
    with locked(home / "door.lock"):
        return Server(home, find_binaries(home))


def recorded_url(var: Path) -> str:
    """Where this checkout's server is or would be, without starting anything (settings ask this)."""
    record = var / "postgres.home"
    home = Path(record.read_text().strip()) if record.exists() else var / "postgres"
    return Server(home, Path()).url()


def erase(var: Path) -> None:
    """Remove the data of this checkout's server; refused while somebody uses it."""
    server = local_server(var)
    with locked(server.home / "door.lock"), (server.home / "users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoDatabase("The database is in use: stop the other ./run first.") from None
        if server.is_up():
            server.stop()
        shutil.rmtree(server.data, ignore_errors=True)


@contextlib.contextmanager
def throwaway(var: Path, tuning: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of an empty server of one's own, without fsync, gone afterwards; DATABASE_URL overrides it."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    binaries = local_server(var).binaries
    _sweep_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=THROWAWAY_PREFIX))
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = Server(folder, binaries, durable=False, tuning=tuning or {})
        try:
            server.start()
            yield server.url()
        finally:
            _discard(folder)


def _sweep_leftovers() -> None:
    """Remove what runs that were killed have left behind: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{THROWAWAY_PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _discard(folder)


def _discard(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        os.kill(int((folder / "data" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)
