"""Webhooks in the admin: an administrator registers, looks, changes, rotates, switches and tries again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Trouble, Webhook, WebhookAttempt, WebhookDelivery
from crm.webhooks import registry, signing
from tests.support.cast import Cast

LIST, ADD = reverse("admin:crm_webhook_changelist"), reverse("admin:crm_webhook_add")
SENT = reverse("admin:crm_webhookdelivery_changelist")
Listen = Callable[..., Webhook]
Queue = Callable[..., int]


@pytest.fixture
def desk(cast: Cast, client: Client, clock: Any) -> Client:
    client.force_login(cast.admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _new(cast: Cast, **more: Any) -> dict[str, Any]:
    values = {
        "url": "https://hooks.example.com/in",
        "topics": "handoff.*, deal.won",
        "owner": cast.manager.pk,
    }
    return values | {"name": "Desk", "apply": "1"} | more


def _act(desk: Client, action: str, *rows: Any, page: str = LIST, **more: Any) -> Any:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return desk.post(page, chosen | more, follow=True)


def test_one_is_registered_and_its_secret_shown_on_that_page_alone(cast: Cast, desk: Client) -> None:
    answer = desk.post(ADD, _new(cast))
    row = Webhook.objects.get()
    secret = signing.secret_of(row.salt)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert (row.owner, row.topics) == (cast.manager, ["handoff.*", "deal.won"])
    for address in (LIST, reverse("admin:crm_webhook_change", args=[row.pk])):
        text = desk.get(address).content.decode()
        assert secret not in text
        assert row.salt not in text


@pytest.mark.parametrize(
    ("field", "value"), [("url", "https://10.0.0.1/"), ("topics", "nonsense"), ("owner", 0)]
)
def test_a_bad_wish_is_explained_beside_its_field(cast: Cast, desk: Client, field: str, value: Any) -> None:
    answer = desk.post(ADD, _new(cast, **{field: value}))
    assert list(answer.context["form"].errors) == [field]
    assert not Webhook.objects.exists()


def test_one_is_changed_from_what_it_was(desk: Client, hook: Webhook) -> None:
    asked = _act(desk, "change_it", hook)
    assert f'value="{hook.url}"' in asked.content.decode()
    _act(desk, "change_it", hook, apply="1", url="https://hooks.example.com/new", topics="lead.*", name="")
    row = Webhook.objects.get()
    assert (row.url, row.topics) == ("https://hooks.example.com/new", ["lead.*"])


def test_a_new_secret_is_asked_for_first_and_shown_once(desk: Client, hook: Webhook) -> None:
    _act(desk, "rotate", hook)
    assert Webhook.objects.get().salt == hook.salt
    answer = _act(desk, "rotate", hook, apply="1")
    assert signing.secret_of(Webhook.objects.get().salt) in answer.content.decode()


def test_one_is_switched_off_and_on(desk: Client, hook: Webhook) -> None:
    _act(desk, "switch_off", hook)
    assert not Webhook.objects.get().is_active
    _act(desk, "switch_on", hook)
    assert Webhook.objects.get().is_active


def test_deliveries_show_their_attempts_and_are_tried_again(
    cast: Cast, desk: Client, hook: Webhook, queue: Queue
) -> None:
    queue()
    WebhookDelivery.objects.update(failed_at=cast.at, tries=10, trouble=Trouble.ANSWER)
    row = WebhookDelivery.objects.get()
    WebhookAttempt.objects.create(
        delivery=row, at=cast.at, status_code=503, milliseconds=40, trouble=Trouble.ANSWER
    )
    page = desk.get(reverse("admin:crm_webhookdelivery_change", args=[row.pk])).content.decode()
    assert "503" in page
    assert row.message_id in page
    _act(desk, "retry", row, page=SENT)
    row.refresh_from_db()
    assert (row.failed_at, row.tries) == (None, 0)


def test_trying_again_on_what_is_switched_off_says_what_to_do(
    cast: Cast, desk: Client, hook: Webhook, queue: Queue
) -> None:
    queue()
    registry.switch_off(hook, by=cast.admin, at=cast.at)
    answer = _act(desk, "retry", WebhookDelivery.objects.get(), page=SENT)
    assert ["on first" in str(message) for message in answer.context["messages"]] == [True]


@pytest.mark.parametrize("query", ["fate=waiting", "fate=gave_up", "fate=delivered", "trouble__exact=answer"])
def test_deliveries_are_filtered(desk: Client, hook: Webhook, queue: Queue, query: str) -> None:
    queue()
    found = desk.get(f"{SENT}?{query}&webhook__id__exact={hook.pk}").context["cl"].queryset
    assert found.count() == (1 if query == "fate=waiting" else 0)


def test_the_lists_ask_as_often_for_many_rows_as_for_few(desk: Client, listen: Listen, queue: Queue) -> None:
    def queries() -> list[int]:
        counts = []
        for page in (LIST, SENT):
            desk.get(page)
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(page).status_code == 200
            counts.append(len(captured))
        return counts

    listen("https://hooks.example.com/1")
    queue(2)
    few = queries()
    for number in range(5):
        listen(f"https://hooks.example.com/{number}")
    queue(5)
    assert queries() == few


def test_a_marketer_finds_no_webhooks(cast: Cast, client: Client) -> None:
    client.force_login(cast.marketer, backend="django.contrib.auth.backends.ModelBackend")
    for address in (LIST, ADD, SENT):
        assert client.get(address).status_code == 403
        assert client.post(address, _new(cast)).status_code == 403
    assert not Webhook.objects.exists()
