"""The rules of a version in words, beside those of another."""

import pytest

from content.models import Asset
from leads.models import BehaviourRule, FitRule
from leads.scoring import versions, wording


@pytest.fixture
def draft(cast):
    return versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)


def changes(draft):
    found = wording.differing(wording.beside(versions.active(), draft))
    return {line.what: (line.before, line.after) for chapter in found for line in chapter.lines}


def test_a_fresh_draft_differs_in_nothing(draft):
    assert changes(draft) == {}


def test_other_points_and_a_limit_are_told_beside_those_in_force(draft):
    rule = BehaviourRule.objects.get(model=draft, kind="inquiry", asset=None, phase="")
    before = f"{rule.points:g} points"
    BehaviourRule.objects.filter(pk=rule.pk).update(
        points=1, most_per_day=3, minimum_interval=None, most_per_asset=None
    )
    assert changes(draft)["Inquiry"] == (before, "1 point, at most 3 a day")


def test_a_rule_that_one_of_them_lacks_is_empty_there(draft):
    BehaviourRule.objects.filter(model=draft, kind="inquiry").delete()
    FitRule.objects.create(model=draft, attribute="department", operator="known", points=5, unknown_points=-1)
    told = changes(draft)
    assert told["Inquiry"][1] == ""
    assert told["Department is known"] == ("", "5 points; −1 while unknown")


def test_a_rule_for_a_phase_and_one_for_an_asset_say_for_what(draft):
    asset = Asset.objects.create(slug="tco", title="TCO", kind="guide", phases=["interest"])
    BehaviourRule.objects.create(model=draft, kind="webinar", asset=asset, points=9)
    BehaviourRule.objects.create(model=draft, kind="webinar", phase="interest", points=8)
    told = changes(draft)
    assert told[f"Webinar attendance: {asset}"] == ("", "9 points")
    assert told["Webinar attendance with content for “Interest”"] == ("", "8 points")


def test_how_points_fade_is_a_rule_too(draft):
    draft.rate = 0.5
    assert changes(draft)["Points"] == ("80% are left after 30 days", "50% are left after 30 days")


def test_all_rules_are_listed_with_those_that_give_most_first(draft):
    first = wording.beside(draft, draft)[0]
    points = [float(line.after.split()[0]) for line in first.lines]
    assert points == sorted(points, reverse=True)
    assert len(points) == draft.behaviour_rules.count()
