"""Agreements and feedback by REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.calling import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _still(clock: Any) -> None:
    """Nothing moves but what a test moves."""


def test_the_agreement_in_force_says_its_terms_and_its_reasons(cast: Any) -> None:
    shown = Caller(cast.rep).get("/agreements/current/").json()
    assert (shown["version"], shown["status"]) == (1, "in_force")
    for term in ("effective_from", "mql_threshold", "response_hours", "business_hours", "feedback_hours"):
        assert shown[term] is not None
    rules = {reason["code"]: reason for reason in shown["reasons"]}
    assert rules["bad-timing"]["disposition"] == "recycle"
    assert rules["bad-timing"]["recycle_after_days"] > 0


def test_agreements_are_listed(cast: Any) -> None:
    listed = Caller(cast.marketer).get("/agreements/").json()["results"]
    assert {row["version"]: row["status"] for row in listed} == {1: "in_force", 2: "draft"}


def refused(cast: Any, **known: Any) -> int:
    """A handoff that the rep has given back as badly timed; its id."""
    handoff = cast.handoff(**known)
    body = {"reason": "bad-timing", "comment": "Next year."}
    assert Caller(cast.rep).post(f"/handoffs/{handoff.pk}/reject/", body).status_code == 200
    return int(handoff.pk)


def test_marketing_narrows_feedback_down(cast: Any, clock: Any) -> None:
    refused(cast, source="fair", campaign="spring")
    marketer = Caller(cast.marketer)
    [said] = marketer.get("/feedback/").json()["results"]
    assert (said["reason"], said["disposition"], said["comment"]) == ("bad-timing", "recycle", "Next year.")
    now = clock.now
    matching = {
        "reason": "bad-timing",
        "disposition": "recycle",
        "source": "fair",
        "campaign": "spring",
        "assignee": cast.rep.pk,
        "since": now.isoformat(),
        "until": (now + timedelta(seconds=1)).isoformat(),
    }
    others = {
        "reason": "no-budget",
        "disposition": "merge",
        "source": "web",
        "campaign": "autumn",
        "assignee": cast.colleague.pk,
        "since": (now + timedelta(seconds=1)).isoformat(),
        "until": now.isoformat(),
        "asset": "white-paper",
    }
    for name, value in matching.items():
        assert marketer.listed("/feedback/", **{name: value}) == [said["id"]], name
    for name, value in others.items():
        assert marketer.listed("/feedback/", **{name: value}) == [], name


def test_a_rep_reads_their_own_feedback_only(cast: Any) -> None:
    refused(cast)
    assert len(Caller(cast.rep).listed("/feedback/", assignee="me")) == 1
    assert Caller(cast.stranger).listed("/feedback/") == []


def test_feedback_is_not_written_here(cast: Any) -> None:
    assert Caller(cast.rep).post("/feedback/", {"verdict": "accepted"}).status_code == 405
