"""Events over REST: lines, strangers, repeats, and taking back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from leads.models import BehaviourEvent, Lead, WaitingEvent
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
EVENTS, BULK = "/api/v1/events/", "/api/v1/leads/bulk/"
LINES = "application/x-ndjson"


@pytest.fixture
def api(cast: Cast, clock: Clock) -> Rest:
    return Rest(cast.marketer, cast.at)


def did(number: int, at: Any, **more: Any) -> dict[str, Any]:
    told = {"source": "ma", "external_id": f"e{number}", "kind": "download", "occurred_at": at.isoformat()}
    return {**told, "email": "hana@kita.jp", **more}


def lines(*rows: Any) -> bytes:
    return b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)


def test_a_stranger_is_told_as_waiting_and_every_event_is_counted_somewhere(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    batch = [
        did(1, cast.at),
        did(2, cast.at, email=lead.contact.email),
        did(3, cast.at, kind="x"),
        did(1, cast.at),
    ]
    told = api.post(EVENTS, batch).json()
    assert told["accepted"] + told["duplicates"] + told["waiting"] + len(told["rejected"]) == 4
    assert (told["accepted"], told["waiting"], told["duplicates"]) == (1, 1, 1)


def test_an_event_of_the_future_is_refused_with_what_to_do(api: Rest, cast: Cast) -> None:
    told = api.post(EVENTS, did(1, cast.at + timedelta(minutes=6))).json()
    [error] = told["rejected"][0]["errors"]
    assert (error["pointer"], error["code"]) == ("/occurred_at", "future")
    assert "when it has happened" in error["detail"]
    assert not WaitingEvent.objects.exists()


def test_an_event_of_nobody_is_told_what_it_lacks(api: Rest, cast: Cast) -> None:
    told = api.post(EVENTS, did(1, cast.at) | {"email": ""}).json()
    [error] = told["rejected"][0]["errors"]
    assert (error["pointer"], error["code"]) == ("/lead", "required")
    assert "Say who did it" in error["detail"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"source": \n',
        b'{"a": NaN}\n',
        b'{"a": 1, "a": 2}\n',
        b'{"a": "\xff"}\n',
        b"[" * 40 + b"]" * 40 + b"\n",
        b'{"a": "\\u0000"}\n',
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(api: Rest, cast: Cast, line: bytes) -> None:
    cast.lead(email="hana@kita.jp")
    body = lines(did(1, cast.at), line, did(2, cast.at)) + b"\n"
    told = api.send("post", EVENTS, body, content_type=LINES).json()
    assert (told["accepted"], [row["index"] for row in told["rejected"]]) == (2, [1])
    assert told["rejected"][0]["errors"][0]["code"] == "parse_error"


def test_leads_come_in_lines_as_well(api: Rest) -> None:
    body = lines({"email": "a@x.jp"}, b"{oops\n", {"email": "b@x.jp"})
    told = api.send("post", BULK, body, content_type=LINES).json()
    assert [row["status"] for row in told] == ["created", "rejected", "created"]


def test_too_many_lines_are_asked_to_be_split(api: Rest) -> None:
    answer = api.send("post", EVENTS, b"{}\n" * 10_001, content_type=LINES)
    assert answer.status_code == 400
    assert "Split" in answer.json()["detail"]


def test_lines_sent_again_under_one_key_have_one_answer(api: Rest, cast: Cast) -> None:
    key = {"Idempotency-Key": "night-1"}
    body = lines(did(1, cast.at))
    first, again = (api.send("post", EVENTS, body, content_type=LINES, headers=key) for _ in range(2))
    assert first.json() == again.json() == {"accepted": 0, "duplicates": 0, "waiting": 1, "rejected": []}
    assert again["Idempotency-Replayed"] == "true"
    other = api.send("post", EVENTS, lines(did(2, cast.at)), content_type=LINES, headers=key)
    assert other.status_code == 422


def test_a_stranger_kept_under_a_key_is_found_when_they_come(api: Rest, cast: Cast) -> None:
    api.post(EVENTS, did(1, cast.at, kind="demo_request"), key="k")
    lead = api.post("/api/v1/leads/", {"email": "hana@kita.jp", "consent": True, "last_name": "北"}).json()
    assert Lead.objects.get(pk=lead["id"]).events.count() == 1
    assert BehaviourEvent.objects.get().external_id == "e1"
