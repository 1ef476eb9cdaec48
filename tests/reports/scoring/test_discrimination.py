"""AUC, lift, calibration and precision: equal to scikit-learn and scipy, and honest where little is known."""

from __future__ import annotations

import random

import pytest
from sklearn import calibration as oracle
from sklearn import metrics

from reports.scoring import discrimination as told
from reports.statistics import wilson

MANY = 300


def drawn(seed: int, count: int = MANY) -> tuple[list[float], list[bool]]:
    """Scores with ties, that say something of the outcome."""
    dice = random.Random(seed)
    outcomes = [dice.random() < 0.3 for _ in range(count)]
    return [round(dice.gauss(1.0 if has else 0.0, 1.5), 1) for has in outcomes], outcomes


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_scikit_learn_s(seed: int) -> None:
    scores, outcomes = drawn(seed)
    found = told.auc(scores, outcomes)
    assert found
    assert found.value == pytest.approx(metrics.roc_auc_score(outcomes, scores), abs=1e-12)
    assert 0 < found.low < found.value < found.high < 1


def test_delong_s_variance_is_that_of_its_paper() -> None:
    """Small enough to count by hand: came 3, 2; others 2, 1, 0."""
    found = told.auc([3, 2, 2, 1, 0], [True, True, False, False, False])
    assert found
    above, below = [1, 2.5 / 3], [0.75, 1, 1]
    assert found.value == pytest.approx(11 / 12)
    spread = told._variance(above) / 2 + told._variance(below) / 3
    assert spread == pytest.approx(1 / 72 / 2 + 1 / 48 / 3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Two normals one apart: the true AUC is 0.7602."""
    dice, held = random.Random(7), 0
    for _ in range(300):
        outcomes = [True] * 40 + [False] * 60
        found = told.auc([dice.gauss(float(has), 1) for has in outcomes], outcomes)
        held += bool(found and found.low <= 0.7602 <= found.high)
    assert 0.91 <= held / 300 <= 0.99


def test_one_kind_of_outcome_tells_nothing() -> None:
    assert told.auc([1, 2], [True, True]) is None
    assert told.auc([], []) is None
    assert told.brier([], []) is None
    assert told.calibration_error([]) is None
    assert told.tenths([], []) == []


def test_telling_all_apart_is_no_certainty() -> None:
    found = told.auc([4, 5, 6, 1, 2, 3], [True] * 3 + [False] * 3)
    assert found == told.Auc(1.0, wilson(3, 3)[0], 1.0)


def test_brier_and_calibration_are_scikit_learn_s() -> None:
    scores, outcomes = drawn(3)
    chances = [1 / (1 + 2.7 ** -(score - 1)) for score in dict.fromkeys(scores)]
    outcomes = outcomes[: len(chances)]
    assert told.brier(chances, outcomes) == pytest.approx(metrics.brier_score_loss(outcomes, chances))
    came, mean = oracle.calibration_curve(outcomes, chances, n_bins=1)
    [(expected, share)] = told.calibration(chances, outcomes, 1)
    assert (expected, share.rate) == (pytest.approx(mean[0]), pytest.approx(came[0]))


def test_the_calibration_error_weighs_by_size() -> None:
    bins = [(0.5, told.share(1, 4)), (0.1, told.share(1, 1))]
    assert told.calibration_error(bins) == pytest.approx((4 * 0.25 + 1 * 0.9) / 5)


def test_tenths_hold_everybody_and_the_highest_come_first() -> None:
    scores, outcomes = drawn(1, 95)
    found = told.tenths(scores, outcomes)
    assert len(found) == 10
    assert sum(tenth.came.whole for tenth in found) == 95
    assert sum(tenth.came.part for tenth in found) == sum(outcomes)
    assert [tenth.most for tenth in found] == sorted((tenth.most for tenth in found), reverse=True)
    rate = sum(outcomes) / 95
    assert found[0].lift == pytest.approx((found[0].came.rate or 0) / rate)


def test_precision_and_recall_at_a_bar_are_scikit_learn_s() -> None:
    scores, outcomes = drawn(2)
    found, above = told.at_bar(scores, outcomes, 1.0), [score >= 1.0 for score in scores]
    assert found.precision.rate == pytest.approx(metrics.precision_score(outcomes, above))
    assert found.recall.rate == pytest.approx(metrics.recall_score(outcomes, above))
    assert found.precision.low is not None
    assert told.at_bar(scores, outcomes, 1e9).precision.rate is None


def test_what_a_score_meant_before_is_learnt_from_before_alone() -> None:
    before = [(float(score), score >= 5) for score in range(10)]
    after = [(float(score), False) for score in range(-2, 12)]
    bins = told.learnt_bins(before, after, 2)
    assert [(one.least, one.expected) for one in bins] == [(0.0, 1 / 7), (5.0, 6 / 7)]
    assert sum(one.came.whole for one in bins) == 14
    assert all(one.came.rate == 0 for one in bins)
