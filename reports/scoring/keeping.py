"""What a proposal keeps of the fit rules in force: those on attributes it did not judge, and points for the unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from leads.scoring import parts
from leads.scoring.parts import FitGrade, FitRule
from reports.scoring.proposal import LOWEST, MOST_FIT, Proposal
from reports.scoring.samples import Sample


@dataclass(frozen=True, slots=True)
class Kept:
    """`rules` stay as they are; `unknown` is what an attribute that was judged gives while it is unknown."""

    rules: tuple[FitRule, ...]
    unknown: dict[str, float]

    @property
    def attributes(self) -> list[str]:
        return sorted({rule.attribute for rule in self.rules})


def kept(proposed: Proposal, rules: Sequence[FitRule]) -> Kept:
    """What stays of these rules."""
    unknown: dict[str, float] = defaultdict(float)
    for rule in rules:
        if rule.attribute in proposed.fields:
            unknown[rule.attribute] += rule.unknown_points
    return Kept(
        tuple(rule for rule in rules if rule.attribute not in proposed.fields),
        {name: max(-MOST_FIT, min(MOST_FIT, points)) for name, points in unknown.items() if points},
    )


def fit_rules(fresh: Sequence[FitRule], staying: Kept) -> list[FitRule]:
    """The new rules, of which the first on an attribute tells what it gives while unknown, and those that stay."""
    unknown = dict(staying.unknown)
    told = [replace(rule, unknown_points=unknown.pop(rule.attribute, 0.0)) for rule in fresh]
    return [*told, *_while_unknown(unknown), *staying.rules]


def _while_unknown(unknown: dict[str, float]) -> list[FitRule]:
    return [FitRule(name, "known", unknown_points=points) for name, points in unknown.items()]


def grades(fresh: Sequence[FitGrade], staying: Kept, samples: Sequence[Sample]) -> list[FitGrade]:
    """Grades that begin later by what stays gives the lead in the middle, so that each holds about as many."""
    beside = [*staying.rules, *_while_unknown(staying.unknown)]
    given = median(parts.fit_for(one.profile, beside, ()).points for one in samples)
    return [
        replace(grade, min_points=max(LOWEST, grade.min_points + given))
        if grade.min_points > LOWEST
        else grade
        for grade in fresh
    ]
