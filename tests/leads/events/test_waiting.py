"""Behaviour of people nobody knows yet: kept, and counted when they appear by any way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import directory
from leads import lifecycle, merging, steering
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import waiting
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead, LeadScore, Stage, WaitingEvent
from leads.scoring import versions


def did(number, at, **known):
    values = {"kind": "download", "email": "Hana@Kita.jp"} | known
    return Behaviour(source="ma", external_id=f"e{number}", occurred_at=at, **values)


def send(cast, *events, by=None):
    return waiting.receive(events, by=by, at=cast.at)


def test_an_event_of_a_stranger_waits_and_is_not_refused(cast):
    receipt = send(cast, did(1, cast.at), did(2, cast.at, kind="telepathy"))
    assert (receipt.accepted, receipt.duplicates, receipt.waiting) == (0, 0, 1)
    assert [bad.field for bad in receipt.refused] == ["kind"]


def test_every_event_is_in_exactly_one_of_the_counts(cast):
    lead = cast.lead()
    batch = [
        did(1, cast.at),
        did(1, cast.at),
        did(2, cast.at, email=lead.contact.email),
        did(3, cast.at, lead=10**9),
    ]
    for _again in range(2):
        told = send(cast, *batch)
        assert told.accepted + told.duplicates + told.waiting + len(told.refused) == len(batch)
    assert (told.accepted, told.duplicates, told.waiting) == (0, 3, 0)


def test_nobody_can_read_who_it_waits_for(cast):
    send(cast, did(1, cast.at, lead_external_id="crm-77"))
    kept = str(WaitingEvent.objects.values().get()).casefold()
    assert "kita" not in kept
    assert "crm-77" not in kept


def test_a_new_lead_brings_its_events_with_the_time_they_happened(cast):
    then = cast.at - timedelta(days=30)
    send(cast, did(1, then))
    lead = cast.lead(email="hana@kita.jp")
    event = BehaviourEvent.objects.get()
    assert (event.lead, event.occurred_at) == (lead, then)
    decay = versions.in_force().decay
    assert decay.score_at(lead.score.engagement, cast.at) == pytest.approx(3 * 0.8)
    assert not WaitingEvent.objects.exists()


def test_who_appears_above_the_bar_is_an_mql_at_once(cast):
    send(cast, did(1, cast.at, kind="demo_request"))
    assert cast.lead(email="hana@kita.jp", consent=True).stage == Stage.MQL


def test_an_id_of_another_tool_finds_its_lead_as_well(cast):
    send(cast, did(1, cast.at, email="", lead_external_id="crm-77"))
    lead = cast.lead(external_id="crm-77")
    assert lead.events.count() == 1


def test_an_address_that_is_corrected_brings_what_waited(cast):
    send(cast, did(1, cast.at))
    lead = cast.lead()
    steering.edit(lead, by=cast.marketer, at=cast.at, email="hana@kita.jp")
    assert lead.events.count() == 1


def test_so_does_one_that_is_corrected_on_the_contact_alone(cast):
    send(cast, did(1, cast.at))
    lead = cast.lead()
    directory.edit_contact(lead.contact, by=cast.marketer, at=cast.at, email="hana@kita.jp")
    assert lead.events.count() == 1


def test_the_address_of_a_lead_merged_away_brings_its_events_to_the_one_that_stays(cast):
    loser, winner = cast.lead(email="hana@kita.jp"), cast.lead()
    merging.absorb(*merging.lock_both(loser, winner, by=cast.marketer), by=cast.marketer, at=cast.at)
    send(cast, did(1, cast.at))
    assert winner.events.count() == 1


def test_a_contact_without_a_lead_is_waited_for_by_its_own_id(cast):
    person = directory.add_contact(by=None, at=cast.at, email="hana@kita.jp")
    assert send(cast, did(1, cast.at, email="", contact=person.pk)).waiting == 1
    lead = cast.lead(email="hana@kita.jp")
    assert lead.events.count() == 1


def test_what_a_customer_does_is_kept_on_their_record_and_makes_no_mql(cast):
    lead = cast.lead(email="hana@kita.jp", consent=True)
    for step in (lifecycle.qualify_by_hand,):
        step(lead.pk, by=cast.marketer, at=cast.at)
    lifecycle.confirm([lead.pk], by=None, at=cast.at)
    lifecycle.win([lead.pk], by=None, at=cast.at)
    receipt = send(cast, did(1, cast.at, kind="demo_request"))
    lead.refresh_from_db()
    assert (receipt.accepted, receipt.qualified, lead.stage) == (1, [], Stage.CUSTOMER)


def test_an_event_sent_again_after_its_person_came_counts_once(cast):
    send(cast, did(1, cast.at))
    lead = cast.lead(email="hana@kita.jp")
    score = lead.score.engagement
    assert send(cast, did(1, cast.at)).duplicates == 1
    lead.score.refresh_from_db()
    assert lead.score.engagement == score


def test_an_event_known_under_one_person_does_not_wait_for_another(cast):
    lead = cast.lead()
    send(cast, did(1, cast.at, email=lead.contact.email))
    assert send(cast, did(1, cast.at)).duplicates == 1
    assert not WaitingEvent.objects.exists()


def test_leads_of_the_past_bring_events_that_came_later(cast):
    """History is brought in with the time it happened; what waited for it lies in its future."""
    send(cast, did(1, cast.at))
    row = Inquiry(email="hana@kita.jp", last_name="北")
    door.capture([row], by=None, at=cast.at - timedelta(days=400))
    assert BehaviourEvent.objects.count() == 1


def test_who_sees_only_their_own_leads_leaves_nothing_for_others(cast):
    receipt = send(cast, did(1, cast.at), by=cast.rep)
    assert (receipt.waiting, len(receipt.refused)) == (0, 1)


def test_a_lead_costs_one_question_more_while_nothing_waits(cast):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        waiting.attach([cast.lead().pk], at=cast.at)
    ours = [query for query in asked.captured_queries if "waitingevent" in query["sql"]]
    assert len(ours) == 3  # in the deed, after its commit, and this one


def test_where_something_waits_for_others_it_costs_two(cast):
    send(cast, did(1, cast.at))
    lead = cast.lead(email="other@kita.jp")
    with CaptureQueriesContext(connection) as asked:
        assert waiting.attach([lead.pk], at=cast.at) == 0
    assert len(asked) == 2


def test_the_sweep_finds_what_a_crash_left_behind(cast, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(waiting, "attach", lambda *_args, **_known: 0)
        lead = cast.lead(email="hana@kita.jp")
        WaitingEvent.objects.bulk_create([waiting._row(did(1, cast.at), {}, cast.at)])
    Lead.objects.update(updated_at=cast.at)
    assert waiting.sweep(at=cast.at) == 1
    assert LeadScore.objects.get(lead=lead).engagement > 0


def test_half_a_year_later_it_is_forgotten(cast):
    send(cast, did(1, cast.at))
    assert waiting.forget(at=cast.at + timedelta(days=179)) == 0
    assert waiting.forget(at=cast.at + timedelta(days=181)) == 1
