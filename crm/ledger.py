"""The ledger: every deed writes what it did, in the transaction that did it.

Higher apps hear of it by name: `subscribe("lead.qualified", handler)` in their `AppConfig.ready()`.
A transition's entry also puts a piece of news into the outbox; it is handed to the subscribers once
the transaction has committed, and by the relay should that moment have been lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from crm import outbox
from crm.bulk import insert_all
from crm.models import LedgerEntry, User

Handler = Callable[[list[int], datetime], None]


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened to one record. `subject` is (type, id), such as ("lead", 7)."""

    kind: str
    subject: tuple[str, int]
    at: datetime
    actor: User | None = None
    account_id: int | None = None
    contact_id: int | None = None
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def subscribe(kind: str, handler: Handler) -> None:
    """Call `handler(subject ids, at)` once per batch of facts of this kind, after commit."""
    outbox.handle_news(kind, handler)


def record(facts: Iterable[Fact]) -> list[LedgerEntry]:
    """Write facts. Must run inside the transaction that makes them true."""
    assert transaction.get_connection().in_atomic_block, (
        "a fact is recorded in the transaction that makes it true"
    )
    entries = [_entry(fact) for fact in facts]
    insert_all(entries)
    outbox.announce([entry for entry in entries if _is_news(entry)])
    return entries


def _is_news(entry: LedgerEntry) -> bool:
    return bool(entry.to_state) or outbox.is_awaited(entry.kind)


def _entry(fact: Fact) -> LedgerEntry:
    subject_type, subject_id = fact.subject
    return LedgerEntry(
        kind=fact.kind,
        subject_type=subject_type,
        subject_id=subject_id,
        account_id=fact.account_id,
        contact_id=fact.contact_id,
        actor=fact.actor,
        at=fact.at,
        from_state=fact.from_state,
        to_state=fact.to_state,
        reason=fact.reason[:200],
        data=fact.data,
    )


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
