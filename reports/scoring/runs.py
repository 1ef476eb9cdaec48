"""Questions about scoring that take seconds: asked, and worked out in the background (`sla.runs` moves them).

What leads to an outcome, for marketers and managers; or points proposed from it, for marketers: a draft comes of it,
and nothing is activated.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm import access
from crm.models import Role, User
from reports import wishes
from reports.models import ScoringQuestion, ScoringRun
from reports.scopes import Scope
from reports.scoring import proposing, regression
from reports.scoring.wish import USUAL_PERIOD, ScoringWish
from sla import runs
from sla.models import RunStatus
from sla.runs import Tell

STILL_GOOD = timedelta(hours=1)
MAY_ASK: dict[str, tuple[Role, ...]] = {
    ScoringQuestion.INSIGHT: (Role.MARKETER, Role.MANAGER),
    ScoringQuestion.PROPOSAL: (Role.MARKETER,),
}


def ask(question: str, scope: Scope, wish: ScoringWish, *, by: User, at: datetime) -> ScoringRun:
    """The same question that is still being worked out is not asked twice."""
    access.require_role(by, *MAY_ASK[question])
    asked = _asked(question, scope, wish)
    with transaction.atomic():
        same = ScoringRun.objects.filter(user=by, **asked).unfinished().first()
        run = same or ScoringRun.objects.create(user=by, asked_at=at, **asked)
        runs.forget_old(ScoringRun, by)
    return run


def lately(question: str, scope: Scope, wish: ScoringWish, *, by: User, at: datetime) -> ScoringRun | None:
    """The newest answer to the same question that is not too old to be given again."""
    mine = ScoringRun.objects.filter(user=by, status=RunStatus.DONE, asked_at__gt=at - STILL_GOOD)
    return mine.filter(**_asked(question, scope, wish)).newest_first().first()  # type: ignore[no-any-return]


def _asked(question: str, scope: Scope, wish: ScoringWish) -> dict[str, Any]:
    return {
        "question": question, "version": wish.first, "outcome": wish.outcome, "bar": wish.bar, "query": scope.query,
    }  # fmt: skip


def asked_of(run: ScoringRun) -> tuple[Scope, ScoringWish]:
    """What a run is about: its days are those of when it was asked."""
    scope = wishes.read(run.query, user=run.user, at=run.asked_at, default=USUAL_PERIOD).scope
    return scope, ScoringWish([run.version], run.outcome, run.bar, {})


def perform_next(*, at: datetime) -> ScoringRun | None:
    """Work out the oldest question that waits; None when there is none."""
    row = runs.claim(ScoringRun, at=at)
    return row and runs.perform(row, lambda run, tell: _worked_out(run, at, tell))


def _worked_out(run: ScoringRun, at: datetime, tell: Tell) -> dict[str, Any]:
    scope, wish = asked_of(run)
    if run.question == ScoringQuestion.INSIGHT:
        return regression.insight(wish.read(scope, wish.first).samples, tell).to_json()
    return _proposed(run, scope, wish, at, tell)


def _proposed(run: ScoringRun, scope: Scope, wish: ScoringWish, at: datetime, tell: Tell) -> dict[str, Any]:
    """Cancelled until the last moment, it leaves no draft."""
    prepared = proposing.prepare(scope, wish.outcome, bar=wish.bar, tell=tell)
    with transaction.atomic():
        draft = proposing.draft(prepared, by=run.user, at=at)
        mine = ScoringRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING)
        if not mine.update(draft=draft):
            raise runs.Cancelled
    return prepared.told
