"""The facts behind late first contacts, collected for a batch of handoffs in a fixed number of queries.

What counts is how things stood when the first contact was due: who owned it then, and what had been tried by then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from crm.models import Activity, Leave, LedgerEntry, User
from sla import evidence
from sla.causes import Cause, Facts, cause_of
from sla.models import ACTIVE, Handoff

GIVEN = ("handoff.reassigned", "handoff.claimed")


@dataclass(frozen=True, slots=True)
class Story:
    """Why a first contact was or is late, and whose it was when it was due."""

    cause: Cause
    owner: User | None


def stories(rows: Sequence[Handoff]) -> dict[int, Story]:
    """The story of each of these handoffs, by its id; four queries however many."""
    if not rows:
        return {}
    tried, bounced = _attempts(rows)
    owner_ids, passed = _owners(rows)
    owners = _people(owner_ids)
    away = _away(rows, owner_ids, owners)
    told: dict[int, Story] = {}
    for row in rows:
        owner = owners.get(owner_ids[row.pk] or 0)
        facts = Facts(
            has_owner=owner is not None,
            attempts=tried[row.pk],
            bounces=bounced[row.pk],
            was_away=row.pk in away,
            was_passed_late=row.pk in passed,
            is_full=owner is not None and owner.running > owner.capacity,  # type: ignore[attr-defined]
        )
        told[row.pk] = Story(cause_of(facts), owner)
    return told


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


def _owners(rows: Sequence[Handoff]) -> tuple[dict[int, int | None], set[int]]:
    """Whose each was when it was due, and which had come to them when the time was short already."""
    by_pk, passed = {row.pk: row for row in rows}, set()
    owners = {row.pk: row.assignee_id for row in rows}
    given = LedgerEntry.objects.filter(subject_type="handoff", subject_id__in=by_pk, kind__in=GIVEN)
    for entry in given.order_by("-at", "-pk"):
        row = by_pk[entry.subject_id]
        if entry.at > row.respond_by:
            owners[row.pk] = entry.data.get("from")
        elif entry.at >= row.warn_at:
            passed.add(row.pk)
    return owners, passed


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
