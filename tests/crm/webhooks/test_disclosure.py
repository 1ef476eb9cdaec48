"""A message holds ids, numbers and codes; nothing a person wrote, and nobody's name."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.models import LedgerEntry
from crm.webhooks import disclosure
from tests.support.clock import START

KIND = "test.told"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(disclosure._told, KIND, frozenset({"reason", "outcome", "fields", "due_at"}))


def _entry(kind: str = KIND, at: datetime = START, **values: Any) -> LedgerEntry:
    return LedgerEntry(pk=12, kind=kind, subject_type="handoff", subject_id=7, at=at, **values)


def test_a_message_has_the_form_of_the_standard() -> None:
    entry = _entry(
        account_id=1, contact_id=2, actor_id=3, from_state="open", to_state="rejected", reason="budget"
    )
    assert disclosure.message(entry) == {
        "type": KIND,
        "timestamp": "2026-06-01T01:00:00Z",
        "data": {
            "kind": KIND,
            "subject": {"type": "handoff", "id": 7},
            "ids": {"entry": 12, "account": 1, "contact": 2, "actor": 3},
            "from": "open",
            "to": "rejected",
            "reason": "budget",
            "data": {},
        },
    }


def test_numbers_truths_and_named_codes_are_told() -> None:
    data = {"score": 81.5, "in_time": True, "outcome": "left_message", "fields": ["email", "phone"]}
    data["due_at"] = START.isoformat()
    assert disclosure.message(_entry(data=data))["data"]["data"] == data


@pytest.mark.parametrize(
    "data",
    [
        {"comment": "budget"},
        {"outcome": "Ms. Yamada said no"},
        {"outcome": "taro@example.jp"},
        {"outcome": "山田"},
        {"fields": ["email", "山田 太郎"]},
        {"note": ["budget"]},
        {"nested": {"outcome": "won"}},
        {"outcome": None},
    ],
)
def test_any_other_text_is_left_out(data: dict[str, Any]) -> None:
    assert disclosure.message(_entry(data=data))["data"]["data"] == {}


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("lost:budget", "lost:budget"),
        ("budget: Ms. Yamada has none", "budget"),
        ("No budget", ""),
        ("山田", ""),
    ],
)
def test_of_a_reason_the_code_is_told_and_not_what_was_added(reason: str, said: str) -> None:
    assert disclosure.message(_entry(reason=reason))["data"]["reason"] == said


def test_a_kind_that_discloses_nothing_tells_no_reason() -> None:
    assert disclosure.message(_entry("lead.handpicked", reason="budget"))["data"]["reason"] == ""


@given(st.dictionaries(st.text(max_size=8), st.text() | st.lists(st.text())))
def test_no_text_of_an_unnamed_kind_is_ever_told(data: dict[str, Any]) -> None:
    assert disclosure.message(_entry("other.kind", data=data))["data"]["data"] == {} or all(
        value == [] for value in disclosure.message(_entry("other.kind", data=data))["data"]["data"].values()
    )


def test_the_body_is_the_same_whenever_it_is_made() -> None:
    entry = _entry(data={"b": 1, "a": 2})
    assert disclosure.body(entry) == disclosure.body(entry)
    assert json.loads(disclosure.body(entry)) == disclosure.message(entry)
