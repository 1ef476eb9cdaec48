"""Who could get a lead at this moment: the sellers, their load and hours, and what the leads ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, OuterRef, Subquery

from crm.models import Leave, Role, User
from leads import segments
from leads.models import Lead
from sla import clock, routing, terms
from sla.models import Agreement, Handoff, Routing, Status, Territory
from sla.work_calendar import WorkCalendar

# One offering at a time chooses people, so that two batches do not both find the same rep idle.
ROUTING_LOCK = 7_105_001


def choose(
    leads: Sequence[Lead],
    agreements: Mapping[int, Agreement],
    *,
    at: datetime,
    to_queue: frozenset[int] = frozenset(),
) -> dict[int, routing.Choice]:
    """A seller for each lead, by lead id. Holds the routing lock until the transaction ends.

    What others may change meanwhile, who has how much, is read under the lock; everything else before, as whoever
    offers next waits for it.
    """
    requests, people = _requests(leads, agreements, to_queue), sellers(since=at, until=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING_LOCK])
    return _dealt_out(requests, people, at)


def preview(
    leads: Sequence[Lead],
    agreements: Mapping[int, Agreement],
    *,
    at: datetime,
    to_queue: frozenset[int] = frozenset(),
) -> dict[int, routing.Choice]:
    """Who would get each lead now; nothing is locked and nothing is written. `agreements` are by lead id."""
    return _dealt_out(_requests(leads, agreements, to_queue), sellers(since=at, until=at), at)


def _dealt_out(
    requests: Sequence[routing.Request], people: Sequence[Seller], at: datetime
) -> dict[int, routing.Choice]:
    return {choice.lead: choice for choice in routing.deal_out(requests, seats(at, people))}


def _requests(
    leads: Sequence[Lead], agreements: Mapping[int, Agreement], to_queue: frozenset[int]
) -> list[routing.Request]:
    had, teams = _who_had(leads), territories([lead.pk for lead in leads])
    return [
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

    def midnight(self, at: datetime) -> datetime:
        """When the day began where they are."""
        return at.astimezone(ZoneInfo(self.zone)).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Load:
    """What a seller has at a moment: running handoffs, those given since midnight, and when the last of all was."""

    running: int = 0
    today: int = 0
    last_offer_at: datetime | None = None


def seats_of(people: Sequence[tuple[Seller, Load]], at: datetime) -> list[routing.Seat]:
    """Sellers with their load as routing sees them at a moment. Without a calendar everybody is at work."""
    is_open: dict[WorkCalendar | None, bool] = {None: True}
    for seller, _load in people:
        if seller.calendar and seller.calendar not in is_open:
            is_open[seller.calendar] = clock.is_open(seller.calendar, at)
    return [
        routing.Seat(
            seller.user,
            seller.capacity,
            load.running,
            load.last_offer_at,
            away=seller.is_away(at),
            team=seller.team,
            today=load.today,
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


def seats(at: datetime, people: Sequence[Seller] | None = None) -> list[routing.Seat]:
    """Sellers (None: all of them) with what they have running. Reads what runs, never all there ever was."""
    people = sellers(since=at, until=at) if people is None else people
    loads = _loads(people, at)
    return seats_of([(seller, loads[seller.user]) for seller in people], at)


def _loads(people: Sequence[Seller], at: datetime) -> dict[int, Load]:
    counted = Handoff.objects.running().exclude(assignee=None).values_list("assignee").annotate(n=Count("pk"))
    running, today = dict(counted.order_by()), _offered_today(people, at)
    mine = Handoff.objects.filter(assignee=OuterRef("pk")).order_by("-offered_at", "-pk")
    ids = [seller.user for seller in people]
    asked = User.objects.filter(pk__in=ids).annotate(last_offer=Subquery(mine.values("offered_at")[:1]))
    last = dict(asked.values_list("pk", "last_offer"))
    return {user: Load(running.get(user, 0), today.get(user, 0), last.get(user)) for user in ids}


def _offered_today(people: Sequence[Seller], at: datetime) -> dict[int, int]:
    """How many each person with a daily limit was given since midnight where they are."""
    limited = {seller.user: seller for seller in people if seller.daily_limit is not None}
    recent = Handoff.objects.filter(assignee__in=limited, offered_at__gt=at - timedelta(days=1))
    given: dict[int, int] = defaultdict(int)
    for user, offered_at in recent.values_list("assignee", "offered_at"):
        given[user] += offered_at >= limited[user].midnight(at)
    return given


def _who_had(leads: Sequence[Lead]) -> dict[int, set[int]]:
    """Who refused a lead, or let it expire."""
    had: dict[int, set[int]] = defaultdict(set)
    refused = Handoff.objects.filter(status__in=(Status.REJECTED, Status.EXPIRED))
    past = refused.filter(lead__among=[lead.pk for lead in leads]).exclude(assignee=None)
    for lead, person in past.values_list("lead", "assignee"):
        had[lead].add(person)
    return had
