"""The ./run script: it installs only what changed, and says in one line what is missing."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from project import testing
from tests.support.machine import ROOT


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, on a folder of its own, with pip and venv only noted down."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("run_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for name in ("run", "dev"):
        (tmp_path / f"{name}.lock").write_text(f"{name}==1\n")
    venv = tmp_path / ".venv"
    places: dict[str, Any] = {
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "STAMP": venv / "installed.json",
        "LOCKS": {name: tmp_path / f"{name}.lock" for name in ("run", "dev")},
        "calls": [],
    }
    for name, value in places.items():
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setattr(module.subprocess, "run", lambda command, **_: _note(module, command))
    return module


def _note(module: ModuleType, command: list[str]) -> subprocess.CompletedProcess[str]:
    module.calls.append("venv" if "venv" in command else Path(command[-1]).name)
    module.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    module.PYTHON.touch()
    return subprocess.CompletedProcess(command, 0)


def test_a_fresh_machine_gets_an_environment_and_the_requirements(run: ModuleType) -> None:
    run.install("run")
    assert run.calls == ["venv", "run.lock"]


def test_nothing_is_installed_twice(run: ModuleType) -> None:
    run.install("run")
    run.install("run")
    assert run.calls == ["venv", "run.lock"]


def test_a_changed_lock_is_installed_into_the_environment_there_is(run: ModuleType) -> None:
    run.install("run")
    run.LOCKS["run"].write_text("run==2\n")
    run.install("run")
    assert run.calls == ["venv", "run.lock", "run.lock"]


def test_the_development_lock_covers_the_other(run: ModuleType) -> None:
    run.install("dev")
    run.install("run")
    assert run.calls == ["venv", "dev.lock"]


def test_an_environment_of_another_python_is_made_anew(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.install("run")
    monkeypatch.setattr(run.sys, "version_info", (3, 99))
    run.install("run")
    assert run.calls == ["venv", "run.lock", "venv", "run.lock"]


def test_an_old_python_is_told_in_one_line(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9))
    monkeypatch.setattr(run, "newer_python", lambda: None)
    with pytest.raises(SystemExit, match=r"^run: Python 3\.11 or newer is needed; this is 3\.9\.$"):
        run.insist_on_python()


def test_a_missing_ensurepip_is_told_in_one_line(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="ensurepip is missing"):
        run.make_venv()


def test_the_script_needs_nothing_but_the_standard_library() -> None:
    imports = [
        line.split()[1]
        for line in (ROOT / "run").read_text().splitlines()
        if line.lstrip().startswith(("import ", "from "))
    ]
    assert set(imports) <= set(sys.stdlib_module_names)


def test_the_locks_name_hashes_and_no_place() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not any(word in text for word in ("://", "--index-url", "--find-links", " /"))


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ([], testing.SPREAD),
        (["-k", "inbox"], [*testing.SPREAD, "-k", "inbox"]),
        (["-n0"], ["-n0"]),
        (["tests/x.py::test_y"], ["tests/x.py::test_y"]),
    ],
)
def test_two_processes_unless_said_otherwise(given: list[str], called: list[str]) -> None:
    assert testing.with_defaults(given) == called
