"""Offering leads to sales, as a batch: terms, due times, people and briefs for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max, Q

from crm.models import Calendar, Leave, User
from leads import lifecycle
from leads.models import Lead
from sla import agreements, brief, clock, routing
from sla.models import Agreement, Handoff, Status, Terms
from sla.work_calendar import WorkCalendar

# One offering at a time chooses people, so that two batches do not both find the same rep idle.
ROUTING_LOCK = 7_105_001


@dataclass(frozen=True, slots=True)
class DueTimes:
    warn_at: datetime
    respond_by: datetime
    expires_at: datetime
    feedback_by: datetime


def due_times(terms: Terms, *, offered_at: datetime) -> DueTimes:
    """Computed once, from the frozen terms: nobody moves them by editing an agreement."""
    body = terms.body
    calendar = WorkCalendar.from_snapshot(body["calendar"])

    def after(hours: float) -> datetime:
        return clock.add(calendar, offered_at, timedelta(hours=hours))

    return DueTimes(
        warn_at=after(body["response_hours"] * body["warn_percent"] / 100),
        respond_by=after(body["response_hours"]),
        expires_at=after(body["expire_hours"]),
        feedback_by=after(body["feedback_hours"]),
    )


def choose_people(leads: Sequence[Lead], *, at: datetime) -> dict[int, routing.Choice]:
    """A seller for each lead, by lead id. Holds the routing lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING_LOCK])
    had = _who_had(leads)
    requests = [
        routing.Request(lead.pk, lead.account.owner_id if lead.account else None, frozenset(had[lead.pk]))
        for lead in leads
    ]
    return {choice.lead: choice for choice in routing.deal_out(requests, seats(at))}


def seats(at: datetime) -> list[routing.Seat]:
    """Everybody who sells, with what they have running."""
    running = Count("handoffs", filter=Q(handoffs__status__in=("open", "contacted", "accepted")))
    people = (
        User.objects.active()
        .filter(role="rep")
        .annotate(running=running, last_offer=Max("handoffs__offered_at"))
    )
    away = set(
        Leave.objects.filter(starts_on__lte=at.date(), ends_on__gte=at.date()).values_list("user", flat=True)
    )
    return [
        routing.Seat(person.pk, person.capacity, person.running, person.last_offer, person.pk in away)
        for person in people.order_by("pk")
    ]


def _who_had(leads: Sequence[Lead]) -> dict[int, set[int]]:
    """Who refused a lead, or let it expire."""
    had: dict[int, set[int]] = defaultdict(set)
    past = Handoff.objects.filter(lead__in=leads, status__in=(Status.REJECTED, Status.EXPIRED)).exclude(
        assignee=None
    )
    for lead, person in past.values_list("lead", "assignee"):
        had[lead].add(person)
    return had


def build(
    leads: Sequence[Lead],
    people: Mapping[int, routing.Choice],
    agreement: Agreement,
    *,
    at: datetime,
    note: str = "",
) -> list[Handoff]:
    """Unsaved handoffs with everything frozen."""
    decay = lifecycle.current_decay()
    briefs = brief.briefs_for(leads, decay, at=at)
    sellers = User.objects.select_related("team__calendar").in_bulk(
        [c.user for c in people.values() if c.user]
    )
    frozen = _Terms(agreement, at)
    rows = []
    for lead in leads:
        choice = people[lead.pk]
        seller = sellers.get(choice.user or 0)
        terms, due = frozen.under(_calendar(agreement, seller))
        rows.append(
            Handoff(
                lead=lead,
                contact_id=lead.contact_id,
                account_id=lead.account_id,
                agreement=agreement,
                terms=terms,
                assignee=seller,
                team_id=seller.team_id if seller else None,
                status=Status.OPEN,
                round=lead.rounds + 1,
                note=note,
                score_at_handoff=round(decay.score_at(lead.score.rank, at), 6),
                grade=lead.score.grade,
                brief=briefs[lead.pk],
                routed=choice.why,
                offered_at=at,
                warn_at=due.warn_at,
                respond_by=due.respond_by,
                expires_at=due.expires_at,
                feedback_by=due.feedback_by,
                escalate_at=due.warn_at,
            )
        )
    return rows


def build_past(
    leads: Sequence[Lead], people: Mapping[int, User], agreement: Agreement, *, at: datetime
) -> dict[int, Handoff]:
    """Unsaved handoffs by lead, as if each had been offered to its person the moment it became an MQL."""
    by_moment: dict[datetime, list[Lead]] = defaultdict(list)
    for lead in leads:
        by_moment[lead.qualified_at or lead.captured_at].append(lead)
    built: dict[int, Handoff] = {}
    for moment, batch in by_moment.items():
        choices = {
            lead.pk: routing.Choice(lead.pk, people[lead.pk].pk, {"rule": "history"}) for lead in batch
        }
        built |= {row.lead_id: row for row in build(batch, choices, agreement, at=min(moment, at))}
    return built


def _calendar(agreement: Agreement, seller: User | None) -> Calendar:
    """The seller's team calendar where there is one: deadlines follow the hours they work."""
    team = seller.team if seller else None
    return team.calendar if team and team.calendar else agreement.calendar


class _Terms:
    """Frozen terms and due times per calendar, computed once in a batch."""

    def __init__(self, agreement: Agreement, at: datetime) -> None:
        self._agreement, self._at = agreement, at
        self._known: dict[int, tuple[Terms, DueTimes]] = {}

    def under(self, calendar: Calendar) -> tuple[Terms, DueTimes]:
        if calendar.pk not in self._known:
            terms = agreements.terms_for(self._agreement, calendar, at=self._at)
            self._known[calendar.pk] = terms, due_times(terms, offered_at=self._at)
        return self._known[calendar.pk]
