"""Writers side by side, each a process with a connection of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from typing import Any

from django.db import OperationalError, connections

from leads.events import recording
from leads.events.recording import Behaviour


def together(work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Run each task in a process of its own, all at once; gives their answers."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(tasks), mp_context=context) as pool:
        list(pool.map(_warm, range(len(tasks))))
        return [future.result() for future in [pool.submit(work, *task) for task in tasks]]


def _warm(_number: int) -> None:
    """Connect before the clock starts, and let every process take one turn."""
    connections["default"].ensure_connection()
    time.sleep(0.05)


def record_all(batches: list[list[Behaviour]], at: datetime) -> tuple[float, float, int]:
    """When it began, when it ended, and how often the database found a deadlock."""
    deadlocks, begun = 0, time.time()
    for rows in batches:
        try:
            recording.record(rows, by=None, at=at)
        except OperationalError as error:
            deadlocks += "deadlock" in str(error)
    return begun, time.time(), deadlocks


def span(answers: Sequence[tuple[float, float, int]]) -> float:
    """Seconds from the first beginning to the last end."""
    return max(end for _begun, end, _found in answers) - min(begun for begun, _end, _found in answers)
