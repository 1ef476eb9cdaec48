"""Events count once, in any order, and the stored score is their sum."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import statements
from leads.events import recording, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, LeadScore
from leads.scoring import versions


def _event(lead, number, at, **known):
    return Behaviour(
        **(
            {
                "source": "ma",
                "external_id": str(number),
                "kind": "download",
                "occurred_at": at,
                "lead": lead.pk,
            }
            | known
        )
    )


def test_an_event_sent_again_counts_once(cast):
    lead = cast.lead()
    batch = [_event(lead, 1, cast.at), _event(lead, 1, cast.at), _event(lead, 2, cast.at)]
    first = recording.record(batch, by=None, at=cast.at)
    again = recording.record(batch, by=None, at=cast.at)
    assert (first.accepted, first.duplicates) == (2, 1)
    assert (again.accepted, again.duplicates) == (0, 3)


def test_bad_events_are_named_and_the_good_ones_kept(cast):
    lead = cast.lead()
    batch = [
        _event(lead, 1, cast.at),
        _event(lead, 2, cast.at, kind="telepathy"),
        _event(lead, 3, cast.at + timedelta(hours=1)),
        _event(lead, 4, cast.at, asset="no-such-thing"),
        replace(_event(lead, 5, cast.at), lead=None, email="nobody@example.jp"),
    ]
    receipt = recording.record(batch, by=None, at=cast.at)
    assert receipt.accepted == 1
    assert [(bad.index, bad.field) for bad in receipt.refused] == [
        (1, "kind"),
        (2, "occurred_at"),
        (3, "asset"),
        (4, "lead"),
    ]


def test_the_stored_score_is_the_direct_sum_over_ten_years(cast):
    lead = cast.lead()
    moments = [cast.at - timedelta(days=7.3 * number) for number in range(500)]
    recording.record([_event(lead, i, moment) for i, moment in enumerate(moments)], by=None, at=cast.at)
    decay = versions.in_force().decay
    for ahead in (0, 30, 3650):
        at = cast.at + timedelta(days=ahead)
        direct = sum(decay.decayed(3, moment, at) for moment in moments)
        stored = decay.score_at(LeadScore.objects.get(lead=lead).engagement, at)
        assert stored == pytest.approx(direct, rel=1e-12)


def test_withdrawing_an_event_sums_the_lead_anew(cast):
    lead = cast.lead()
    recording.record([_event(lead, 1, cast.at)], by=None, at=cast.at)
    alone = LeadScore.objects.get(lead=lead).engagement
    recording.record([_event(lead, 2, cast.at, kind="inquiry")], by=None, at=cast.at)
    withdrawing.withdraw(
        BehaviourEvent.objects.filter(external_id="2"), reason="a bot", by=cast.marketer, at=cast.at
    )
    assert LeadScore.objects.get(lead=lead).engagement == pytest.approx(alone, rel=1e-15)


def test_a_demo_request_qualifies_at_once(cast):
    lead = cast.lead()
    receipt = recording.record([_event(lead, 1, cast.at, kind="demo_request")], by=None, at=cast.at)
    assert receipt.qualified == [lead.pk]


def test_a_rep_cannot_write_to_a_lead_they_do_not_see(cast):
    receipt = recording.record([_event(cast.lead(), 1, cast.at)], by=cast.rep, at=cast.at)
    assert receipt.accepted == 0


@pytest.mark.parametrize("more", [0, 1])
def test_who_is_known_is_asked_together_with_the_rules_only_where_it_is_few(cast, more):
    lead = cast.lead()
    batch = [_event(lead, number, cast.at) for number in range(statements.FEW + more)]
    with CaptureQueriesContext(connection) as asked:
        recording.record(batch, by=None, at=cast.at)
    rules = next(query["sql"] for query in asked if "leads_rules_held" in query["sql"])
    assert ("crm_contact" in rules) == (not more)
