"""Batches of behaviour as tools send them: mostly page visits of known people, a few told twice."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from crm.arrays import literal
from leads.events.recording import Behaviour
from leads.models import Lead

KINDS = ("page_view", "page_view", "page_view", "email_click", "download", "webinar")
TOLD_TWICE = 0.05
ASKS_FOR_A_DEMO = 0.002  # who does is an MQL at once
_batches = count(1)


def batch(size: int, *, at: datetime, seed: int = 0) -> list[Behaviour]:
    """New events of people drawn from all leads; some come twice in the same batch."""
    number = next(_batches)
    chance = random.Random(f"{seed}-{number}")
    people = Lead.objects.count()
    rows = [
        Behaviour(
            source="bench",
            external_id=f"{seed}-{number}-{place}",
            kind="demo_request" if chance.random() < ASKS_FOR_A_DEMO else chance.choice(KINDS),
            occurred_at=at - timedelta(minutes=chance.randrange(10_000)),
            email=f"person{chance.randrange(people) + 1}@example.com",
        )
        for place in range(round(size * (1 - TOLD_TWICE)))
    ]
    return rows + chance.sample(rows, size - len(rows))


def body(rows: list[Behaviour]) -> list[dict[str, Any]]:
    """The same batch as the API takes it."""
    return [
        {
            "source": row.source,
            "external_id": row.external_id,
            "kind": row.kind,
            "occurred_at": row.occurred_at.isoformat(),
            "email": row.email,
        }
        for row in rows
    ]


_RAW = """
    INSERT INTO bench_event (id, source, external_id, lead_id, kind, asset_id, occurred_at, received_at, points,
                             properties)
    SELECT nextval('bench_event_id'), *  FROM unnest(%s::varchar[], %s::varchar[], %s::bigint[], %s::varchar[],
           %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::jsonb[])
    ON CONFLICT DO NOTHING
"""


def make_raw_table() -> None:
    """A table like the events', with its indexes and checks, filled as it is, for the plain insert to compare with."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_event")
        cursor.execute(
            "CREATE TABLE bench_event (LIKE leads_behaviourevent INCLUDING ALL EXCLUDING IDENTITY)"
        )
        cursor.execute("INSERT INTO bench_event SELECT * FROM leads_behaviourevent")
        cursor.execute(
            "DROP SEQUENCE IF EXISTS bench_event_id; CREATE SEQUENCE bench_event_id START 1000000000"
        )


def insert_raw(rows: list[Behaviour]) -> None:
    """The same rows with one plain statement: no matching, no score, no MQL."""
    size = len(rows)
    columns: list[list[Any]] = [
        [row.source for row in rows],
        [row.external_id for row in rows],
        [int(row.email[6:].partition("@")[0]) for row in rows],
        [row.kind for row in rows],
        [None] * size,
        [row.occurred_at for row in rows],
        [row.occurred_at for row in rows],
        [1.0] * size,
        ["{}"] * size,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RAW, [literal(column) for column in columns])
