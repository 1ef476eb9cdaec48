"""Points proposed from a regression: rounded, never negative for behaviour, in four grades of fit. Pure.

The product multiplies (fit times behaviour) where a regression adds, so rounding alone loses some of what it knows.
Therefore the rounded points are polished afterwards, one after the other, each to the value in a short list of round
ones with which the score tells outcomes apart best (as in Ustun and Rudin's risk scores, JMLR 20, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from leads import scoring
from leads.profile import Profile
from reports import regression, terms
from reports.regression import Fitted, Quality
from reports.samples import Sample, outcomes
from reports.terms import Term

# A log-odds of one is twenty points before they are scaled to the threshold.
POINTS_PER_LOGIT = 20
VALUES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
FACTORS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5)
GRADES = "DCBA"
SHARES = (0.3, 0.6, 0.85)  # below which share of the leads each grade but the last ends
MOST_FIT = 100
PASSES = 2
MOST_POLISHED = 5000
MOST_POINTS = 1000.0
BEST_FACTOR = 10.0
GAIN = 1e-6  # of AUC; less is noise of the arithmetic


@dataclass(frozen=True)
class Proposal:
    """Points by kind of behaviour, fit rules and grades, as a scoring version holds them."""

    points: Mapping[str, float]
    fit_rules: tuple[scoring.FitRule, ...]
    grades: tuple[scoring.FitGrade, ...]
    quality: Quality | None = field(default=None, compare=False)

    def scores(self, samples: Sequence[Sample]) -> list[float]:
        """By the product's own rule: fit times behaviour."""
        factors: dict[tuple[tuple[str, str], ...], float] = {}
        found = []
        for one in samples:
            key = tuple(sorted(one.fields.items()))
            if key not in factors:
                factors[key] = self._fit(one).factor
            behaviour = sum(self.points.get(kind, 0.0) * n for kind, n in terms.kinds_of(one).items())
            found.append(factors[key] * behaviour)
        return found

    def _fit(self, sample: Sample) -> scoring.Fit:
        return scoring.fit_for(Profile(custom=_attributes(sample)), self.fit_rules, self.grades)

    def scaled(self, by: float) -> Proposal:
        """Every behaviour worth so many times as much, to the tenth of a point."""
        fresh = {kind: min(MOST_POINTS, round(points * by, 1)) for kind, points in self.points.items()}
        return replace(self, points=fresh)


def _attributes(sample: Sample) -> dict[str, object]:
    """The fields as rules meet them: a band of employees is met by its first number."""
    known: dict[str, object] = dict(sample.fields)
    if size := known.get("employee_count"):
        known["employee_count"] = int(str(size).partition("-")[0])
    return known


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
    rules = _fit_rules(weights)
    grades = _grades(samples, rules)
    points = {
        term.name: _nearest(POINTS_PER_LOGIT * weight)
        for term, weight in weights.items()
        if term.is_behaviour
    }
    return _Polish(samples, Proposal(points, rules, grades)).done()


def _nearest(value: float) -> float:
    return float(min(VALUES, key=lambda each: abs(each - value)))


def _fit_rules(weights: Mapping[Term, float]) -> tuple[scoring.FitRule, ...]:
    rules = []
    for term, weight in sorted(weights.items()):
        points = max(-MOST_FIT, min(MOST_FIT, round(POINTS_PER_LOGIT * weight)))
        if not term.is_behaviour and points:
            rules.append(_rule(term, float(points)))
    return tuple(rules)


def _rule(term: Term, points: float) -> scoring.FitRule:
    if term.name != "employee_count":
        return scoring.FitRule(term.name, "is", (term.value,), points)
    first, _dash, last = term.value.partition("-")
    if not last:
        return scoring.FitRule(term.name, "at_least", (first,), points)
    return scoring.FitRule(term.name, "between", (first, last), points)


