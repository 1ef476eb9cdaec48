"""A receiver, a webhook that leads to it, and short ways to make something happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from crm import ledger
from crm.models import LedgerEntry, User, Webhook
from crm.webhooks import fanout, registry
from tests.support import receiver
from tests.support.cast import Cast
from tests.support.clock import START
from tests.support.receiver import Receiver


@pytest.fixture
def stranger() -> Iterator[Receiver]:
    with receiver.receiving() as one:
        yield one


@pytest.fixture
def listen(cast: Cast) -> Callable[..., Webhook]:
    """`listen(url, "deal.*", owner=cast.rep)`: a registered webhook."""

    def register(url: str, *topics: str, owner: User | None = None) -> Webhook:
        webhook, _secret = registry.register(
            owner=owner or cast.admin, url=url, topics=topics or ("test.*",), by=cast.admin, at=cast.at
        )
        return webhook

    return register


@pytest.fixture
def hook(listen: Callable[..., Webhook], stranger: Receiver) -> Webhook:
    """An administrator's webhook that hears `test.*`."""
    return listen(stranger.url)


@pytest.fixture
def happen() -> Callable[..., list[LedgerEntry]]:
    """`happen(3)`: three facts, written but not yet told to anybody; `happen("lead.won", account_id=7)`: one."""

    def record(what: int | str = 1, **values: Any) -> list[LedgerEntry]:
        kinds = ["test.happened"] * what if isinstance(what, int) else [what]
        facts = [
            ledger.Fact(kind, ("thing", number), at=START, **values) for number, kind in enumerate(kinds)
        ]
        with transaction.atomic():
            written = ledger.record(facts)
        return list(LedgerEntry.objects.filter(pk__in=written).order_by("pk"))

    return record


@pytest.fixture
def queue(happen: Callable[..., list[LedgerEntry]]) -> Callable[..., int]:
    """`queue(3)`: three facts, queued for those who hear them."""

    def spread(what: int | str = 1, **values: Any) -> int:
        listeners = Webhook.objects.listening().select_related("owner").order_by("pk")
        return fanout.spread(happen(what, **values), listeners, at=START)

    return spread
