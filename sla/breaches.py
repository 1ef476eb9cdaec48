"""The facts behind late first contacts, collected for a batch of handoffs in a fixed number of queries.

What counts is how things stood when the first contact was due: who owned it then, and what had been tried by then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from crm.models import Activity, Leave, LedgerEntry, User
from sla import clock, evidence
from sla.causes import Cause, Facts, cause_of, causes_of
from sla.models import ACTIVE, Handoff
from sla.work_calendar import WorkCalendar

GIVEN = ("handoff.reassigned", "handoff.claimed")


@dataclass(frozen=True, slots=True)
class Story:
    """Why a first contact was or is late, and whose it was when it was due."""

    cause: Cause
    owner: User | None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """One thing that was written down; `what` is the reason of a pause or a move, or a number of attempts."""

    kind: Cause
    what: str = ""
    at: datetime | None = None


def stories(rows: Sequence[Handoff]) -> dict[int, Story]:
    """The story of each of these handoffs, by its id; four queries however many."""
    if not rows:
        return {}
    found = _Found(rows)
    return {row.pk: Story(cause_of(found.facts(row)), found.owner(row)) for row in rows}


def records(rows: Sequence[Handoff]) -> dict[int, list[OnRecord]]:
    """Everything on record about each: the same causes, first to last, then what else was so.

    The rows come with their terms and pauses; then it is four queries, too.
    """
    found = _Found(rows) if rows else None
    return {row.pk: _record(found, row) for row in rows} if found else {}


def _record(found: _Found, row: Handoff) -> list[OnRecord]:
    told: list[OnRecord] = []
    facts, moves = found.facts(row), found.moves[row.pk]
    for cause in causes_of(facts):
        late = [move for move in moves if move.kind == cause == Cause.PASSED_LATE]
        told += late or [OnRecord(cause, _what(cause, facts))]
    told += [move for move in moves if move.kind != Cause.PASSED_LATE]
    calendar = WorkCalendar.from_snapshot(row.terms.body["calendar"])
    if not clock.is_open(calendar, row.offered_at):
        told.append(OnRecord(Cause.OFF_HOURS, at=row.offered_at))
    told += [OnRecord(Cause.PAUSED, held.reason, held.starts_at) for held in row.pauses.all()]
    return told or [OnRecord(Cause.UNTOUCHED)]


def _what(cause: Cause, facts: Facts) -> str:
    return str(facts.attempts) if cause == Cause.TRIED else ""


class _Found:
    """What is known of a batch of handoffs, looked up once."""

    def __init__(self, rows: Sequence[Handoff]) -> None:
        self._tried, self._bounced = _attempts(rows)
        self._owner_ids, self.moves = _moves(rows)
        self._owners = _people(self._owner_ids)
        self._away = _away(rows, self._owner_ids, self._owners)

    def owner(self, row: Handoff) -> User | None:
        return self._owners.get(self._owner_ids[row.pk] or 0)

    def facts(self, row: Handoff) -> Facts:
        owner = self.owner(row)
        return Facts(
            has_owner=owner is not None,
            attempts=self._tried[row.pk],
            bounces=self._bounced[row.pk],
            was_away=row.pk in self._away,
            was_passed_late=any(move.kind == Cause.PASSED_LATE for move in self.moves[row.pk]),
            is_full=owner is not None and owner.running > owner.capacity,  # type: ignore[attr-defined]
        )


def _attempts(rows: Sequence[Handoff]) -> tuple[Counter[int], Counter[int]]:
    """Attempts and bounces of each handoff between the offer and the moment it was due."""
    deeds: dict[int | None, list[Activity]] = defaultdict(list)
    since, until = min(row.offered_at for row in rows), max(row.respond_by for row in rows)
    around = Activity.objects.outbound().filter(occurred_at__gte=since, occurred_at__lte=until)
    for deed in around.filter(contact__in={row.contact_id for row in rows}):
        deeds[deed.contact_id].append(deed)
    tried: Counter[int] = Counter()
    bounced: Counter[int] = Counter()
    for row in rows:
        own = [d for d in deeds[row.contact_id] if row.offered_at <= d.occurred_at <= row.respond_by]
        tried[row.pk] = sum(evidence.is_attempt(deed) for deed in own)
        bounced[row.pk] = sum(deed.outcome == "bounced" for deed in own)
    return tried, bounced


def _moves(rows: Sequence[Handoff]) -> tuple[dict[int, int | None], dict[int, list[OnRecord]]]:
    """Whose each was when it was due, and how it had come to them: claimed, given, or given when time was short."""
    by_pk, moves = {row.pk: row for row in rows}, defaultdict[int, list[OnRecord]](list)
    owners = {row.pk: row.assignee_id for row in rows}
    given = LedgerEntry.objects.filter(subject_type="handoff", subject_id__in=by_pk, kind__in=GIVEN)
    for entry in given.order_by("-at", "-pk"):
        row = by_pk[entry.subject_id]
        if entry.at > row.respond_by:
            owners[row.pk] = entry.data.get("from")
        moves[row.pk].insert(0, OnRecord(_kind(entry, row), entry.reason, entry.at))
    return owners, moves


def _kind(entry: LedgerEntry, row: Handoff) -> Cause:
    if row.warn_at <= entry.at <= row.respond_by:
        return Cause.PASSED_LATE
    return Cause.QUEUE if entry.kind == "handoff.claimed" else Cause.REASSIGNED


def _people(owner_ids: Mapping[int, int | None]) -> dict[int, User]:
    """The owners, with how much they have running."""
    running = Count("handoffs", filter=Q(handoffs__status__in=ACTIVE))
    ids = {pk for pk in owner_ids.values() if pk}
    return {person.pk: person for person in User.objects.filter(pk__in=ids).annotate(running=running)}


def _away(
    rows: Sequence[Handoff], owner_ids: Mapping[int, int | None], owners: Mapping[int, User]
) -> set[int]:
    """Whose owner had a day off on the day it was due, where they are."""
    days = {
        row.pk: (owner, _day(row, owner)) for row in rows if (owner := owners.get(owner_ids[row.pk] or 0))
    }
    if not days:
        return set()
    moments = [day for _owner, day in days.values()]
    leaves = list(Leave.objects.filter(user__in=owners).touching(min(moments), max(moments)))
    return {pk for pk, (owner, day) in days.items() if any(_covers(leave, owner, day) for leave in leaves)}


def _day(row: Handoff, owner: User) -> date:
    return row.respond_by.astimezone(ZoneInfo(owner.time_zone)).date()


def _covers(leave: Leave, owner: User, day: date) -> bool:
    return leave.user_id == owner.pk and leave.starts_on <= day <= leave.ends_on
