"""What somebody promised to do next: planned alone, or in the same breath as the contact it came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import transaction

from crm import activities
from crm.components import formats
from crm.models import Contact, FollowUp, User
from sla import handoffs
from sla.models import Handoff

MORNING = time(9)


def suggested_day(at: datetime) -> date:
    """The next weekday, where the person is."""
    day = formats.local(at).date() + timedelta(days=1)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def morning_of(day: date, at: datetime) -> datetime:
    """Nine o'clock of a day where the person is; today that is at once."""
    here = formats.local(at)
    morning = datetime.combine(day, MORNING, tzinfo=here.tzinfo)
    return max(morning, at) if day == here.date() else morning


def plan(contact: Contact, *, what: str, on: date | None, by: User, at: datetime) -> FollowUp:
    """Promise a next step for a day."""
    due_at = morning_of(on or suggested_day(at), at)
    return activities.plan(contact, note=what, due_at=due_at, by=by, at=at)


def contact(
    row: Handoff,
    *,
    channel: str,
    outcome: str,
    note: str,
    next_step: str,
    next_on: date | None,
    by: User,
    at: datetime,
    found: Mapping[str, str] | None = None,
) -> Handoff:
    """Log a contact and, where one was agreed, the next step: both or neither."""
    with transaction.atomic():
        logged = handoffs.contact(row, channel=channel, outcome=outcome, note=note, found=found, by=by, at=at)
        if next_step:
            plan(logged.contact, what=next_step, on=next_on, by=by, at=at)
    return logged
