"""The ledger: every deed writes what it did, in the transaction that did it.

Higher apps hear of it by name: `subscribe("lead.qualified", handler)` in their `AppConfig.ready()`.
What somebody waits for goes into the outbox as well, as a piece of news; it is handed to the subscribers once
the transaction has committed, and by the relay should that moment have been lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from crm import outbox
from crm.arrays import literal
from crm.bulk import next_key, prepared, unnested
from crm.models import LedgerEntry, OutboxMessage, User

Handler = Callable[[list[int], datetime], None]


class Fact(NamedTuple):
    """What happened to one record. `subject` is (type, id), such as ("lead", 7).

    Where what subscribers would do has been done with the deed it `is_seen_to`, and they are not told.
    """

    kind: str
    subject: tuple[str, int]
    at: datetime
    actor: User | None = None
    account_id: int | None = None
    contact_id: int | None = None
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    data: Mapping[str, Any] = MappingProxyType({})
    is_seen_to: bool = False


def subscribe(kind: str, handler: Handler) -> None:
    """Call `handler(subject ids, at)` once per batch of facts of this kind, after commit."""
    outbox.handle_news(kind, handler)


@contextlib.contextmanager
def together() -> Iterator[None]:
    """What is recorded within is written in one statement at the end; nothing within may take a part of it back."""
    facts: list[Fact] = []
    before = _gathered.set(facts)
    try:
        yield
    finally:
        _gathered.reset(before)
    record(facts)


_gathered: ContextVar[list[Fact] | None] = ContextVar("gathered", default=None)


def record(facts: Iterable[Fact]) -> list[int]:
    """Write facts, with the news of them; returns the keys of the entries.

    Must run inside the transaction that makes them true.
    """
    assert transaction.get_connection().in_atomic_block, (
        "a fact is recorded in the transaction that makes it true"
    )
    facts, gathered = list(facts), _gathered.get()
    if gathered is not None:
        gathered += facts
    if gathered is not None or not facts:
        return []
    awaited = outbox.awaited()
    news = [fact.kind in awaited and not fact.is_seen_to for fact in facts]
    due_at = outbox.due_at_once() if any(news) else None
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [*prepared(LedgerEntry, _columns(facts)), literal(news), due_at])
        written = cursor.fetchall()
    outbox.deliver_at_commit([message for _pk, message in written if message is not None])
    return [pk for pk, _message in written]


@lru_cache(maxsize=1)
def _statement() -> str:
    """Entries and the news of some of them at once: a single fact waits for the database one time less."""
    names, arrays = unnested(LedgerEntry, tuple(_columns(())))
    return f"""
        WITH told AS MATERIALIZED (
            SELECT {next_key(LedgerEntry)} AS id, row.*, CASE WHEN is_news THEN {next_key(OutboxMessage)} END AS news_id
              FROM unnest({arrays}, %s::boolean[]) WITH ORDINALITY AS row({names}, is_news, place)
        ), entries AS (
            INSERT INTO crm_ledgerentry (id, {names}) SELECT id, {names} FROM told ORDER BY place
        ), news AS ({outbox.ANNOUNCE})
        SELECT id, news_id FROM told ORDER BY place
    """


def _columns(facts: Sequence[Fact]) -> dict[str, list[Any]]:
    return {
        "kind": [fact.kind for fact in facts],
        "subject_type": [fact.subject[0] for fact in facts],
        "subject_id": [fact.subject[1] for fact in facts],
        "account": [fact.account_id for fact in facts],
        "contact": [fact.contact_id for fact in facts],
        "actor": [fact.actor.id if fact.actor else None for fact in facts],
        "at": [fact.at for fact in facts],
        "from_state": [fact.from_state for fact in facts],
        "to_state": [fact.to_state for fact in facts],
        "reason": [fact.reason[:200] for fact in facts],
        "data": [fact.data for fact in facts],
    }


def changes_after(
    cursor: tuple[int, int], *, limit: int = 500, among: QuerySet[LedgerEntry] | None = None
) -> Sequence[LedgerEntry]:
    """The next entries of the change feed after (xid, id), of all or of some: nothing skipped, nothing twice."""
    from_xid, from_id = cursor
    entries: Any = LedgerEntry.objects.all() if among is None else among
    later = entries.settled().filter(Q(xid__gt=from_xid) | Q(xid=from_xid, pk__gt=from_id))
    return list(later.in_feed_order()[:limit])


def plain(value: Any) -> Any:
    """A value as an entry's data can hold it: what JSON knows stays, anything else becomes its text."""
    return value if value is None or isinstance(value, (str, int, float, bool, list)) else str(value)
