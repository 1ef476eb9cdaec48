"""Any order, any repetition, any split of the same events gives the same scores and the same MQLs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.events import waiting
from leads.events.recording import TOLERATED_DRIFT, Behaviour
from leads.models import BehaviourEvent, Lead, LeadScore

KINDS = ("download", "webinar", "inquiry", "email_open", "demo_request")
PEOPLE = 3


class _Undo(Exception):
    pass


@pytest.fixture
def crowd(cast):
    """The last of them appears only after everything has been told."""
    for person in range(PEOPLE - 1):
        cast.lead(email=f"p{person}@kita.jp", consent=True)
    return cast


def _events(at):
    """Two years ago to five minutes ahead, on every kind, of everybody."""
    ago = [timedelta(days=730), timedelta(days=31), timedelta(hours=1), timedelta(0), -TOLERATED_DRIFT]
    return [
        Behaviour(
            "ma", f"e{n}", KINDS[n % len(KINDS)], at - ago[n % 4 + n % 2], email=f"p{n % PEOPLE}@kita.jp"
        )
        for n in range(9)
    ]


def _outcome(cast, batches):
    """Scores and stages by person after these batches; everything is undone."""
    try:
        with transaction.atomic():
            for batch in batches:
                waiting.receive(batch, by=None, at=cast.at)
            cast.lead(email=f"p{PEOPLE - 1}@kita.jp", consent=True)
            sums = dict(LeadScore.objects.values_list("lead__contact__email_key", "engagement"))
            stages = dict(Lead.objects.values_list("contact__email_key", "stage"))
            raise _Undo(sums, stages, BehaviourEvent.objects.count())
    except _Undo as undone:
        return undone.args


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_repetition_and_split_change_nothing(crowd, data):
    events = _events(crowd.at)
    expected = _outcome(crowd, [events])
    shuffled = data.draw(st.permutations(events))
    sent = shuffled + data.draw(st.lists(st.sampled_from(events), max_size=6))
    cut = data.draw(st.integers(0, len(sent)))
    sums, stages, count = _outcome(crowd, [sent[:cut], sent[cut:]])
    assert (stages, count) == expected[1:]
    assert sums == pytest.approx(expected[0], rel=1e-12)
    assert "mql" in stages.values()


def test_the_expected_outcome_counts_every_event(crowd):
    assert _outcome(crowd, [_events(crowd.at)])[2] == 9
