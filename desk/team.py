"""Team today: who has what, who has room, who is away, and what was late and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Least
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.components import formats
from crm.components.faces import Words
from crm.models import Leave, User
from desk.clocks import Clocks
from desk.team_states import LATE_FEEDBACK, STATES, States
from sla import breaches, routing, seating
from sla.causes import LABELS
from sla.models import Handoff

QUEUE, BREACHED = "queue", "breached"
BREACHED_WITHIN, BREACHES_SHOWN, LEAVE_AHEAD = timedelta(days=7), 8, timedelta(days=14)

# -- people ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """How many running handoffs stand in one state, and where their rows are."""

    code: str
    label: Words
    tone: str
    icon: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team, or the open queue (`person` is None)."""

    person: User | None
    tallies: list[Tally]
    late_feedback: int = 0
    running: int = 0
    seat: routing.Seat | None = None
    away: str = ""

    @property
    def load(self) -> int:
        """Share of the capacity in use, in percent, for a bar that ends at full."""
        return min(100, round(100 * self.seat.load)) if self.seat and self.seat.capacity else 100

    @property
    def load_tone(self) -> str:
        if self.seat is None or not self.seat.is_full:
            return "accent"
        return "late" if self.seat.running > self.seat.capacity else "warn"


def members(user: User, at: datetime, *, team: int | None = None) -> list[Member]:
    """The people a manager leads and the open queue; a fixed number of queries."""
    people = list(sellers(user, team))
    counted = _counted(Handoff.objects.visible_to(user).running(), at)
    seats = {seat.user: seat for seat in seating.seats(at)}
    away = _away(Leave.objects.filter(user__in=people), at)
    rows = [_member(one, counted.get(one.pk, {}), seats.get(one.pk), away.get(one.pk, "")) for one in people]
    return [*rows, _member(None, counted.get(None, {}), None, "")]


def sellers(user: User, team: int | None = None) -> QuerySet[User]:
    people = User.objects.visible_to(user).sellers().select_related("team")
    people = people.filter(team=team) if team else people
    return people.order_by("team__name", "last_name", "username")


def _counted(rows: Any, at: datetime) -> dict[int | None, dict[str, int]]:
    counted = rows.order_by().values("assignee").annotate(**States(at).counts())
    return {row.pop("assignee"): row for row in map(dict, counted)}


def _member(person: User | None, counted: dict[str, int], seat: routing.Seat | None, away: str) -> Member:
    whose = person.pk if person else QUEUE
    tallies = [
        Tally(code, *face, counted.get(code, 0), f"?state={code}&person={whose}#handoffs")
        for code, face in STATES.items()
    ]
    running = sum(tally.count for tally in tallies)
    return Member(person, tallies, counted.get(LATE_FEEDBACK, 0), running, seat, away)


def _away(leaves: Any, at: datetime) -> dict[int, str]:
    """Who is away today, or tomorrow, where the reader is."""
    today = formats.local(at).date()
    said: dict[int, str] = {}
    for leave in leaves.touching(today, today + timedelta(days=1)).order_by("-starts_on", "pk"):
        said[leave.user_id] = _away_words(leave, today)
    return said


def _away_words(leave: Leave, today: date) -> str:
    if leave.starts_on > today:
        return _("away from tomorrow")
    back = leave.ends_on + timedelta(days=1)
    return _("away; back %(day)s") % {"day": formats.relative_day(back, today)}


def leaves_ahead(people: Iterable[Member], at: datetime) -> QuerySet[Leave]:
    """Days off of these people, from today on for two weeks."""
    today = formats.local(at).date()
    near = Leave.objects.filter(user__in=[one.person for one in people if one.person])
    return near.touching(today, today + LEAVE_AHEAD).select_related("user").order_by("starts_on", "pk")


# -- handoffs -------------------------------------------------------------------------------------


def asked(user: User, at: datetime, *, state: str = "", person: str = "", team: int | None = None) -> Any:
    """The handoffs a manager looks at: running ones of a state, or recent breaches."""
    rows = Handoff.objects.visible_to(user).with_people()
    late = rows.breached(at).filter(respond_by__gte=at - BREACHED_WITHIN)
    rows = late if state == BREACHED else rows.running()
    if state in STATES:
        rows = rows.filter(States(at).of(state))
    if person == QUEUE:
        rows = rows.filter(assignee=None)
    elif person.isascii() and person.isdigit() and len(person) < 10:
        rows = rows.filter(assignee=person)
    rows = rows.filter(Q(assignee=None) | Q(assignee__team=team)) if team else rows
    return rows.annotate(due=ASKED_NEXT)


# When the promise that is asked next is due: the contact, then accept or reject, then the outcome.
ASKED_NEXT = Case(
    When(first_contact_at=None, then=F("respond_by")),
    When(accepted_at=None, then=Least("accept_by", "feedback_by")),
    default=F("feedback_by"),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A late first contact: whose it was when it was due, by how much working time it was late, and why."""

    handoff: Handoff
    owner: User | None
    cause: Words
    over: timedelta


@dataclass(frozen=True, slots=True)
class Breaches:
    """The latest late first contacts, and how many there were in all."""

    shown: list[Breach] = field(default_factory=list)
    count: int = 0


def breached(user: User, at: datetime, *, team: int | None = None) -> Breaches:
    rows = asked(user, at, state=BREACHED, team=team)
    latest = list(rows.order_by("-respond_by", "-pk")[:BREACHES_SHOWN])
    told, clocks = breaches.stories(latest), Clocks(at)
    shown = [
        Breach(row, told[row.pk].owner, LABELS[told[row.pk].cause], -clocks.response(row).reading.remaining)
        for row in latest
    ]
    return Breaches(shown, rows.count() if len(latest) == BREACHES_SHOWN else len(latest))


def causes_of(rows: Sequence[Handoff]) -> dict[int, Words]:
    return {pk: LABELS[story.cause] for pk, story in breaches.stories(rows).items()}


def is_late(row: Handoff, at: datetime) -> bool:
    """Whether its first contact was late, or is."""
    return row.responded_in_time is False or (
        row.is_running and row.first_contact_at is None and row.respond_by < at and not _is_held(row)
    )


def _is_held(row: Handoff) -> bool:
    """A pause that began in time keeps it in time; `row` comes with its pauses."""
    return any(held.ends_at is None and held.starts_at <= row.respond_by for held in row.pauses.all())


# -- words ----------------------------------------------------------------------------------------


def lede(people: Sequence[Member]) -> str:
    """“6 people, 2 away; 41 handoffs running, 3 overdue.”"""
    counted = {code: sum(_count(one, code) for one in people) for code in STATES}
    team, away = [one for one in people if one.person], sum(bool(one.away) for one in people)
    words = {
        "people": ngettext("%(n)d person", "%(n)d people", len(team)) % {"n": len(team)},
        "away": away,
        "running": ngettext("%(n)d handoff running", "%(n)d handoffs running", sum(counted.values()))
        % {"n": sum(counted.values())},
        "late": counted["overdue"],
    }
    return _("%(people)s, %(away)d away; %(running)s, %(late)d overdue.") % words


def _count(member: Member, code: str) -> int:
    return next(tally.count for tally in member.tallies if tally.code == code)


def room(people: Iterable[Member]) -> dict[int, str]:
    """What a list of people says beside each name: how much they have, and whether they are away."""
    return {one.person.pk: _room(one) for one in people if one.person}


def _room(member: Member) -> str:
    seat = member.seat
    used = _("%(used)d of %(room)d") % {"used": seat.running, "room": seat.capacity} if seat else ""
    return " · ".join(part for part in (used, member.away) if part)
