from datetime import UTC, datetime, timedelta
from math import fsum, isclose

from hypothesis import given
from hypothesis import strategies as st

from leads.scoring.counting import BehaviourPoint, RuleBook
from leads.scoring.decay import Decay
from leads.scoring.parts import Disqualification, Fit, FitGrade, FitReason, FitRule, ScoredEvent, explain

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DECAY = Decay()
RULES = RuleBook(
    [
        BehaviourPoint("download", None, 3),
        BehaviourPoint("webinar", None, 5),
        BehaviourPoint("inquiry", None, 10),
        BehaviourPoint("download", "price-list", 8),
    ]
)

# A rule gives nothing or some hundredths at least; below the smallest normal float, precision is not ours to keep.
POINTS = st.just(0.0) | st.floats(0.01, 100)
EVENTS = st.lists(
    st.builds(
        ScoredEvent,
        key=st.integers(),
        kind=st.just("download"),
        points=POINTS,
        occurred_at=st.datetimes(datetime(2016, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    ),
    max_size=30,
)
FITS = st.builds(Fit, factor=st.sampled_from([0.0, 0.5, 1.0, 1.3]))


def event(days: float, points: float, key: int = 1) -> ScoredEvent:
    return ScoredEvent(key, "download", points, NOW - timedelta(days=days))


def test_the_points_of_the_article() -> None:
    assert [RULES.points_for(kind, None) for kind in ("download", "webinar", "inquiry")] == [3, 5, 10]


def test_a_rule_for_the_asset_goes_before_one_for_the_kind() -> None:
    assert RULES.points_for("download", "price-list") == 8
    assert RULES.points_for("download", "white-paper") == 3


def test_behaviour_without_a_rule_counts_nothing() -> None:
    assert RULES.points_for("page_view", "price-list") == 0
    assert RuleBook([]).points_for("webinar", None) == 0


@given(EVENTS, FITS)
def test_the_parts_sum_to_the_total(events: list[ScoredEvent], fit: Fit) -> None:
    told = explain(events, fit, DECAY, NOW)
    assert fsum(part.value for part in told.parts) == told.total
    assert fsum(part.decayed for part in told.parts) == told.behaviour
    assert isclose(fsum(part.share for part in told.parts), 1 if told.total else 0, abs_tol=1e-12)


@given(EVENTS, FITS)
def test_the_total_is_the_score_that_is_stored(events: list[ScoredEvent], fit: Fit) -> None:
    past = [each for each in events if each.occurred_at <= NOW]
    rank = fit.factor * sum(DECAY.contribution(each.points, each.occurred_at) for each in past)
    assert isclose(explain(events, fit, DECAY, NOW).total, DECAY.score_at(rank, NOW), rel_tol=1e-12)


def test_an_explanation_tells_points_age_and_what_is_left() -> None:
    told = explain([event(30, 10, key=7), event(0, 5, key=8)], Fit(factor=1.3, grade="A"), DECAY, NOW)
    first, second = told.parts
    assert (first.event.key, first.points, first.age_days) == (7, 10, 30)
    assert isclose(first.decayed, 8)
    assert isclose(first.value, 10.4)
    assert isclose(first.share, 8 / 13)
    assert (second.event.key, second.age_days, second.decayed) == (8, 0, 5)
    assert isclose(told.total, 16.9)


def test_what_has_not_happened_yet_has_no_part() -> None:
    assert explain([event(-1, 10)], Fit(), DECAY, NOW).parts == ()


def test_a_disqualified_lead_scores_nothing_and_still_shows_its_events() -> None:
    fit = Fit(factor=0, disqualified_by=(Disqualification("student", "student", "学生"),))
    told = explain([event(0, 10)], fit, DECAY, NOW)
    assert told.total == 0
    assert [(part.decayed, part.value, part.share) for part in told.parts] == [(10, 0, 0)]


def test_the_names_of_a_score_come_from_one_module() -> None:
    assert FitReason(FitRule("country", "known"), "JP", 1).points == 1
    assert FitGrade("A", 30, 1.3).factor == 1.3
