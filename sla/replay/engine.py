"""The walk through a period in the order of time.

Everything that happens at one moment is taken together, as the live path takes it: first what changes (answers, moves
of marketing, waits that end, behaviour), then who qualifies by it, then what is offered. The work grows with events
and handoffs; nothing is kept but leads, handoffs and the load of people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby

from leads.models import Stage
from leads.past import Gain, Move
from sla.models import Status
from sla.replay import courses, offers
from sla.replay.facts import AT_START
from sla.replay.world import BY_HANDS, MOVES, Played, World

Tell = Callable[[int], None]


def play(world: World, gains: Iterable[Gain], *, tell: Tell = lambda done: None) -> Played:
    """Walk through the period. `tell` hears how many events are done."""
    _begin(world)
    done = 0
    for at, batch in groupby(gains, key=lambda gain: gain.at):
        _pass_until(world, at)
        world.change(at)
        done += _behave(world, batch)
        offers.settle(world, at)
        tell(done)
    _pass_until(world, world.history.until)
    world.played.loads = world.bench.loads()
    return world.played


def _pass_until(world: World, until: datetime) -> None:
    while (at := world.next_at()) is not None and at < until:
        world.change(at)
        offers.settle(world, at)


def _begin(world: World) -> None:
    """What ran already, what will come from outside, and new definitions taking force."""
    history = world.history
    for answer in history.running:
        courses.run_on(world, answer)
    for move in history.moves:
        world.plan(move.at, MOVES, _follow, move)
    for answer in history.answers:
        if answer.is_by_hand and answer.offered_at >= history.since:
            world.plan(answer.offered_at, BY_HANDS, offers.hand_over, answer)
    for lead, journey in world.journeys.items():
        if journey.at_stage == Stage.RECYCLED and journey.waits_until:
            courses.plan_release(world, lead, journey.waits_until)
    if any(contract.is_new for contract in world.contracts.values()):
        world.touched = {lead: set() for lead in world.journeys}
        offers.settle(world, history.since, cause=AT_START)


def _behave(world: World, batch: Iterable[Gain]) -> int:
    done = 0
    for lead, gains in groupby(batch, key=lambda gain: gain.lead):
        events = list(gains)
        done += len(events)
        if journey := world.journeys.get(lead):
            journey.gain(events)
            world.touch(lead, {event.kind for event in events})
    return done


def _follow(world: World, move: Move, at: datetime) -> None:
    """Marketing or a deal moved the lead, or somebody corrected what is known about it."""
    journey = world.journeys.get(move.lead)
    if journey is None:
        return
    if not move.to:
        world.touch(move.lead)
    elif journey.follows(move):
        if move.to == Stage.RECYCLED:
            courses.recycle(world, journey, move.waits_until, fresh_only=move.fresh_only, at=at)
        else:
            journey.move(move.to)
        if move.to in (Stage.RECYCLED, Stage.DISQUALIFIED) and journey.running:
            courses.close(world, journey.running, Status.WITHDRAWN, at=at)
