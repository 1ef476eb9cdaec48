"""Who could get a lead at this moment: the sellers, their load and hours, and what the leads ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, OuterRef, Subquery

from crm.models import Calendar, Leave, Role, User
from leads import segments
from leads.models import Lead
from sla import clock, routing, terms
from sla.models import Agreement, Handoff, Routing, Status, Territory

# One offering at a time chooses people, so that two batches do not both find the same rep idle.
ROUTING_LOCK = 7_105_001


def choose(
    leads: Sequence[Lead],
    agreements: Mapping[int, Agreement],
    *,
    at: datetime,
    to_queue: frozenset[int] = frozenset(),
) -> dict[int, routing.Choice]:
    """A seller for each lead, by lead id. Holds the routing lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING_LOCK])
    return preview(leads, agreements, at=at, to_queue=to_queue)


def preview(
    leads: Sequence[Lead],
    agreements: Mapping[int, Agreement],
    *,
    at: datetime,
    to_queue: frozenset[int] = frozenset(),
) -> dict[int, routing.Choice]:
    """Who would get each lead now; nothing is locked and nothing is written. `agreements` are by lead id."""
    had, teams = _who_had(leads), _territories(leads)
    requests = [
        routing.Request(
            lead.pk,
            account_owner=lead.account.owner_id if lead.account else None,
            had_before=frozenset(had[lead.pk]),
            team=teams.get(lead.pk),
            to_queue=_waits(lead, agreements[lead.pk], teams, to_queue),
        )
        for lead in leads
    ]
    return {choice.lead: choice for choice in routing.deal_out(requests, seats(at))}


def _waits(
    lead: Lead, agreement: Agreement, teams: Mapping[int, int | None], to_queue: frozenset[int]
) -> bool:
    no_team = lead.pk in teams and teams[lead.pk] is None
    return lead.pk in to_queue or agreement.routing == Routing.QUEUE or no_team


def _territories(leads: Sequence[Lead]) -> dict[int, int | None]:
    """The team whose territory each lead lies in, by lead id; None is the open queue; others are anybody's."""
    rows = list(Territory.objects.select_related("segment").order_by("position", "pk"))
    team_of = {row.segment_id: row.team_id for row in rows}
    if not team_of:
        return {}
    found: dict[int, int | None] = {}
    for row in rows:
        left = [lead.pk for lead in leads if lead.pk not in found]
        inside = segments.matching(left, [row.segment_id]) if left else {}
        found |= {lead: row.team_id for lead, segment in inside.items() if segment}
    return found


def seats(at: datetime) -> list[routing.Seat]:
    """Everybody who sells and is active, with what they have running. Reads what runs, never all there ever was."""
    mine = Handoff.objects.filter(assignee=OuterRef("pk")).order_by("-offered_at", "-pk")
    sellers = User.objects.active().filter(role=Role.REP).select_related("team__calendar").order_by("pk")
    people = list(sellers.annotate(last_offer=Subquery(mine.values("offered_at")[:1])))
    counted = Handoff.objects.running().exclude(assignee=None).values_list("assignee").annotate(n=Count("pk"))
    running, today = dict(counted.order_by()), _offered_today(people, at)
    away, working = _away(at), _Working(at)
    return [
        routing.Seat(
            person.pk,
            person.capacity,
            running.get(person.pk, 0),
            person.last_offer,
            away=person.pk in away,
            team=person.team_id,
            today=today.get(person.pk, 0),
            daily_limit=person.daily_limit,
            at_work=working.now(person.team.calendar if person.team else None),
        )
        for person in people
    ]


def _offered_today(people: Sequence[User], at: datetime) -> dict[int, int]:
    """How many each person with a daily limit was given since midnight where they are."""
    zones = {person.pk: ZoneInfo(person.time_zone) for person in people if person.daily_limit is not None}
    recent = Handoff.objects.filter(assignee__in=zones, offered_at__gt=at - timedelta(days=1))
    given: dict[int, int] = defaultdict(int)
    for person, offered_at in recent.values_list("assignee", "offered_at"):
        zone = zones[person]
        given[person] += offered_at.astimezone(zone).date() == at.astimezone(zone).date()
    return given


def _away(at: datetime) -> set[int]:
    """Who has a day off, by the date where they are."""
    near = Leave.objects.filter(
        starts_on__lte=(at + timedelta(days=1)).date(), ends_on__gte=(at - timedelta(days=1)).date()
    )
    return {
        leave.user_id
        for leave in near.select_related("user")
        if leave.starts_on <= at.astimezone(ZoneInfo(leave.user.time_zone)).date() <= leave.ends_on
    }


class _Working:
    """Whether a calendar is open at one moment; each is asked once. Without a calendar everybody is at work."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._known: dict[int, bool] = {}

    def now(self, calendar: Calendar | None) -> bool:
        if calendar is None:
            return True
        if calendar.pk not in self._known:
            self._known[calendar.pk] = clock.is_open(terms.work_calendar(calendar), self._at)
        return self._known[calendar.pk]


def _who_had(leads: Sequence[Lead]) -> dict[int, set[int]]:
    """Who refused a lead, or let it expire."""
    had: dict[int, set[int]] = defaultdict(set)
    past = Handoff.objects.filter(lead__in=leads, status__in=(Status.REJECTED, Status.EXPIRED)).exclude(
        assignee=None
    )
    for lead, person in past.values_list("lead", "assignee"):
        had[lead].add(person)
    return had
