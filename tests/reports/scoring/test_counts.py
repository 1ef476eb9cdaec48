"""The two ways to the behaviour points of a handoff."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from content.models import Asset
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, BehaviourRule
from leads.scoring import versions
from reports.scoring import counts
from sla.models import Handoff
from tests.support.cast import Cast
from tests.support.decided import Decided, decided

pytestmark = pytest.mark.django_db
KINDS = ("page_view", "download", "webinar", "inquiry")


def lived(cast: Cast, seed: int) -> list[int]:
    """Handoffs of leads with events at random times: some after the offer, some taken back before or after it."""
    dice = random.Random(seed)
    made = decided(cast, [Decided(True) for _ in range(6)])
    assets = [f"a{n}" for n in range(3)]
    Asset.objects.bulk_create(Asset(slug=slug, title=slug.upper(), kind="guide") for slug in assets)
    rows = [
        Behaviour(
            kind=dice.choice(KINDS),
            external_id=f"drawn-{number}",
            source="test",
            lead=dice.choice(made).lead_id,
            occurred_at=cast.at + timedelta(hours=dice.uniform(-2000, 20)),
            asset=dice.choice(["", *assets]),
        )
        for number in range(80)
    ]
    recording.record(rows, by=None, at=cast.at + timedelta(days=1))
    for event in BehaviourEvent.objects.order_by("pk"):
        received = max(event.occurred_at, event.occurred_at + timedelta(hours=dice.uniform(-5, 40)))
        taken_back = cast.at + timedelta(hours=dice.uniform(-40, 40)) if dice.random() < 0.2 else None
        BehaviourEvent.objects.filter(pk=event.pk).update(received_at=received, withdrawn_at=taken_back)
    return list(Handoff.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("seed", range(5))
def test_sums_and_single_events_give_the_same_points_where_nothing_is_limited(cast: Cast, seed: int) -> None:
    handoffs, model = lived(cast, seed), versions.active()
    BehaviourRule.objects.filter(model=model).update(
        most_per_day=None, most_per_asset=None, minimum_interval=None
    )
    BehaviourRule.objects.create(model=model, kind="webinar", asset=Asset.objects.get(slug="a1"), points=7.5)
    rules = versions.rules_of(model)
    assert not counts.has_more_than_points(rules)
    sums = counts.counted(handoffs, rate=model.rate, period_days=model.period_days)
    quick = {handoff: counts.points(found, rules) for handoff, (found, _latest) in sums.items()}
    exact = counts.exact(handoffs, rules)
    assert len(quick) > 3
    assert quick == {handoff: pytest.approx(points, rel=1e-9) for handoff, points in exact.items()}


def test_a_limit_is_seen_by_single_events_alone(cast: Cast) -> None:
    """Why there are two ways: the sum of what is limited is not what it is worth."""
    handoffs, model = lived(cast, 1), versions.active()
    BehaviourRule.objects.filter(model=model).update(minimum_interval=500_000)
    rules = versions.rules_of(model)
    assert counts.has_more_than_points(rules)
    sums = counts.counted(handoffs, rate=model.rate, period_days=model.period_days)
    exact = counts.exact(handoffs, rules)
    assert any(counts.points(found, rules) > exact[handoff] + 1 for handoff, (found, _at) in sums.items())
