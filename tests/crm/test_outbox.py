"""What must follow a commit is delivered at least once and takes effect once, whoever dies and however many relay."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from crm import ledger, outbox, present
from crm.models import LedgerEntry, OutboxMessage, Team
from tests.support import machine, services
from tests.support.clock import START, Clock
from tests.support.threads import at_once, pause

TOPIC = "test.told"
ROWS = 60
committing = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Callable[[outbox.NewsHandler], None]:
    """Subscribe to this file's own news, for the length of one test."""
    return lambda handler: monkeypatch.setitem(outbox._subscribers, TOPIC, [handler])


def _tell(*subjects: int) -> None:
    with transaction.atomic():
        ledger.record(
            [ledger.Fact(TOPIC, ("thing", number), at=START, to_state="told") for number in subjects]
        )


def _queue_news(count: int = ROWS) -> None:
    """News whose moment after the commit was lost."""
    now = present.now() - timedelta(minutes=1)
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            kind="news", key=f"test:{number}", topic=TOPIC, due_at=now,
            payload={"subject": number, "at": START.isoformat()},
        )
        for number in range(count)
    )  # fmt: skip


def _queue_mail(count: int) -> None:
    letters = [
        {"key": f"letter:{number}", "to": f"p{number}@a.jp", "subject": "S", "body": "B"}
        for number in range(count)
    ]
    outbox.mails(letters, topic="test")


def _undelivered() -> int:
    return OutboxMessage.objects.filter(delivered_at=None).count()


# -- one process --------------------------------------------------------------------------------------------


@committing
def test_news_is_heard_after_the_commit_and_never_of_what_was_rolled_back(listen: Any) -> None:
    heard: list[int] = []
    listen(lambda ids, _at: heard.extend(ids))
    _tell(1, 2)
    with transaction.atomic():
        _tell(3)
        transaction.set_rollback(True)
    assert heard == [1, 2]
    assert OutboxMessage.objects.count() == 2


@committing
def test_when_the_moment_after_the_commit_is_lost_the_relay_finds_it(
    listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    listen(lambda ids, _at: heard.extend(ids))
    with monkeypatch.context() as patch:
        patch.setattr(outbox.transaction, "on_commit", lambda *_args, **_named: None)
        _tell(1)
    assert heard == []
    assert outbox.deliver_news() == 1
    assert heard == [1]
    assert outbox.deliver_news() == 0


@committing
def test_what_nobody_waits_for_stands_in_the_ledger_and_is_no_news() -> None:
    _tell(1)
    assert LedgerEntry.objects.filter(kind=TOPIC, to_state="told").count() == 1
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [START, START + timedelta(days=365), START - timedelta(days=3000)])
def test_what_is_queued_is_due_at_once_by_the_relays_clock(clock: Clock, listen: Any, moment: Any) -> None:
    heard: list[int] = []
    listen(lambda ids, _at: heard.extend(ids))
    clock.set(moment)
    _tell(1)
    _queue_mail(1)
    assert set(OutboxMessage.objects.values_list("due_at", flat=True)) == {moment}
    assert heard == [1]
    assert outbox.send_mail() == 1


