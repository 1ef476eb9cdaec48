"""The clock and the customer's words by REST: pause, resume, rebase, and what was found out."""

from datetime import timedelta

import pytest

from crm.models import LedgerEntry
from sla import agreements
from sla.models import Agreement, Handoff
from tests.support.calling import Caller, pointers


@pytest.fixture(autouse=True)
def _still(clock):
    """Nothing moves but what a test moves."""


@pytest.fixture
def row(cast):
    return cast.handoff()


def post(user, row, deed, body=None):
    return Caller(user).post(f"/handoffs/{row.pk}/{deed}/", body)


def test_a_pause_shows_why_and_until_when_and_ends_by_resuming(cast, row, clock):
    paused = post(cast.rep, row, "pause", {"reason": "On holiday"}).json()["paused"]
    assert (paused["reason"], paused["by"]) == ("On holiday", cast.rep.pk)
    assert paused["starts_at"] < paused["until"]
    clock.move(hours=2)
    shown = post(cast.rep, row, "resume").json()
    assert shown["paused"] is None
    assert Handoff.objects.get(pk=row.pk).respond_by == row.respond_by + timedelta(hours=2)


def test_without_a_reason_or_beyond_the_agreed_number_it_is_refused(cast, row):
    answer = post(cast.rep, row, "pause", {"reason": " "})
    assert (answer.status_code, pointers(answer)) == (400, ["/reason"])
    for _ in range(row.terms.body["max_pauses"]):
        post(cast.rep, row, "pause", {"reason": "On holiday"})
        post(cast.rep, row, "resume")
    assert post(cast.rep, row, "pause", {"reason": "again"}).status_code == 409
    assert post(cast.manager, row, "pause", {"reason": "again"}).status_code == 200


def test_a_manager_puts_it_under_the_agreement_in_force(cast, row):
    draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=cast.at)
    Agreement.objects.filter(pk=draft.pk).update(response_hours=2)
    draft.refresh_from_db()
    cast.agree(draft)
    agreements.begin_due(at=cast.at)
    assert post(cast.rep, row, "rebase", {"note": "Sooner"}).status_code == 403
    answer = post(cast.manager, row, "rebase", {"note": "Sooner"})
    assert (answer.status_code, answer.json()["agreement"]) == (200, draft.version)
    assert Handoff.objects.get(pk=row.pk).respond_by < row.respond_by
    assert LedgerEntry.objects.get(kind="handoff.rebased").reason == "Sooner"


def test_rebasing_wants_to_know_why(cast, row):
    answer = post(cast.manager, row, "rebase", {"note": ""})
    assert (answer.status_code, pointers(answer)) == (400, ["/note"])


def test_what_was_found_out_is_kept_and_shown_by_every_way(cast, row):
    assert Caller(cast.rep).get(f"/handoffs/{row.pk}/").json()["bant"] is None
    post(cast.rep, row, "bant", {"need": "urgent", "problem": "Spreadsheets"})
    contact = {"channel": "call", "outcome": "reached", "bant": {"authority": "decides", "need": ""}}
    shown = post(cast.rep, row, "contact", contact).json()["bant"]
    assert (shown["need"], shown["authority"], shown["problem"]) == ("urgent", "decides", "Spreadsheets")
    assert (shown["budget"], shown["found_by"]) == ("", cast.rep.pk)


def test_a_value_nobody_knows_is_pointed_at_where_it_stands(cast, row):
    answer = post(cast.rep, row, "bant", {"need": "huge"})
    assert (answer.status_code, pointers(answer)) == (400, ["/need"])
    contact = {"channel": "call", "outcome": "reached", "bant": {"need": "huge"}}
    answer = post(cast.rep, row, "contact", contact)
    assert (answer.status_code, pointers(answer)) == (400, ["/bant/need"])
    assert Handoff.objects.get(pk=row.pk).first_contact_at is None


def test_what_the_agreement_asks_for_is_pointed_at_before_converting(cast):
    Agreement.objects.in_force().update(sql_fields=["timing"])
    row, deal = cast.handoff(), {"name": "Big one"}
    post(cast.rep, row, "accept")
    answer = post(cast.rep, row, "convert", deal)
    assert (answer.status_code, pointers(answer)) == (400, ["/bant/timing"])
    answer = post(cast.rep, row, "convert", {**deal, "bant": {"timing": "half"}})
    assert (answer.status_code, answer.json()["status"]) == (200, "converted")
    assert answer.json()["bant"]["timing"] == "half"


def test_its_etag_changes_with_what_was_found_out(cast, row):
    rep = Caller(cast.rep)
    before = rep.get(f"/handoffs/{row.pk}/")["ETag"]
    post(cast.rep, row, "bant", {"need": "urgent"})
    assert rep.get(f"/handoffs/{row.pk}/")["ETag"] != before


@pytest.mark.parametrize("deed", ["pause", "resume", "rebase", "bant"])
def test_strangers_find_nothing_and_marketers_may_not(cast, row, deed):
    body = {"pause": {"reason": "x"}, "rebase": {"note": "x"}}.get(deed, {})
    assert post(cast.stranger, row, deed, body).status_code == 404
    assert post(cast.marketer, row, deed, body).status_code == 403
    assert Caller(cast.rep, "handoffs:read").post(f"/handoffs/{row.pk}/{deed}/", body).status_code == 403


@pytest.mark.parametrize("deed", ["pause", "rebase", "bant"])
def test_once_decided_the_clock_is_nobody_s_business(cast, row, deed):
    post(cast.rep, row, "reject", {"reason": "no-need"})
    body = {"pause": {"reason": "x"}, "rebase": {"note": "x"}, "bant": {"need": "urgent"}}[deed]
    expected = 200 if deed == "bant" else 409
    assert post(cast.manager, row, deed, body).status_code == expected
