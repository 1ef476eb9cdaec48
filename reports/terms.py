"""What a regression looks at: how often each kind of behaviour, and which value of each field. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.scoring.samples import Sample

# A term that hardly anybody has, or hardly anybody lacks, says nothing.
LEAST = 20
# A regression wants about ten of the rarer outcome for each term (Peduzzi and others, 1996).
OUTCOMES_PER_TERM = 10
FEWEST_OUTCOMES = 20


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A kind of behaviour (`value` empty), or a value of a field."""

    name: str
    value: str = ""

    @property
    def is_behaviour(self) -> bool:
        return not self.value


@dataclass(frozen=True, slots=True)
class Choice:
    """The terms looked at, and those left out because there are too few outcomes for more."""

    terms: list[Term]
    left_out: list[Term]


def choose(samples: Sequence[Sample]) -> Choice:
    """The commonest terms, as many as the outcomes can bear."""
    came = sum(one.came for one in samples)
    rarer = min(came, len(samples) - came)
    if rarer < FEWEST_OUTCOMES:
        return Choice([], [])
    held = Counter(term for one in samples for term in terms_of(one))
    usable = [term for term, count in held.items() if _says_something(term, count, samples)]
    usable.sort(key=lambda term: (-_told(term, held[term], len(samples)), term))
    most = rarer // OUTCOMES_PER_TERM
    return Choice(sorted(usable[:most], key=_order), usable[most:])


def _order(term: Term) -> tuple[bool, Term]:
    return (not term.is_behaviour, term)


def _told(term: Term, count: int, whole: int) -> int:
    """Those who have it; of a field those who lack it where that is rarer. Behaviour differs by how often."""
    return count if term.is_behaviour else min(count, whole - count)


def _says_something(term: Term, count: int, samples: Sequence[Sample]) -> bool:
    if term.is_behaviour:
        return count >= LEAST
    return LEAST <= count <= len(samples) - LEAST


def terms_of(sample: Sample) -> list[Term]:
    """What it has: kinds of behaviour, and known values of fields."""
    kinds = {kind for (kind, _asset), amount in sample.counts.items() if amount > 0}
    return [*map(Term, kinds), *(Term(name, value) for name, value in sample.fields.items())]


def kinds_of(sample: Sample) -> Mapping[str, float]:
    """Decayed counts by kind, whatever the asset."""
    sums: dict[str, float] = defaultdict(float)
    for (kind, _asset), amount in sample.counts.items():
        sums[kind] += amount
    return sums


def matrix(samples: Sequence[Sample], terms: Sequence[Term]) -> list[list[float]]:
    """A row for each sample, a column for each term."""
    rows = []
    for one in samples:
        kinds, fields = kinds_of(one), one.fields
        rows.append(
            [
                kinds.get(term.name, 0.0) if term.is_behaviour else float(fields.get(term.name) == term.value)
                for term in terms
            ]
        )
    return rows
