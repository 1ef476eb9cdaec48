"""Every fact reaches who listens and may see it, once, from the moment they listen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import access
from crm.models import Account, FeedPlace, LedgerEntry, Webhook, WebhookDelivery
from crm.webhooks import fanout, registry
from tests.support.cast import Cast
from tests.support.feed import settle
from tests.support.threads import at_once

URL = "https://hooks.example.com/in"
Happen = Callable[..., list[LedgerEntry]]
Listen = Callable[..., Webhook]


def _queued() -> list[tuple[int, int]]:
    return sorted(WebhookDelivery.objects.values_list("webhook", "entry"))


# -- who hears what -------------------------------------------------------------------------------------------


def test_a_fact_is_queued_for_those_whose_topics_hold_its_kind(listen: Listen, queue: Any) -> None:
    hears = {listen(URL, "deal.*").pk, listen(URL, "deal.won", "lead.*").pk, listen(URL, "*").pk}
    listen(URL, "lead.*")
    queue("deal.won")
    assert {webhook for webhook, _entry in _queued()} == hears


def test_the_same_fact_spread_twice_is_queued_once(hook: Webhook, happen: Happen, cast: Cast) -> None:
    entries = happen(3)
    for _ in range(2):
        fanout.spread(entries, [hook], at=cast.at)
    assert len(_queued()) == 3


def test_what_the_owner_may_not_see_is_not_queued(cast: Cast, listen: Listen, queue: Any) -> None:
    mine, other = Account.objects.create(name="A"), Account.objects.create(name="B")
    access.grant([(mine.pk, cast.rep.pk)])
    of_rep = listen(URL, "deal.*", owner=cast.rep)
    of_admin = listen(URL, "deal.*", owner=cast.admin)
    queue("deal.won", account_id=mine.pk)
    queue("deal.won", account_id=other.pk)
    queue("deal.won")
    heard = [webhook for webhook, _entry in _queued()]
    assert (heard.count(of_rep.pk), heard.count(of_admin.pk)) == (1, 3)


def test_who_left_hears_nothing_through_their_webhook(cast: Cast, listen: Listen, queue: Any) -> None:
    listen(URL, "deal.*", owner=cast.marketer)
    type(cast.marketer).objects.filter(pk=cast.marketer.pk).update(is_active=False)
    assert queue("deal.won") == 0


def test_facts_from_before_it_listened_are_not_its_business(
    hook: Webhook, happen: Happen, cast: Cast
) -> None:
    entries = happen()
    entries[0].xid = hook.listens_from - 1
    assert fanout.spread(entries, [hook], at=cast.at) == 0


def test_many_webhooks_of_one_person_ask_once_what_they_may_see(
    cast: Cast, listen: Listen, happen: Happen
) -> None:
    hooks = [listen(URL, owner=cast.rep) for _ in range(5)]
    entries = happen(20)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        fanout.spread(entries, hooks, at=cast.at)
    asked = [query for query in captured if "crm_ledgerentry" in query["sql"]]
    assert len(asked) == 1


# -- reading the feed -----------------------------------------------------------------------------------------

committing = pytest.mark.django_db(transaction=True)


def _read_all(at: Any) -> None:
    settle()
    fanout.read_feed(at=at, batch=4)


@committing
def test_the_feed_is_read_on_from_where_it_was(cast: Cast, hook: Webhook, happen: Happen) -> None:
    told = [entry.pk for entry in happen(10)]
    _read_all(cast.at)
    told += [entry.pk for entry in happen(3)]
    _read_all(cast.at)
    _read_all(cast.at)
    assert _queued() == [(hook.pk, pk) for pk in told]


@committing
def test_without_a_listener_nothing_is_read_and_the_first_one_hears_only_what_comes(
    cast: Cast, listen: Listen, happen: Happen
) -> None:
    happen(50)
    _read_all(cast.at)
    assert not FeedPlace.objects.exists()
    webhook = listen(URL)
    [entry] = happen()
    _read_all(cast.at)
    assert _queued() == [(webhook.pk, entry.pk)]


@committing
def test_two_readers_at_once_queue_each_fact_once(cast: Cast, hook: Webhook, happen: Happen) -> None:
    told = [entry.pk for entry in happen(40)]
    settle()
    at_once(*[lambda: fanout.read_feed(at=cast.at, batch=3)] * 3)
    assert _queued() == [(hook.pk, pk) for pk in told]


@committing
def test_what_is_rolled_back_is_not_told_and_does_not_stop_the_rest(
    cast: Cast, hook: Webhook, happen: Happen, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(2)
    settle()
    with monkeypatch.context() as patch:
        patch.setattr(FeedPlace, "save", lambda *_args, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fanout.read_feed(at=cast.at)
    assert _queued() == []
    _read_all(cast.at)
    assert len(_queued()) == 2


@committing
def test_switched_on_again_it_does_not_hear_of_the_time_between(
    cast: Cast, hook: Webhook, listen: Listen, happen: Happen
) -> None:
    other = listen(URL)
    registry.switch_off(hook, by=cast.admin, at=cast.at)
    between = happen()
    registry.switch_on(hook, by=cast.admin, at=cast.at)
    after = happen()
    _read_all(cast.at)
    assert _queued() == sorted([(hook.pk, after[0].pk), (other.pk, between[0].pk), (other.pk, after[0].pk)])


@pytest.mark.django_db
def test_writing_the_ledger_asks_nothing_for_webhooks(hook: Webhook, happen: Happen) -> None:
    """The feed is read later: a listener costs the writer nothing."""
    with CaptureQueriesContext(connection) as captured:
        happen(5)
    assert not any("webhook" in query["sql"] for query in captured)
