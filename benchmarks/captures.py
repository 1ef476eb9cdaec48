"""P10: leads that come in, one by one over HTTP and many at once."""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from benchmarks import databases, servers
from benchmarks.measuring import REPEATS, Figure, Goal, seconds, told
from benchmarks.sizes import Sizes
from crm import tokens
from crm.models import User
from leads.capture import door
from leads.capture.intake import Inquiry

P10 = Goal("P10", "API capture of one lead ÷ a plain create with a token, in requests per second", 0.50, 0.70)
P10_GROWTH = Goal("P10", "API capture of one lead, p50, largest ÷ smallest", 1.3, 1.1, more_is_better=False)
P10_BULK = Goal("P10", "leads per second taken in as one batch of 2 000: new, and sent again", 2_000, 4_000)
WARMING, VISITS = 16, 30
BATCH = 2_000
_numbers = itertools.count(1)


def single(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    took: list[float] = []
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["leads:write"], at=at)
        url = databases.url(databases.current())
        with servers.web(url) as ours, servers.web(url, "benchmarks.reference") as plain:
            product, reference = (
                servers.Client(port, {"Authorization": f"Bearer {secret}"}) for port in (ours, plain)
            )
            mine, *others = beside_plain(lambda: created(product, "/api/v1/leads/"), reference)  # noqa: B023
        took.append(mine)
        yield Figure(P10, size, others[0] / mine, {"product": told(mine)} | plainly(others))
    yield Figure(P10_GROWTH, sizes.compared(), took[-1] / took[0])


def beside_plain(work: Callable[[], float], reference: servers.Client) -> list[float]:
    """Median seconds of a call of ours, of a plain create with a token, and of one that asks nobody who they are."""
    taken = [
        (work(), created(reference, "/contacts/"), created(reference, "/open/"))
        for _ in range(WARMING + VISITS * REPEATS)
    ]
    return [statistics.median(column) for column in zip(*taken[WARMING:], strict=True)]


def plainly(others: Sequence[float]) -> dict[str, str]:
    with_token, without = map(told, others)
    return {"plain": with_token, "plain without a token": without}


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
