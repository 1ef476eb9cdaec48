"""Candidates by shared blocks, and what each is worth. The work grows with the records, not with their pairs. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

from crm.matching import companies, people, rules
from crm.matching.rules import Verdict

# A block of more is a common name or a switchboard: what is special about a pair in it is another block's to find.
CROWD = 60


class Record(Protocol):
    @property
    def pk(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the lower key first, and what their likeness is worth."""

    low: int
    high: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of record is found and compared."""

    blocks: Callable[[Any], Iterable[str]]
    judge: Callable[[Any, Any], Verdict]


def _judge_people(one: people.Person, other: people.Person) -> Verdict:
    return rules.judge(people.compare(one, other), rules.PEOPLE, rules.CERTAIN_PEOPLE)


def _judge_companies(one: companies.Company, other: companies.Company) -> Verdict:
    return rules.judge(companies.compare(one, other), rules.COMPANIES, rules.CERTAIN_COMPANIES)


PEOPLE = Kind(people.blocks, _judge_people)
COMPANIES = Kind(companies.blocks, _judge_companies)


def find(records: Sequence[Record], kind: Kind) -> list[Pair]:
    """Every pair worth showing, best first."""
    known = {record.pk: record for record in records}
    found = (Pair(low, high, kind.judge(known[low], known[high])) for low, high in candidates(records, kind))
    return sorted((pair for pair in found if pair.verdict.is_worth_showing), key=_best_first)


def _best_first(pair: Pair) -> tuple[int, int, int]:
    return -pair.verdict.score, pair.low, pair.high


def candidates(records: Iterable[Record], kind: Kind) -> Iterator[tuple[int, int]]:
    """Pairs that share a block of no crowd, each once."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for record in records:
        for key in set(kind.blocks(record)):
            blocks[key].append(record.pk)
    seen: set[tuple[int, int]] = set()
    for members in blocks.values():
        if 1 < len(members) <= CROWD:
            fresh = set(combinations(sorted(members), 2)) - seen
            seen |= fresh
            yield from fresh
