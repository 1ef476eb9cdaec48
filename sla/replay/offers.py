"""Who qualifies at a moment of a replay, and who is offered whom: the rules of the live path, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from leads.models import Stage
from sla import offering, routing, seating, terms
from sla.offering import DueTimes
from sla.replay import courses, outcomes
from sla.replay.contracts import Contract, contract_for
from sla.replay.facts import BY_BEHAVIOUR, BY_HAND, Answer, Handover, Mql
from sla.replay.world import World


def settle(world: World, at: datetime, *, cause: str = BY_BEHAVIOUR) -> None:
    """After everything of a moment has happened: offer again what expired, then whoever became an MQL."""
    if world.expired:
        again, world.expired = world.expired, {}
        waiting = [lead for lead in sorted(again) if world.journeys[lead].at_stage == Stage.MQL]
        offer(world, waiting, at=at, to_queue={lead for lead in waiting if again[lead]})
    if world.touched:
        touched, world.touched = world.touched, {}
        ready = [lead for lead in sorted(touched) if _qualifies(world, lead, touched[lead], at, cause)]
        offer(world, ready, at=at)


def _qualifies(world: World, lead: int, did: set[str], at: datetime, cause: str) -> bool:
    journey, decay = world.journeys[lead], world.history.decay
    contract = world.contracts.get(world.segments.get(lead))
    if contract is None or not journey.meets(contract.definition, decay, at, did):
        return False
    journey.move(Stage.MQL)
    world.played.mqls.append(Mql(at, lead, journey.score(decay, at), cause))
    return True


def hand_over(world: World, answer: Answer, at: datetime) -> None:
    """Somebody handed the lead over by hand, whatever its score; that is done under any terms."""
    journey = world.journeys.get(answer.lead)
    if journey is None or journey.running:
        return
    if journey.at_stage != Stage.MQL:
        if not journey.move(Stage.MQL):
            return
        world.played.mqls.append(Mql(at, answer.lead, journey.score(world.history.decay, at), BY_HAND))
    offer(world, [answer.lead], at=at, named={answer.lead: answer.assignee} if answer.is_named else {})


def offer(
    world: World,
    leads: Sequence[int],
    *,
    at: datetime,
    to_queue: Collection[int] = (),
    named: Mapping[int, int | None] | None = None,
) -> None:
    """Hand leads over, each under the contract for its segment; those with a running handoff are left alone."""
    under = {
        lead: contract
        for lead in leads
        if world.running(lead) is None
        and (contract := contract_for(world.contracts, world.segments.get(lead)))
    }
    if under:
        choices = _named(under, named) if named else _chosen(world, under, at, to_queue)
        dues = _Dues(world, at)
        for choice in choices:
            _open(world, choice, dues.under(under[choice.lead], choice.user), at)


def _named(under: Collection[int], named: Mapping[int, int | None]) -> list[routing.Choice]:
    return [routing.Choice(lead, named[lead], {"rule": "named"}) for lead in under]


def _chosen(
    world: World, under: Mapping[int, Contract], at: datetime, to_queue: Collection[int]
) -> list[routing.Choice]:
    requests = [
        seating.request_for(
            lead,
            account_owner=world.journeys[lead].account_owner,
            had_before=world.journeys[lead].had,
            teams=world.history.teams,
            agreement=contract.agreement,
            to_queue=to_queue,
        )
        for lead, contract in under.items()
    ]
    return routing.deal_out(requests, world.bench.seats(at))


def _open(
    world: World, choice: routing.Choice, under: tuple[Mapping[str, Any], DueTimes], at: datetime
) -> None:
    journey, (body, due) = world.journeys[choice.lead], under
    journey.rounds += 1
    score = journey.score(world.history.decay, at)
    rule = choice.why["rule"]
    row = Handover(
        choice.lead, journey.rounds, at, choice.user, rule, score, journey.source, due, body, choice.user
    )
    world.played.handovers.append(row)
    if answer := journey.take_answer(at):
        outcomes.follow(row, answer, world.chances, known_at=world.history.known_at)
    else:
        outcomes.expect(row, world.chances)
    courses.begin(world, row, at=at)


class _Dues:
    """Terms as they would be frozen at a moment, and the due times they give; computed once for equal terms."""

    def __init__(self, world: World, at: datetime) -> None:
        self._people, self._sellers, self._at = world.people, world.bench.by_user, at
        self._known: dict[int, DueTimes] = {}

    def under(self, contract: Contract, user: int | None) -> tuple[Mapping[str, Any], DueTimes]:
        calendar = terms.calendar_for(contract.agreement, self._people.get(user or 0))
        frozen = contract.terms(calendar, at=self._at, days_off=self._days_off(contract, user))
        if id(frozen) not in self._known:
            self._known[id(frozen)] = offering.due_times(frozen, offered_at=self._at)
        return frozen.body, self._known[id(frozen)]

    def _days_off(self, contract: Contract, user: int | None) -> frozenset[date]:
        seller = self._sellers.get(user or 0) if contract.agreement.leave_stops_clock else None
        return terms.days_of(seller.leaves, at=self._at) if seller else frozenset()
