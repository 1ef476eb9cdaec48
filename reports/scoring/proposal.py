"""Points proposed from a regression: rounded, never negative for behaviour, in four grades of fit. Pure.

The product multiplies (fit times behaviour) where a regression adds, so rounding alone loses some of what it knows.
Therefore the rounded points are polished afterwards, one after the other, each to the value in a short list of round
ones with which the score tells outcomes apart best (as in Ustun and Rudin's risk scores, JMLR 20, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from leads.scoring import parts
from leads.scoring.profile import Profile
from reports import polish, terms
from reports.polish import VALUES
from reports.scoring import regression, singles
from reports.scoring.regression import Fitted, Fold, Quality, Tell
from reports.scoring.samples import Sample, outcomes
from reports.scoring.singles import MOST_POINTS, Single
from reports.terms import Term

# A log-odds of one is twenty points before they are scaled to the threshold.
POINTS_PER_LOGIT = 20
GRADES = "DCBA"
SHARES = (0.3, 0.6, 0.85)  # below which share of the leads each grade but the last ends
MOST_FIT = 100
MOST_POLISHED = 5000
LOWEST = -1000.0
DUST = 1e-9  # of the arithmetic
SURE = 0.995


@dataclass(frozen=True)
class Proposal:
    """Points by kind of behaviour and of single assets, fit rules and grades, as a scoring version holds them.

    `fields` are the attributes that were judged, with or without a rule coming of it.
    """

    points: Mapping[str, float]
    fit_rules: tuple[parts.FitRule, ...]
    grades: tuple[parts.FitGrade, ...]
    singles: tuple[Single, ...] = ()
    fields: frozenset[str] = frozenset()
    quality: Quality | None = field(default=None, compare=False)

    def scores(self, samples: Sequence[Sample]) -> list[float]:
        """Fit times behaviour."""
        worth: dict[singles.Key, float] = {(one.kind, one.asset): one.points for one in self.singles}

        def points(one: Sample) -> float:
            told = (
                worth.get(key, self.points.get(key[0], 0.0)) * amount for key, amount in one.counts.items()
            )
            return float(sum(told))

        return [factor * points(one) for factor, one in zip(self.factors(samples), samples, strict=True)]

    def factors(self, samples: Sequence[Sample]) -> list[float]:
        """Fit. Each rule looks at one field, so what a value of a field is worth is asked once."""
        worth: dict[tuple[str, str], float] = {}
        ordered = sorted(self.grades, key=lambda grade: grade.min_points)
        least = [grade.min_points for grade in ordered]
        found = []
        for one in samples:
            for pair in one.fields.items():
                if pair not in worth:
                    worth[pair] = self._worth(*pair)
            fit = sum(worth[pair] for pair in one.fields.items())
            found.append(ordered[_place(fit, least)].factor if ordered else 1.0)
        return found

    def _worth(self, name: str, value: str) -> float:
        return parts.fit_for(Profile(custom={name: attribute(name, value)}), self.fit_rules, ()).points

    def scaled(self, by: float) -> Proposal:
        """Every behaviour worth so many times as much, up to the next half: who reached a bar still does."""

        def fresh(points: float) -> float:
            return min(MOST_POINTS, ceil(2 * points * by - DUST) / 2)

        return replace(
            self,
            points={kind: fresh(points) for kind, points in self.points.items()},
            singles=tuple(replace(one, points=fresh(one.points)) for one in self.singles),
        )


def attribute(name: str, value: str) -> object:
    """A field as rules meet it: a band of employees is met by its first number."""
    return int(value.partition("-")[0]) if name == "employee_count" else value


def propose(
    samples: Sequence[Sample],
    *,
    usable: frozenset[str] | None = None,
    present: Mapping[singles.Key, float] | None = None,
) -> Proposal | None:
    """Points that rank these samples well; None where there are too few outcomes.

    `usable` are the fields a fit rule can name (None: all of them), `present` the points in force, by kind and asset.
    """
    known = samples if usable is None else [_only(one, usable) for one in samples]
    chosen = terms.choose(known).terms
    if not any(term.is_behaviour for term in chosen):
        return None
    plain = _polished(known, regression.fit(known, chosen))
    return replace(
        plain,
        singles=singles.propose(
            known, factors=plain.factors(known), scores=plain.scores(known), points=plain.points,
            present=present or {},
        ),
    )  # fmt: skip


def _only(sample: Sample, usable: frozenset[str]) -> Sample:
    return replace(sample, fields={name: value for name, value in sample.fields.items() if name in usable})


def judged(
    samples: Sequence[Sample],
    *,
    usable: frozenset[str] | None = None,
    present: Mapping[singles.Key, float] | None = None,
    tell: Tell = lambda done, total: None,
) -> Proposal | None:
    """A proposal, with what points proposed the same way reach on folds they were not learnt from.

    `tell` hears how many of the proposals are made.
    """
    tell(0, regression.FOLDS + 1)
    found = propose(samples, usable=usable, present=present)
    if found is None:
        return None
    told = []
    for done, (learnt, held) in enumerate(regression.folds(samples), start=1):
        tell(done, regression.FOLDS + 1)
        part = propose(learnt, usable=usable, present=present)
        if part is None:
            return found
        told.append(held_out(part, learnt, held))
    return replace(found, quality=regression.measured(told))


def held_out(points: Proposal, learnt: Sequence[Sample], held: Sequence[Sample]) -> Fold:
    """How points rank what was held out, and what they say of it; what a score means is learnt from the rest."""
    scores = points.scores(held)
    return Fold(scores, chances(points.scores(learnt), outcomes(learnt), scores), outcomes(held))


def chances(scores: Sequence[float], came: Sequence[bool], asked: Sequence[float]) -> list[float]:
    """What scores mean as probabilities: isotonic regression, so that a higher score never means less.

    None is certain, however few there were (`SURE`).
    """
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=1 - SURE, y_max=SURE, out_of_bounds="clip")
    return [float(chance) for chance in curve.fit(scores, [float(has) for has in came]).predict(asked)]


# -- rounding -------------------------------------------------------------------------------------


def _polished(samples: Sequence[Sample], fitted: Fitted) -> Proposal:
    weights = dict(zip(fitted.terms, (float(weight) for weight in fitted.weights), strict=True))
    fit = {term: points for term, weight in weights.items() if (points := _fit_points(term, weight))}
    told = [sum(fit.get(Term(*pair), 0.0) for pair in one.fields.items()) for one in samples]
    kinds = [term for term in weights if term.is_behaviour]
    part = slice(None, None, -(-len(samples) // MOST_POLISHED))
    found = polish.polish(
        counts=terms.matrix(samples[part], kinds),
        fit=told[part],
        came=outcomes(samples[part]),
        points=[_nearest(POINTS_PER_LOGIT * weights[kind]) for kind in kinds],
        cuts=_cuts(told) if fit else [],
    )
    return Proposal(
        points=dict(zip((kind.name for kind in kinds), found.points, strict=True)),
        fit_rules=tuple(_rule(term, points) for term, points in sorted(fit.items())),
        grades=tuple(
            parts.FitGrade(grade, value, factor)
            for grade, value, factor in zip(GRADES, [LOWEST, *found.cuts], found.factors, strict=False)
        )
        if fit
        else (),
        fields=frozenset(term.name for term in weights if not term.is_behaviour),
    )


def _fit_points(term: Term, weight: float) -> float:
    if term.is_behaviour:
        return 0.0
    rounded = polish.FIT_STEP * round(POINTS_PER_LOGIT * weight / polish.FIT_STEP)
    return float(max(-MOST_FIT, min(MOST_FIT, rounded)))


def _nearest(value: float) -> float:
    return float(min(VALUES, key=lambda each: abs(each - value)))


def _rule(term: Term, points: float) -> parts.FitRule:
    if term.name != "employee_count":
        return parts.FitRule(term.name, "is", (term.value,), points)
    first, _dash, last = term.value.partition("-")
    if not last:
        return parts.FitRule(term.name, "at_least", (first,), points)
    return parts.FitRule(term.name, "between", (first, last), points)


def _cuts(points: Sequence[float]) -> list[float]:
    """From how many fit points each grade but the lowest is reached at first: three tenths of the leads are in the
    lowest, a seventh on top. There are fewer grades where points do not differ.
    """
    ordered = sorted(points)
    return sorted({ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in SHARES})


def _place(points: float, least: Iterable[float]) -> int:
    """Which grade, the lowest is 0."""
    return max(0, sum(points >= value for value in least) - 1)
