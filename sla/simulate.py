"""What if: a question is asked, played in the background (`sla.runs`), and made a draft.

The replay itself (`sla.replay`) writes nothing.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access
from crm.models import Role, User
from crm.states import Refused
from leads.models import MqlDefinition
from sla import drafts, runs
from sla.models import Agreement, ReasonRule, SimulationRun
from sla.replay import play, report, reproduction
from sla.replay.contracts import Changes, Contract, in_force
from sla.runs import Tell

WEEKS = (4, 8, 13, 26, 52)
DEFAULT_WEEKS = 13


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
        runs.forget_old(SimulationRun, by)
    return run


def period(weeks: int, *, zone: ZoneInfo, at: datetime) -> tuple[datetime, datetime]:
    """The last whole weeks before a moment, from Monday to Monday where the agreement's calendar lies."""
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return _midnight(monday - timedelta(weeks=weeks), zone), _midnight(monday, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


# -- played in the background ---------------------------------------------------------------------


def perform_next(*, at: datetime) -> SimulationRun | None:
    """Play the oldest run that waits; None when there is none."""
    row = runs.claim(SimulationRun, at=at)
    return row and perform(row, at=at)


def perform(run: SimulationRun, *, at: datetime) -> SimulationRun:
    """Play a run that has been claimed, and keep what came of it. `at` is what is known until then."""
    return runs.perform(run, lambda row, tell: _played(row, at, tell))


def _played(run: SimulationRun, at: datetime, tell: Tell) -> dict[str, Any]:
    agreement = Agreement.objects.select_related("definition", "calendar", "segment").get(pk=run.agreement_id)
    comparison = play.compare(
        agreement,
        Changes.from_json(run.changes),
        since=run.since,
        until=run.until,
        known_at=at,
        tell=tell,
    )
    found = reproduction.compare(comparison.history, comparison.present)
    return report.report(comparison, agreement, found)


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
