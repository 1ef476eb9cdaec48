"""P1 to P5: taking in behaviour events."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connection

from benchmarks import captures, databases, events, servers, writers
from benchmarks.measuring import REPEATS, Figure, Goal, interleaved, seconds, told
from benchmarks.sizes import Sizes
from crm import tokens
from crm.models import User
from leads import lifecycle
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import MqlDefinition
from leads.scoring import recounting, versions
from leads.scoring.worth import worth_under

P1 = Goal("P1", "bulk ingest with dedupe, score, MQL and handoff ÷ plain insert of the same rows", 0.40, 0.50)
P2 = Goal("P2", "backfill of 50 000 events ÷ the same rows copied to a stage and into the table", 0.40, 0.55)
P4 = Goal(
    "P4", "p50 of a single event over HTTP ÷ a plain create with a token", 1.3, 1.0, more_is_better=False
)
P3 = Goal(
    "P3", "HTTP bulk POST of 1 000 events, 2 workers ÷ the same called directly by 2 writers", 0.50, 0.75
)
P5_DAMAGE = Goal(
    "P5", "deadlocks + wrong scores + wrong MQLs of 4 overlapping writers", 0, 0, more_is_better=False
)
P5_SPEED = Goal("P5", "events per second of 2 writers ÷ of 1", 1.5, 1.8)
BATCH = 10_000
BACKFILL = WARMING = 50_000
POSTED = 1_000
ROUNDS = 6


def bulk(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        yield _compared(P1, size, at, BATCH, events.insert_raw)


def backfill(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        yield _compared(P2, size, at, BACKFILL, events.copy_raw)


def _compared(
    goal: Goal, size: str, at: datetime, rows: int, insert: Callable[[list[Behaviour]], None]
) -> Figure:
    """New rows through the product's door, and inserted plainly into a table with the same indexes, checks and keys."""
    events.make_raw_table()
    parts = WARMING // rows
    for _ in range(parts):  # a server that has stood for a while has most pages at hand
        batch = events.batch(rows, at=at)
        recording.record(batch, by=None, at=at)
        insert(batch)
    batches = [events.batch(rows, at=at) for _ in range(REPEATS + parts)]
    ours, plain = iter(batches), iter(batches)
    qualified: list[int] = []
    product, raw = interleaved(
        lambda: qualified.extend(recording.record(next(ours), by=None, at=at).qualified),
        lambda: insert(next(plain)),
        repeats=len(batches),
    )
    return Figure(goal, size, raw / product, {
        "product": f"{rows / product:,.0f} rows/s", "plain": f"{rows / raw:,.0f} rows/s",
        "plain without foreign keys": f"{rows / _without_keys(rows, at, insert):,.0f} rows/s",
        "MQLs handed over per batch": f"{len(qualified) / len(batches):.0f}",
    })  # fmt: skip


def _without_keys(rows: int, at: datetime, insert: Callable[[list[Behaviour]], None]) -> float:
    events.drop_keys()
    batches = iter([events.batch(rows, at=at) for _ in range(REPEATS)])
    return interleaved(lambda: insert(next(batches)))[0]


def single(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["events:write"], at=at)
        url = databases.url(databases.current())
        with servers.web(url) as ours, servers.web(url, "benchmarks.reference") as plain:
            product, reference = (
                servers.Client(port, {"Authorization": f"Bearer {secret}"}) for port in (ours, plain)
            )
            mine, *others = captures.beside_plain(lambda: _posted(product, at), reference)  # noqa: B023
        yield Figure(P4, size, mine / others[0], {"product": told(mine)} | captures.plainly(others))


def _posted(client: servers.Client, at: datetime) -> float:
    body = json.dumps(events.body(events.batch(1, at=at))[0]).encode()
    return seconds(lambda: client.ask("/api/v1/events/", body))


def over_http(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["events:write"], at=at)
        headers = {"Authorization": f"Bearer {secret}"}
        with servers.web(databases.url(databases.current())) as port:
            clients = [servers.Client(port, headers) for _ in range(servers.WORKERS)]
            _post(clients, at)
            pairs = [(_post(clients, at), _call_directly(at)) for _ in range(REPEATS)]
        posted, direct = (statistics.median(column) for column in zip(*pairs, strict=True))
        rows = POSTED * ROUNDS * servers.WORKERS
        yield Figure(P3, size, direct / posted, {
            "HTTP": f"{rows / posted:,.0f} events/s", "direct": f"{rows / direct:,.0f} events/s",
        })  # fmt: skip


def _post(clients: list[servers.Client], at: datetime) -> float:
    bodies = {
        client: [json.dumps(events.body(events.batch(POSTED, at=at))).encode() for _ in range(ROUNDS)]
        for client in clients
    }

    def send(client: servers.Client) -> None:
        for body in bodies[client]:
            client.ask("/api/v1/events/", body)

    with ThreadPoolExecutor(len(clients)) as pool:
        return seconds(lambda: list(pool.map(send, clients)))


def _call_directly(at: datetime) -> float:
    tasks = [([events.batch(POSTED, at=at) for _ in range(ROUNDS)], at) for _ in range(servers.WORKERS)]
    return writers.span(writers.together(writers.record_all, tasks))


def side_by_side(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        yield _damage(size, at)
        yield _speed(size, at)


def _damage(size: str, at: datetime) -> Figure:
    """Four writers deliver the same events, each in an order of its own."""
    rows = [events.batch(POSTED, at=at) for _ in range(ROUNDS)]
    tasks = [([random.Random(f"{writer}{n}").sample(part, len(part)) for n, part in enumerate(rows)], at)
             for writer in range(4)]  # fmt: skip
    deadlocks = sum(found for _begun, _ended, found in writers.together(writers.record_all, tasks))
    scores, mqls = wrong_scores(), wrong_mqls(at)
    details = {"deadlocks": str(deadlocks), "wrong scores": str(scores), "wrong MQLs": str(mqls)}
    return Figure(P5_DAMAGE, size, deadlocks + scores + mqls, details)


def _speed(size: str, at: datetime) -> Figure:
    def rate(count: int) -> float:
        tasks = [([events.batch(POSTED, at=at) for _ in range(ROUNDS * 2)], at) for _ in range(count)]
        return count * POSTED * ROUNDS * 2 / writers.span(writers.together(writers.record_all, tasks))

    pairs = [(rate(1), rate(2)) for _ in range(REPEATS)]
    one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Figure(P5_SPEED, size, two / one, {"1": f"{one:,.0f} events/s", "2": f"{two:,.0f} events/s"})


def wrong_scores() -> int:
    """Leads whose stored sum is not the sum of their events."""
    rules = versions.in_force()
    worth = worth_under(rules)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM leads_leadscore score
              LEFT JOIN (SELECT lead_id, sum({worth.points} * {recounting.WEIGHT}) AS engagement
                           FROM leads_behaviourevent AS event {worth.beside}
                          WHERE withdrawn_at IS NULL GROUP BY lead_id) AS told
                     USING (lead_id)
             WHERE abs(score.engagement - coalesce(told.engagement, 0)) > 1e-9 * greatest(score.engagement, 1)
            """,
            worth.params | recounting.weighing(rules.decay),
        )
        return int(cursor.fetchone()[0])


def wrong_mqls(at: datetime) -> int:
    """Leads at the bar that were not promoted."""
    definition = MqlDefinition.objects.get(in_force=True)
    touched = BATCH * 10
    return len(lifecycle.qualifying(definition, None, at=at)[:touched])
