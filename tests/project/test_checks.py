"""./run check: every part is run and told, and one that fails is named."""

import sys

import pytest

from project import checks


@pytest.fixture
def parts(monkeypatch):
    said = {"good": "print('fine')", "bad": "print('a fault'); raise SystemExit(1)", "late": "print('also')"}
    commands = {name: [sys.executable, "-c", code] for name, code in said.items()}
    monkeypatch.setattr(checks, "parts", lambda: commands)


def test_all_are_run_and_the_one_that_fails_is_named(parts, capsys):
    assert checks.run([], "postgresql://nowhere") == 1
    told = capsys.readouterr().out
    assert "fine\nok    good" in told
    assert "a fault\nFAIL  bad" in told
    assert "ok    late" in told
    assert told.endswith("Failed: bad.\n")


def test_the_wanted_ones_alone(parts, capsys):
    assert checks.run(["late"], "postgresql://nowhere") == 0
    assert "good" not in capsys.readouterr().out


def test_an_unknown_one_is_refused(parts, capsys):
    assert checks.run(["nothing"], "postgresql://nowhere") == 2
    assert "check knows good, bad, late, not nothing." in capsys.readouterr().out
