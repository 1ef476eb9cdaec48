"""One question asked of the past: the agreements in force, and beside them the same with a draft in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.models import Team, User
from leads import past, segments
from sla.models import Agreement
from sla.replay import bench, engine, history, outcomes
from sla.replay.bench import Bench
from sla.replay.contracts import Changes, Contracts, in_force, with_changes
from sla.replay.history import History
from sla.replay.world import Played, World
from sla.seating import Seller

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Side:
    """One set of contracts, the sellers it is played with, and what it came to."""

    contracts: Contracts
    sellers: list[Seller]
    segments: dict[int, int | None]
    played: Played


@dataclass(frozen=True, slots=True)
class Comparison:
    history: History
    present: Side
    changed: Side


def compare(
    agreement: Agreement,
    changes: Changes,
    *,
    since: datetime,
    until: datetime,
    known_at: datetime,
    tell: Progress = lambda done, total: None,
) -> Comparison:
    """Play a period twice: as agreed now, and with `agreement` and `changes`. `tell` hears how far it has come."""
    present = in_force()
    changed = with_changes(present, agreement, changes)
    read = history.read([changed], since=since, until=until, known_at=known_at)
    total = 2 * past.counted_between(since, until).count()
    before = replay(read, present, read.sellers, tell=lambda done: tell(done, total))
    sellers = bench.changed(read.sellers, changes)
    after = replay(read, changed, sellers, tell=lambda done: tell(total // 2 + done, total))
    return Comparison(read, before, after)


def replay(
    read: History, contracts: Contracts, sellers: list[Seller], *, tell: engine.Tell = lambda done: None
) -> Side:
    """Play one set of contracts with these sellers."""
    wanted = [segment for segment in contracts if segment is not None]
    everybody = contracts.get(None) or next(iter(contracts.values()))
    body = everybody.terms(everybody.agreement.calendar, at=read.since).body
    world = World(
        history=read,
        contracts=contracts,
        bench=Bench(sellers, last_offers=read.last_offers),
        chances=outcomes.learn(read.experience, body, known_at=read.known_at),
        segments=segments.matching(sorted(read.leads), wanted),
        people=_people(sellers),
        journeys=read.journeys(),
    )
    played = engine.play(world, past.gains(read.since, read.until), tell=tell)
    return Side(contracts, sellers, world.segments, played)


def _people(sellers: list[Seller]) -> dict[int, User]:
    """Everybody who may have a handoff, with the team whose calendar counts; those there are not yet, unsaved."""
    known = {person.pk: person for person in User.objects.select_related("team__calendar")}
    teams = Team.objects.select_related("calendar").in_bulk(
        [one.team for one in sellers if one.user < 0 and one.team]
    )
    new = {one.user: User(pk=one.user, team=teams.get(one.team or 0)) for one in sellers if one.user < 0}
    return known | new
