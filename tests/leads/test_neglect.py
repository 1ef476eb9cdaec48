"""Which leads count as neglected: by the list, and by REST in the same words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm import activities
from leads import lifecycle
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead, Programme
from leads.nurture import enrolment
from sla import handoffs
from tests.support.cast import Cast
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
DAYS = 30


@pytest.fixture
def later(cast: Cast, clock: Any) -> Any:
    at = cast.at + timedelta(days=40)
    clock.set(at)
    return at


def is_neglected(lead: Lead, at: Any) -> bool:
    return Lead.objects.neglected(at, days=DAYS).filter(pk=lead.pk).exists()


def test_a_lead_nobody_touched_is_neglected_from_that_day_on(cast: Cast) -> None:
    lead = cast.lead()
    assert not is_neglected(lead, cast.at + timedelta(days=DAYS - 1))
    assert is_neglected(lead, cast.at + timedelta(days=DAYS))


@pytest.mark.parametrize(
    ("told", "touches"),
    [
        ({"channel": "call"}, True),
        ({"channel": "email"}, True),
        ({"channel": "meeting", "direction": "inbound"}, True),
        ({"channel": "note"}, False),
        ({"channel": "email", "outcome": "bounced"}, False),
    ],
)
def test_what_touches_a_lead_and_what_does_not(
    cast: Cast, later: Any, told: dict[str, str], touches: bool
) -> None:
    lead = cast.lead()
    activities.log(lead.contact, by=cast.marketer, at=later - timedelta(days=3), **told)
    assert is_neglected(lead, later) is not touches


def test_what_the_lead_does_itself_is_no_touch_of_ours(cast: Cast, later: Any) -> None:
    lead = cast.lead()
    event = Behaviour(lead=lead.pk, kind="page_view", occurred_at=later, source="t", external_id="1")
    recording.record([event], by=None, at=later)
    assert is_neglected(lead, later)


def test_a_programme_a_wait_and_a_customer_are_no_neglect(cast: Cast, later: Any) -> None:
    nurtured, waiting, open_ended, won = (cast.lead() for _ in range(4))
    enrolment.enrol(
        [nurtured.pk], Programme.objects.order_by("pk")[0], cause="", by=cast.marketer, at=cast.at
    )
    day = later + timedelta(days=1)
    lifecycle.recycle([waiting.pk], by=None, at=cast.at, reason="timing", waits_until=day)
    lifecycle.recycle([open_ended.pk], by=None, at=cast.at, reason="timing", is_open_ended=True)
    for step in (lifecycle.handpick, lifecycle.confirm, lifecycle.win):
        step([won.pk], by=cast.marketer, at=cast.at)
    assert not any(is_neglected(lead, later) for lead in (nurtured, waiting, open_ended, won))
    enrolment.leave([nurtured.pk], by=cast.marketer, at=later)
    assert is_neglected(nurtured, later)


def test_a_handoff_that_runs_or_lately_ended_is_no_neglect(cast: Cast, later: Any) -> None:
    running = cast.handoff()
    assert not is_neglected(running.lead, later)
    handoffs.withdraw(running, by=cast.marketer, at=cast.at + timedelta(days=1))
    assert is_neglected(running.lead, later) is (running.lead.stage not in ("disqualified", "customer"))
    lately = cast.handoff()
    handoffs.withdraw(lately, by=cast.marketer, at=later - timedelta(days=1))
    assert not is_neglected(lately.lead, later)


def test_rest_and_the_page_mean_the_same(cast: Cast, later: Any, client: Any) -> None:
    left, touched, with_sales = cast.lead(), cast.lead(), cast.handoff().lead
    activities.log(touched.contact, channel="call", by=cast.marketer, at=later)
    api = Rest(cast.marketer, later)
    told = {row["id"] for row in api.get("/api/v1/leads/", neglected_days=DAYS).json()["results"]}
    client.force_login(cast.marketer)
    shown = {row.pk for row in client.get(f"/leads/neglected/?days={DAYS}").context["page"].rows}
    assert told == shown == {left.pk}
    assert {touched.pk, with_sales.pk}.isdisjoint(told)
