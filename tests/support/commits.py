"""Commit hooks inside a test's own transaction.

Our ledger calls its subscribers after the commit. A test that runs inside one transaction never commits, so
here the end of the outermost `atomic` block *of the code under test* counts as its commit: its hooks run then,
and not before. Outside any block, where the real thing is autocommit, they run at once.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic

_atomic_exit = Atomic.__exit__
_queue = BaseDatabaseWrapper.on_commit


def _at_the_surface(wrapper: BaseDatabaseWrapper) -> bool:
    depth = getattr(wrapper, "test_depth", None)
    return depth is not None and len(wrapper.savepoint_ids) == depth and not wrapper.needs_rollback


def _exit(self: Atomic, exc_type: Any, exc_value: Any, traceback: Any) -> None:
    _atomic_exit(self, exc_type, exc_value, traceback)
    if _at_the_surface(connection) and connection.in_atomic_block:
        run_hooks()


def _on_commit(self: BaseDatabaseWrapper, func: Callable[[], object], robust: bool = False) -> None:
    _queue(self, func, robust)
    if _at_the_surface(self) and self.in_atomic_block:
        run_hooks()


def run_hooks() -> None:
    """As Django's own: a hook that fails stops the rest, unless it was registered as robust."""
    hooks, connection.run_on_commit = connection.run_on_commit, []
    while hooks:
        _sids, func, robust = hooks.pop(0)
        with contextlib.suppress(Exception) if robust else contextlib.nullcontext():
            func()


def install() -> None:
    Atomic.__exit__ = _exit  # type: ignore[method-assign]
    BaseDatabaseWrapper.on_commit = _on_commit  # type: ignore[method-assign]


@contextlib.contextmanager
def as_if_committed() -> Iterator[None]:
    """Count from here: blocks opened inside are the code's, those already open are the test's."""
    connection.test_depth = len(connection.savepoint_ids)
    try:
        yield
    finally:
        connection.test_depth = None
