"""Questions that take seconds: claimed by one worker, told how far they are, cancelled, finished.

Only writer of a run's status, whatever the question. Each kind of run says itself how it is answered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import access
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from sla.models import RUN_MOVES, Run, RunStatus

log = logging.getLogger(__name__)

KEPT = 20  # runs of one person
# The task's own time limit is far below: what still runs after this long has lost its worker.
BROKE_OFF_AFTER = timedelta(minutes=15)
STEPS_TOLD = 50

R = TypeVar("R", bound=Run)
Tell = Callable[[int, int], None]


class Cancelled(Exception):
    """Somebody does not want the answer any more."""


def forget_old(model: type[R], by: User) -> None:
    mine = model._default_manager.filter(user=by)
    mine.exclude(pk__in=list(mine.order_by("-pk").values_list("pk", flat=True)[:KEPT])).delete()


def cancel(run: R, *, by: User, at: datetime) -> R:
    """Give a run up; the worker notices and stops. Doing it again changes nothing."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        row: R = type(run)._default_manager.select_for_update(of=("self",)).get(pk=run.pk)
        if row.status != RunStatus.CANCELLED:
            _move(row, RunStatus.CANCELLED, cancelled_at=at)
    return row


def _move(row: Run, to: RunStatus, **columns: Any) -> None:
    if to not in RUN_MOVES[row.status]:
        raise UnableToMove("run", str(row.get_status_display()), str(to.label), state=row.status)
    row.status = to
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *columns, "updated_at"])


def claim(model: type[R], *, at: datetime) -> R | None:
    """The oldest run that waits, now running; None when there is none. Two workers never take the same."""
    _give_up_broken(model, at)
    with transaction.atomic():
        waiting = model._default_manager.filter(status=RunStatus.WAITING).order_by("pk")
        row: R | None = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            _move(row, RunStatus.RUNNING, started_at=at)
    return row


def _give_up_broken(model: type[R], at: datetime) -> None:
    running = model._default_manager.filter(status=RunStatus.RUNNING, started_at__lt=at - BROKE_OFF_AFTER)
    running.update(status=RunStatus.FAILED, error=_("The run broke off. Ask again."))


def perform(run: R, answer: Callable[[R, Tell], dict[str, Any]]) -> R:
    """Answer a run that has been claimed, in the words of who asked, and keep the answer or what went wrong."""
    try:
        with translation.override(run.user.language):
            result = answer(run, _Teller(run))
    except Cancelled:
        run.refresh_from_db()
        return run
    except Refused as refused:
        return _finish(run, RunStatus.FAILED, error=str(refused)[:300])
    except Exception as error:  # kept on the run and shown; the next run is not held up
        log.exception("run_failed", extra={"model": run._meta.label, "run": run.pk})
        return _finish(run, RunStatus.FAILED, error=f"{type(error).__name__}: {error}"[:300])
    return _finish(run, RunStatus.DONE, result=result)


def _finish(run: R, to: RunStatus, **columns: Any) -> R:
    with transaction.atomic():
        row: R = type(run)._default_manager.select_for_update(of=("self",)).get(pk=run.pk)
        if row.status == RunStatus.RUNNING:  # it may have been cancelled at the last moment
            _move(row, to, **columns)
    return row


class _Teller:
    """Writes how far a run has come, some fifty times in all; learns on the way whether it was cancelled."""

    def __init__(self, run: Run) -> None:
        self._run, self._told = run, -1

    def __call__(self, done: int, total: int) -> None:
        step = done * STEPS_TOLD // total if total else STEPS_TOLD
        if step == self._told:
            return
        self._told = step
        mine = type(self._run)._default_manager.filter(pk=self._run.pk, status=RunStatus.RUNNING)
        if not mine.update(done=done, total=total):
            raise Cancelled
