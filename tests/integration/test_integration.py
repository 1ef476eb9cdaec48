"""The integration person's whole job, over HTTP alone: from a form on the web site to a won deal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm import present
from crm.models import User
from tests.support.cast import Cast
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


def test_a_lead_goes_from_the_web_form_to_a_won_deal(cast: Cast) -> None:
    site = Rest(cast.marketer, cast.at, "leads:read", "leads:write", "events:write")
    agreement = Rest(cast.marketer, cast.at).get(f"{V1}/agreements/current/").json()
    assert agreement["status"] == "in_force"

    lead = _captured(site)
    _behaves(site, lead)
    assert site.get(f"{V1}/leads/{lead}/").json()["stage"] == "mql"
    assert site.get(f"{V1}/handoffs/").status_code == 403

    crm = Rest(cast.admin, cast.at)
    [handoff] = crm.get(f"{V1}/handoffs/", status="open").json()["results"]
    assert handoff["lead"] == lead
    sales = Rest(User.objects.get(pk=handoff["assignee"]), cast.at)
    _works(sales, handoff["id"])

    won = _wins(sales, handoff["id"])
    assert won.status_code == 200, won.content
    assert site.get(f"{V1}/leads/{lead}/").json()["stage"] == "customer"
    kinds = {
        item["kind"] for item in site.get(f"{V1}/leads/{lead}/timeline/", page_size=500).json()["results"]
    }
    assert {"lead.captured", "lead.qualified", "lead.sal", "lead.sql", "lead.customer"} <= kinds


def _captured(site: Rest) -> int:
    form = {
        "email": "hanako@hokuto.co.jp",
        "last_name": "鈴木",
        "first_name": "花子",
        "company": "北斗商事",
        "job_title": "部長",
        "source": "web",
        "campaign": "spring",
        "consent": True,
    }
    first = site.post(f"{V1}/leads/", form, key="form-1")
    repeat = site.post(f"{V1}/leads/", form, key="form-1")
    assert (first.status_code, repeat.status_code) == (201, 201)
    assert first.json() == repeat.json()
    assert site.post(f"{V1}/leads/", form).status_code == 200
    return int(first.json()["id"])


def _behaves(site: Rest, lead: int) -> None:
    now = present.now()
    batch: list[dict[str, Any]] = [
        {
            "source": "site",
            "external_id": f"visit-{number}",
            "kind": "inquiry",
            "email": "HANAKO@hokuto.co.jp",
            "occurred_at": (now - timedelta(hours=number)).isoformat(),
        }
        for number in range(8)
    ]
    answer = site.post(f"{V1}/events/", batch).json()
    assert answer == {"accepted": 8, "duplicates": 0, "rejected": []}
    again = site.post(f"{V1}/events/", batch).json()
    assert again == {"accepted": 0, "duplicates": 8, "rejected": []}
    told = site.get(f"{V1}/leads/{lead}/score/").json()
    assert len(told["events"]) == 8
    assert told["total"] == pytest.approx(sum(part["value"] for part in told["events"]))


def _works(sales: Rest, handoff: int) -> None:
    address = f"{V1}/handoffs/{handoff}"
    made = sales.post(f"{address}/contact/", {"channel": "call", "outcome": "reached"})
    assert made.status_code == 200, made.content
    assert made.json()["responded_in_time"] is True
    assert sales.post(f"{address}/accept/").json()["status"] == "accepted"


def _wins(sales: Rest, handoff: int) -> Any:
    opportunity = {"name": "北斗商事 初回", "amount": "1200000", "currency": "JPY"}
    converted = sales.post(f"{V1}/handoffs/{handoff}/convert/", opportunity, key="convert-1")
    assert converted.status_code == 200, converted.content
    repeat = sales.post(f"{V1}/handoffs/{handoff}/convert/", opportunity, key="convert-1")
    assert repeat.json() == converted.json()
    too_late = sales.post(f"{V1}/handoffs/{handoff}/reject/", {"reason": "bad-timing"})
    assert too_late.status_code == 409
    assert too_late.json()["state"]
    [deal] = sales.get(f"{V1}/deals/").json()["results"]
    return sales.post(f"{V1}/deals/{deal['id']}/win/")


def test_a_refused_lead_tells_marketing_why_and_returns(cast: Cast) -> None:
    site, crm = Rest(cast.marketer, cast.at), Rest(cast.admin, cast.at)
    lead = _captured(site)
    _behaves(site, lead)
    [handoff] = crm.get(f"{V1}/handoffs/", status="open").json()["results"]
    sales = Rest(User.objects.get(pk=handoff["assignee"]), cast.at)
    sales.post(f"{V1}/handoffs/{handoff['id']}/contact/", {"channel": "call", "outcome": "reached"})
    refused = sales.post(
        f"{V1}/handoffs/{handoff['id']}/reject/", {"reason": "bad-timing", "comment": "来期に再検討"}
    )
    assert refused.json()["status"] == "rejected"
    [said] = site.get(f"{V1}/feedback/", reason="bad-timing").json()["results"]
    assert said["comment"] == "来期に再検討"
    after = site.get(f"{V1}/leads/{lead}/").json()
    assert after["stage"] == "recycled"
    assert after["waits_until"]


def test_the_nightly_sync_reads_only_what_changed(cast: Cast) -> None:
    site = Rest(cast.marketer, cast.at)
    old = site.post(f"{V1}/leads/", {"email": "old@a.jp"}).json()
    new = site.post(f"{V1}/leads/", {"email": "new@b.jp"}).json()
    since = new["updated_at"]
    found = [row["id"] for row in site.get(f"{V1}/leads/", updated_since=since).json()["results"]]
    assert new["id"] in found
    assert old["id"] not in found
    changed = site.patch(f"{V1}/leads/{old['id']}/", {"source": "fair"}, match="")
    assert changed.status_code == 200
    found = [row["id"] for row in site.get(f"{V1}/leads/", updated_since=since).json()["results"]]
    assert old["id"] in found
