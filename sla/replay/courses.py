"""A handoff's course in a replay: given to others, accepted, ended; and what follows for its lead."""

from __future__ import annotations

from datetime import datetime

from leads.models import Stage
from sla import feedback
from sla.models import AfterExpiry, Disposition, Status
from sla.replay.facts import FACT, Answer, Change, Handover
from sla.replay.journey import Journey
from sla.replay.world import ACCEPTED, ENDED, OWNERS, RELEASES, World


def begin(world: World, row: Handover, *, at: datetime) -> None:
    """From now on somebody has it, and what becomes of it is planned."""
    world.journeys[row.lead].running = row
    world.bench.take(row.assignee, row.offered_at, at=at)
    for change in row.owners:
        world.plan(change.at, OWNERS, _hand_on, row, change)
    world.plan(row.accepted_at, ACCEPTED, _accept, row)
    world.plan(row.free_at, ENDED, _end, row)


def run_on(world: World, answer: Answer) -> None:
    """A handoff that ran when the period began goes on as it did, under the terms it was offered under."""
    if answer.lead not in world.journeys:
        return
    since = world.history.since
    row = Handover(
        answer.lead, answer.round, answer.offered_at, _owner_at(answer, since), "running", answer.score, answer.source,
        answer.due, answer.body, answer.assignee, FACT, answer, accepted_at=answer.accepted_at,
        ended_at=answer.ended_at, ended_as=answer.ended_as, free_at=answer.ended_at,
        owners=[change for change in answer.owners if change.at >= since],
    )  # fmt: skip
    begin(world, row, at=since)


def _owner_at(answer: Answer, at: datetime) -> int | None:
    earlier = [change.to for change in answer.owners if change.at < at]
    return earlier[-1] if earlier else answer.assignee


def _hand_on(world: World, row: Handover, change: Change, at: datetime) -> None:
    if not row.is_over and row.assignee == change.came_from and change.to != change.came_from:
        world.bench.hand_on(row.assignee, change.to, row.offered_at, at=at)
        row.assignee = change.to


def _accept(world: World, row: Handover, at: datetime) -> None:
    if not row.is_over:
        world.journeys[row.lead].move(Stage.SAL)


# -- the end --------------------------------------------------------------------------------------


def close(world: World, row: Handover, ended_as: str, *, at: datetime) -> None:
    """It runs no more, and takes nobody's time."""
    row.is_over, row.ended_at, row.ended_as = True, at, ended_as
    world.bench.leave(row.assignee, at=at)
    world.journeys[row.lead].running = None


def _end(world: World, row: Handover, at: datetime) -> None:
    if row.is_over:
        return
    if not row.ended_as:  # nobody knows how it ended: the lead stays with sales
        row.is_over = True
        world.bench.leave(row.assignee, at=at)
        return
    close(world, row, row.ended_as, at=at)
    journey = world.journeys[row.lead]
    if row.ended_as in (Status.EXPIRED, Status.REJECTED) and row.assignee:
        journey.had.add(row.assignee)
    _ENDS[Status(row.ended_as)](world, row, journey, at)


def _expired(world: World, row: Handover, journey: Journey, at: datetime) -> None:
    world.expired[row.lead] = row.body["after_expiry"] == AfterExpiry.QUEUE


def _converted(world: World, row: Handover, journey: Journey, at: datetime) -> None:
    journey.move(Stage.SQL)


def _rejected(world: World, row: Handover, journey: Journey, at: datetime) -> None:
    """What the reason's rule says; a reason these terms do not know follows the rule it was really given under."""
    answer = row.answer
    assert answer
    rule = row.body["reasons"].get(answer.reason) or answer.body["reasons"][answer.reason]
    journey.refused[answer.reason] += 1
    follows = feedback.consequence(
        rule,
        round_=row.round,
        max_rounds=row.body["max_rounds"],
        times=journey.refused[answer.reason],
        not_before=answer.not_before,
        at=at,
    )
    if follows.disposition == Disposition.DISQUALIFY:
        journey.move(Stage.DISQUALIFIED)
        return
    is_task = follows.disposition in (Disposition.FIX_DATA, Disposition.MERGE)
    until = None if is_task else max(follows.waits_until, at)
    recycle(world, journey, until, fresh_only=rule["fresh_behaviour_only"], at=at)


def _withdrawn(world: World, row: Handover, journey: Journey, at: datetime) -> None:
    """Marketing took it back: the lead goes where it really went."""
    answer = row.answer
    if answer is None or answer.back is None or answer.ended_at is None:
        return
    if answer.back.to != Stage.RECYCLED:
        journey.move(answer.back.to)
        return
    waits = answer.back.waits_until
    until = at + (waits - answer.ended_at) if waits else None
    recycle(world, journey, until, fresh_only=answer.back.fresh_only, at=at)


_ENDS = {
    Status.EXPIRED: _expired,
    Status.REJECTED: _rejected,
    Status.CONVERTED: _converted,
    Status.WITHDRAWN: _withdrawn,
}


# -- waits ----------------------------------------------------------------------------------------


def recycle(
    world: World, journey: Journey, waits_until: datetime | None, *, fresh_only: bool, at: datetime
) -> None:
    """Back to marketing, and forth again when the wait is over."""
    if journey.recycle(waits_until=waits_until, fresh_only=fresh_only, at=at) and waits_until:
        plan_release(world, journey.lead, waits_until)


def plan_release(world: World, lead: int, waits_until: datetime) -> None:
    """A wait that really ended so ends when the sweep really came by."""
    really = world.history.releases.get((lead, waits_until), waits_until)
    world.plan(max(really, world.history.since), RELEASES, _release, lead, waits_until)


def _release(world: World, lead: int, waits_until: datetime, at: datetime) -> None:
    journey = world.journeys[lead]
    if journey.at_stage == Stage.RECYCLED and journey.waits_until == waits_until:
        journey.move(Stage.NURTURING)
        world.touch(lead)
