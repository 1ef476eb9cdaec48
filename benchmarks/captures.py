"""P10: leads that come in, one by one over HTTP and many at once."""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from benchmarks import databases, servers
from benchmarks.measuring import REPEATS, Figure, Goal, seconds, told
from benchmarks.sizes import Sizes
from crm import tokens
from crm.models import User
from leads.capture import door
from leads.capture.intake import Inquiry

P10 = Goal("P10", "API capture of one lead ÷ the plainest create, in requests per second", 0.50, 0.70)
P10_GROWTH = Goal("P10", "API capture of one lead, p50, largest ÷ smallest", 1.3, 1.1, more_is_better=False)
P10_BULK = Goal("P10", "leads per second taken in as one batch of 2 000: new, and sent again", 2_000, 4_000)
VISITS = 30
BATCH = 2_000
_numbers = itertools.count(1)


def single(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    took: list[float] = []
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["leads:write"], at=at)
        url = databases.url(databases.current())
        with servers.web(url) as ours, servers.web(url, "benchmarks.reference") as plain:
            product = servers.Client(ours, {"Authorization": f"Bearer {secret}"})
            reference = servers.Client(plain, {})
            pairs = [
                (created(product, "/api/v1/leads/"), created(reference, "/contacts/"))
                for _ in range(servers.WORKERS * 4 + VISITS * REPEATS)
            ][servers.WORKERS * 4 :]
        mine, plainly = (statistics.median(column) for column in zip(*pairs, strict=True))
        took.append(mine)
        yield Figure(P10, size, plainly / mine, {"product": told(mine), "plain": told(plainly)})
    yield Figure(P10_GROWTH, sizes.compared(), took[-1] / took[0])


def created(client: servers.Client, path: str) -> float:
    body = json.dumps({"email": f"visitor{next(_numbers)}@door.example", "last_name": "Sato"}).encode()
    return seconds(lambda: client.ask(path, body))


def many(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        rates = [_rates(at) for _ in range(REPEATS)]
        fresh, again = (statistics.median(column) for column in zip(*rates, strict=True))
        yield Figure(
            P10_BULK, size, min(fresh, again), {"new": f"{fresh:,.0f}/s", "again": f"{again:,.0f}/s"}
        )


def _rates(at: datetime) -> tuple[float, float]:
    """Rows per second of a batch of new people, and of the same batch once more; afterwards nothing has happened."""
    rows = [
        Inquiry(email=f"{n}@firm{n % 200}.example", last_name="佐藤", company=f"会社{n % 200}")
        for n in range(BATCH)
    ]
    with transaction.atomic():
        fresh = seconds(lambda: door.capture(rows, by=None, at=at))
        again = seconds(lambda: door.capture(rows, by=None, at=at))
        transaction.set_rollback(True)
    return BATCH / fresh, BATCH / again


def both(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    yield from single(sizes, at)
    yield from many(sizes, at)
