"""Batches of behaviour as tools send them: mostly page visits of known people, a few told twice."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection, transaction

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


_COLUMNS = "source, external_id, lead_id, kind, asset_id, occurred_at, received_at, properties"
_INSERT = f"INSERT INTO bench_event (id, {_COLUMNS}) SELECT nextval('bench_event_id'), * FROM "
_UNNESTED = """unnest(%s::varchar[], %s::varchar[], %s::bigint[], %s::varchar[], %s::bigint[], %s::timestamptz[],
                      %s::timestamptz[], %s::jsonb[])"""
_MADE = """
    CREATE TABLE IF NOT EXISTS bench_event (LIKE leads_behaviourevent INCLUDING ALL EXCLUDING IDENTITY);
    INSERT INTO bench_event SELECT * FROM leads_behaviourevent WHERE NOT EXISTS (SELECT 1 FROM bench_event);
    CREATE SEQUENCE IF NOT EXISTS bench_event_id START 1000000000;
"""
_KEYLESS = """
    ALTER TABLE bench_event DROP CONSTRAINT IF EXISTS bench_lead, DROP CONSTRAINT IF EXISTS bench_asset
"""
_KEYED = """
    ALTER TABLE bench_event
      ADD CONSTRAINT bench_lead FOREIGN KEY (lead_id) REFERENCES leads_lead DEFERRABLE INITIALLY DEFERRED,
      ADD CONSTRAINT bench_asset FOREIGN KEY (asset_id) REFERENCES content_asset DEFERRABLE INITIALLY DEFERRED
"""


def make_raw_table() -> None:
    """A table like the events', with its indexes, checks and foreign keys, filled as it is, to compare with."""
    with connection.cursor() as cursor:
        for statement in (_MADE, _KEYLESS, _KEYED, "ANALYZE bench_event"):
            cursor.execute(statement)


def drop_keys() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_KEYLESS)


def insert_raw(rows: list[Behaviour]) -> None:
    """The same rows with one plain statement: no matching, no score, no MQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT + _UNNESTED + " ON CONFLICT DO NOTHING", [literal(column) for column in _columns(rows)]
        )


def copy_raw(rows: list[Behaviour]) -> None:
    """The same rows copied to a stage, and from there into the table."""
    lines = zip(*_columns(rows), strict=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_stage")
        cursor.execute(
            f"CREATE TEMPORARY TABLE bench_stage AS SELECT {_COLUMNS} FROM bench_event WHERE false"
        )
        with cursor.copy(f"COPY bench_stage ({_COLUMNS}) FROM STDIN") as copying:
            copying.write("".join("\t".join(map(_word, line)) + "\n" for line in lines))
        cursor.execute(_INSERT + "bench_stage ON CONFLICT DO NOTHING")


def _columns(rows: list[Behaviour]) -> list[list[Any]]:
    size = len(rows)
    return [
        [row.source for row in rows],
        [row.external_id for row in rows],
        [int(row.email[6:].partition("@")[0]) for row in rows],
        [row.kind for row in rows],
        [None] * size,
        [row.occurred_at for row in rows],
        [row.occurred_at for row in rows],
        ["{}"] * size,
    ]


def _word(value: Any) -> str:
    """As COPY reads it; nothing here holds a tab, a backslash or a line break."""
    return "\\N" if value is None else str(value)
