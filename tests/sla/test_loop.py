"""The whole loop in one breath: capture, score, hand over, answer, refuse, recycle, come again, win."""

from datetime import timedelta
from decimal import Decimal

from deals import pipeline
from leads import lifecycle
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead, Stage
from sla import handoffs
from sla.handoffs import Opportunity
from sla.models import Handoff, Status


def _inquire(lead, at, times=8, prefix="a"):
    batch = [
        Behaviour(source="site", external_id=f"{prefix}{i}", kind="inquiry", occurred_at=at, lead=lead.pk)
        for i in range(times)
    ]
    return recording.record(batch, by=None, at=at)


def test_behaviour_makes_an_mql_that_is_with_a_rep_when_the_call_returns(cast):
    lead = cast.lead()
    receipt = _inquire(lead, cast.at)
    assert receipt.accepted == 8
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL
    handoff = Handoff.objects.get(lead=lead)
    assert handoff.status == Status.OPEN
    assert handoff.assignee in (cast.rep, cast.colleague, cast.stranger)
    assert handoff.brief["why"][0]["kind"] == "inquiry"


def test_a_refused_lead_waits_is_nurtured_and_comes_again(cast):
    lead = cast.lead()
    _inquire(lead, cast.at)
    first = Handoff.objects.get(lead=lead)
    handoffs.contact(first, channel="call", outcome="reached", by=first.assignee, at=cast.at)
    handoffs.reject(first, reason="bad-timing", by=first.assignee, at=cast.at)
    lead.refresh_from_db()
    assert lead.stage == Stage.RECYCLED
    later = cast.at + timedelta(days=91)
    assert lifecycle.release_due(at=later) == [lead.pk]
    lead.refresh_from_db()
    assert lead.stage == Stage.NURTURING
    _inquire(lead, later, times=9, prefix="b")
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL
    second = Handoff.objects.get(lead=lead, status="open")
    assert second.round == 2
    assert second.brief["earlier"][0]["reason"] == "bad-timing"


def test_an_accepted_lead_becomes_a_deal_and_a_customer(cast):
    lead = cast.lead()
    _inquire(lead, cast.at)
    handoff = Handoff.objects.get(lead=lead)
    rep = handoff.assignee
    handoffs.accept(handoff, by=rep, at=cast.at)
    handoffs.contact(handoff, channel="call", outcome="reached", by=rep, at=cast.at)
    done = handoffs.convert(handoff, Opportunity("Big one", Decimal(1000000)), by=rep, at=cast.at)
    pipeline.win(done.deal, by=rep, at=cast.at)
    assert Lead.objects.get(pk=lead.pk).stage == Stage.CUSTOMER
