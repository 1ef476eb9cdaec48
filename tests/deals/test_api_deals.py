"""The pipeline by REST: open, change, move, close; and the buying committee."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import LedgerEntry
from deals.models import DealStage, LossReason
from tests.support.calling import Caller, pointers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _still(clock: Any) -> None:
    """Nothing moves but what a test moves."""


def opened(caller: Caller, **known: Any) -> dict[str, Any]:
    answer = caller.post("/deals/", {"name": "Line 3", "amount": "50000.00", "currency": "JPY"} | known)
    assert answer.status_code == 201, answer.json()
    shown: dict[str, Any] = answer.json()
    return shown


def test_a_rep_opens_a_deal_of_their_own(cast: Any) -> None:
    deal = opened(Caller(cast.rep), expected_close="2026-09-30", external_id="crm-7")
    assert (deal["owner"], deal["outcome"], deal["amount"]) == (cast.rep.pk, "open", "50000.00")
    again = Caller(cast.rep).post("/deals/", {"name": "Line 3", "external_id": "crm-7"})
    assert (again.status_code, pointers(again)) == (400, ["/external_id"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "x", "amount": "-1"}, "/amount"),
        ({"name": "x", "amount": 12.5}, "/amount"),
        ({"name": "x", "currency": "yen"}, "/currency"),
        ({"name": "x", "expected_close": "0026-01-01"}, "/expected_close"),
        ({"name": "x", "account": 987654321}, "/account"),
        ({"name": "x", "stage": "won"}, "/stage"),
        ({"name": "x", "outcome": "won"}, "/outcome"),
    ],
)
def test_a_value_that_cannot_be_taken_is_pointed_at(cast: Any, body: Any, pointer: str) -> None:
    answer = Caller(cast.rep).post("/deals/", body)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


def test_marketing_reads_deals_and_does_not_work_them(cast: Any) -> None:
    deal = opened(Caller(cast.rep))
    marketer = Caller(cast.marketer)
    assert marketer.get(f"/deals/{deal['id']}/").status_code == 200
    assert marketer.post("/deals/", {"name": "Mine"}).status_code == 403
    assert marketer.post(f"/deals/{deal['id']}/win/").status_code == 403
    assert marketer.patch(f"/deals/{deal['id']}/", {"name": "Other"}).status_code == 403


def test_a_foreign_deal_does_not_exist(cast: Any) -> None:
    address = f"/deals/{opened(Caller(cast.rep))['id']}/"
    stranger = Caller(cast.stranger)
    assert stranger.get(address).status_code == 404
    assert stranger.patch(address, {"name": "Mine now"}).status_code == 404
    assert stranger.get(f"{address}stakeholders/").status_code == 404
    assert stranger.post(f"{address}win/").status_code == 404


def test_no_token_no_scope_no_deal(cast: Any) -> None:
    assert Caller(None).get("/deals/").status_code == 401
    assert Caller(cast.rep, "leads:read").get("/deals/").status_code == 403
    assert Caller(cast.rep, "deals:read").post("/deals/", {"name": "x"}).status_code == 403


def test_nobody_overwrites_what_they_have_not_seen(cast: Any, clock: Any) -> None:
    rep = Caller(cast.rep)
    address = f"/deals/{opened(rep)['id']}/"
    seen = rep.get(address)["ETag"]
    changed = rep.patch(address, {"amount": "60000"}, **{"If-Match": seen})
    assert (changed.status_code, changed.json()["amount"]) == (200, "60000.00")
    assert rep.patch(address, {"amount": "1"}, **{"If-Match": seen}).status_code == 412
    assert rep.patch(address, {"stage": "won"}).status_code == 400


def test_a_deal_moves_and_is_won_once(cast: Any) -> None:
    rep = Caller(cast.rep)
    address = f"/deals/{opened(rep)['id']}"
    later = DealStage.objects.open().in_order().last()
    assert later
    assert rep.post(f"{address}/move/", {"stage": later.code}).json()["stage"] == later.code
    won = rep.post(f"{address}/win/", {"note": "The trial decided."}).json()
    assert (won["outcome"], won["close_note"]) == ("won", "The trial decided.")
    answer = rep.post(f"{address}/move/", {"stage": later.code})
    assert (answer.status_code, answer.json()["subject"]) == (409, "deal")


def test_a_loss_names_its_reason(cast: Any) -> None:
    rep = Caller(cast.rep)
    address = f"/deals/{opened(rep)['id']}/lose/"
    reason = LossReason.objects.order_by("pk").first()
    assert reason
    assert pointers(rep.post(address, {})) == ["/reason"]
    lost = rep.post(address, {"reason": reason.code, "note": "Too dear."}).json()
    assert (lost["outcome"], lost["lost_reason"]) == ("lost", reason.code)


def test_the_committee_is_seated_and_the_ledger_knows_by_whom(cast: Any) -> None:
    contact = cast.handoff().contact
    rep = Caller(cast.rep)
    address = f"/deals/{opened(rep)['id']}/stakeholders/"
    first = rep.post(address, {"contact": contact.pk, "role": "it", "stance": "champion"})
    assert (first.status_code, first.json()["role"]) == (201, "it")
    again = rep.post(address, {"contact": contact.pk, "role": "executive"})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert rep.listed(address) == [first.json()["id"]]
    assert rep.listed(address, role="it") == []
    assert rep.listed(address, updated_since=again.json()["updated_at"]) == [first.json()["id"]]
    assert rep.listed(address, updated_since="2199-01-01T00:00:00Z") == []
    assert LedgerEntry.objects.filter(kind="deal.seated", actor=cast.rep).count() == 2
    assert pointers(rep.post(address, {"contact": contact.pk, "role": "uncle"})) == ["/role"]


def test_deals_are_narrowed_and_cost_the_same_queries(cast: Any) -> None:
    rep = Caller(cast.rep)
    deal = opened(rep, external_id="crm-1")
    with CaptureQueriesContext(connection) as few:
        rep.get("/deals/")
    others = [opened(rep)["id"] for _ in range(3)]
    rep.post(f"/deals/{others[0]}/win/")
    with CaptureQueriesContext(connection) as many:
        rep.get("/deals/")
    assert len(many) == len(few)
    assert rep.listed("/deals/", outcome="won") == [others[0]]
    assert rep.listed("/deals/", external_id="crm-1") == [deal["id"]]
    assert len(rep.listed("/deals/", owner="me")) == 4
    assert rep.get("/deals/", amount="1").status_code == 400
