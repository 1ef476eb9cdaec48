"""Every ready mapping reads a sample of what its tool gives; the same file a second time counts nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.states import Refused
from leads.events import mappings, waiting
from leads.events.mappings import ready
from leads.events.mappings.places import find
from leads.models import BehaviourEvent, EventMapping, WaitingEvent
from tests.support.rest import Rest

SAMPLES = Path(__file__).parent / "samples"
# code → accepted for Hana, waiting for Taro, passed over, by scanners, the kinds nobody translated
EXPECTED = {
    "generic": (1, 0, 0, 1, {"teleport": 1}),
    "hubspot-engagements": (1, 1, 1, 0, {}),
    "marketo-activities": (2, 0, 0, 1, {"Interesting Moment": 1}),
    "zoom-registrations": (1, 1, 0, 0, {}),
    "zoom-attendees": (1, 0, 1, 0, {}),
    "form-webhook": (1, 0, 0, 0, {}),
    "sendgrid-webhook": (1, 0, 1, 2, {}),
    "mailgun-webhook": (1, 0, 0, 0, {}),
    "japanese-ma": (1, 1, 0, 0, {"名刺交換": 1}),
}


def sample(code):
    [path] = SAMPLES.glob(f"{code}.*")
    return mappings.rows_of(path.read_bytes())


def bring(cast, code, payload=None):
    mapping = EventMapping.objects.get(code=code)
    return mappings.bring_in(mapping, payload or sample(code), by=cast.marketer, at=cast.at)


@pytest.fixture
def hana(cast):
    return cast.lead(email="hana@kita.jp")


def test_every_ready_mapping_has_a_sample():
    assert {values["code"] for values in ready.READY} == set(EXPECTED)
    assert {path.stem for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("code", EXPECTED)
def test_a_sample_of_the_tool_is_read(cast, hana, code):
    told = bring(cast, code)
    assert (told.accepted, told.waiting, told.ignored, told.scanners, told.unmapped) == EXPECTED[code]
    assert (
        told.accepted + told.duplicates + told.waiting + told.ignored + told.scanners + len(told.refused)
        == told.rows
    )
    again = bring(cast, code)
    assert (again.accepted, again.waiting, again.duplicates) == (
        0,
        0,
        told.accepted + told.waiting + told.duplicates,
    )
    assert BehaviourEvent.objects.count() == told.accepted + told.scanners


def test_times_are_those_of_the_tool(cast, hana):
    bring(cast, "japanese-ma")
    bring(cast, "sendgrid-webhook")
    moments = dict(BehaviourEvent.objects.values_list("source", "occurred_at"))
    assert moments["ma-ja"] == datetime(2026, 5, 20, 5, 5, tzinfo=UTC)
    kept = WaitingEvent.objects.get(source="ma-ja")
    assert kept.occurred_at == datetime(2026, 5, 20, 0, 30, tzinfo=UTC)


def test_a_scanner_s_click_is_seen_and_does_not_count(cast, hana):
    bring(cast, "sendgrid-webhook")
    marks = dict(BehaviourEvent.objects.withdrawn().values_list("external_id", "properties__scanner"))
    assert marks == {"sg-2": "marked", "sg-3": "user_agent"}
    assert [event.external_id for event in BehaviourEvent.objects.counted()] == ["sg-1"]


def test_a_scanner_s_click_on_a_stranger_s_mail_waits_for_them_and_does_not_count_either(cast):
    told = bring(cast, "sendgrid-webhook")
    assert (told.waiting, told.scanners, WaitingEvent.objects.filter(is_withheld=True).count()) == (1, 2, 2)
    bring(cast, "sendgrid-webhook")
    cast.lead(email="hana@kita.jp")
    marks = dict(BehaviourEvent.objects.withdrawn().values_list("external_id", "properties__scanner"))
    assert marks == {"sg-2": "marked", "sg-3": "user_agent"}
    assert [event.external_id for event in BehaviourEvent.objects.counted()] == ["sg-1"]
    assert not WaitingEvent.objects.exists()


def test_where_the_mapping_does_not_say_so_they_count(cast, hana):
    EventMapping.objects.filter(code="sendgrid-webhook").update(refuses_scanners=False)
    assert bring(cast, "sendgrid-webhook").accepted == 3


def test_content_that_is_not_in_the_library_is_kept_beside(cast, hana):
    bring(cast, "hubspot-engagements")
    assert WaitingEvent.objects.get().properties["content"] == "unheard-of"


def test_what_marketing_changed_stays_when_the_company_is_founded_again(cast):
    EventMapping.objects.filter(code="generic").update(source="ours")
    ready.found()
    assert EventMapping.objects.get(code="generic").source == "ours"
    assert EventMapping.objects.count() == len(ready.READY)


def test_a_trial_shows_what_would_come_and_writes_nothing(cast, hana):
    mapping = EventMapping.objects.get(code="japanese-ma")
    shown = mappings.try_out(mapping, sample("japanese-ma"), by=cast.marketer, at=cast.at)
    assert [trial.lead for trial in shown] == [hana.pk, hana.pk, None, None, None]
    assert [bool(trial.fault) for trial in shown] == [False, False, False, True, True]
    assert not BehaviourEvent.objects.exists()
    assert not WaitingEvent.objects.exists()


def test_a_webhook_is_taken_over_rest(cast, clock, hana):
    body = json.loads((SAMPLES / "mailgun-webhook.json").read_bytes())
    told = Rest(cast.marketer, cast.at, "events:write").post("/api/v1/events/from/mailgun-webhook/", body)
    assert told.json() == {
        "accepted": 1, "duplicates": 0, "waiting": 0, "ignored": 0, "scanners": 0, "unmapped": {}, "rejected": [],
    }  # fmt: skip
    missing = Rest(cast.marketer, cast.at).post("/api/v1/events/from/no-such-tool/", body)
    assert missing.status_code == 404
    forbidden = Rest(cast.marketer, cast.at, "leads:read").post("/api/v1/events/from/generic/", body)
    assert forbidden.status_code == 403


def test_lines_of_a_tool_are_taken_and_a_bad_one_is_named(cast, clock, hana):
    body = (SAMPLES / "generic.ndjson").read_bytes() + b"{oops\n"
    api = Rest(cast.marketer, cast.at)
    told = api.send("post", "/api/v1/events/from/generic/", body, content_type="application/x-ndjson").json()
    assert [row["index"] for row in told["rejected"]] == [2, 3]
    assert (told["accepted"], told["scanners"]) == (1, 1)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("a.b", 1),
        ("Time (minutes)", 2),
        ("list[1]", "y"),
        ("answers[type=email].email", "x@y.jp"),
        ("nothing | a.b", 1),
        ("list[7]", None),
        ("a.b.c", None),
    ],
)
def test_places_lead_into_a_row(place, found):
    row = {
        "a": {"b": 1}, "Time (minutes)": 2, "list": ["x", "y"],
        "answers": [{"type": "text"}, {"type": "email", "email": "x@y.jp"}],
    }  # fmt: skip
    assert find(row, place) == found


def test_what_is_neither_json_nor_a_table_is_refused():
    with pytest.raises(Refused):
        mappings.rows_of(b'{"a": 1')
    with pytest.raises(Refused):
        mappings.rows_of(b"\x00\x01")


def test_a_stranger_of_a_webhook_counts_when_they_come(cast):
    bring(cast, "mailgun-webhook")
    assert cast.lead(email="hana@kita.jp").events.get().kind == "email_click"
    assert waiting.sweep(at=cast.at) == 0
