"""What a rep is told of a lead when it is handed over: why now, what they read, where their attention lies."""

from datetime import timedelta

import pytest

from content.models import Asset
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead
from leads.scoring import reading
from sla import brief


def shelve():
    for slug, phases in (("table", ["comparison", "interest"]), ("paper", ["interest"])):
        Asset.objects.create(slug=slug, title=slug.title(), kind="guide", phases=phases)


def did(lead, cast, *done):
    """(kind, asset, days ago), in the order they are told."""
    recording.record(
        [
            Behaviour("ma", f"{lead.pk}-{place}", kind, cast.at - timedelta(days=ago), asset, lead=lead.pk)
            for place, (kind, asset, ago) in enumerate(done)
        ],
        by=None,
        at=cast.at,
    )


def told(lead, cast):
    rows = list(Lead.objects.filter(pk=lead.pk).select_related("account", "score"))
    return brief.briefs_for(rows, reading.in_force(), at=cast.at)[lead.pk]


def left_of(cast, kind, *days):
    """By the plain rules."""
    rules = reading.in_force()
    points = rules.points_for(kind, None)
    return sum(rules.decay.decayed(points, cast.at - timedelta(days=ago), cast.at) for ago in days)


def test_what_weighs_most_comes_first_and_the_same_done_often_is_told_once(cast):
    lead = cast.lead()
    did(lead, cast, ("webinar", "", 90), ("webinar", "", 20), ("page_view", "", 3), ("download", "", 2))
    why = told(lead, cast)["why"]
    assert [(one["kind"], one["times"]) for one in why] == [("webinar", 2), ("download", 1), ("page_view", 1)]
    assert why[0]["at"] == (cast.at - timedelta(days=20)).isoformat()
    assert [one["value"] for one in why] == [
        pytest.approx(left_of(cast, kind, *days), abs=0.006)
        for kind, days in (("webinar", (90, 20)), ("download", (2,)), ("page_view", (3,)))
    ]


def test_what_is_beyond_a_limit_is_told_and_weighs_nothing(cast):
    lead = cast.lead()
    did(lead, cast, ("page_view", "", 3), ("download", "", 2))
    BehaviourEvent.objects.filter(kind="page_view").update(beyond="day")
    assert [(one["kind"], one["times"], one["value"] > 0) for one in told(lead, cast)["why"]] == [
        ("download", 1, True),
        ("page_view", 1, False),
    ]


def test_what_was_taken_back_or_is_more_than_a_year_old_is_not_told(cast):
    lead = cast.lead()
    did(lead, cast, ("webinar", "", 400), ("page_view", "", 3), ("download", "", 2))
    BehaviourEvent.objects.filter(kind="page_view").update(withdrawn_at=cast.at)
    assert [one["kind"] for one in told(lead, cast)["why"]] == ["download"]


def test_what_they_read_comes_with_the_latest_first_and_each_asset_once(cast):
    shelve()
    lead = cast.lead()
    did(lead, cast, ("download", "paper", 9), ("download", "table", 5), ("page_view", "paper", 1))
    read = told(lead, cast)["read"]
    assert [(one["asset"], one["at"]) for one in read] == [
        ("paper", (cast.at - timedelta(days=1)).isoformat()),
        ("table", (cast.at - timedelta(days=5)).isoformat()),
    ]


def test_attention_is_shared_out_among_the_phases_of_what_they_read(cast):
    shelve()
    lead = cast.lead()
    did(lead, cast, ("download", "paper", 5), ("download", "table", 5), ("page_view", "", 1))
    assert told(lead, cast)["phases"] == {"interest": 0.75, "comparison": 0.25}