@pytest.mark.django_db
def test_old_facts_do_not_look_like_an_old_backlog(
    clock: Clock, listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(lambda _ids, _at: None)
    monkeypatch.setattr(outbox.transaction, "on_commit", lambda *_args, **_named: None)
    clock.move(days=1000)
    _tell(1)  # a fact of START, brought in a thousand days later
    assert outbox.oldest_pending(clock.now) == clock.now


@pytest.mark.django_db
def test_a_subscriber_that_fails_on_one_piece_holds_up_no_other(clock: Clock, listen: Any) -> None:
    def picky(ids: list[int], _at: Any) -> None:
        Team.objects.bulk_create(Team(name=f"T{number}") for number in ids)
        if 2 in ids:
            raise ValueError("not this one")

    listen(picky)
    _tell(1, 2, 3)
    assert set(Team.objects.values_list("name", flat=True)) == {"T1", "T3"}
    [left] = OutboxMessage.objects.filter(delivered_at=None)
    assert (left.payload["subject"], left.attempts, left.error) == (2, 1, "ValueError: not this one")
    assert left.due_at > clock.now


@pytest.mark.django_db
def test_a_mail_that_fails_is_tried_again_later_and_given_up_in_the_open(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_letter: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr(outbox.EmailMessage, "send", refuse)
    _queue_mail(1)
    started, waits = clock.now, []
    while (row := OutboxMessage.objects.get()).failed_at is None:
        clock.set(row.due_at)
        outbox.send_mail(limit=1)
        waits.append(OutboxMessage.objects.get().due_at - clock.now)
    assert len(waits) == outbox.GIVE_UP_AFTER
    assert waits == sorted(waits)
    assert timedelta(days=2.5) < clock.now - started < timedelta(days=3.5)
    assert "no route" in row.error


@pytest.mark.django_db
def test_a_letter_queued_twice_by_key_is_sent_once_with_one_message_id(clock: Clock) -> None:
    for _ in range(2):
        outbox.mail(key="mail:offered:7:1", to="rep@a.jp", subject="One", body="B")
    assert outbox.send_mail() == 1
    [letter] = mail.outbox
    assert letter.extra_headers["Message-ID"].startswith("<mail.offered.7.1@")


# -- several relays -----------------------------------------------------------------------------------------


def _relayed(relays: int, listen: Any) -> Counter[int]:
    """How often each piece was handed on when so many relays run at once."""
    heard: list[int] = []

    def slowly(ids: list[int], _at: Any) -> None:
        pause(0.02)
        heard.extend(ids)

    listen(slowly)
    _queue_news()

    def relay() -> None:
        while outbox.deliver_news(limit=5):
            pass

    at_once(*[relay] * relays)
    return Counter(heard)


@committing
@pytest.mark.parametrize("relays", [2, 4])
def test_several_relays_hand_each_piece_on_once(listen: Any, relays: int) -> None:
    assert _relayed(relays, listen) == Counter(range(ROWS))
    assert _undelivered() == 0


@committing
@pytest.mark.parametrize("relays", [2, 4])
def test_several_relays_send_each_letter_once(relays: int) -> None:
    _queue_mail(30)

    def relay() -> None:
        outbox.send_mail()

    at_once(*[relay] * relays)
    assert Counter(letter.to[0] for letter in mail.outbox) == Counter(
        f"p{number}@a.jp" for number in range(30)
    )


def _claim_without_lock(kind: str, now: Any, limit: int, *, topic: str = "", only: Any = None) -> list[Any]:
    rows = OutboxMessage.objects.pending(now).filter(kind=kind)
    return list(rows.order_by("pk")[:limit])


@committing
def test_without_the_lock_pieces_are_handed_on_twice(listen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(outbox, "_claim", _claim_without_lock)
    assert max(_relayed(4, listen).values()) > 1


# -- a relay that is killed ---------------------------------------------------------------------------------


def _kill_while_it_delivers(kind: str, manner: str, folder: Path) -> None:
    program = machine.ROOT / "tests" / "support" / "doomed_relay.py"
    surroundings = services.environment(folder, PYTHONPATH=str(machine.ROOT))
    command = [sys.executable, str(program), kind, manner, str(folder)]
    with Popen(command, cwd=machine.ROOT, env=surroundings) as relay:
        try:
            services.until(lambda: (folder / "begun").exists())
        finally:
            relay.kill()
    services.until(lambda: not _still_held())


def _still_held() -> bool:
    """Whether the dead relay's connection still holds rows: PostgreSQL notices its end in a moment."""
    with transaction.atomic():
        free = OutboxMessage.objects.select_for_update(skip_locked=True).values_list("pk", flat=True)
        return len(free) < OutboxMessage.objects.count()


@committing
def test_news_survives_a_relay_killed_while_it_delivers(listen: Any, tmp_path: Path) -> None:
    heard: list[int] = []
    listen(lambda ids, _at: heard.extend(ids))
    _queue_news(5)
    _kill_while_it_delivers("news", "safe", tmp_path)
    outbox.deliver_news()
    assert sorted(heard) == list(range(5))
    assert _undelivered() == 0


@committing
def test_a_letter_survives_a_relay_killed_while_it_sends(tmp_path: Path) -> None:
    _queue_mail(3)
    _kill_while_it_delivers("mail", "safe", tmp_path)
    assert outbox.send_mail() == 3
    assert len(mail.outbox) == 3


@committing
@pytest.mark.parametrize("kind", ["news", "mail"])
def test_marking_before_the_effect_would_lose_what_a_killed_relay_held(
    kind: str, listen: Any, tmp_path: Path
) -> None:
    """The negative control: the kill does hit between the mark and the effect."""
    heard: list[int] = []
    listen(lambda ids, _at: heard.extend(ids))
    _queue_news(5) if kind == "news" else _queue_mail(1)
    _kill_while_it_delivers(kind, "careless", tmp_path)
    outbox.deliver_news()
    outbox.send_mail()
    assert heard == []
    assert mail.outbox == []
    assert _undelivered() == 0
