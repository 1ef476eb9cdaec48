"""The embedded PostgreSQL: starts, survives what a machine does to it, and goes when the last one leaves."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from project import binaries, embedded
from project.postgres import Server

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def var() -> Iterator[Path]:
    """A var/ below a folder that everybody may enter (pytest's own tmp_path is private)."""
    folder = Path(tempfile.mkdtemp(prefix="baton-var-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="baton-server-"))
    folder.chmod(0o755)
    made = Server(folder, binaries.find_binaries(folder))
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_it_is_a_utf8_database_that_knows_letters(server: Server) -> None:
    assert ask(server.url(), "SHOW server_encoding") == "UTF8"
    assert ask(server.url(), "SELECT lower('ÄÉ株')") == "äé株"


def test_a_second_start_is_no_start(server: Server) -> None:
    before = postmaster(server)
    server.start()
    assert postmaster(server) == before


def test_nobody_else_can_reach_it(server: Server) -> None:
    assert server.sockets.stat().st_mode & 0o077 == 0
    assert ask(server.url(), "SHOW listen_addresses") == ""


def test_it_comes_back_after_kill_9(server: Server) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(postmaster(server), signal.SIGKILL)
    server.start()
    assert ask(server.url(), "SELECT number FROM kept") == 7


def test_a_pid_file_that_names_another_process_is_no_hindrance(server: Server) -> None:
    """After a restart of the machine the old number belongs to somebody else."""
    server.stop()
    stale = server.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{server.data}\n{int(time.time())}\n5432\n{server.sockets}\n\n0 0\n")
    shutil.chown(stale, server.data.stat().st_uid)
    server.start()
    assert ask(server.url()) == 1


def test_data_of_another_version_is_refused_with_advice(server: Server) -> None:
    server.stop()
    marker = server.data / "PG_VERSION"
    right = marker.read_text()
    marker.write_text("9\n")
    with pytest.raises(embedded.NoDatabase, match=r"made by PostgreSQL 9.*--reset"):
        server.start()
    marker.write_text(right)
    server.start()


def test_the_last_one_out_stops_it_and_the_data_stays(var: Path) -> None:
    with embedded.running(var) as first:
        with embedded.running(var) as second:
            assert first == second == embedded.recorded_url(var)
        assert ask(first) == 1, "the first still works after the second has left"
        with pytest.raises(embedded.NoDatabase, match="in use"):
            embedded.erase(var)
    assert not embedded.local_server(var).is_up()
    embedded.erase(var)
    assert not embedded.local_server(var).data.exists()


def test_a_database_url_overrides_all(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    with embedded.running(var) as url, embedded.throwaway(var) as other:
        assert url == other == "postgresql://elsewhere/x"
    assert not var.exists()


def test_a_throwaway_server_leaves_nothing(var: Path) -> None:
    with embedded.throwaway(var) as url:
        folder = Path(url.partition("host=")[2]).parent
        assert ask(url, "SHOW fsync") == "off"
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")
def test_a_checkout_nobody_may_enter_keeps_its_data_outside(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    var = tmp_path / "var"
    home = binaries.home_of(var)
    try:
        assert tmp_path not in home.parents
        assert binaries.home_of(var) == home, "it is recorded in var/"
        with embedded.running(var) as url:
            assert ask(url) == 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*/bin")), reason="there is no PostgreSQL of the system"
)
def test_without_the_wheel_the_system_serves(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel_binaries", lambda: None)
    with embedded.throwaway(var) as url:
        assert ask(url) == 1


def test_without_any_binaries_the_message_says_what_to_do(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for finder in ("_wheel_binaries", "_system_binaries"):
        monkeypatch.setattr(binaries, finder, lambda: None)
    with pytest.raises(embedded.NoDatabase, match="DATABASE_URL"), embedded.throwaway(var):
        pass
