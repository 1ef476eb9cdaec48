"""A marketing-automation tool over HTTP: it tells what people did before anybody told who they are."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest

from crm import present, tokens
from crm.models import User
from tests.support.cast import gather

pytestmark = pytest.mark.django_db(transaction=True)
LINES = "application/x-ndjson"


class Tool:
    """Speaks HTTP over a socket, as any tool does."""

    def __init__(self, server: str, user: User, at: datetime, *scopes: str) -> None:
        _token, self.secret = tokens.issue(user, scopes=scopes or tokens.SCOPES, at=at)
        self.server = server

    def call(
        self, path: str, body: bytes | None = None, kind: str = "application/json", key: str = ""
    ) -> Any:
        request = Request(f"{self.server}/api/v1{path}", data=body, method="POST" if body else "GET")
        request.add_header("Authorization", f"Bearer {self.secret}")
        request.add_header("Content-Type", kind)
        if key:
            request.add_header("Idempotency-Key", key)
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)


def did(person: int, number: int, kind: str, hours: int, at: datetime) -> bytes:
    told = {
        "source": "ma",
        "external_id": f"{person}-{number}",
        "kind": kind,
        "email": f"p{person}@hokuto.co.jp",
        "occurred_at": (at - timedelta(hours=hours)).isoformat(),
    }
    return json.dumps(told).encode() + b"\n"


def who(person: int) -> bytes:
    told = {
        "email": f"p{person}@hokuto.co.jp",
        "last_name": "鈴木",
        "company": "北斗商事",
        "job_title": "部長",
        "industry": "製造業",
        "employee_count": 400,
        "consent": True,
    }
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def test_behaviour_first_people_later_then_score_mql_and_handoff(live_server: Any, at: datetime) -> None:
    cast, now = gather(at), present.now()
    tool = Tool(live_server.url, cast.marketer, now, "leads:read", "leads:write", "events:write")
    warm = [did(1, n, "webinar", n, now) for n in range(12)]
    body = b"".join([*warm, did(2, 1, "page_view", 5, now), b'{"broken": \n', warm[0]]) + b"\n"
    told = tool.call("/events/", body, LINES, key="night")
    assert (told["accepted"], told["waiting"], told["duplicates"]) == (0, 13, 1)
    assert [row["index"] for row in told["rejected"]] == [13]
    assert tool.call("/events/", body, LINES, key="night") == told

    first, second = tool.call("/leads/bulk/", who(1) + who(2), LINES)
    assert (first["status"], second["status"]) == ("created", "created")
    hot, cold = (tool.call(f"/leads/{row['id']}/") for row in (first, second))
    assert (hot["stage"], cold["stage"]) == ("mql", "inquiry")
    explained = tool.call(f"/leads/{first['id']}/score/")
    assert len(explained["events"]) == 12
    assert explained["total"] == pytest.approx(sum(part["value"] for part in explained["events"]))

    sales = Tool(live_server.url, cast.admin, now)
    [handoff] = sales.call("/handoffs/?status=open")["results"]
    assert handoff["lead"] == first["id"]
    again = tool.call("/events/", body, LINES)
    assert (again["accepted"], again.get("waiting", 0), again["duplicates"]) == (0, 0, 14)

    withdrawn = {
        "source": "ma",
        "external_ids": [f"1-{n}" for n in range(12)],
        "reason": "a test of the tool",
    }
    assert tool.call("/events/withdraw/", json.dumps(withdrawn).encode()) == {"withdrawn": 12}
    after = tool.call(f"/leads/{first['id']}/")
    assert (after["score"], after["stage"]) == (0, "mql")
