"""The hand-over by REST: who sees it, how it is answered, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import LedgerEntry
from sla.models import Handoff
from tests.support.calling import Caller, pointers

pytestmark = pytest.mark.django_db

FIELDS = (
    "lead", "agreement", "score_at_handoff", "brief", "assignee", "created_at", "respond_by", "first_contact_at",
    "feedback_by", "responded_in_time", "status",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _still(clock: Any) -> None:
    """Nothing moves but what a test moves."""


def test_a_handoff_shows_what_the_contract_names(cast: Any) -> None:
    handoff = cast.handoff()
    answer = Caller(cast.rep).get(f"/handoffs/{handoff.pk}/")
    shown = answer.json()
    assert set(FIELDS) <= set(shown)
    assert (shown["lead"], shown["agreement"], shown["status"]) == (handoff.lead_id, 1, "open")
    assert answer["ETag"]


def test_nobody_calls_without_a_token(cast: Any) -> None:
    assert Caller(None).get("/handoffs/").status_code == 401


def test_a_token_reaches_as_far_as_its_scopes(cast: Any) -> None:
    handoff = cast.handoff()
    reader = Caller(cast.rep, "handoffs:read")
    assert reader.get("/handoffs/").status_code == 200
    assert reader.post(f"/handoffs/{handoff.pk}/accept/").status_code == 403
    assert Caller(cast.rep, "deals:read").get("/handoffs/").status_code == 403


def test_a_strangers_handoff_does_not_exist(cast: Any) -> None:
    handoff = cast.handoff()
    stranger = Caller(cast.stranger)
    assert stranger.get(f"/handoffs/{handoff.pk}/").status_code == 404
    for deed in ("accept", "claim"):
        assert stranger.post(f"/handoffs/{handoff.pk}/{deed}/").status_code == 404
    assert stranger.listed("/handoffs/") == []


def test_marketing_sees_it_and_may_not_answer_it(cast: Any) -> None:
    handoff = cast.handoff()
    marketer = Caller(cast.marketer)
    assert marketer.get(f"/handoffs/{handoff.pk}/").status_code == 200
    assert marketer.post(f"/handoffs/{handoff.pk}/accept/").status_code == 403


# -- handing over by hand ---------------------------------------------------------------------------


def test_marketing_hands_over_by_hand_once(cast: Any) -> None:
    lead = cast.lead()
    marketer = Caller(cast.marketer)
    body = {"lead": lead.pk, "assignee": cast.rep.pk, "note": "Call before noon."}
    answer = marketer.post("/handoffs/", body)
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["assignee"], answer.json()["note"]) == (cast.rep.pk, "Call before noon.")
    assert marketer.post("/handoffs/", body).status_code == 409
    assert Handoff.objects.filter(lead=lead).count() == 1


def test_a_rep_does_not_hand_over(cast: Any) -> None:
    handoff = cast.handoff()
    assert Caller(cast.rep).post("/handoffs/", {"lead": handoff.lead_id}).status_code == 403


def test_a_lead_nobody_knows_is_pointed_at(cast: Any) -> None:
    answer = Caller(cast.marketer).post("/handoffs/", {"lead": 987654321})
    assert (answer.status_code, pointers(answer)) == (400, ["/lead"])


def test_the_same_key_hands_over_once_and_answers_twice(cast: Any) -> None:
    body = {"lead": cast.lead().pk, "assignee": cast.rep.pk}
    marketer, key = Caller(cast.marketer), {"Idempotency-Key": "a-1"}
    first, again = marketer.post("/handoffs/", body, **key), marketer.post("/handoffs/", body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


# -- answering --------------------------------------------------------------------------------------


def test_a_first_contact_stops_the_clock(cast: Any, clock: Any) -> None:
    handoff = cast.handoff()
    clock.move(hours=1)
    answer = Caller(cast.rep).post(
        f"/handoffs/{handoff.pk}/contact/",
        {"channel": "call", "outcome": "no_answer", "occurred_at": "2026-06-01T10:30:00+09:00"},
    )
    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["responded_in_time"]) == (200, "contacted", True)
    assert shown["first_contact_at"] == "2026-06-01T01:30:00Z"


def test_a_bounced_mail_does_not_stop_it(cast: Any) -> None:
    handoff = cast.handoff()
    answer = Caller(cast.rep).post(
        f"/handoffs/{handoff.pk}/contact/", {"channel": "email", "outcome": "bounced"}
    )
    assert (answer.json()["status"], answer.json()["first_contact_at"]) == ("open", None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"outcome": "reached"}, "/channel"),
        ({"channel": "pigeon", "outcome": "reached"}, "/channel"),
        ({"channel": "call", "outcome": "reached", "occurred_at": "2026-06-01T10:30:00"}, "/occurred_at"),
        ({"channel": "call", "outcome": "reached", "occurred_at": "2026-06-02T10:30:00Z"}, "/occurred_at"),
        ({"channel": "call", "outcome": "reached", "mood": "good"}, "/mood"),
    ],
)
def test_a_contact_that_cannot_be_taken_is_pointed_at(cast: Any, body: Any, pointer: str) -> None:
    answer = Caller(cast.rep).post(f"/handoffs/{cast.handoff().pk}/contact/", body)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


def test_accepted_contacted_and_converted_it_opens_a_deal(cast: Any) -> None:
    address = f"/handoffs/{cast.handoff().pk}"
    rep = Caller(cast.rep)
    assert rep.post(f"{address}/accept/").json()["status"] == "accepted"
    rep.post(f"{address}/contact/", {"channel": "call", "outcome": "reached"})
    body = {"name": "Big one", "amount": "1200000", "currency": "JPY", "expected_close": "2026-09-30"}
    answer = rep.post(f"{address}/convert/", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "converted")
    deal = rep.get(f"/deals/{answer.json()['deal']}/").json()
    assert (deal["amount"], deal["currency"], deal["expected_close"]) == ("1200000.00", "JPY", "2026-09-30")


def test_a_rejection_names_a_reason_and_a_comment_where_the_agreement_asks(cast: Any) -> None:
    address = f"/handoffs/{cast.handoff().pk}/reject/"
    rep = Caller(cast.rep)
    unknown = rep.post(address, {"reason": "the-weather"})
    assert (unknown.status_code, pointers(unknown)) == (400, ["/reason"])
    done = rep.post(address, {"reason": "bad-timing", "comment": "Next budget year."})
    assert (done.status_code, done.json()["status"]) == (200, "rejected")


def test_what_is_decided_stays_decided(cast: Any) -> None:
    address = f"/handoffs/{cast.handoff().pk}"
    Caller(cast.rep).post(f"{address}/reject/", {"reason": "bad-timing"})
    answer = Caller(cast.rep).post(f"{address}/accept/")
    assert (answer.status_code, answer.json()["state"]) == (409, "rejected")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_manager_reassigns_and_a_rep_does_not(cast: Any) -> None:
    address = f"/handoffs/{cast.handoff().pk}/reassign/"
    body = {"assignee": cast.colleague.pk, "note": "Leave"}
    assert Caller(cast.rep).post(address, body).status_code == 403
    answer = Caller(cast.manager).post(address, body)
    assert (answer.status_code, answer.json()["assignee"]) == (200, cast.colleague.pk)
    assert LedgerEntry.objects.filter(kind="handoff.reassigned", actor=cast.manager).exists()


# -- lists ------------------------------------------------------------------------------------------


def test_lists_are_narrowed_by_each_filter(cast: Any, clock: Any) -> None:
    first, second = cast.handoff(), cast.handoff(to=cast.colleague)
    Caller(cast.rep).post(f"/handoffs/{first.pk}/accept/")
    manager = Caller(cast.manager)
    assert manager.listed("/handoffs/") == [second.pk, first.pk]
    assert manager.listed("/handoffs/", status="accepted") == [first.pk]
    assert manager.listed("/handoffs/", assignee=cast.colleague.pk) == [second.pk]
    assert Caller(cast.rep).listed("/handoffs/", assignee="me") == [first.pk]
    assert len(manager.listed("/handoffs/", team=cast.rep.team_id)) == 2
    assert manager.listed("/handoffs/", due_before=first.respond_by.isoformat()) == []
    later = (first.respond_by + timedelta(seconds=1)).isoformat()
    assert len(manager.listed("/handoffs/", due_before=later)) == 2


def test_late_is_late_by_the_clock(cast: Any, clock: Any) -> None:
    late, answered = cast.handoff(), cast.handoff()
    rep = Caller(cast.rep)
    rep.post(f"/handoffs/{answered.pk}/contact/", {"channel": "call", "outcome": "reached"})
    assert rep.listed("/handoffs/", breached="true") == []
    clock.set(late.respond_by + timedelta(seconds=1))
    assert rep.listed("/handoffs/", breached="true") == [late.pk]
    assert rep.listed("/handoffs/", breached="false") == [answered.pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"status": "lost"},
        {"assignee": "you"},
        {"breached": "maybe"},
        {"due_before": "2026-06-01T10:00:00"},
        {"team": "x"},
        {"ordering": "note"},
        {"page_size": "501"},
    ],
)
def test_a_filter_that_means_nothing_is_refused(cast: Any, wrong: dict[str, str]) -> None:
    assert Caller(cast.rep).get("/handoffs/", **wrong).status_code == 400


def test_more_rows_cost_no_more_queries(cast: Any) -> None:
    rep = Caller(cast.rep)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert rep.get(path).status_code == 200
        return len(seen)

    for _ in range(2):
        rep.post(f"/handoffs/{cast.handoff().pk}/reject/", {"reason": "bad-timing"})
    paths = ("/handoffs/", "/feedback/", "/agreements/")
    few = [queries(path) for path in paths]
    for _ in range(4):
        rep.post(f"/handoffs/{cast.handoff().pk}/reject/", {"reason": "bad-timing"})
    assert [queries(path) for path in paths] == few
