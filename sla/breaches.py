"""The facts behind late first contacts, collected for a batch of handoffs in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q

from crm.models import Activity, Leave, LedgerEntry, User
from sla import evidence
from sla.causes import Cause, Facts, cause_of
from sla.models import Handoff


def causes(rows: Sequence[Handoff]) -> dict[int, Cause]:
    """Why each of these handoffs was or is late, by its id; four queries however many."""
    if not rows:
        return {}
    tried, bounced = _attempts(rows)
    away, passed, full = _away(rows), _passed_late(rows), _full(rows)
    return {
        row.pk: cause_of(
            Facts(
                has_owner=row.assignee_id is not None,
                attempts=tried[row.pk],
                bounces=bounced[row.pk],
                was_away=row.pk in away,
                was_passed_late=row.pk in passed,
                is_full=row.assignee_id in full,
            )
        )
        for row in rows
    }


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


def _away(rows: Sequence[Handoff]) -> set[int]:
    """Whose owner had a day off on the day it was due, where they are."""
    owned = [row for row in rows if row.assignee]
    if not owned:
        return set()
    days = {row.pk: _day(row) for row in owned}
    people = {row.assignee_id for row in owned}
    leaves = list(Leave.objects.filter(user__in=people).touching(min(days.values()), max(days.values())))
    return {
        row.pk
        for row in owned
        if any(
            leave.user_id == row.assignee_id and leave.starts_on <= days[row.pk] <= leave.ends_on
            for leave in leaves
        )
    }


def _day(row: Handoff) -> date:
    assert row.assignee
    return row.respond_by.astimezone(ZoneInfo(row.assignee.time_zone)).date()


def _passed_late(rows: Sequence[Handoff]) -> set[int]:
    """Which were given to their owner when the time was short already."""
    warned: dict[int, datetime] = {row.pk: row.warn_at for row in rows}
    given = LedgerEntry.objects.filter(
        subject_type="handoff", subject_id__in=warned, kind__in=("handoff.reassigned", "handoff.claimed")
    )
    return {pk for pk, at in given.values_list("subject_id", "at") if at >= warned[pk]}


def _full(rows: Sequence[Handoff]) -> set[int]:
    """Owners with more running handoffs than they can work."""
    people = {row.assignee_id for row in rows if row.assignee_id}
    running = Count("handoffs", filter=Q(handoffs__status__in=("open", "contacted", "accepted")))
    loaded = User.objects.filter(pk__in=people).annotate(running=running)
    return set(loaded.filter(running__gt=F("capacity")).values_list("pk", flat=True))
