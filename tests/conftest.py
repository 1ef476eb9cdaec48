"""Fixtures for the whole suite. Those of one area stand in its own conftest.py."""

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support import commits, emptying, machine

commits.install()
emptying.install()
# Never a timed test: a busy machine must not fail a property. The examples are the same on every run, so that a
# change is judged by what it changed; `./run test --hypothesis-profile=explore` draws new ones.
hypothesis.settings.register_profile("settled", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("settled")


# Saying loudly what was left out ----------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for need in machine.missing():
        if need not in machine.required():
            reason = f"there is no {machine.WORDS[need].removeprefix('a ')} on this machine"
            for item in items:
                if item.get_closest_marker(need):
                    item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for need in machine.required() & set(machine.missing()):
        if item.get_closest_marker(need):
            pytest.fail(f"{machine.WORDS[need]} is required (BATON_REQUIRE) and missing", pytrace=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    _tell_figures(terminalreporter)
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for need in machine.missing():
        name = machine.WORDS[need].removeprefix("a ")
        count = sum(name in text for text in skipped)
        if count:
            terminalreporter.section(
                f"LEFT OUT: {count} of the tests that need {machine.WORDS[need]}", sep="!", red=True
            )
            terminalreporter.line(
                f"This machine has none. .ci/run installs it; BATON_REQUIRE={need} makes it a failure."
            )


def _tell_figures(terminalreporter: Any) -> None:
    """What tests counted with `record_property`, added up: docs/reliability.md quotes them."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties if report.when == "call" else ():
            counted[name] += int(str(value))
    if counted:
        terminalreporter.section("COUNTED")
        for name, count in sorted(counted.items()):
            terminalreporter.line(f"{count:>9,}  {name}")


# The database -----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def commit_hooks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run on_commit hooks inside the test's transaction; see tests/support/commits.py."""
    if not _uses_database(request):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    from django.db import connection

    if not connection.in_atomic_block:  # a transactional test really commits
        yield
        return
    with commits.as_if_committed():
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Counters are kept by user, and the same users are in every test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def usual_language() -> None:
    """A request leaves the language of its person behind in the thread."""
    from django.utils import translation

    translation.deactivate()


def _uses_database(request: pytest.FixtureRequest) -> bool:
    wanted = {"db", "transactional_db", "live_server"}
    return bool(request.node.get_closest_marker("django_db") or wanted & set(request.fixturenames))


# Time -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time that interfaces see: `clock.now`, `clock.move(hours=2)`, `clock.set(moment)`.

    It starts on a Monday, 10:00 in Tokyo.
    """
    from tests.support.clock import Clock

    return Clock(monkeypatch)


@pytest.fixture
def at() -> datetime:
    """A fixed moment to pass to deeds: where `clock` starts."""
    from tests.support.clock import START

    return START


# Real data, and the world outside ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets: REAL_DATA_DIR, by default ../shared/data. They are never part of the project."""
    folder = machine.real_data_dir()
    if not folder.is_dir():
        pytest.skip(f"the real data is not at {folder}; set REAL_DATA_DIR")
    return folder


REACHABLE = ("127.", "::1", "localhost", "0.0.0.0")


@pytest.fixture(autouse=True, scope="session")
def no_outside_world() -> Iterator[None]:
    """Tests reach this machine and nothing else."""
    original = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(REACHABLE):
            raise AssertionError(f"a test tried to reach {address[0]}")
        original(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


# The browser ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the session. Playwright keeps an event loop in this thread, which Django takes for async code."""
    from playwright.sync_api import sync_playwright

    from tests.support import browsing

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`visit(user, viewport=…, java_script_enabled=False)` is a Visitor, for a test marked `browser`.

    A page with script errors, CSP violations or foreign requests fails the test. The live server makes the test
    transactional by itself.
    """
    from tests.support.browsing import Visitor

    visitors: list[Visitor] = []

    def arrive(user: Any = None, **options: Any) -> Visitor:
        visitor = Visitor(chromium, live_server.url, **options)
        visitors.append(visitor)
        return visitor.log_in(user) if user is not None else visitor

    yield arrive
    for visitor in visitors:
        visitor.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []


# People -----------------------------------------------------------------------------------------------------


@pytest.fixture
def cast(db: None, at: datetime) -> Any:
    """A founded company with one person of every role; see tests/support/cast.py."""
    from tests.support.cast import gather

    return gather(at)
