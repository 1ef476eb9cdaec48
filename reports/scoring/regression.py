"""Which behaviour and fields lead to contracts: logistic regression by scikit-learn, a little ridged.

scikit-learn costs seconds and 150 MB in a process, so it is imported where a model is fitted and nowhere else. The
ridge keeps coefficients finite where a term tells everybody apart, and shares them between terms that go together;
intervals are those of the same fit to samples drawn anew (bootstrap, percentiles), so they hold what the ridge does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reports import terms
from reports.scoring import discrimination
from reports.scoring.discrimination import Auc
from reports.scoring.samples import Sample, guarded, outcomes
from reports.terms import Choice, Term

FOLDS = 5
SEED = 20_260_101
# Terms are brought to one spread first, so one strength fits all.
STRENGTH = 1.0
MOST_DRAWS, FEWEST_DRAWS, ROWS_DRAWN = 200, 60, 600_000
LOWER, UPPER = 2.5, 97.5

# Hears how much of how much is done.
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Effect:
    """How the log-odds change with one more of a behaviour, or with a value of a field."""

    term: Term
    weight: float
    low: float
    high: float
    having: int

    @property
    def is_clear(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Fold:
    """What was held out: how it was ranked, what was expected of each, and what came."""

    ranking: Sequence[float]
    chances: Sequence[float]
    came: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured on folds that were not learnt from; `folds` are AUC and Brier of each."""

    auc: Auc | None
    brier: float | None
    folds: list[tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Insight:
    """`effects` the greatest first; none where there are too few outcomes."""

    count: int
    came: int
    effects: list[Effect]
    left_out: list[Term]
    quality: Quality | None

    @property
    def is_enough(self) -> bool:
        return bool(self.effects)

    @property
    def rarer(self) -> int:
        return min(self.came, self.count - self.came)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Insight:
        quality = kept["quality"]
        return cls(
            kept["count"],
            kept["came"],
            [Effect(**{**one, "term": Term(**one["term"])}) for one in kept["effects"]],
            [Term(**one) for one in kept["left_out"]],
            quality and Quality(quality["auc"] and Auc(**quality["auc"]), quality["brier"], quality["folds"]),
        )


@dataclass(frozen=True)
class Fitted:
    """Weights per unit of each term."""

    terms: Sequence[Term]
    weights: Any
    start: float

    def chances(self, samples: Sequence[Sample]) -> list[float]:
        import numpy as np

        lifted = np.asarray(terms.matrix(samples, self.terms)) @ self.weights + self.start
        return list(1 / (1 + np.exp(-np.clip(lifted, -500, 500))))


def insight(samples: Sequence[Sample], tell: Tell = lambda done, total: None) -> Insight:
    """Effects with intervals and cross-validated quality; empty where outcomes are too few.

    `tell` hears how many of the samples drawn anew are fitted.
    """
    choice, came = terms.choose(guarded(samples)), sum(outcomes(samples))
    if not choice.terms:
        return Insight(len(samples), came, [], choice.left_out, None)
    effects = _effects(samples, choice, tell)
    effects.sort(key=lambda effect: (-effect.weight, effect.term))
    return Insight(len(samples), came, effects, choice.left_out, quality(samples))


def fit(samples: Sequence[Sample], chosen: Sequence[Term]) -> Fitted:
    import numpy as np

    weights, start = _fit(np.asarray(terms.matrix(samples, chosen)), np.asarray(outcomes(samples)))
    return Fitted(chosen, weights, start)


def _fit(columns: Any, came: Any) -> tuple[Any, float]:
    from sklearn.linear_model import LogisticRegression

    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, solver="newton-cholesky", max_iter=200)
    model.fit((columns - middle) / spread, came)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - middle @ weights)


def _effects(samples: Sequence[Sample], choice: Choice, tell: Tell) -> list[Effect]:
    import numpy as np

    columns, came = np.asarray(terms.matrix(samples, choice.terms)), np.asarray(outcomes(samples))
    weights, _start = _fit(columns, came)
    low, high = np.percentile(list(_redrawn(columns, came, tell)), [LOWER, UPPER], axis=0)
    having = (columns > 0).sum(axis=0)
    return [
        Effect(term, float(weights[place]), float(low[place]), float(high[place]), int(having[place]))
        for place, term in enumerate(choice.terms)
    ]


def _redrawn(columns: Any, came: Any, tell: Tell) -> Iterator[Any]:
    """Weights of samples drawn anew, as many of each outcome as there were."""
    import numpy as np

    dice = np.random.default_rng(SEED)
    kinds = [np.flatnonzero(came), np.flatnonzero(~came)]
    draws = max(FEWEST_DRAWS, min(MOST_DRAWS, ROWS_DRAWN // len(came)))
    for done in range(draws):
        tell(done, draws)
        drawn = np.concatenate([dice.choice(rows, len(rows)) for rows in kinds])
        yield _fit(columns[drawn], came[drawn])[0]


def folds(samples: Sequence[Sample]) -> Iterator[tuple[list[Sample], list[Sample]]]:
    """What is learnt from and what is held out, five times; both outcomes in every fold."""
    from sklearn.model_selection import StratifiedKFold

    came = outcomes(samples)
    cut = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for learnt, held in cut.split(came, came):
        yield [samples[place] for place in learnt], [samples[place] for place in held]


def quality(samples: Sequence[Sample]) -> Quality:
    """Terms are chosen anew in each fold, from what is learnt there."""
    told = []
    for learnt, held in folds(samples):
        chances = fit(learnt, terms.choose(learnt).terms).chances(held)
        told.append(Fold(chances, chances, outcomes(held)))
    return measured(told)


def measured(told: Sequence[Fold]) -> Quality:
    """AUC of each fold's own ranking. Rankings of two folds have no common scale, chances have: the interval and the
    Brier score of all folds together are theirs.
    """
    each = []
    for fold in told:
        found = discrimination.auc(fold.ranking, fold.came)
        each.append((found.value if found else None, discrimination.brier(fold.chances, fold.came)))
    chances = [chance for fold in told for chance in fold.chances]
    came = [has for fold in told for has in fold.came]
    return Quality(discrimination.auc(chances, came), discrimination.brier(chances, came), each)
