"""What leads to contracts: found where it is, held back where it is not, refused where too little is known."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sklearn.linear_model

from leads.scoring import parts
from leads.scoring.profile import Profile
from reports import polish, terms
from reports.scoring import proposal, regression, samples
from reports.scoring.samples import Leak, Sample, outcomes
from reports.terms import Term

AT = datetime(2026, 6, 1, tzinfo=UTC)


def drawn(count: int = 600, seed: int = 4) -> list[Sample]:
    """Webinars lead to contracts and so does being in finance; page views and countries tell nothing."""
    dice = random.Random(seed)
    return [_one(key, dice) for key in range(count)]


def _one(key: int, dice: random.Random) -> Sample:
    webinars, views = float(dice.randrange(3)), float(dice.randrange(6))
    industry, country = dice.choice(["finance", "farming", "retail"]), dice.choice(["jp", "us"])
    lifted = -2 + 1.2 * webinars + (1.5 if industry == "finance" else 0)
    return Sample(
        key=key,
        came=dice.random() < 1 / (1 + 2.718281828**-lifted),
        counts={("webinar", None): webinars, ("page_view", None): views, ("page_view", "guide"): 1.0},
        fields={"industry": industry, "country": country},
        profile=Profile(industry=industry, country=country),
    )


def test_what_leads_to_contracts_is_found_and_what_does_not_is_called_chance() -> None:
    found = {effect.term: effect for effect in regression.insight(drawn()).effects}
    webinar, finance = found[Term("webinar")], found[Term("industry", "finance")]
    assert webinar.low < 1.2 < webinar.high
    assert webinar.is_clear
    assert finance.weight > 0
    assert finance.is_clear
    assert not found[Term("page_view")].is_clear
    assert not found[Term("country", "jp")].is_clear


def test_the_fit_is_scikit_learn_s_own() -> None:
    """Undoing the one spread of all terms: the weights are per event, not per deviation."""
    rows = drawn()
    chosen = [Term("webinar"), Term("page_view")]
    fitted = regression.fit(rows, chosen)
    plain = sklearn.linear_model.LogisticRegression(C=1e6, max_iter=1000)
    plain.fit(terms.matrix(rows, chosen), outcomes(rows))
    assert list(fitted.weights) == pytest.approx(list(plain.coef_[0]), abs=0.02)


def test_a_term_that_tells_everybody_apart_stays_finite() -> None:
    rows = [replace(one, came=one.fields["industry"] == "finance") for one in drawn(200)]
    found = {effect.term: effect for effect in regression.insight(rows).effects}
    assert 0 < found[Term("industry", "finance")].weight < 20


def test_two_terms_that_always_go_together_share_the_weight() -> None:
    rows = [
        replace(one, counts={**one.counts, ("download", None): one.counts["webinar", None]})
        for one in drawn()
    ]
    found = {effect.term: effect.weight for effect in regression.insight(rows).effects}
    assert found[Term("webinar")] == pytest.approx(found[Term("download")], abs=1e-6)


def test_few_outcomes_get_few_terms_and_very_few_none() -> None:
    rows = drawn(110)
    rarer = min(sum(outcomes(rows)), len(rows) - sum(outcomes(rows)))
    choice = terms.choose(rows)
    assert len(choice.terms) == rarer // 10
    assert choice.left_out
    few = regression.insight(drawn(30))
    assert (few.is_enough, few.effects, few.quality) == (False, [], None)
    assert proposal.propose(drawn(30)) is None


def test_quality_is_measured_on_what_was_not_learnt_from() -> None:
    """Outcomes drawn by lot: whatever was learnt is worth nothing."""
    dice = random.Random(5)
    rows = [replace(one, came=dice.random() < 0.4) for one in drawn()]
    found = regression.quality(rows)
    assert found.auc
    assert found.auc.low < 0.5 < found.auc.high
    assert len(found.folds) == 5


def test_a_sample_that_knows_too_much_is_refused() -> None:
    rows = drawn(100)
    rows[3] = replace(rows[3], at=AT, latest=AT + timedelta(seconds=1))
    with pytest.raises(Leak):
        regression.insight(rows)


def test_points_are_round_and_follow_the_weights() -> None:
    found = proposal.propose(drawn())
    assert found
    assert found.points["webinar"] > found.points["page_view"]
    assert set(found.points.values()) <= set(map(float, polish.VALUES))
    assert {rule.attribute: rule.points > 0 for rule in found.fit_rules if rule.values == ("finance",)} == {
        "industry": True
    }
    factors = [grade.factor for grade in sorted(found.grades, key=lambda grade: grade.min_points)]
    assert factors == sorted(factors)


def test_points_that_were_judged_tell_nearly_as_much_as_the_regression() -> None:
    rows = drawn(1500)
    points, learnt = proposal.judged(rows), regression.quality(rows)
    assert points
    assert points.quality
    assert points.quality.auc
    assert learnt.auc
    assert points.quality.auc.value > 0.7
    assert points.quality.auc.value > learnt.auc.value - 0.03


def test_points_learnt_from_outcomes_drawn_by_lot_are_worth_nothing() -> None:
    """Points that had seen what they are judged on would tell it apart all the same."""
    dice = random.Random(6)
    found = proposal.judged([replace(one, came=dice.random() < 0.4) for one in drawn(1200)])
    assert found
    assert found.quality
    assert found.quality.auc
    assert found.quality.auc.low < 0.5 < found.quality.auc.high


def test_a_higher_score_never_means_less_and_nothing_is_certain() -> None:
    came = [False, True, False, False, True, True, True]
    told = proposal.chances([1, 2, 3, 4, 5, 6, 7], came, [0, 1, 2, 3, 4, 5, 6, 7, 99])
    assert told == sorted(told)
    assert (told[0], told[-1]) == pytest.approx((0.005, 0.995))


def test_grades_begin_where_scores_tell_outcomes_apart_best() -> None:
    """From 40 fit points on they buy and below they hardly do; a grade that is begun with holds both."""
    found = polish.polish(
        counts=[[1.0]] * 80,
        fit=[10.0] * 20 + [20.0] * 20 + [40.0] * 20 + [50.0] * 20,
        came=[False] * 38 + [True] * 40 + [False] * 2,
        points=[10.0],
        cuts=[20.0, 50.0],
    )
    assert found.cuts == [20, 40]
    assert found.factors == sorted(found.factors)


def test_scores_of_a_proposal_are_the_product_s_own() -> None:
    rows = drawn()
    found = proposal.propose(rows)
    assert found
    for one, told in zip(rows, found.scores(rows), strict=True):
        fit = parts.fit_for(one.profile, found.fit_rules, found.grades)
        behaviour = sum(found.points.get(kind, 0) * n for kind, n in terms.kinds_of(one).items())
        assert told == pytest.approx(fit.factor * behaviour)


def test_only_usable_fields_become_rules() -> None:
    found = proposal.propose(drawn(), usable=frozenset({"country"}))
    assert found
    assert {rule.attribute for rule in found.fit_rules} <= {"country"}


def test_a_band_of_employees_becomes_a_rule_between_two_numbers() -> None:
    assert samples.band(99) == "20-99"
    assert samples.band(9000) == "5000-"
    assert samples.band(None) == ""
    rule = proposal._rule(Term("employee_count", "20-99"), 5.0)
    assert (rule.operator, rule.values) == ("between", ("20", "99"))
    assert rule.matches(Profile(employee_count=99))
    assert proposal._rule(Term("employee_count", "5000-"), 5.0).operator == "at_least"


def test_scaling_changes_no_order() -> None:
    rows = drawn()
    found = proposal.propose(rows)
    assert found
    twice = found.scaled(2)
    assert twice.scores(rows) == pytest.approx([2 * score for score in found.scores(rows)])
