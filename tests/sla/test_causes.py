"""Why a first contact was late: the first cause that holds."""

import pytest

from sla.causes import LABELS, Cause, Facts, cause_of

EVERYTHING = {
    "attempts": 2, "bounces": 1, "was_away": True, "was_passed_late": True, "is_full": True,
}  # fmt: skip


def test_without_an_owner_nothing_else_matters():
    assert cause_of(Facts(has_owner=False, **EVERYTHING)) == Cause.QUEUE


def test_each_cause_holds_when_those_before_it_do_not():
    facts, found = dict(EVERYTHING), []
    for name in list(facts):
        found.append(cause_of(Facts(has_owner=True, **facts)))
        del facts[name]
    assert found == [Cause.TRIED, Cause.BOUNCED, Cause.AWAY, Cause.PASSED_LATE, Cause.FULL]


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_its_words(cause):
    assert LABELS[cause]


def test_without_any_of_them_nobody_tried():
    assert cause_of(Facts(has_owner=True)) == Cause.UNTOUCHED
