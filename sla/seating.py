"""Who could get a lead at this moment: the sellers, their load and hours, and what the leads ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Max, Q

from crm.models import Leave, Role, User
from leads import segments
from leads.models import Lead
from sla import clock, routing, terms
from sla.models import ACTIVE, Agreement, Handoff, Routing, Status, Territory
from sla.work_calendar import WorkCalendar

# One offering at a time chooses people, so that two batches do not both find the same rep idle.
ROUTING_LOCK = 7_105_001


def choose(
    leads: Sequence[Lead], agreements: Mapping[int, Agreement], *, at: datetime, to_queue: frozenset[int] = frozenset()
) -> dict[int, routing.Choice]:
    """A seller for each lead, by lead id. Holds the routing lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING_LOCK])
    return preview(leads, agreements, at=at, to_queue=to_queue)


def preview(
    leads: Sequence[Lead], agreements: Mapping[int, Agreement], *, at: datetime, to_queue: frozenset[int] = frozenset()
) -> dict[int, routing.Choice]:
    """Who would get each lead now; nothing is locked and nothing is written. `agreements` are by lead id."""
    had, teams = _who_had(leads), territories([lead.pk for lead in leads])
    requests = [
        request_for(
            lead.pk,
            account_owner=lead.account.owner_id if lead.account else None,
            had_before=had[lead.pk],
            teams=teams,
            agreement=agreements[lead.pk],
            to_queue=to_queue,
        )
        for lead in leads
    ]
    return {choice.lead: choice for choice in routing.deal_out(requests, seats(at))}


def request_for(
    lead: int,
    *,
    account_owner: int | None,
    had_before: Iterable[int],
    teams: Mapping[int, int | None],
    agreement: Agreement,
    to_queue: Collection[int],
) -> routing.Request:
    """What routing asks of a lead; `teams` are those of the territories, `to_queue` leads that wait for a claim."""
    no_team = lead in teams and teams[lead] is None
    return routing.Request(
        lead,
        account_owner=account_owner,
        had_before=frozenset(had_before),
        team=teams.get(lead),
        to_queue=lead in to_queue or agreement.routing == Routing.QUEUE or no_team,
    )


def territories(leads: Sequence[int]) -> dict[int, int | None]:
    """The team whose territory each lead lies in, by lead id; None is the open queue; others are anybody's."""
    found: dict[int, int | None] = {}
    for row in Territory.objects.order_by("position", "pk"):
        left = [lead for lead in leads if lead not in found]
        inside = segments.matching(left, [row.segment_id]) if left else {}
        found |= {lead: row.team_id for lead, segment in inside.items() if segment}
    return found


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who may be given leads: how much they take, where and when they work, their days off."""

    user: int
    capacity: int
    daily_limit: int | None = None
    team: int | None = None
    zone: str = "UTC"
    calendar: WorkCalendar | None = None
    leaves: tuple[tuple[date, date], ...] = ()

    def is_away(self, at: datetime) -> bool:
        """Whether it is a day off, by the date where they are."""
        today = at.astimezone(ZoneInfo(self.zone)).date()
        return any(first <= today <= last for first, last in self.leaves)


@dataclass(frozen=True, slots=True)
class Load:
    """What a seller has at a moment: running handoffs, those offered in the last day, and the last of all."""

    running: int = 0
    recent: int = 0
    last_offer_at: datetime | None = None


RECENT = timedelta(hours=24)


def seats_of(people: Iterable[tuple[Seller, Load]], at: datetime) -> list[routing.Seat]:
    """Sellers with their load as routing sees them at a moment. Without a calendar everybody is at work."""
    is_open: dict[WorkCalendar | None, bool] = {None: True}
    for seller, _load in people:
        if seller.calendar not in is_open:
            is_open[seller.calendar] = clock.is_open(seller.calendar, at)
    return [
        routing.Seat(
            seller.user,
            seller.capacity,
            load.running,
            load.last_offer_at,
            away=seller.is_away(at),
            team=seller.team,
            today=load.recent,
            daily_limit=seller.daily_limit,
            at_work=is_open[seller.calendar],
        )
        for seller, load in people
    ]


def sellers(*, since: datetime, until: datetime) -> list[Seller]:
    """Everybody who sells and is active now, with the days off that touch a period."""
    first, last = (since - timedelta(days=1)).date(), (until + timedelta(days=1)).date()
    leaves: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for leave in Leave.objects.filter(starts_on__lte=last, ends_on__gte=first):
        leaves[leave.user_id].append((leave.starts_on, leave.ends_on))
    people = User.objects.active().filter(role=Role.REP).select_related("team__calendar").order_by("pk")
    calendars: dict[int, WorkCalendar] = {}
    return [_seller(person, calendars, leaves[person.pk]) for person in people]


def _seller(person: User, calendars: dict[int, WorkCalendar], leaves: list[tuple[date, date]]) -> Seller:
    stored = person.team.calendar if person.team else None
    if stored and stored.pk not in calendars:
        calendars[stored.pk] = terms.work_calendar(stored)
    return Seller(
        person.pk,
        person.capacity,
        person.daily_limit,
        person.team_id,
        person.time_zone,
        calendars[stored.pk] if stored else None,
        tuple(leaves),
    )


def seats(at: datetime) -> list[routing.Seat]:
    """Everybody who sells and is active, with what they have running."""
    loads = _loads(at)
    return seats_of([(one, loads.get(one.user, Load())) for one in sellers(since=at, until=at)], at)


def _loads(at: datetime) -> dict[int, Load]:
    running = Count("pk", filter=Q(status__in=ACTIVE))
    recent = Count("pk", filter=Q(offered_at__gt=at - RECENT))
    found = Handoff.objects.exclude(assignee=None).values_list("assignee")
    rows = found.annotate(running=running, recent=recent, last=Max("offered_at"))
    return {user: Load(count, fresh, last) for user, count, fresh, last in rows}


def _who_had(leads: Sequence[Lead]) -> dict[int, set[int]]:
    """Who refused a lead, or let it expire."""
    had: dict[int, set[int]] = defaultdict(set)
    past = Handoff.objects.filter(lead__in=leads, status__in=(Status.REJECTED, Status.EXPIRED)).exclude(assignee=None)
    for lead, person in past.values_list("lead", "assignee"):
        had[lead].add(person)
    return had
