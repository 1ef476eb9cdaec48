"""How far leads came, and which step loses more than is usual."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from deals import pipeline
from deals.models import LossReason
from reports import funnel_tables, journey
from reports.journey import BANDS, Step
from reports.statistics import share
from tests.support.cast import Cast
from tests.support.story import Story

pytestmark = pytest.mark.django_db


def counts(steps: list[Step]) -> dict[str, int]:
    return {step.name: step.count for step in steps}


def test_leads_are_counted_by_how_far_they_came(story: Story, look: Any) -> None:
    story.cast.lead()  # one nobody passed on
    scope, _lens = look(story.cast.marketer)
    assert counts(journey.steps(scope)) == {"lead": 13, "mql": 12, "deal": 1, "won": 0}
    assert counts(journey.inside(scope)) == {"mql": 12, "handed": 12, "taken_up": 5, "accepted": 2, "deal": 1}


def test_who_is_still_being_worked_is_not_lost(story: Story, look: Any) -> None:
    scope, _lens = look(story.cast.marketer)
    steps = {step.name: step for step in journey.steps(scope)}
    assert (steps["won"].on_the_way, steps["won"].lost.whole) == (1, 0)
    assert steps["deal"].on_the_way + steps["deal"].lost.part + steps["deal"].count == 12
    assert steps["deal"].lost.part == 3, "late, refused, withdrawn"


def test_every_lead_of_a_step_goes_on_waits_or_is_lost(story: Story, look: Any) -> None:
    leads = look(story.cast.marketer)[0].leads()
    for before, step in (("lead", "mql"), ("mql", "deal"), ("deal", "won")):
        whole = set(leads.filter(journey.reached(before)).values_list("pk", flat=True))
        parts = [
            set(leads.filter(condition(step)).values_list("pk", flat=True))
            for condition in (journey.reached, journey.on_the_way, journey.missed)
        ]
        assert set.union(*parts) == whole
        assert sum(map(len, parts)) == len(whole)


def test_a_lost_deal_is_lost_and_a_won_one_won(story: Story, look: Any) -> None:
    deal = story.rows["won"].deal
    pipeline.lose(deal, reason=LossReason.objects.first(), by=story.cast.rep, at=story.now)
    steps = journey.steps(look(story.cast.marketer)[0])
    assert (steps[-1].count, steps[-1].lost.part) == (0, 1)


def test_a_lead_belongs_to_the_day_it_was_captured(cast: Cast, look: Any) -> None:
    scope, _lens = look(cast.marketer, **{"from": "2026-06-02"})
    before = journey.steps(scope)[0].count
    cast.at += timedelta(days=1)
    cast.lead()
    assert journey.steps(scope)[0].count == before + 1


def test_a_rep_counts_their_own_leads(story: Story, look: Any) -> None:
    assert journey.steps(look(story.cast.stranger)[0])[0].count == 1


def test_sources_sum_to_the_steps(story: Story, look: Any) -> None:
    scope, _lens = look(story.cast.marketer)
    sources, steps = journey.by_source(scope), journey.steps(scope)
    for step in steps:
        assert sum(source.counts[step.name] for source in sources) == step.count


def step(name: str, lost: int, whole: int) -> Step:
    return Step(name, whole - lost, lost=share(lost, whole), band=journey.BANDS[name])


def test_the_step_that_exceeds_its_band_most_is_the_bottleneck() -> None:
    steps = [Step("lead", 1000), step("mql", 650, 1000), step("deal", 210, 350), step("won", 40, 140)]
    worst = journey.bottleneck(steps)
    assert worst is not None
    assert worst.name == "deal", "20 points beyond the band, against 5 and 9"
    assert not worst.is_uncertain


def test_within_the_bands_there_is_none() -> None:
    steps = [Step("lead", 1000), step("mql", 600, 1000), step("deal", 160, 400), step("won", 48, 240)]
    assert journey.bottleneck(steps) is None


def test_a_handful_names_no_bottleneck_and_a_few_could_be_chance() -> None:
    assert journey.bottleneck([Step("lead", 9), step("mql", 9, 9)]) is None
    worst = journey.bottleneck([Step("lead", 12), step("mql", 8, 12)])
    assert worst is not None
    assert worst.is_uncertain


def test_a_step_with_few_decided_is_not_held_against_the_usual() -> None:
    steps = [Step("lead", 100), step("mql", 50, 100), Step("deal", 0, 45, share(5, 5), BANDS["deal"])]
    assert [one.is_judged for one in steps[1:]] == [True, False]
    assert "too few leads are decided" in funnel_tables.bottleneck(journey.bottleneck(steps), steps)
