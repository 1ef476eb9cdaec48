"""The marketer's lists of behaviour, of what waits, and the mappings that read other tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from leads.events import waiting, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, EventMapping, WaitingEvent

EVENTS = reverse("admin:leads_behaviourevent_changelist")
WAITING = reverse("admin:leads_waitingevent_changelist")
SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def did(number, at, source="ma", **known):
    return Behaviour(source, f"e{number}", "download", at, **known)


@pytest.fixture
def told(cast):
    lead = cast.lead()
    batch = [did(n, cast.at, lead=lead.pk, source=source) for n, source in enumerate(("ma", "ma", "site"))]
    waiting.receive(batch, by=None, at=cast.at)
    withdrawing.withdraw(BehaviourEvent.objects.filter(external_id="e0"), reason="x", by=None, at=cast.at)
    return lead


def count(client, address, **filters):
    return client.get(address, filters).context["cl"].queryset.count()


def test_events_are_filtered_by_source_and_by_whether_they_count(told, marketer):
    assert [count(marketer, EVENTS, source=name) for name in ("ma", "site")] == [2, 1]
    assert [count(marketer, EVENTS, counts=name) for name in ("yes", "no", "scanner")] == [2, 1, 0]
    assert BehaviourEvent.objects.all().sources() == ["ma", "site"]


def test_events_are_counted_again_by_an_action(told, marketer):
    rows = list(BehaviourEvent.objects.values_list("pk", flat=True))
    marketer.post(EVENTS, {"action": "restore", "_selected_action": rows})
    assert BehaviourEvent.objects.counted().count() == 3


def test_all_of_a_filtered_list_is_taken_back_after_its_count_was_shown(told, marketer):
    address, choice = (
        f"{EVENTS}?source=ma",
        {"action": "withdraw", "select_across": "1", "_selected_action": ["1"]},
    )
    assert marketer.post(address, choice).context["count"] == 2
    marketer.post(address, choice | {"reason": "bot clicks", "apply": "1"})
    assert [event.source for event in BehaviourEvent.objects.counted()] == ["site"]


def test_what_waits_is_told_by_source_and_reason_and_opens_its_rows(cast, marketer):
    batch = [
        did(1, cast.at, email="a@b.jp"),
        did(2, cast.at, lead_external_id="7"),
        did(3, cast.at, source="web", email="c@d.jp"),
    ]
    waiting.receive(batch, by=None, at=cast.at)
    page = marketer.get(WAITING)
    assert [(one["source"], one["way"], one["count"]) for one in page.context["summary"]] == [
        ("ma", "email", 1), ("ma", "external", 1), ("web", "email", 1),
    ]  # fmt: skip
    assert "a@b.jp" not in page.content.decode()
    assert count(marketer, WAITING, source="ma", way="external") == 1
    row = WaitingEvent.objects.first()
    assert marketer.post(reverse("admin:leads_waitingevent_change", args=[row.pk]), {}).status_code == 403


def page_of(mapping):
    return reverse("admin:leads_eventmapping_try", args=[mapping.pk])


def test_a_mapping_is_tried_on_a_file_and_nothing_is_written(cast, marketer):
    cast.lead(email="hana@kita.jp")
    mapping = EventMapping.objects.get(code="japanese-ma")
    file = SimpleUploadedFile("ma.csv", (SAMPLES / "japanese-ma.csv").read_bytes())
    page = marketer.post(page_of(mapping), {"try": "1", "file": file})
    assert (page.context["good"], page.context["bad"], page.context["passed"]) == (3, 2, 0)
    assert "名刺交換" in page.content.decode()
    assert not BehaviourEvent.objects.exists()
    assert not WaitingEvent.objects.exists()


def test_what_was_pasted_is_brought_in(cast, marketer):
    cast.lead(email="hana@kita.jp")
    mapping = EventMapping.objects.get(code="form-webhook")
    pasted = (SAMPLES / "form-webhook.json").read_text()
    answer = marketer.post(page_of(mapping), {"bring_in": "1", "payload": pasted}, follow=True)
    assert "1 counted" in answer.content.decode()
    assert BehaviourEvent.objects.get().kind == "inquiry"


def test_what_was_refused_while_bringing_in_is_shown_with_the_reason(cast, marketer):
    pasted = '{"source": "site", "external_id": "e1", "kind": "telepathy", "email": "hana@kita.jp"}'
    mapping = EventMapping.objects.get(code="generic")
    page = marketer.post(page_of(mapping), {"bring_in": "1", "payload": pasted})
    assert page.status_code == 200
    assert page.context["bad"] == 1
    assert "1 refused" in page.content.decode()


@pytest.mark.parametrize("payload", ["", '{"a": 1', "nonsense"])
def test_a_payload_that_cannot_be_read_says_so(cast, marketer, payload):
    mapping = EventMapping.objects.get(code="generic")
    answer = marketer.post(page_of(mapping), {"try": "1", "payload": payload})
    assert answer.context["form"].errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars/Base"),
        ("time_format", "whenever"),
        ("kinds", '{"x": "telepathy"}'),
        ("kinds", "[1]"),
        ("keeps", '{"a": 1}'),
        ("email_at", "a[["),
        ("email_at", ""),
        ("signer", "sendgrid"),
        ("signer", "mailgun"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(cast, marketer, field, value):
    mapping = EventMapping.objects.get(code="sendgrid-webhook")
    address = reverse("admin:leads_eventmapping_change", args=[mapping.pk])
    form = marketer.get(address).context["adminform"].form
    sent = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not False}
    assert marketer.post(address, sent).status_code == 302
    answer = marketer.post(address, sent | {field: value})
    assert answer.context["adminform"].form.errors


def test_the_key_of_a_signature_is_kept_and_shown_to_nobody(cast, marketer):
    EventMapping.objects.filter(code="mailgun-webhook").update(signer="mailgun", signing_key="very-secret")
    mapping = EventMapping.objects.get(code="mailgun-webhook")
    address = reverse("admin:leads_eventmapping_change", args=[mapping.pk])
    page = marketer.get(address)
    assert "very-secret" not in page.content.decode()
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert marketer.post(address, sent | {"signing_key": "", "name": "Ours"}).status_code == 302
    mapping.refresh_from_db()
    assert (mapping.name, mapping.signing_key) == ("Ours", "very-secret")


def test_ready_mappings_that_are_missing_are_added_and_no_other_is_touched(cast, marketer):
    listed, add = (reverse(f"admin:leads_eventmapping_{name}") for name in ("changelist", "add_ready"))
    assert add not in marketer.get(listed).content.decode()
    EventMapping.objects.filter(code="generic").update(source="ours")
    EventMapping.objects.filter(code="japanese-ma").delete()
    assert "Add 1 ready mapping" in marketer.get(listed).content.decode()
    assert "Added: japanese-ma." in marketer.post(add, follow=True).content.decode()
    assert EventMapping.objects.get(code="generic").source == "ours"
    assert "All are there." in marketer.post(add, follow=True).content.decode()


def test_who_may_not_add_mappings_adds_no_ready_ones_either(cast, client, clock):
    client.force_login(cast.manager)
    EventMapping.objects.filter(code="japanese-ma").delete()
    assert client.post(reverse("admin:leads_eventmapping_add_ready")).status_code in (302, 403)
    assert not EventMapping.objects.filter(code="japanese-ma").exists()
