"""What becomes of a handoff of a replay: what sales really did, read against these terms; else what is likely. Pure.

What was really done so many working hours after the offer is done so many working hours after it here as well. Then
the rules of the live path decide: `sla.evidence` what counts as a response, `sla.verdicts` who was in time, and the
due times when it is taken back. Where the terms let something run on longer than it really did (nobody answered, and
it was taken back), nobody knows how it would have gone on: from there on it is an expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sla import clock, evidence, offering, verdicts
from sla.models import Status
from sla.offering import DueTimes
from sla.replay.chances import Acceptance, Chances, Duration, Pace, band_of
from sla.replay.facts import EXPECTED, FACT, MOVED, Answer, Change, Handover
from sla.work_calendar import WorkCalendar

HOUR = timedelta(hours=1)
ANSWERING = (Status.REJECTED, Status.CONVERTED)


@dataclass(frozen=True, slots=True)
class Shift:
    """Carries a moment from after the real offer to as many working hours after the replayed one."""

    calendar: WorkCalendar
    offered_at: datetime
    to: datetime

    def __call__(self, moment: datetime) -> datetime:
        if self.offered_at == self.to:
            return moment
        return clock.add(self.calendar, self.to, clock.elapsed(self.calendar, self.offered_at, moment))

    def maybe(self, moment: datetime | None) -> datetime | None:
        return None if moment is None else self(moment)

    def hours(self, moment: datetime) -> float:
        """Working hours from the real offer to a moment."""
        return clock.elapsed(self.calendar, self.offered_at, moment) / HOUR


def follow(row: Handover, answer: Answer, chances: Chances, *, known_at: datetime) -> None:
    """Let sales answer as it really did."""
    calendar = WorkCalendar.from_snapshot(row.body["calendar"])
    shift = Shift(calendar, answer.offered_at, row.offered_at)
    row.answer, row.basis = answer, FACT if answer.offered_at == row.offered_at else MOVED
    row.due = _paused(row, answer, shift)
    done = _Done.of(row, answer, shift)
    gone_at = _gone_at(row.due, answer, done)
    known_until = shift(answer.ended_at or known_at)
    row.owners = [replace(one, at=shift(one.at)) for one in answer.owners]
    if done.first_at is not None and done.first_at <= gone_at:
        _answered(row, answer, done)
    elif gone_at <= known_until or done.first_at is not None:
        row.ended_at, row.ended_as = gone_at, Status.EXPIRED
    elif answer.ended_as == Status.EXPIRED or row.basis == MOVED:
        expect(row, chances, known_hours=shift.hours(known_until))
        return
    _judge(row, at=known_until)
    if row.acceptance is not None and band_of(row.score) != band_of(answer.score):
        _guess_acceptance(row, chances)
    row.free_at = row.ended_at
    if row.ended_at is None and row.basis == MOVED:
        row.free_at = _usual_end(row, chances)


@dataclass(frozen=True, slots=True)
class _Done:
    """What sales did, at the moments of the replay."""

    contact_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Handover, answer: Answer, shift: Shift) -> _Done:
        deeds = [replace(deed, occurred_at=shift(deed.occurred_at)) for deed in answer.deeds]
        counted = evidence.answer(deeds, row.body, since=row.offered_at)
        was_answered = answer.ended_as not in ("", Status.EXPIRED)
        return cls(
            counted.occurred_at if counted else None,
            shift.maybe(answer.accepted_at),
            shift.maybe(answer.ended_at) if was_answered else None,
        )

    @property
    def first_at(self) -> datetime | None:
        """The first deed after which it is not taken back any more."""
        moments = [one for one in (self.contact_at, self.accepted_at, self.ended_at) if one is not None]
        return min(moments, default=None)


def _gone_at(due: DueTimes, answer: Answer, done: _Done) -> datetime:
    """When it is taken back unless somebody was faster: a sweep may come late, as late as it really came."""
    if answer.ended_as == Status.EXPIRED and answer.ended_at:
        return due.expires_at + max(timedelta(0), answer.ended_at - answer.due.expires_at)
    real = _first_really(answer)
    lateness = real - answer.due.expires_at if real else timedelta(0)
    return due.expires_at + max(timedelta(0), lateness)


def _first_really(answer: Answer) -> datetime | None:
    counted = evidence.answer(answer.deeds, answer.body, since=answer.offered_at)
    moments = [counted.occurred_at if counted else None, answer.accepted_at, answer.ended_at]
    return min((one for one in moments if one is not None), default=None)


def _paused(row: Handover, answer: Answer, shift: Shift) -> DueTimes:
    """The due times, put off by the pauses these terms allow."""
    due, longest = row.due, timedelta(days=row.body["pause_days"])
    for starts_at, ends_at in answer.pauses[: row.body["max_pauses"]]:
        begins = shift(starts_at)
        ends = min(shift(ends_at), begins + longest)
        due = offering.put_off(due, shift.calendar, begins=begins, ends=ends)
    return due


def _answered(row: Handover, answer: Answer, done: _Done) -> None:
    row.first_contact_at, row.accepted_at = done.contact_at, done.accepted_at
    row.ended_at = done.ended_at
    row.ended_as = answer.ended_as if done.ended_at else ""
    if row.assignee is None and not answer.owners and answer.owner:
        assert done.first_at
        row.owners = [Change(done.first_at, None, answer.owner)]


def _judge(row: Handover, *, at: datetime) -> None:
    """The verdicts, by the rules of the live path, on the facts as they are known."""
    answered_at = row.accepted_at or (row.ended_at if row.ended_as in ANSWERING else None)
    due, decided_at = row.due, row.ended_at
    row.verdicts = (
        verdicts.responded_in_time(
            first_contact_at=row.first_contact_at, respond_by=due.respond_by, decided_at=decided_at, at=at
        ),
        verdicts.accepted_in_time(
            answered_at=answered_at, accept_by=due.accept_by, decided_at=decided_at, at=at
        ),
        verdicts.feedback_in_time(decided_at=decided_at, feedback_by=due.feedback_by, at=at),
    )
    response, acceptance, feedback = (
        None if verdict is None else float(not verdict) for verdict in row.verdicts
    )
    row.late = response, acceptance, feedback
    if row.accepted_at or row.ended_as == Status.CONVERTED:
        row.acceptance = 1.0
    elif row.ended_as == Status.REJECTED:
        row.acceptance = 0.0


def expect(row: Handover, chances: Chances, *, known_hours: float = 0.0) -> None:
    """Nobody knows what sales would have done: say what is likely."""
    body, rep = row.body, row.assignee
    row.basis = EXPECTED
    row.late = (
        chances.response.late(rep, body["response_hours"], known=known_hours),
        chances.acceptance.late(rep, body["accept_hours"], known=known_hours),
        chances.feedback.late(rep, body["feedback_hours"], known=known_hours),
    )
    _guess_acceptance(row, chances)
    row.free_at = _usual_end(row, chances, known_hours)


def _guess_acceptance(row: Handover, chances: Chances) -> None:
    """A lead of another score is another lead: what sales said of it then is no fact about it here."""
    chance = chances.accepting.of(row.score, row.source)
    row.acceptance, row.is_guess = chance.value, True
    row.between = chance.low, chance.high


def _usual_end(row: Handover, chances: Chances, known_hours: float = 0.0) -> datetime:
    """It keeps its rep for as long as is usual."""
    usual = chances.feedback.usual(row.assignee, row.body["feedback_hours"])
    calendar = WorkCalendar.from_snapshot(row.body["calendar"])
    return clock.add(calendar, row.offered_at, max(usual, known_hours))


# -- what is learnt from the past -----------------------------------------------------------------


def learn(experience: Iterable[Answer], body: Mapping[str, Any] | None, *, known_at: datetime) -> Chances:
    """What is likely, from what sales did before; `body` are the terms that say what counts as a response."""
    seen: list[tuple[int | None, tuple[Duration, Duration, Duration]]] = []
    accepting = Acceptance()
    for one in experience:
        seen.append((one.owner, _durations(one, body or one.body, known_at)))
        if one.accepted_at or one.ended_as in ANSWERING:
            accepting.see(one.score, one.source, one.accepted_at is not None)
    response, acceptance, feedback = (Pace([(rep, each[place]) for rep, each in seen]) for place in range(3))
    return Chances(response, acceptance, feedback, accepting)


def _durations(
    one: Answer, body: Mapping[str, Any], known_at: datetime
) -> tuple[Duration, Duration, Duration]:
    """Working hours to the first contact, to accepting or refusing, and to the outcome."""
    calendar = WorkCalendar.from_snapshot(one.body["calendar"])
    stops = one.ended_at or known_at
    counted = evidence.answer(one.deeds, body, since=one.offered_at)
    told_at = one.ended_at if one.ended_as in ANSWERING else None

    def until(moment: datetime | None) -> Duration:
        passed = clock.elapsed(calendar, one.offered_at, moment or stops, pauses=one.pauses)
        return Duration(passed / HOUR, moment is not None)

    return until(counted.occurred_at if counted else None), until(one.accepted_at or told_at), until(told_at)
