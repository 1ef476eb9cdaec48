"""What if: a question is asked, played in the background, cancelled, kept, and made a draft.

Only writer of a run's status. The replay itself (`sla.replay`) writes nothing.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from leads.models import MqlDefinition
from sla import drafts
from sla.models import RUN_MOVES, Agreement, ReasonRule, RunStatus, SimulationRun
from sla.replay import play, report, reproduction
from sla.replay.contracts import Changes, Contract, in_force

log = logging.getLogger(__name__)

WEEKS = (4, 8, 13, 26, 52)
DEFAULT_WEEKS = 13
KEPT = 20  # runs of one person
# The task's own time limit is far below: what still runs after this long has lost its worker.
BROKE_OFF_AFTER = timedelta(minutes=15)
STEPS_TOLD = 50


class _Cancelled(Exception):
    """Somebody does not want the answer any more."""


def ask(
    agreement: Agreement, changes: Changes, *, by: User, at: datetime, weeks: int = DEFAULT_WEEKS
) -> SimulationRun:
    """Ask what the last whole weeks would have been under an agreement with changes.

    The same question that is still being played is not asked twice.
    """
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    if weeks not in WEEKS:
        raise Refused(_("Choose one of the periods."), field="weeks")
    Contract(agreement, changes).check()
    in_force()
    since, until = period(weeks, zone=ZoneInfo(agreement.calendar.time_zone), at=at)
    with transaction.atomic():
        question = {"agreement": agreement, "changes": changes.to_json(), "since": since, "until": until}
        asked = SimulationRun.objects.filter(user=by, **question).unfinished().first()
        run = asked or SimulationRun.objects.create(user=by, asked_at=at, **question)
        _forget_old(by)
    return run


def period(weeks: int, *, zone: ZoneInfo, at: datetime) -> tuple[datetime, datetime]:
    """The last whole weeks before a moment, from Monday to Monday where the agreement's calendar lies."""
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return _midnight(monday - timedelta(weeks=weeks), zone), _midnight(monday, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _forget_old(by: User) -> None:
    newest = SimulationRun.objects.filter(user=by).newest_first().values_list("pk", flat=True)[:KEPT]
    SimulationRun.objects.filter(user=by).exclude(pk__in=list(newest)).delete()


def cancel(run: SimulationRun, *, by: User, at: datetime) -> SimulationRun:
    """Give a run up; the worker notices and stops. Doing it again changes nothing."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        row = SimulationRun.objects.select_for_update().get(pk=run.pk)
        if row.status != RunStatus.CANCELLED:
            _move(row, RunStatus.CANCELLED, cancelled_at=at)
    return row


def _move(row: SimulationRun, to: RunStatus, **columns: Any) -> None:
    if to not in RUN_MOVES[row.status]:
        raise UnableToMove("run", str(row.get_status_display()), str(to.label), state=row.status)
    row.status = to
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *columns, "updated_at"])


# -- played in the background ---------------------------------------------------------------------


def perform_next(*, at: datetime) -> SimulationRun | None:
    """Play the oldest run that waits; None when there is none. Two workers never take the same."""
    _give_up_broken(at)
    with transaction.atomic():
        waiting = SimulationRun.objects.filter(status=RunStatus.WAITING).order_by("pk")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return None
        _move(row, RunStatus.RUNNING, started_at=at)
    return perform(row, at=at)


def _give_up_broken(at: datetime) -> None:
    running = SimulationRun.objects.filter(status=RunStatus.RUNNING, started_at__lt=at - BROKE_OFF_AFTER)
    running.update(status=RunStatus.FAILED, error=_("The run broke off. Ask again."))


def perform(run: SimulationRun, *, at: datetime) -> SimulationRun:
    """Play a run that has been claimed, and keep what came of it. `at` is what is known until then."""
    try:
        result = _played(run, at)
    except _Cancelled:
        run.refresh_from_db()
        return run
    except Refused as refused:
        return _finish(run, RunStatus.FAILED, error=str(refused)[:300])
    except Exception as error:  # kept on the run and shown; the next run is not held up
        log.exception("simulation_failed", extra={"run": run.pk})
        return _finish(run, RunStatus.FAILED, error=f"{type(error).__name__}: {error}"[:300])
    return _finish(run, RunStatus.DONE, result=result)


def _finish(run: SimulationRun, to: RunStatus, **columns: Any) -> SimulationRun:
    with transaction.atomic():
        row = SimulationRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if row.status == RunStatus.RUNNING:  # it may have been cancelled at the last moment
            _move(row, to, **columns)
    return row


def _played(run: SimulationRun, at: datetime) -> dict[str, Any]:
    agreement = Agreement.objects.select_related("definition", "calendar", "segment").get(pk=run.agreement_id)
    comparison = play.compare(
        agreement,
        Changes.from_json(run.changes),
        since=run.since,
        until=run.until,
        known_at=at,
        tell=_Teller(run),
    )
    found = reproduction.compare(comparison.history, comparison.present)
    return report.report(comparison, agreement, found)


class _Teller:
    """Writes how far a run has come, some fifty times in all; learns on the way whether it was cancelled."""

    def __init__(self, run: SimulationRun) -> None:
        self._run, self._told = run, -1

    def __call__(self, done: int, total: int) -> None:
        step = done * STEPS_TOLD // total if total else STEPS_TOLD
        if step == self._told:
            return
        self._told = step
        mine = SimulationRun.objects.filter(pk=self._run.pk, status=RunStatus.RUNNING)
        if not mine.update(done=done, total=total):
            raise _Cancelled


# -- made a draft ---------------------------------------------------------------------------------


def make_draft(run: SimulationRun, *, by: User, at: datetime) -> Agreement:
    """A new draft with the changes of a run; how much people can work is no part of an agreement.

    Doing it again gives the same draft.
    """
    access.require_role(by, *drafts.EDITORS)
    with transaction.atomic():
        row = SimulationRun.objects.select_for_update(of=("self",)).select_related("draft").get(pk=run.pk)
        if row.draft:
            return row.draft
        changes = Changes.from_json(row.changes)
        if not changes.touches_agreement:
            raise Refused(_("Nothing of this could be agreed: only capacities were changed."))
        draft = drafts.draft_from(row.agreement, by=by, at=at)
        drafts.revise(draft, by=by, at=at, **_revision(draft, changes))
        row.draft = draft
        row.save(update_fields=["draft", "updated_at"])
    return draft


def _revision(draft: Agreement, changes: Changes) -> dict[str, Any]:
    definition: MqlDefinition = draft.definition
    for name, value in changes.definition.items():
        setattr(definition, name, value)
    rules = list(
        ReasonRule.objects.filter(agreement=draft).select_related("reason", "programme").order_by("pk")
    )
    for rule in rules:
        for name, value in changes.reasons.get(rule.reason.code, {}).items():
            setattr(rule, name, value)
    return {**changes.terms, "definition": definition, "rules": rules}
