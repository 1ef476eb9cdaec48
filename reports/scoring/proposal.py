"""Points proposed from a regression: rounded, never negative for behaviour, in four grades of fit. Pure.

The product multiplies (fit times behaviour) where a regression adds, so rounding alone loses some of what it knows.
Therefore the rounded points are polished afterwards, one after the other, each to the value in a short list of round
ones with which the score tells outcomes apart best (as in Ustun and Rudin's risk scores, JMLR 20, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from leads.scoring import parts
from leads.scoring.profile import Profile
from reports import polish, terms
from reports.polish import VALUES
from reports.scoring import regression
from reports.scoring.regression import Fitted, Quality
from reports.scoring.samples import Sample, outcomes
from reports.terms import Term

# A log-odds of one is twenty points before they are scaled to the threshold.
POINTS_PER_LOGIT = 20
GRADES = "DCBA"
SHARES = (0.3, 0.6, 0.85)  # below which share of the leads each grade but the last ends
MOST_FIT = 100
MOST_POLISHED = 5000
MOST_POINTS = 1000.0
LOWEST = -1000.0
DUST = 1e-9  # of the arithmetic


@dataclass(frozen=True)
class Proposal:
    """Points by kind of behaviour, fit rules and grades, as a scoring version holds them."""

    points: Mapping[str, float]
    fit_rules: tuple[parts.FitRule, ...]
    grades: tuple[parts.FitGrade, ...]
    quality: Quality | None = field(default=None, compare=False)

    def scores(self, samples: Sequence[Sample]) -> list[float]:
        """Fit times behaviour. Each rule looks at one field, so what a value of a field is worth is asked once."""
        worth: dict[tuple[str, str], float] = {}
        ordered = sorted(self.grades, key=lambda grade: grade.min_points)
        found = []
        for one in samples:
            for pair in one.fields.items():
                if pair not in worth:
                    worth[pair] = self._worth(*pair)
            fit = sum(worth[pair] for pair in one.fields.items())
            factor = ordered[_place(fit, [grade.min_points for grade in ordered])].factor if ordered else 1.0
            behaviour = sum(self.points.get(kind, 0.0) * n for kind, n in terms.kinds_of(one).items())
            found.append(factor * behaviour)
        return found

    def _worth(self, name: str, value: str) -> float:
        return parts.fit_for(Profile(custom={name: attribute(name, value)}), self.fit_rules, ()).points

    def scaled(self, by: float) -> Proposal:
        """Every behaviour worth so many times as much, up to the next tenth: who reached a bar still does."""
        fresh = {
            kind: min(MOST_POINTS, ceil(10 * points * by - DUST) / 10) for kind, points in self.points.items()
        }
        return replace(self, points=fresh)


def attribute(name: str, value: str) -> object:
    """A field as rules meet it: a band of employees is met by its first number."""
    return int(value.partition("-")[0]) if name == "employee_count" else value


def propose(samples: Sequence[Sample], *, usable: frozenset[str] | None = None) -> Proposal | None:
    """Points that rank these samples well; None where there are too few outcomes.

    `usable` are the fields a fit rule can name; None: all of them.
    """
    known = samples if usable is None else [_only(one, usable) for one in samples]
    chosen = terms.choose(known).terms
    if not any(term.is_behaviour for term in chosen):
        return None
    return _polished(known, regression.fit(known, chosen))


def _only(sample: Sample, usable: frozenset[str]) -> Sample:
    return replace(sample, fields={name: value for name, value in sample.fields.items() if name in usable})


def judged(samples: Sequence[Sample], *, usable: frozenset[str] | None = None) -> Proposal | None:
    """A proposal, with what points proposed the same way reach on folds they were not learnt from."""
    found = propose(samples, usable=usable)
    if found is None:
        return None
    told = []
    for learnt, held in regression.folds(samples):
        part = propose(learnt, usable=usable)
        if part is None:
            return found
        told.append((chances(part.scores(learnt), outcomes(learnt), part.scores(held)), outcomes(held)))
    return replace(found, quality=regression.measured(told))


def chances(scores: Sequence[float], came: Sequence[bool], asked: Sequence[float]) -> list[float]:
    """What scores mean as probabilities: a logistic curve over the score and its logarithm (after Platt, 1999)."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    size = max(float(np.mean(scores)), 1e-9)

    def shaped(values: Sequence[float]) -> Any:
        each = np.asarray(values) / size
        return np.column_stack([each, np.log1p(each)])

    curve = LogisticRegression(C=100.0, solver="newton-cholesky", max_iter=200)
    return list(curve.fit(shaped(scores), came).predict_proba(shaped(asked))[:, 1])


# -- rounding -------------------------------------------------------------------------------------


def _polished(samples: Sequence[Sample], fitted: Fitted) -> Proposal:
    weights = dict(zip(fitted.terms, (float(weight) for weight in fitted.weights), strict=True))
    fit = {term: points for term, weight in weights.items() if (points := _fit_points(term, weight))}
    told = [sum(fit.get(Term(*pair), 0.0) for pair in one.fields.items()) for one in samples]
    least = _least(told) if fit else {}
    kinds = [term for term in weights if term.is_behaviour]
    part = slice(None, None, -(-len(samples) // MOST_POLISHED))
    found = polish.polish(
        counts=terms.matrix(samples[part], kinds),
        grades=[_place(value, least) for value in told[part]],
        came=outcomes(samples[part]),
        points=[_nearest(POINTS_PER_LOGIT * weights[kind]) for kind in kinds],
    )
    return Proposal(
        points=dict(zip((kind.name for kind in kinds), found.points, strict=True)),
        fit_rules=tuple(_rule(term, points) for term, points in sorted(fit.items())),
        grades=tuple(
            parts.FitGrade(grade, value, factor)
            for (value, grade), factor in zip(sorted(least.items()), found.factors, strict=False)
        ),
    )


def _fit_points(term: Term, weight: float) -> float:
    if term.is_behaviour:
        return 0.0
    return float(max(-MOST_FIT, min(MOST_FIT, round(POINTS_PER_LOGIT * weight))))


def _nearest(value: float) -> float:
    return float(min(VALUES, key=lambda each: abs(each - value)))


def _rule(term: Term, points: float) -> parts.FitRule:
    if term.name != "employee_count":
        return parts.FitRule(term.name, "is", (term.value,), points)
    first, _dash, last = term.value.partition("-")
    if not last:
        return parts.FitRule(term.name, "at_least", (first,), points)
    return parts.FitRule(term.name, "between", (first, last), points)


def _least(points: Sequence[float]) -> dict[float, str]:
    """From how many fit points each grade is reached: three tenths of the leads in the lowest, a seventh on top.

    There are fewer grades where points do not differ.
    """
    ordered = sorted(points)
    cuts = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in SHARES]
    return dict(zip([LOWEST, *cuts], GRADES, strict=True))


def _place(points: float, least: Iterable[float]) -> int:
    """Which grade, the lowest is 0."""
    return max(0, sum(points >= value for value in least) - 1)
