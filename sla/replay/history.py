"""Everything a replay has to know about a period, read once; only the events are streamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from leads import lifecycle, past
from leads.models import Lead
from leads.past import Move, Position
from leads.scoring.decay import Decay
from sla import seating
from sla.replay import past_handoffs
from sla.replay.contracts import Contracts
from sla.replay.facts import Answer
from sla.replay.journey import Journey
from sla.seating import Seller

YEAR = timedelta(days=365)
ENDOGENOUS = ("lead.qualified", "lead.released", "lead.handpicked", "lead.captured")
QUALIFIED = ("lead.qualified", "lead.handpicked")


@dataclass(frozen=True, slots=True)
class History:
    """What really happened from `since` to `until`, as it is known at `known_at`."""

    since: datetime
    until: datetime
    known_at: datetime
    decay: Decay
    leads: dict[int, Journey]
    answers: list[Answer]
    moves: list[Move]
    qualified: list[Move]
    releases: dict[tuple[int, datetime], datetime]
    sellers: list[Seller]
    last_offers: dict[int, list[datetime]]
    teams: dict[int, int | None]
    experience: list[Answer]

    @property
    def running(self) -> list[Answer]:
        """Handoffs that ran when the period began."""
        return [one for one in self.answers if one.offered_at < self.since]

    def journeys(self) -> dict[int, Journey]:
        """The leads as they stood when the period began, fresh for one replay."""
        return {pk: _copy(one) for pk, one in self.leads.items()}


def _copy(one: Journey) -> Journey:
    return replace(one, had=set(one.had), refused=one.refused.copy(), answers=list(one.answers))


def read(sides: Iterable[Contracts], *, since: datetime, until: datetime, known_at: datetime) -> History:
    """Read a period. `sides` are the contracts that will be replayed: who could meet a new one is read, too."""
    decay = lifecycle.current_decay()
    answers = past_handoffs.read(past_handoffs.handoffs_of(since, until))
    every_move = past.moves(since, until)
    leads = _concerned(answers, every_move, since, until) | _candidates(sides, decay, since)
    answers, moves = _told_apart(answers, every_move)
    positions = past.positions(sorted(leads), since)
    experience = past_handoffs.read(
        past_handoffs.live().filter(offered_at__gte=until - YEAR, offered_at__lt=until)
    )
    running = {one.handoff for one in answers if one.offered_at < since}
    return History(
        since=since,
        until=until,
        known_at=known_at,
        decay=decay,
        leads=_journeys(sorted(leads), positions, answers, since),
        answers=answers,
        moves=moves,
        qualified=[move for move in every_move if move.kind in QUALIFIED],
        releases=_releases(positions, every_move, until),
        sellers=seating.sellers(since=since, until=known_at),
        last_offers=past_handoffs.last_offers(since, running),
        teams=seating.territories(sorted(leads)),
        experience=experience,
    )


def _concerned(
    answers: Sequence[Answer], moves: Sequence[Move], since: datetime, until: datetime
) -> set[int]:
    """Leads something happened to in the period."""
    heard_of = past.counted_between(since, until).order_by("lead").values_list("lead", flat=True).distinct()
    return {one.lead for one in answers} | {move.lead for move in moves} | set(heard_of)


def _candidates(sides: Iterable[Contracts], decay: Decay, since: datetime) -> set[int]:
    """Leads that may meet a definition the moment it takes force: their stored rank only ever grew since."""
    bars = [one.definition.threshold for side in sides for one in side.values() if one.is_new]
    return set(past.above(decay.bar_at(min(bars), since))) if bars else set()


def _told_apart(answers: list[Answer], moves: Sequence[Move]) -> tuple[list[Answer], list[Move]]:
    """What the replay makes happen by itself is taken out of what happens to it from outside."""
    others, backs = past_handoffs.apart(answers, [move for move in moves if move.kind not in ENDOGENOUS])
    return [replace(one, back=backs.get(one.handoff)) for one in answers], others


def _journeys(
    leads: Sequence[int], positions: dict[int, Position], answers: Sequence[Answer], since: datetime
) -> dict[int, Journey]:
    known, owners = past.known(leads), _owners(leads)
    had, refused = past_handoffs.had_before(leads, since), past_handoffs.refused_before(leads, since)
    rounds, later = past_handoffs.rounds_before(leads, since), _by_lead(answers, since)
    found = {}
    for lead in leads:
        if lead not in known:
            continue
        here, (owner, source) = positions.get(lead, Position()), owners[lead]
        found[lead] = Journey(
            lead, known[lead], owner, source, here.stage, here.waits_until, here.engagement, here.floor,
            here.floored_at, rounds=rounds.get(lead, 0), had=had.get(lead, set()), answers=later.get(lead, []),
        )  # fmt: skip
        found[lead].refused.update(refused.get(lead, {}))
    return found


def _owners(leads: Collection[int]) -> dict[int, tuple[int | None, str]]:
    rows = Lead.objects.filter(pk__in=leads).values_list("pk", "account__owner", "source")
    return {pk: (owner, source) for pk, owner, source in rows}


def _by_lead(answers: Iterable[Answer], since: datetime) -> dict[int, list[Answer]]:
    found: dict[int, list[Answer]] = defaultdict(list)
    for one in answers:
        if one.offered_at >= since:
            found[one.lead].append(one)
    return found


def _releases(
    positions: dict[int, Position], moves: Iterable[Move], until: datetime
) -> dict[tuple[int, datetime], datetime]:
    """When the wait of a lead really ended, by the moment it was due: sweeps run when they run, or not at all."""
    waits = {lead: one.waits_until for lead, one in positions.items() if one.waits_until}
    found = {}
    for move in moves:
        if not move.to:
            continue
        due = waits.pop(move.lead, None)
        if due and move.at >= due:
            found[move.lead, due] = move.at
        if move.waits_until:
            waits[move.lead] = move.waits_until
    return found | {(lead, due): until for lead, due in waits.items() if due < until}
