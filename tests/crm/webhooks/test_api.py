"""Webhooks over REST: an administrator's, with a secret that is told once and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import IdempotencyRecord, Trouble, Webhook, WebhookAttempt, WebhookDelivery
from crm.webhooks import registry, signing
from tests.support.cast import Cast
from tests.support.rest import Rest

ADDRESS = "/api/v1/webhooks/"
NEW = {"url": "https://hooks.example.com/in", "topics": ["handoff.*", "deal.won"]}
Listen = Callable[..., Webhook]


@pytest.fixture
def api(cast: Cast) -> Rest:
    return Rest(cast.admin, cast.at)


def _one(hook: Webhook, part: str = "") -> str:
    return f"{ADDRESS}{hook.pk}/{part}"


def test_a_webhook_is_registered_and_its_secret_told_with_the_answer_alone(cast: Cast, api: Rest) -> None:
    answer = api.post(ADDRESS, NEW)
    assert answer.status_code == 201
    told = answer.json()
    assert told["secret"] == signing.secret_of(Webhook.objects.get().salt)
    assert (told["topics"], told["active"], told["owner"]["id"]) == (NEW["topics"], True, cast.admin.pk)
    assert "secret" not in api.get(f"{ADDRESS}{told['id']}/").json()
    assert "secret" not in api.get(ADDRESS).json()["results"][0]


def test_a_repeated_call_makes_no_second_webhook_and_holds_no_secret(api: Rest) -> None:
    first, again = (api.post(ADDRESS, NEW, key="once").json() for _ in range(2))
    assert again == {name: value for name, value in first.items() if name != "secret"}
    assert Webhook.objects.count() == 1
    assert first["secret"].encode() not in bytes(IdempotencyRecord.objects.get().answer)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"url": "http://example.com/"}, "/url"),
        ({"url": "https://169.254.169.254/"}, "/url"),
        ({"topics": ["nonsense"]}, "/topics"),
        ({"topics": []}, "/topics"),
        ({"topics": "handoff.*"}, "/topics"),
        ({"secret": "mine"}, "/secret"),
        ({"owner": 999_999}, "/owner"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_registered(
    api: Rest, changed: dict[str, Any], pointer: str
) -> None:
    answer = api.post(ADDRESS, NEW | changed)
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {pointer}
    assert not Webhook.objects.exists()


def test_it_is_changed_switched_off_and_on(api: Rest, hook: Webhook) -> None:
    told = api.patch(_one(hook), {"topics": ["lead.*"], "active": False}).json()
    assert (told["topics"], told["active"], told["reason"]) == (["lead.*"], False, "by_hand")
    assert api.patch(_one(hook), {"active": True}).json()["active"] is True


def test_a_rotation_tells_the_new_secret_once(api: Rest, hook: Webhook) -> None:
    told = api.post(_one(hook, "rotate/")).json()
    row = Webhook.objects.get()
    assert told["secret"] == signing.secret_of(row.salt)
    assert row.previous_salt == hook.salt


def test_deliveries_tell_every_attempt(
    api: Rest, cast: Cast, hook: Webhook, queue: Callable[..., int]
) -> None:
    queue(2)
    row = WebhookDelivery.objects.order_by("pk")[0]
    WebhookAttempt.objects.create(
        delivery=row, at=cast.at, status_code=500, milliseconds=12, trouble=Trouble.ANSWER
    )
    WebhookDelivery.objects.filter(pk=row.pk).update(failed_at=cast.at, trouble=Trouble.ANSWER)
    [told] = api.get(_one(hook, "deliveries/"), state="failed").json()["results"]
    assert (told["id"], told["state"], told["error"], told["next_attempt_at"]) == (
        row.pk,
        "failed",
        "answer",
        None,
    )
    assert told["message"] == row.message_id
    assert [(one["status"], one["ms"], one["error"]) for one in told["attempts"]] == [(500, 12, "answer")]
    assert len(api.get(_one(hook, "deliveries/"), topic="test.happened").json()["results"]) == 2
    assert api.get(_one(hook, "deliveries/"), nonsense="1").status_code == 400


def test_the_list_of_deliveries_asks_as_often_for_many_as_for_few(
    api: Rest, hook: Webhook, queue: Callable[..., int]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(_one(hook, "deliveries/")).status_code == 200
        return len(captured)

    queue(2)
    queries()
    few = queries()
    queue(20)
    assert queries() == few


def test_one_is_sent_again(api: Rest, cast: Cast, hook: Webhook, queue: Callable[..., int]) -> None:
    queue()
    WebhookDelivery.objects.update(failed_at=cast.at, tries=10)
    row = WebhookDelivery.objects.get()
    answer = api.post(_one(hook, f"deliveries/{row.pk}/retry/"))
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")


def test_what_is_switched_off_sends_nothing_again(
    api: Rest, cast: Cast, hook: Webhook, queue: Callable[..., int]
) -> None:
    queue()
    registry.switch_off(hook, by=cast.admin, at=cast.at)
    row = WebhookDelivery.objects.get()
    assert api.post(_one(hook, f"deliveries/{row.pk}/retry/")).status_code == 409


# -- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rep", "manager", "marketer"])
def test_nobody_else_registers_and_foreign_webhooks_do_not_exist(
    cast: Cast, hook: Webhook, queue: Callable[..., int], who: str
) -> None:
    queue()
    row = WebhookDelivery.objects.get()
    api = Rest(getattr(cast, who), cast.at)
    assert api.post(ADDRESS, NEW).status_code == 403
    assert api.get(ADDRESS).json()["results"] == []
    for call in (
        api.get(_one(hook)),
        api.patch(_one(hook), {"active": False}),
        api.post(_one(hook, "rotate/")),
        api.get(_one(hook, "deliveries/")),
        api.post(_one(hook, f"deliveries/{row.pk}/retry/")),
    ):
        assert call.status_code == 404
    assert Webhook.objects.get().salt == hook.salt


def test_an_owner_sees_what_was_sent_and_sends_it_again_but_changes_nothing(
    cast: Cast, listen: Listen, queue: Callable[..., int]
) -> None:
    hook = listen(NEW["url"], owner=cast.marketer)
    queue()
    row = WebhookDelivery.objects.get()
    api = Rest(cast.marketer, cast.at)
    assert [one["id"] for one in api.get(ADDRESS).json()["results"]] == [hook.pk]
    assert api.get(_one(hook, "deliveries/")).json()["results"][0]["id"] == row.pk
    assert api.post(_one(hook, f"deliveries/{row.pk}/retry/")).status_code == 200
    assert api.patch(_one(hook), {"active": False}).status_code == 403
    assert api.post(_one(hook, "rotate/")).status_code == 403


def test_a_delivery_of_another_webhook_is_missing(
    api: Rest, hook: Webhook, listen: Listen, queue: Callable[..., int]
) -> None:
    queue()
    row = WebhookDelivery.objects.get()
    other = listen(NEW["url"], "deal.*")
    assert api.post(_one(other, f"deliveries/{row.pk}/retry/")).status_code == 404


def test_a_token_without_the_scope_is_refused(cast: Cast, hook: Webhook) -> None:
    api = Rest(cast.admin, cast.at, "leads:read", "handoffs:write")
    assert api.get(ADDRESS).status_code == 403
    assert api.post(ADDRESS, NEW).status_code == 403
