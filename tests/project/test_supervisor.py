"""The parent of web, worker and beat: one dies, all stop; a signal stops all; nothing stays behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.support.machine import ROOT

WAIT = 10.0


def parent(folder: Path, *children: str, wait: str = "True") -> subprocess.Popen[str]:
    """A process that supervises these little programs, each a line of Python that runs after it wrote its pid."""
    programs = ", ".join(
        f"Program('child{number}', [sys.executable, '-c', {_child(folder, number, line)!r}])"
        for number, line in enumerate(children)
    )
    code = f"import sys; from project.supervisor import Program, Supervisor; sys.exit(Supervisor([{programs}]).run())"
    started = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    _until(lambda: all((folder / str(number)).exists() for number in range(len(children))))
    return started


def _child(folder: Path, number: int, line: str) -> str:
    mark = folder / str(number)
    return textwrap.dedent(
        f"""
        import os, pathlib, signal, sys, time
        note = pathlib.Path({str(mark)!r} + ".new"); note.write_text(str(os.getpid())); note.rename({str(mark)!r})
        {line}
        """
    )


def _until(condition: object, seconds: float = WAIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def alive(folder: Path) -> list[int]:
    pids = [int(path.read_text()) for path in folder.iterdir() if path.name.isdigit()]
    return [pid for pid in pids if _is_running(pid)]


def _is_running(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_when_one_child_dies_all_stop_and_it_is_said(tmp_path: Path) -> None:
    started = parent(tmp_path, "time.sleep(60)", "time.sleep(0.3); sys.exit(3)")
    said, _ = started.communicate(timeout=WAIT)
    assert started.returncode == 1
    assert "child1 ended by itself (exit code 3); stopping everything." in said
    assert alive(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all(tmp_path: Path, number: signal.Signals) -> None:
    started = parent(tmp_path, "time.sleep(60)", "time.sleep(60)")
    started.send_signal(number)
    started.communicate(timeout=WAIT)
    assert started.returncode == 0
    assert alive(tmp_path) == []


def test_a_killed_child_is_named_with_its_signal(tmp_path: Path) -> None:
    started = parent(tmp_path, "time.sleep(60)", "time.sleep(60)")
    os.kill(int((tmp_path / "0").read_text()), signal.SIGKILL)
    said, _ = started.communicate(timeout=WAIT)
    assert "child0 ended by itself (signal SIGKILL)" in said
    assert alive(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killing_the_parent_leaves_no_orphans(tmp_path: Path) -> None:
    started = parent(tmp_path, "time.sleep(60)", "time.sleep(60)")
    started.kill()
    started.communicate(timeout=WAIT)
    _until(lambda: not alive(tmp_path))
