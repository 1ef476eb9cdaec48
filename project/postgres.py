"""One PostgreSQL cluster: made, started and stopped.

It listens on a Unix socket in a private folder, so no port can be taken and nobody else can connect.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg

from project.binaries import NoDatabase, account, as_account, short_name

USER = DATABASE = "baton"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # sockaddr_un holds 104 bytes on macOS, 108 on Linux

TUNING = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # containers often have too little /dev/shm for parallel queries
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    # Whole statements hold people. A backfill would write each of its own several times, as summaries are asked for.
    "log_min_error_statement": "fatal",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}
THROWAWAY_TUNING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
}


def generous_tuning() -> dict[str, str]:
    """What docs/operations.md advises for a server of its own: a quarter of the memory for pages of tables."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {"shared_buffers": f"{memory // 4}MB", "effective_cache_size": f"{memory * 3 // 4}MB",
            "maintenance_work_mem": "256MB", "max_wal_size": "8GB"}  # fmt: skip


@dataclass(frozen=True)
class Server:
    """One cluster below `home`, run with the programs in `binaries`."""

    home: Path
    binaries: Path
    durable: bool = True
    tuning: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def sockets(self) -> Path:
        inside = self.home / "socket"
        if len(str(inside / SOCKET_NAME)) <= LONGEST_SOCKET:
            return inside
        return Path(tempfile.gettempdir()) / f"baton-{short_name(self.home)}"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self.sockets))}"

    def is_up(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._connect("postgres"):
            return True
        return False

    def start(self) -> None:
        """Start the server unless it runs; the data folder and the database are made when they are missing."""
        private_folder(self.home)
        private_folder(self.sockets, mode=0o700)
        if self.is_up():
            return
        self._initialise()
        self._configure()
        self._launch()
        self._ensure_database()

    def stop(self) -> None:
        """Stop the server; connections are ended, their transactions rolled back."""
        self._control("stop", "-m", "fast", "-t", "30")

    # -- steps of start()

    def _initialise(self) -> None:
        if self.data.exists():
            return self._insist_on_version()
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        result = self._call(
            "initdb", "-D", str(fresh), "-U", USER, "-A", "trust", "-E", "UTF8", "-N", *self._locale()
        )
        if result.returncode:
            raise NoDatabase(f"initdb failed: {result.stderr.strip() or result.stdout.strip()}")
        fresh.rename(self.data)
        return None

    def _major(self) -> int:
        version = re.search(r"\d+", self._call("postgres", "--version").stdout)
        return int(version[0]) if version else 0

    def _locale(self) -> list[str]:
        if self._major() >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _insist_on_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text().split(".")[0])
        if made_by != self._major():
            raise NoDatabase(
                f"The data in {self.data} was made by PostgreSQL {made_by}; this is {self._major()}. "
                "Dump it with the old version, or start over with ./run demo --reset."
            )

    def _configure(self) -> None:
        values = {**TUNING, **({} if self.durable else THROWAWAY_TUNING), **self.tuning}
        values = {**values, "unix_socket_directories": f"'{self.sockets!s}'"}
        text = "".join(f"{name} = {value}\n" for name, value in values.items())
        (self.data / "postgresql.conf").write_text(text)
        (self.data / "postgresql.conf").chmod(0o644)

    def _launch(self) -> None:
        for _attempt in range(20):
            self._drop_stale_pid()
            if self._control("start", "-t", "60", "-l", str(self.log)).returncode == 0:
                return
            # After kill -9 of the postmaster its children may hold the shared memory for a moment.
            time.sleep(0.25)
        tail = self.log.read_text(errors="replace").splitlines()[-5:] if self.log.exists() else []
        raise NoDatabase("PostgreSQL did not start; the end of its log:\n" + "\n".join(tail))

    def _drop_stale_pid(self) -> None:
        """Remove a postmaster.pid whose process is gone or is not this server: its number may have been given away."""
        pidfile = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pidfile.read_text().splitlines()[0])
            if str(self.data) not in _command_line(pid):
                pidfile.unlink()

    def _ensure_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    # -- tools

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=3)

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._call("pg_ctl", "-D", str(self.data), "-w", "-s", *arguments)

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        # The log takes the output: a pipe would stay open in the server and never end.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            code = subprocess.run(
                [str(self.binaries / program), *arguments],
                cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, **as_account(account()),
            ).returncode  # fmt: skip
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess([program, *arguments], code, out.read(), err.read())


def _command_line(pid: int) -> str:
    answer = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    return answer.stdout


def private_folder(folder: Path, mode: int = 0o755) -> None:
    """Make the folder for the account that runs the server; refuse one that somebody else made."""
    user = account()
    owner = user.pw_uid if user else os.geteuid()
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid not in (owner, os.geteuid()):
        raise NoDatabase(f"{folder} belongs to another account; remove it or set DATABASE_URL.")
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(mode)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Alone among processes, until the block ends or the process does."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
