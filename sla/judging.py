"""How each promise of a handoff stands at a moment, in SQL: the set-based twin of `sla.verdicts`.

What was judged when a handoff was decided is read (it is fixed, and I11 proves it). For one that still runs the
answer follows from its facts and due times, whether the sweep has been there or not; while a pause holds the clock it
is running. A handoff that was brought in as history was never judged, and is not now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy as _

from sla import clock, ladder
from sla.models import Pause, Status
from sla.work_calendar import WorkCalendar

IN_TIME, LATE, RUNNING, NOT_NEEDED = "in_time", "late", "running", "not_needed"
STANDINGS = (IN_TIME, LATE, RUNNING, NOT_NEEDED)
LABELS = {
    IN_TIME: _("In time"),
    LATE: _("Late"),
    RUNNING: _("Still running"),
    NOT_NEEDED: _("Not needed"),
}
_IN_TIME, _LATE, _RUNNING, _NOT_NEEDED = (Value(place) for place in range(len(STANDINGS)))
# Of each promise: when it was due, what kept it while the handoff runs, and the verdict stored at its end.
_COLUMNS = {
    ladder.RESPONSE: ("respond_by", "first_contact_at", "responded_in_time"),
    ladder.ACCEPTANCE: ("accept_by", "accepted_at", "accepted_in_time"),
    ladder.FEEDBACK: ("feedback_by", "decided_at", "feedback_in_time"),
}
# Sales owes no word on what was taken back from it.
_TAKEN_BACK = (Status.EXPIRED, Status.WITHDRAWN)

Dues = Mapping[int, Mapping[str, datetime]]


def postponed(at: datetime) -> Dues:
    """The due times, by handoff and clock, that a pause has moved which is over and nobody has ended yet.

    The sweep ends such a pause within the minute, so there are hardly ever any.
    """
    overdue = Pause.objects.filter(ends_at=None, until__lte=at).select_related("handoff__terms")
    return {held.handoff_id: _postponed_by(held) for held in overdue}


def _postponed_by(held: Pause) -> dict[str, datetime]:
    row = held.handoff
    calendar = WorkCalendar.from_snapshot(row.terms.body["calendar"])
    pauses = [(held.starts_at, held.until)]
    return {
        name: clock.moved(calendar, held.starts_at, due, pauses=pauses) for name, due in row.deadlines.items()
    }


def standing(name: str, *, at: datetime, postponed: Dues | None = None) -> Case:
    """An expression over handoffs for one of the three clocks: the place of its standing in STANDINGS.

    Numbers, because many of them are grouped at once in memory where words would be sorted on disk.
    """
    column, done, stored = _COLUMNS[name]
    due = _due(name, column, postponed or {})
    return Case(
        *_decided(name, stored),
        When(Q(**{f"{done}__lte": due}), then=_IN_TIME),
        When(Q(**{f"{done}__isnull": False}), then=_LATE),
        When(Q(LessThan(due, Value(at))) & ~_held(column, at), then=_LATE),
        default=_RUNNING,
    )


def _decided(name: str, stored: str) -> list[When]:
    over = Q(decided_at__isnull=False)
    taken_back = [When(over & Q(status__in=_TAKEN_BACK, **{stored: True}), then=_NOT_NEEDED)]
    return [
        *(taken_back if name == ladder.FEEDBACK else []),
        When(over & Q(**{stored: True}), then=_IN_TIME),
        When(over & Q(**{stored: False}), then=_LATE),
        When(over, then=_NOT_NEEDED),
    ]


def _due(name: str, column: str, postponed: Dues) -> Combinable:
    moved = [When(pk=pk, then=Value(dues[name])) for pk, dues in postponed.items()]
    return Case(*moved, default=F(column), output_field=DateTimeField()) if moved else F(column)


def _held(column: str, at: datetime) -> Q:
    """A pause that began before the deadline and runs on. Looked up once for all rows: few run at a time."""
    pauses = Pause.objects.filter(ends_at=None, until__gt=at, starts_at__lt=F(f"handoff__{column}"))
    return Q(pk__in=pauses.values("handoff"))
