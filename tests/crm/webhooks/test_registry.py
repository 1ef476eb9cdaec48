"""Who listens is an administrator's business, and every deed is in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from standardwebhooks import Webhook as Verifier

from crm.models import LedgerEntry, SwitchedOff, Trouble, Webhook, WebhookDelivery
from crm.states import Refused
from crm.webhooks import registry, signing
from tests.support.cast import Cast

URL = "https://hooks.example.com/in"


def _kinds() -> list[str]:
    entries = LedgerEntry.objects.filter(subject_type="webhook").order_by("pk")
    return list(entries.values_list("kind", flat=True))


def test_a_webhook_is_registered_with_a_secret_that_is_nowhere_in_the_database(cast: Cast) -> None:
    webhook, secret = registry.register(
        owner=cast.manager, url=URL, topics=["handoff.*"], by=cast.admin, at=cast.at
    )
    assert Verifier(secret)
    assert secret == signing.secret_of(webhook.salt)
    held = [str(value) for row in Webhook.objects.values() for value in row.values()]
    assert not any(secret in value or secret.removeprefix("whsec_") in value for value in held)
    assert _kinds() == ["webhook.registered"]


@pytest.mark.parametrize("who", ["rep", "manager", "marketer"])
def test_nobody_but_an_administrator_registers_changes_rotates_or_switches(
    cast: Cast, hook: Webhook, who: str
) -> None:
    by, at = getattr(cast, who), cast.at
    deeds: list[Callable[[], Any]] = [
        lambda: registry.register(owner=by, url=URL, topics=["*"], by=by, at=at),
        lambda: registry.edit(hook, url=URL, by=by, at=at),
        lambda: registry.edit(hook, active=False, by=by, at=at),
        lambda: registry.rotate(hook, by=by, at=at),
        lambda: registry.switch_off(hook, by=by, at=at),
        lambda: registry.switch_on(hook, by=by, at=at),
    ]
    for deed in deeds:
        with pytest.raises(PermissionDenied):
            deed()
    assert _kinds() == ["webhook.registered"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://10.0.0.1/"), ("url", "http://example.com/"), ("topics", []), ("topics", ["nonsense"])],
)
def test_a_bad_wish_is_refused_by_its_field_and_nothing_changes(
    cast: Cast, hook: Webhook, field: str, value: Any
) -> None:
    with pytest.raises(Refused) as refused:
        registry.change(hook, by=cast.admin, at=cast.at, **{field: value})
    assert refused.value.field == field
    assert getattr(Webhook.objects.get(), field) == getattr(hook, field)


def test_a_change_is_recorded_by_its_fields_and_no_change_is_not(cast: Cast, hook: Webhook) -> None:
    registry.change(hook, by=cast.admin, at=cast.at, url=URL, name="Desk")
    registry.change(hook, by=cast.admin, at=cast.at, url=URL)
    assert Webhook.objects.get().url == URL
    assert LedgerEntry.objects.get(kind="webhook.changed").data == {"fields": ["name", "url"]}


def test_a_rotation_keeps_the_old_secret_for_a_day(cast: Cast, hook: Webhook) -> None:
    secret = registry.rotate(hook, by=cast.admin, at=cast.at)
    row = Webhook.objects.get()
    assert secret == signing.secret_of(row.salt)
    assert (row.previous_salt, row.previous_until) == (hook.salt, cast.at + timedelta(hours=24))


def test_switching_off_gives_up_what_waits_and_twice_is_once(
    cast: Cast, hook: Webhook, queue: Callable[..., int]
) -> None:
    queue(2)
    for _ in range(2):
        registry.switch_off(hook, by=cast.admin, at=cast.at)
    row = Webhook.objects.get()
    assert (row.is_active, row.disabled_reason) == (False, SwitchedOff.BY_HAND)
    given_up = WebhookDelivery.objects.filter(failed_at=cast.at, trouble=Trouble.SWITCHED_OFF)
    assert given_up.count() == 2
    assert _kinds() == ["webhook.registered", "webhook.switched_off"]


def test_switched_on_again_it_starts_well_and_with_what_happens_now(cast: Cast, hook: Webhook) -> None:
    registry.switch_off(hook, by=cast.admin, at=cast.at)
    Webhook.objects.update(failures=7, failing_since=cast.at, resume_at=cast.at, listens_from=0)
    registry.switch_on(hook, by=cast.admin, at=cast.at)
    row = Webhook.objects.get()
    assert (row.is_active, row.failures, row.failing_since, row.resume_at) == (True, 0, None, None)
    assert row.listens_from > 0


def test_the_owner_or_an_administrator_sends_again_and_nobody_else(
    cast: Cast, listen: Callable[..., Webhook], queue: Callable[..., int]
) -> None:
    listen(URL, owner=cast.marketer)
    queue()
    WebhookDelivery.objects.update(failed_at=cast.at, tries=10)
    rows = list(WebhookDelivery.objects.select_related("webhook"))
    with pytest.raises(PermissionDenied):
        registry.retry(rows, by=cast.manager, at=cast.at)
    for by in (cast.marketer, cast.admin):
        assert registry.retry(rows, by=by, at=cast.at) == 1
    row = WebhookDelivery.objects.get()
    assert (row.failed_at, row.tries, row.due_at) == (None, 0, cast.at)


def test_nothing_is_sent_again_to_what_is_switched_off(
    cast: Cast, hook: Webhook, queue: Callable[..., int]
) -> None:
    queue()
    registry.switch_off(hook, by=cast.admin, at=cast.at)
    rows = list(WebhookDelivery.objects.select_related("webhook"))
    with pytest.raises(Refused, match="on first"):
        registry.retry(rows, by=cast.admin, at=cast.at)
    assert WebhookDelivery.objects.filter(failed_at=None).count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"topics": []},
        {"disabled_reason": "gone"},
        {"disabled_reason": "", "disabled_at": "2026-06-01T00:00Z"},
    ],
)
def test_the_database_refuses_what_python_would_let_past(hook: Webhook, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.update(**values)
