"""Offering leads to sales, as a batch: terms, due times, people and briefs for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm.models import User
from leads.models import Lead
from leads.scoring import reading
from leads.scoring.decay import Decay
from sla import brief, clock, ladder, routing, terms
from sla.models import Agreement, Handoff, Status, Terms
from sla.work_calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class DueTimes:
    """When each promise is due, and the rungs on the way there."""

    warn_at: datetime
    respond_by: datetime
    accept_by: datetime
    expires_at: datetime
    feedback_by: datetime
    rungs: tuple[ladder.Rung, ...]

    @property
    def deadlines(self) -> dict[str, datetime]:
        return {
            ladder.RESPONSE: self.respond_by,
            ladder.ACCEPTANCE: self.accept_by,
            ladder.FEEDBACK: self.feedback_by,
        }


def due_times(frozen: Terms, *, offered_at: datetime) -> DueTimes:
    """Computed once, from the frozen terms: nobody moves them by editing an agreement."""
    body = frozen.body
    calendar = WorkCalendar.from_snapshot(body["calendar"])

    def after(hours: float) -> datetime:
        return clock.add(calendar, offered_at, timedelta(hours=hours))

    rungs, respond_by = ladder.lay(body, after), after(body["response_hours"])
    return DueTimes(
        warn_at=ladder.warning_of(rungs, respond_by),
        respond_by=respond_by,
        accept_by=after(body["accept_hours"]),
        expires_at=after(body["expire_hours"]),
        feedback_by=after(body["feedback_hours"]),
        rungs=tuple(rungs),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A lead, the agreement it falls under, and who was chosen for it."""

    lead: Lead
    agreement: Agreement
    choice: routing.Choice


def build(
    offers: Sequence[Offer],
    briefs: Mapping[int, dict[str, Any]],
    decay: Decay,
    *,
    at: datetime,
    note: str = "",
) -> list[Handoff]:
    """Unsaved handoffs with everything frozen; `briefs` by lead id say the same whoever gets the lead."""
    chosen = [offer.choice.user for offer in offers if offer.choice.user]
    sellers = User.objects.select_related("team__calendar").in_bulk(chosen)
    frozen = _Frozen(offers, at)
    rows = []
    for offer in offers:  # told by keys: to hold each row to its objects would take a third of the time
        lead, seller = offer.lead, sellers.get(offer.choice.user or 0)
        under, planned = frozen.under(offer.agreement, seller)
        rows.append(
            Handoff(
                lead_id=lead.pk,
                contact_id=lead.contact_id,
                account_id=lead.account_id,
                agreement_id=offer.agreement.pk,
                terms_id=under.pk,
                assignee_id=seller.pk if seller else None,
                team_id=seller.team_id if seller else offer.choice.why.get("team"),
                status=Status.OPEN,
                round=lead.rounds + 1,
                note=note,
                score_at_handoff=round(decay.score_at(lead.score.rank, at), 6),
                grade=lead.score.grade,
                brief=briefs[lead.pk],
                routed=offer.choice.why,
                offered_at=at,
                **planned,
            )
        )
    return rows


def put_off(due: DueTimes, calendar: WorkCalendar, *, begins: datetime, ends: datetime) -> DueTimes:
    """What was still ahead when a pause began moves by its working time; what was due before stays due before."""

    def moved(planned: datetime) -> datetime:
        return clock.moved(calendar, begins, planned, pauses=[(begins, ends)])

    return DueTimes(
        warn_at=moved(due.warn_at),
        respond_by=moved(due.respond_by),
        accept_by=moved(due.accept_by),
        expires_at=moved(due.expires_at),
        feedback_by=moved(due.feedback_by),
        rungs=tuple((level, moved(planned)) for level, planned in due.rungs),
    )


def due_times_of(row: Handoff) -> DueTimes:
    """The due times of a handoff as they stand on its row."""
    return DueTimes(
        warn_at=row.warn_at,
        respond_by=row.respond_by,
        accept_by=row.accept_by,
        expires_at=row.expires_at,
        feedback_by=row.feedback_by,
        rungs=tuple(row.rungs),
    )


def dues_of(due: DueTimes) -> dict[str, object]:
    """The columns of a handoff that hold its due times."""
    return {
        "warn_at": due.warn_at,
        "respond_by": due.respond_by,
        "accept_by": due.accept_by,
        "expires_at": due.expires_at,
        "feedback_by": due.feedback_by,
        "schedule": ladder.to_json(due.rungs),
    }


def first_look(due: DueTimes) -> datetime | None:
    clocks = ladder.running_clocks(status=Status.OPEN, is_contacted=False, is_accepted=False)
    return ladder.next_look(due.rungs, clocks, deadlines=due.deadlines, expires_at=due.expires_at)


def build_past(
    leads: Sequence[Lead], people: Mapping[int, User], agreement: Agreement, *, at: datetime
) -> dict[int, Handoff]:
    """Unsaved handoffs by lead, as if each had been offered to its person the moment it became an MQL."""
    by_moment: dict[datetime, list[Offer]] = defaultdict(list)
    for lead in leads:
        choice = routing.Choice(lead.pk, people[lead.pk].pk, {"rule": "history"})
        by_moment[lead.qualified_at or lead.captured_at].append(Offer(lead, agreement, choice))
    built: dict[int, Handoff] = {}
    rules = reading.in_force()
    for moment, batch in by_moment.items():
        offered_at = min(moment, at)
        briefs = brief.briefs_for([offer.lead for offer in batch], rules, at=offered_at)
        built |= {row.lead_id: row for row in build(batch, briefs, rules.decay, at=offered_at)}
    for key, row in built.items():
        row.assignee = people[key]
    return built


class _Frozen:
    """Frozen terms and due times, computed once in a batch for each agreement, calendar and set of days off."""

    def __init__(self, offers: Sequence[Offer], at: datetime) -> None:
        self._at = at
        minding = {o.choice.user for o in offers if o.choice.user and o.agreement.leave_stops_clock}
        self._days_off = terms.days_off(minding, at=at) if minding else {}
        self._known: dict[tuple[object, ...], tuple[Terms, dict[str, object]]] = {}

    def under(self, agreement: Agreement, seller: User | None) -> tuple[Terms, dict[str, object]]:
        """The terms, and the columns of a handoff that hold its due times."""
        calendar = terms.calendar_for(agreement, seller)
        minds_leave = seller if agreement.leave_stops_clock else None
        off = self._days_off.get(minds_leave.pk, frozenset()) if minds_leave else frozenset()
        key = (agreement.pk, calendar.pk, off)
        if key not in self._known:
            frozen = terms.freeze(agreement, calendar, at=self._at, days_off=off)
            due = due_times(frozen, offered_at=self._at)
            self._known[key] = frozen, dues_of(due) | {"escalate_at": first_look(due)}
        return self._known[key]
