"""The clock a handoff shows, and the agreement's words about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crm.components import formats
from sla import clock
from sla.models import ACTIVE, Handoff


@dataclass(frozen=True, slots=True)
class Clock:
    """A reading with the window it was promised and the part of it that warns."""

    reading: clock.ClockReading
    total: timedelta
    warn: timedelta | None

    @property
    def state(self) -> str:
        return str(self.reading.state)


class Clocks:
    """Reads clocks at one moment; a calendar shared by many handoffs is built once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._calendars: dict[str, clock.WorkCalendar] = {}

    def of(self, row: Handoff) -> Clock:
        """The clock that asks for something next: the response, then the feedback."""
        is_feedback = row.first_contact_at is not None and row.status in ACTIVE
        return self._feedback(row) if is_feedback else self._response(row)

    def _response(self, row: Handoff) -> Clock:
        body = row.terms.body
        reading = clock.read(
            self._calendar(row),
            offered_at=row.offered_at,
            due=row.respond_by,
            at=self.at,
            answered_at=row.first_contact_at or row.decided_at,
            warn_at=row.warn_at,
        )
        total = timedelta(hours=body["response_hours"])
        return Clock(reading, total, total * (100 - body["warn_percent"]) / 100)

    def _feedback(self, row: Handoff) -> Clock:
        calendar = self._calendar(row)
        reading = clock.read(calendar, offered_at=row.offered_at, due=row.feedback_by, at=self.at)
        return Clock(reading, timedelta(hours=row.terms.body["feedback_hours"]), None)

    def _calendar(self, row: Handoff) -> clock.WorkCalendar:
        if row.terms_id not in self._calendars:
            snapshot = row.terms.body["calendar"]
            self._calendars[row.terms_id] = clock.WorkCalendar.from_snapshot(snapshot)
        return self._calendars[row.terms_id]


def promise(row: Handoff) -> str:
    """The agreement's words about the first contact."""
    body = row.terms.body
    values = {"hours": formats.number(body["response_hours"]), "calendar": body["calendar_name"]}
    if body["business_hours"]:
        said = _("First contact within %(hours)s business hours (calendar “%(calendar)s”).") % values
    else:
        said = _("First contact within %(hours)s hours, day and night.") % values
    counts = (
        _("Only having reached the person counts.")
        if body["response_counts"] == "reached"
        else _("An attempt to reach the person counts.")
    )
    version = _("Agreement, version %(v)s.") % {"v": row.agreement.version}
    return formats.sentences(said, counts, version)
