"""What is due is sent, signed, once by each relay that lives; failures wait, and nobody waits for a slow receiver."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from standardwebhooks import Webhook as Verifier

from crm import outbox, present
from crm.models import (
    Notification,
    SwitchedOff,
    Trouble,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from crm.webhooks import backoff, lanes, outcomes, posting, relay, signing
from tests.support import machine, receiver, services
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.receiver import Receiver, answer, in_turn
from tests.support.threads import at_once, pause

Listen = Callable[..., Webhook]
Queue = Callable[..., int]
committing = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "TICK_SECONDS", 0.05)


def _run(clock: Clock) -> int:
    return relay.deliver(now=lambda: clock.now)


def _row() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


# -- one relay ------------------------------------------------------------------------------------------------


def test_a_message_arrives_signed_and_is_not_sent_again(
    hook: Webhook, stranger: Receiver, queue: Queue
) -> None:
    queue()
    assert relay.deliver(now=present.now) == 1
    assert relay.deliver(now=present.now) == 0
    [got] = stranger.received
    told = Verifier(signing.secret_of(hook.salt)).verify(got.body, got.headers)
    assert (told["type"], got.id) == ("test.happened", _row().message_id)
    assert _row().delivered_at


def test_every_attempt_is_kept_with_its_answer_and_its_time(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = in_turn(answer(500), answer(200))
    queue()
    _run(clock)
    clock.set(_row().due_at)
    _run(clock)
    attempts = WebhookAttempt.objects.order_by("pk").values_list("status_code", "trouble")
    assert list(attempts) == [(500, Trouble.ANSWER), (200, "")]
    assert (_row().tries, _row().trouble) == (2, "")
    assert len(set(stranger.ids)) == 1


def test_one_that_never_arrives_is_tried_for_three_days_and_given_up_in_the_open(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "SWITCHED_OFF_AFTER", timedelta(days=30))
    stranger.behaviour = answer(500)
    queue()
    started = clock.now
    while _row().failed_at is None:
        _run(clock)
        clock.set(max(_row().due_at, Webhook.objects.get().resume_at or clock.now))
    assert timedelta(days=3) < (_row().failed_at or started) - started < timedelta(days=3.5)
    assert len(stranger.received) == len(backoff.WAITS) + 1


def test_a_receiver_that_fails_is_left_alone_with_all_that_waits_for_it(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = answer(500)
    queue(5)
    _run(clock)
    _run(clock)
    assert len(stranger.received) == 1
    clock.move(seconds=5)
    stranger.behaviour = answer(200)
    assert _run(clock) == 5


def test_the_receivers_retry_after_is_heeded(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = in_turn(answer(429, retry_after="600"), answer(200))
    queue(2)
    _run(clock)
    clock.move(seconds=599)
    assert _run(clock) == 0
    clock.move(seconds=1)
    assert _run(clock) == 2


def test_gone_switches_the_webhook_off_and_its_owner_hears(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = answer(410)
    queue(3)
    _run(clock)
    row = Webhook.objects.get()
    assert (row.disabled_at, row.disabled_reason) == (clock.now, SwitchedOff.GONE)
    assert WebhookDelivery.objects.filter(failed_at=clock.now).count() == 3
    assert len(stranger.received) == 1
    assert Notification.objects.get().user == hook.owner
    outbox.send_mail()
    assert [letter.to for letter in mail.outbox] == [[hook.owner.email]]


def test_three_days_without_one_success_switch_it_off(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = answer(500)
    queue()
    _run(clock)
    clock.move(days=3)
    _run(clock)
    assert Webhook.objects.get().disabled_reason == SwitchedOff.FAILING


def test_a_success_forgets_the_failures_before_it(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    stranger.behaviour = in_turn(answer(500), answer(200))
    queue()
    _run(clock)
    clock.move(seconds=5)
    _run(clock)
    row = Webhook.objects.get()
    assert (row.failures, row.failing_since, row.resume_at) == (0, None, None)


def test_what_went_out_of_the_owners_sight_meanwhile_is_not_sent(
    cast: Cast, listen: Listen, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    listen(stranger.url, owner=cast.marketer)
    queue()
    type(cast.marketer).objects.filter(pk=cast.marketer.pk).update(role="rep")
    _run(clock)
    assert stranger.received == []
    assert (_row().trouble, _row().failed_at) == (Trouble.OUT_OF_SIGHT, clock.now)


def test_a_webhook_that_is_switched_off_in_the_middle_gets_nothing_more(
    hook: Webhook, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    queue(3)
    [lane] = lanes.claim(at=clock.now, well=5, ailing=5)
    assert lane.next(clock.now)
    Webhook.objects.update(disabled_at=clock.now, disabled_reason="by_hand")
    assert lane.next(clock.now) is None


def test_a_claim_is_no_change_of_the_webhook(hook: Webhook, queue: Queue, clock: Clock) -> None:
    """Its ETag would go stale under a person who edits it."""
    queue()
    before = Webhook.objects.get().updated_at
    _run(clock)
    assert Webhook.objects.get().updated_at == before
    assert Webhook.objects.get().busy_until is None


def test_deliveries_that_ended_long_ago_are_dropped_and_waiting_ones_are_not(
    hook: Webhook, queue: Queue, clock: Clock
) -> None:
    queue(2)
    first = WebhookDelivery.objects.order_by("pk")[0]
    WebhookDelivery.objects.filter(pk=first.pk).update(delivered_at=clock.now)
    WebhookDelivery.objects.update(updated_at=clock.now)
    assert outcomes.forget(before=clock.now) == 0
    assert outcomes.forget(before=clock.now + timedelta(days=1)) == 1
    assert WebhookDelivery.objects.filter(delivered_at=None).count() == 1


# -- nobody waits for a slow one ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_slow_receiver_delays_nobody(
    listen: Listen, stranger: Receiver, queue: Queue, clock: Clock
) -> None:
    """The slow one answers only when everybody else has everything: it would wait for ever if they waited for it."""
    others_served = threading.Event()
    with receiver.receiving() as slow, receiver.receiving() as other:
        slow.behaviour = lambda caller, got: (others_served.wait(20), answer(200)(caller, got))[1]
        for one in (slow, stranger, other):
            listen(one.url)
        queue(4)

        def count(caller: Any, got: Any) -> None:
            answer(200)(caller, got)
            if len(stranger.received) + len(other.received) == 8:
                others_served.set()

        stranger.behaviour = other.behaviour = count
        assert _run(clock) == 12
        assert others_served.is_set()


@pytest.mark.django_db
def test_what_comes_up_while_a_slow_one_is_waited_for_is_sent_in_the_same_run(
    listen: Listen, stranger: Receiver, queue: Queue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_came, real_claim = threading.Event(), lanes.claim
    with receiver.receiving() as slow:
        slow.behaviour = lambda caller, got: (late_came.wait(20), answer(200)(caller, got))[1]
        listen(slow.url, "slow.*")
        listen(stranger.url, "late.*")
        queue("slow.one")
        stranger.behaviour = lambda caller, got: (answer(200)(caller, got), late_came.set())[0]

        def claim(**named: Any) -> Any:
            if slow.received and not WebhookDelivery.objects.filter(entry__kind="late.one").exists():
                queue("late.one")
            return real_claim(**named)

        monkeypatch.setattr(lanes, "claim", claim)
        assert _run(clock) == 2


@pytest.mark.django_db
def test_receivers_that_fail_do_not_take_the_places_of_others(
    listen: Listen, queue: Queue, clock: Clock
) -> None:
    for _ in range(30):
        listen("https://down.example/")
    Webhook.objects.update(failures=1)
    listen("https://well.example/")
    queue()
    claimed = lanes.claim(at=clock.now, well=relay.WELL_AT_ONCE, ailing=relay.AILING_AT_ONCE)
    assert [lane.webhook.url for lane in claimed if not lane.is_ailing] == ["https://well.example/"]
    assert len(claimed) == 1 + relay.AILING_AT_ONCE


@committing
def test_no_transaction_is_open_while_a_receiver_is_waited_for(
    hook: Webhook, stranger: Receiver, queue: Queue
) -> None:
    seen: list[bool] = []
    real = relay.wait

    def watched(*args: Any, **named: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return real(*args, **named)

    queue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay, "wait", watched)
        relay.deliver(now=present.now)
    assert seen
    assert not any(seen)


# -- several relays -------------------------------------------------------------------------------------------


def _sent_by(relays: int, stranger: Receiver) -> Counter[str]:
    at_once(*[lambda: relay.deliver(now=present.now)] * relays)
    return Counter(stranger.ids)


@committing
@pytest.mark.parametrize("relays", [2, 4])
def test_several_relays_send_each_message_once(
    hook: Webhook, listen: Listen, stranger: Receiver, queue: Queue, relays: int
) -> None:
    queue(20)
    assert set(_sent_by(relays, stranger).values()) == {1}
    assert len(stranger.received) == 20


@committing
def test_without_the_lock_messages_are_sent_twice(
    hook: Webhook, stranger: Receiver, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""

    def careless(ready: Any, most: int) -> list[Webhook]:
        rows = list(ready[:most]) if most > 0 else []
        pause(0.2)
        return rows

    monkeypatch.setattr(lanes, "_free", careless)
    queue(5)
    assert max(_sent_by(3, stranger).values()) > 1


# -- a relay that is killed -----------------------------------------------------------------------------------


def _kill_after_the_post(folder: Path) -> None:
    program = machine.ROOT / "tests" / "support" / "doomed_relay.py"
    surroundings = services.environment(folder, PYTHONPATH=str(machine.ROOT))
    command = [sys.executable, str(program), "webhook", "safe", str(folder)]
    with Popen(command, cwd=machine.ROOT, env=surroundings) as doomed:
        try:
            services.until(lambda: (folder / "begun").exists())
        finally:
            doomed.kill()


@committing
def test_a_relay_killed_between_post_and_mark_means_again_under_the_same_id(
    hook: Webhook, stranger: Receiver, queue: Queue, tmp_path: Path
) -> None:
    queue()
    _kill_after_the_post(tmp_path)
    assert (len(stranger.received), _row().delivered_at) == (1, None)
    assert relay.deliver(now=present.now) == 0, "the lane is still claimed"

    def a_minute_later() -> datetime:
        return present.now() + lanes.CLAIMED_FOR

    assert relay.deliver(now=a_minute_later) == 1
    assert stranger.ids == [_row().message_id] * 2
    assert (lanes.CLAIMED_FOR - lanes.OPEN_FOR).total_seconds() > posting.TIME_LIMIT
