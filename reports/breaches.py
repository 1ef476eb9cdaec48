"""Late first contacts with what is on record about each: who, when, and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from reports import facets
from reports.facets import Lens
from reports.scopes import Scope
from sla import breaches as stories
from sla import clock
from sla.breaches import OnRecord
from sla.causes import Cause
from sla.judging import LATE
from sla.models import Handoff
from sla.work_calendar import WorkCalendar

# So many are looked into; a page shows the first of them.
MOST = 200


@dataclass(frozen=True, slots=True)
class Breach:
    """`late` is working time between the deadline and the contact, the end, or now."""

    handoff: Handoff
    done_at: datetime | None
    late: timedelta
    causes: list[OnRecord]


def late(scope: Scope, lens: Lens) -> QuerySet[Handoff]:
    """The longest overdue first."""
    rows = facets.narrowed(scope.handoffs(), {"response": [LATE]}, lens)
    until = Coalesce("first_contact_at", "decided_at", Value(lens.at))
    return rows.annotate(overdue=until - F("respond_by")).order_by("-overdue", "pk")


def breaches(scope: Scope, lens: Lens, *, most: int = MOST) -> list[Breach]:
    """The worst, with their causes; queries do not grow with their number."""
    related = (
        late(scope, lens).select_related("contact", "account", "assignee", "terms").prefetch_related("pauses")
    )
    rows = list(related[:most])
    record = stories.records(rows)
    return [_breach(row, record[row.pk], lens) for row in rows]


def _breach(row: Handoff, record: list[OnRecord], lens: Lens) -> Breach:
    end = row.first_contact_at or row.decided_at or lens.at
    calendar = WorkCalendar.from_snapshot(row.terms.body["calendar"])
    return Breach(row, row.first_contact_at, clock.elapsed(calendar, row.respond_by, end), record)


def by_cause(found: Iterable[Breach]) -> list[tuple[Cause, int]]:
    """How many breaches have each cause on record; one may have several."""
    counts = dict.fromkeys(Cause, 0)
    for breach in found:
        for kind in {cause.kind for cause in breach.causes}:
            counts[kind] += 1
    return [(kind, count) for kind, count in counts.items() if count]
