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
        """The clock that asks for something next: the response, then accept or reject, then the feedback."""
        if row.status not in ACTIVE or row.first_contact_at is None:
            return self.response(row)
        if row.accepted_at is None and row.accept_by < row.feedback_by:
            return self._promise(row, row.accept_by, "accept_hours")
        return self._promise(row, row.feedback_by, "feedback_hours")

    def response(self, row: Handoff) -> Clock:
        """The clock of the first contact, whatever has happened since."""
        reading = clock.read(
            self._calendar(row),
            offered_at=row.offered_at,
            due=row.respond_by,
            at=self.at,
            answered_at=row.first_contact_at or row.decided_at,
            warn_at=row.warn_at,
            pauses=_running_pause(row),
        )
        total = timedelta(hours=row.terms.body["response_hours"])
        return Clock(reading, total, total * (100 - _warning(row)) / 100)

    def _promise(self, row: Handoff, due: datetime, hours: str) -> Clock:
        reading = clock.read(
            self._calendar(row), offered_at=row.offered_at, due=due, at=self.at, pauses=_running_pause(row)
        )
        return Clock(reading, timedelta(hours=row.terms.body[hours]), None)

    def _calendar(self, row: Handoff) -> clock.WorkCalendar:
        if row.terms_id not in self._calendars:
            snapshot = row.terms.body["calendar"]
            self._calendars[row.terms_id] = clock.WorkCalendar.from_snapshot(snapshot)
        return self._calendars[row.terms_id]


def _running_pause(row: Handoff) -> list[clock.Pause]:
    """The pause that runs now; due times hold the earlier ones already."""
    return [(held.starts_at, None) for held in row.pauses.all() if held.ends_at is None]


def _warning(row: Handoff) -> int:
    """The percentage of the last warning before the first contact is due."""
    steps = row.terms.body["steps"]
    warnings = [step["percent"] for step in steps if step["clock"] == "response" and step["percent"] < 100]
    return max(warnings, default=100)


def promise(row: Handoff) -> str:
    """The agreement's words about the first contact."""
    body = row.terms.body
    values = {"hours": formats.number(body["response_hours"]), "calendar": body["calendar_name"]}
    if body["business_hours"]:
        said = _("First contact within %(hours)s business hours (calendar “%(calendar)s”).") % values
    else:
        said = _("First contact within %(hours)s hours, day and night.") % values
    if body["response_counts"] == "reached":
        counts = _("Only having reached the person counts.")
    elif body["attempts"] == 1:
        counts = _("An attempt to reach the person counts.")
    else:
        counts = (
            _("Having reached the person counts, or %(attempts)d attempts on %(channels)d channels.") % body
        )
    version = _("Agreement, version %(v)s.") % {"v": row.agreement.version}
    return formats.sentences(said, counts, version)
