"""Nudges: a sweep that runs within seconds because something just happened, instead of at its next turn.

A nudge is a hint and no news: nothing is stored for it, and what it is for names no sweep of a higher app.
"""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.core.cache import cache
from django.db import transaction

log = logging.getLogger(__name__)
WITHIN, WORTH = 5, 60  # seconds: how soon it runs, and after which its next turn has done its work

_waiting: dict[str, list[str]] = {}


def subscribe(happening: str, task: str) -> None:
    """Have a task nudged whenever something happens; for AppConfig.ready()."""
    _waiting.setdefault(happening, []).append(task)


def happened(happening: str) -> None:
    """Once this transaction is committed, nudge whoever waits for it."""
    for task in _waiting.get(happening, ()):
        transaction.on_commit(partial(nudge, task), robust=True)


def nudge(task: str) -> None:
    """Have a sweep run soon. Asked again before it does, it is not told twice: what it finds, it finds in the database.

    A message that is lost, or a queue that does not answer, costs no more than the time to its next turn.
    """
    if not cache.add(f"nudge:{task}", True, timeout=WITHIN):
        return
    try:
        current_app.send_task(task, countdown=WITHIN, expires=WORTH, retry=False)
    except Exception as error:  # each kind of queue fails in its own way, and none may fail the deed
        log.warning("nudge_lost", extra={"task": task, "error": type(error).__name__})