def _grades(samples: Sequence[Sample], rules: Sequence[scoring.FitRule]) -> tuple[scoring.FitGrade, ...]:
    """Three tenths of the leads in the lowest, a seventh in the highest; fewer grades where points do not differ."""
    if not rules:
        return ()
    told = {key: _points(one, rules) for key, one in _distinct(samples).items()}
    ordered = sorted(told[tuple(sorted(one.fields.items()))] for one in samples)
    cuts = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in SHARES]
    least = dict(zip(GRADES, [-1000.0, *cuts], strict=True))
    distinct = {value: grade for grade, value in least.items()}
    return tuple(scoring.FitGrade(grade, value, 1.0) for value, grade in sorted(distinct.items()))


def _distinct(samples: Sequence[Sample]) -> dict[tuple[tuple[str, str], ...], Sample]:
    return {tuple(sorted(one.fields.items())): one for one in samples}


def _points(sample: Sample, rules: Sequence[scoring.FitRule]) -> float:
    return scoring.fit_for(Profile(custom=_attributes(sample)), rules, ()).points


class _Polish:
    """One value after the other is set to the one that tells outcomes apart best, twice round."""

    def __init__(self, samples: Sequence[Sample], proposal: Proposal) -> None:
        import numpy as np

        part = samples[:: -(-len(samples) // MOST_POLISHED)]
        self.proposal, self.came = proposal, np.asarray(outcomes(part))
        self.kinds = sorted(proposal.points)
        self.points = np.array([proposal.points[kind] for kind in self.kinds])
        self.counts = np.asarray(terms.matrix(part, [Term(kind) for kind in self.kinds]))
        letters = {grade.grade: place for place, grade in enumerate(proposal.grades)}
        fits = {key: proposal._fit(one).grade for key, one in _distinct(part).items()}
        self.grades = np.array([letters.get(fits[tuple(sorted(one.fields.items()))], 0) for one in part])
        self.factors = np.ones(max(1, len(letters)))

    def done(self) -> Proposal:
        for _ in range(PASSES):
            for grade in range(len(self.factors)):
                self._best_factor(grade)
            for place in range(len(self.kinds)):
                self._best_points(place)
        grades = tuple(
            replace(grade, factor=round(float(factor), 2))
            for grade, factor in zip(self.proposal.grades, self.factors, strict=False)
        )
        points = {kind: float(value) for kind, value in zip(self.kinds, self.points, strict=True)}
        return replace(self.proposal, points=points, grades=grades)

    def _best_factor(self, grade: int) -> None:
        """Of equal ones the one that stands, and never more for a lower grade than for a higher one."""
        behaviour, factors = self.counts @ self.points, self.factors
        low = factors[grade - 1] if grade else 0.0
        high = factors[grade + 1] if grade + 1 < len(factors) else BEST_FACTOR
        options = [factor for factor in FACTORS if low <= factor <= high] or [factors[grade]]
        has, others = self.grades == grade, factors[self.grades] * behaviour
        factors[grade] = self._best(
            options, factors[grade], lambda factor: others + has * (factor * behaviour - others)
        )

    def _best_points(self, place: int) -> None:
        factor, count = self.factors[self.grades], self.counts[:, place]
        others = self.counts @ self.points - self.points[place] * count
        self.points[place] = self._best(
            VALUES, self.points[place], lambda value: factor * (others + value * count)
        )

    def _best(self, options: Sequence[float], present: float, scores: Any) -> float:
        """Uphill from the present value, first up, then down; two steps are looked ahead."""
        ordered = sorted({*options, present})
        place, reached = ordered.index(present), self._told_apart(scores(present))
        for step in (1, 2, -1, -2):
            while 0 <= place + step < len(ordered):
                found = self._told_apart(scores(ordered[place + step]))
                if found <= reached + GAIN:
                    break
                place, reached = place + step, found
        return ordered[place]

    def _told_apart(self, scores: Any) -> float:
        import numpy as np

        others = np.sort(scores[~self.came])
        came = scores[self.came]
        below = np.searchsorted(others, came, "left") + np.searchsorted(others, came, "right")
        return float(below.mean() / (2 * len(others)))
