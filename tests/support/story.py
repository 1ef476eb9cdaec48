"""A fortnight of handoffs in which every figure of the reports is more than nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sla import data_tasks, escalation, feedback, handoffs
from sla.handoffs import Opportunity
from sla.models import DataTask, Feedback, Handoff
from tests.support import founded
from tests.support.cast import Cast

DAY = timedelta(days=1)


@dataclass
class Story:
    """`now` is when the page is looked at; handoffs by what became of them."""

    cast: Cast
    now: datetime
    rows: dict[str, Handoff]


def tell(cast: Cast) -> Story:
    """The story is told once and laid again after that."""
    now, keys = founded.lay(lambda: _told(cast), key=("story", cast.at))
    by_key = Handoff.objects.in_bulk(keys.values())
    return Story(cast, now, {name: by_key[key] for name, key in keys.items()})


def _told(cast: Cast) -> tuple[datetime, dict[str, int]]:
    """Offered on Monday and Tuesday, looked at nine days later; the last ones the sweep has not seen."""
    start: datetime = cast.at
    rows: dict[str, Handoff] = {}
    rows["won"] = _converted(cast, cast.handoff(source="webinar", last_name="Zwon"))
    rows["late"] = _late(cast, cast.handoff(source="webinar", last_name="Zlate"))
    rows["refused"] = _refused(cast, cast.handoff(source="fair", last_name="Zrefused"))
    rows["gap"] = _given_back(
        cast, cast.handoff(source="fair", last_name="Zgap", email="", phone="03-1234-5678")
    )
    rows["expired"] = cast.handoff(source="web", last_name="Zexpired")
    escalation.sweep(at=rows["expired"].expires_at + timedelta(minutes=1))
    cast.at = start + DAY
    rows["withdrawn"] = cast.handoff(source="web", last_name="Zwithdrawn")
    handoffs.withdraw(rows["withdrawn"], by=cast.marketer, at=cast.at + timedelta(hours=1))
    rows["moved"] = _moved(cast, cast.handoff(last_name="Zmoved"))
    rows["working"] = _working(cast, cast.handoff(source="web", last_name="Zworking"))
    cast.at = start + 7 * DAY
    rows["unswept"] = cast.handoff(to=cast.colleague, last_name="Zunswept")
    rows["elsewhere"] = cast.handoff(to=cast.stranger, last_name="Zelsewhere")
    cast.at = start + 9 * DAY
    rows["fresh"] = cast.handoff(last_name="Zfresh")
    queued = cast.handoff(last_name="Zqueued")
    Handoff.objects.filter(pk=queued.pk).update(assignee=None, team=None)
    rows["queued"] = queued
    cast.at = start
    now = rows["unswept"].respond_by + timedelta(hours=1)
    return max(now, start + 9 * DAY + timedelta(hours=2)), {name: row.pk for name, row in rows.items()}


def _converted(cast: Cast, row: Handoff) -> Handoff:
    at = row.offered_at
    found = {"budget": "approved", "authority": "decides", "need": "urgent", "timing": "quarter"}
    handoffs.contact(
        row, channel="call", outcome="reached", by=cast.rep, at=at + timedelta(hours=2), found=found
    )
    handoffs.accept(row, by=cast.rep, at=at + timedelta(hours=3))
    return handoffs.convert(row, Opportunity("Deal", Decimal(100)), by=cast.rep, at=at + timedelta(hours=4))


def _late(cast: Cast, row: Handoff) -> Handoff:
    """Too late with everything, and given back; marketing has read why."""
    handoffs.contact(
        row, channel="call", outcome="no_answer", by=cast.rep, at=row.respond_by + timedelta(hours=1)
    )
    handoffs.reject(row, reason="no-budget", by=cast.rep, at=row.feedback_by + timedelta(hours=1))
    told = Feedback.objects.filter(handoff=row)
    feedback.review(list(told), conclusion="Ask earlier", by=cast.marketer, at=row.feedback_by + DAY)
    return row


def _refused(cast: Cast, row: Handoff) -> Handoff:
    """Turned down before anybody called."""
    return handoffs.reject(row, reason="competitor", by=cast.rep, at=row.offered_at + timedelta(hours=1))


def _given_back(cast: Cast, row: Handoff) -> Handoff:
    """Its data had a gap; marketing mended it, and it was offered again."""
    at = row.offered_at + timedelta(hours=1)
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=at)
    handoffs.reject(
        row, reason="insufficient-data", comment="No address", by=cast.rep, at=at + timedelta(hours=1)
    )
    data_tasks.finish(DataTask.objects.get(handoff=row), result="Asked", by=cast.marketer, at=at + DAY)
    return row


def _moved(cast: Cast, row: Handoff) -> Handoff:
    """Given to a colleague, paused, and called in the end."""
    at = row.offered_at
    handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=at + timedelta(hours=1))
    handoffs.pause(row, reason="On holiday until Thursday", by=cast.colleague, at=at + timedelta(hours=2))
    handoffs.resume(row, by=cast.colleague, at=at + 2 * DAY)
    handoffs.contact(row, channel="email", outcome="reached", by=cast.colleague, at=at + 2 * DAY)
    return row


def _working(cast: Cast, row: Handoff) -> Handoff:
    handoffs.contact(
        row, channel="call", outcome="reached", by=cast.rep, at=row.offered_at + timedelta(hours=5)
    )
    return handoffs.accept(row, by=cast.rep, at=row.offered_at + timedelta(hours=6))
