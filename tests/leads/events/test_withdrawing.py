"""Events are taken back and counted again; leads are summed anew, and an MQL stays one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import LedgerEntry
from crm.states import Refused
from leads.events import withdrawing
from leads.events.waiting import receive
from leads.events.withdrawing import Choice
from leads.models import BehaviourEvent, LeadScore, Stage
from project import invariants
from tests.leads.events.test_recording import _event
from tests.support.rest import Rest

WITHDRAW, RESTORE = "/api/v1/events/withdraw/", "/api/v1/events/restore/"


@pytest.fixture
def lead(cast):
    lead = cast.lead(consent=True)
    receive([_event(lead, n, cast.at - timedelta(hours=n)) for n in range(1, 5)], by=None, at=cast.at)
    return lead


def scores(lead):
    return LeadScore.objects.values_list("engagement", "active_at").get(lead=lead)


def test_taken_back_and_restored_is_as_before(cast, lead):
    before, one = scores(lead), BehaviourEvent.objects.filter(external_id="1")
    assert withdrawing.withdraw(one, reason="a bot", by=cast.marketer, at=cast.at) == 1
    assert scores(lead)[0] == pytest.approx(before[0] * 3 / 4, rel=1e-3)
    assert scores(lead)[1] == cast.at - timedelta(hours=2)
    assert withdrawing.restore(one, by=cast.marketer, at=cast.at) == 1
    assert scores(lead) == (pytest.approx(before[0], rel=1e-15), before[1])
    assert invariants.broken(cast.at) == []


def test_twice_is_once(cast, lead):
    rows = BehaviourEvent.objects.all()
    assert withdrawing.withdraw(rows, reason="bots", by=cast.marketer, at=cast.at) == 4
    assert withdrawing.withdraw(rows, reason="bots", by=cast.marketer, at=cast.at) == 0
    facts = LedgerEntry.objects.filter(kind="lead.events_withdrawn")
    assert [(fact.reason, fact.actor) for fact in facts] == [("bots", cast.marketer)]
    assert scores(lead) == (0, None)


def test_an_mql_stays_one(cast, lead):
    receive([_event(lead, 9, cast.at, kind="demo_request")], by=None, at=cast.at)
    withdrawing.withdraw(BehaviourEvent.objects.all(), reason="a mistake", by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL


def test_whoever_reaches_the_bar_by_a_restored_event_is_an_mql(cast):
    lead = cast.lead(consent=True, job_title="部長")
    event = _event(lead, 1, cast.at, kind="inquiry")
    receive([event], by=None, at=cast.at)
    withdrawing.withdraw(BehaviourEvent.objects.all(), reason="x", by=cast.marketer, at=cast.at)
    receive([_event(lead, n, cast.at, kind="inquiry") for n in range(2, 8)], by=None, at=cast.at)
    withdrawing.restore(BehaviourEvent.objects.all(), by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL


def test_sent_again_a_withdrawn_event_stays_withdrawn(cast, lead):
    withdrawing.withdraw(BehaviourEvent.objects.all(), reason="bots", by=cast.marketer, at=cast.at)
    assert receive([_event(lead, 1, cast.at)], by=None, at=cast.at).duplicates == 1
    assert scores(lead)[0] == 0


def test_sales_does_not_take_behaviour_back(cast, lead):
    with pytest.raises(PermissionDenied):
        withdrawing.withdraw(BehaviourEvent.objects.all(), reason="x", by=cast.rep, at=cast.at)
    assert BehaviourEvent.objects.counted().count() == 4


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (Choice(), "external_ids"),
        (Choice(external_ids=["1"]), "source"),
        (Choice(source="ma"), "external_ids"),
        (Choice(source="ma", external_ids=["1"], kind="telepathy"), "kind"),
    ],
)
def test_a_choice_that_could_mean_anything_is_refused(cast, choice, field):
    with pytest.raises(Refused) as refusal:
        withdrawing.chosen(choice, seen_by=cast.marketer)
    assert refusal.value.field == field


def test_a_period_is_counted_before_it_is_taken_back(cast, lead, clock):
    api = Rest(cast.marketer, cast.at, "events:write")
    since = (cast.at - timedelta(hours=3)).isoformat()
    body = {"source": "ma", "since": since, "until": cast.at.isoformat(), "reason": "bot clicks"}
    assert api.post(WITHDRAW, body | {"preview": True}).json() == {"matching": 3}
    assert BehaviourEvent.objects.counted().count() == 4
    assert api.post(WITHDRAW, body).json() == {"withdrawn": 3}
    assert api.post(WITHDRAW, body).json() == {"withdrawn": 0}


def test_a_tool_takes_back_what_it_sent_and_sends_it_again(cast, lead, clock):
    api, named = Rest(cast.marketer, cast.at), {"source": "ma", "external_ids": ["1", "2", "unheard-of"]}
    assert api.post(WITHDRAW, named | {"reason": "x"}).json() == {"withdrawn": 2}
    assert api.post(RESTORE, named).json() == {"restored": 2}
    assert api.post(WITHDRAW, {"source": "ma", "reason": "x"}).status_code == 400
    assert Rest(cast.rep, cast.at).post(WITHDRAW, named | {"reason": "x"}).status_code == 403
    assert (
        Rest(cast.marketer, cast.at, "leads:write").post(WITHDRAW, named | {"reason": "x"}).status_code == 403
    )


# -- on the page of a lead ------------------------------------------------------------------------


def test_marketing_takes_an_event_back_on_the_page_and_brings_it_back(cast, client, clock, lead):
    client.force_login(cast.marketer)
    event, page = BehaviourEvent.objects.get(external_id="1"), f"/leads/{lead.pk}/"
    assert f"{page}withdraw/?event={event.pk}" in client.get(page).content.decode()
    asked = client.get(f"{page}withdraw/", {"event": event.pk}).content.decode()
    assert 'name="reason"' in asked
    client.post(f"{page}withdraw/", {"event": event.pk, "reason": "A bot"})
    event.refresh_from_db()
    assert event.withdrawn_at is not None
    assert f"{page}restore/?event={event.pk}" in client.get(page).content.decode()
    client.post(f"{page}restore/", {"event": event.pk})
    event.refresh_from_db()
    assert event.withdrawn_at is None


def test_sales_finds_no_such_deed(cast, client, clock, lead):
    handed = cast.handoff().lead
    receive([_event(handed, 50, cast.at)], by=None, at=cast.at)
    client.force_login(cast.rep)
    assert "/withdraw/" not in client.get(f"/leads/{handed.pk}/").content.decode()
    assert client.get(f"/leads/{handed.pk}/withdraw/").status_code == 403


def test_an_event_of_another_lead_is_no_choice(cast, client, clock, lead):
    other = cast.lead()
    client.force_login(cast.marketer)
    event = BehaviourEvent.objects.get(external_id="1")
    answer = client.post(f"/leads/{other.pk}/withdraw/", {"event": event.pk, "reason": "x"})
    assert answer.status_code == 422
