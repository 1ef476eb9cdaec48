"""The search for duplicates: what changed since the last time is compared with those it shares a block with.

Each record's blocks are kept, and a fingerprint says as which version of itself it was compared. The work grows with
what changed, not with what is stored, and memory with one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from crm import arrays, bulk, duplicates, transactions
from crm.matching import companies, pairs, people
from crm.matching.pairs import CROWD, Kind, Pair
from crm.models import Account, Block, Contact, Fingerprint, RecordKind

BATCH, AT_ONCE = 4000, 5
SEARCH = "crm.searching"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one kind of record comes from, and how a row of `columns` becomes what is compared."""

    model: type[Account] | type[Contact]
    columns: tuple[str, ...]
    read: Callable[..., Any]
    kind: Kind


def _person(pk: int, last: str, first: str, email: str, phone: str, company: str | None) -> people.Person:
    return people.person(pk, last=last, first=first, email=email, phone=phone, company=company or "")


def _company(pk: int, name: str, number: str, domain: str, country: str) -> companies.Company:
    return companies.company(pk, name=name, corporate_number=number, domain=domain, country=country)


SOURCES = {
    RecordKind.CONTACT: Source(
        Contact,
        ("pk", "last_name", "first_name", "email_key", "phone_key", "account__name_key"),
        _person,
        pairs.PEOPLE,
    ),
    RecordKind.ACCOUNT: Source(
        Account, ("pk", "name", "corporate_number", "domain", "country"), _company, pairs.COMPANIES
    ),
}


def search(*, at: datetime, batches: int | None = AT_ONCE) -> int:
    """Compare what changed since the last search, at most so many batches of each kind; how many were looked at."""
    return sum(steps(at=at, batches=batches))


def steps(*, at: datetime, batches: int | None = None) -> Iterator[int]:
    """The same step by step: how many records each batch held, which is kept for good by then.

    Whoever stops in between loses nothing: the next search goes on with what is left.
    """
    for kind in SOURCES:
        _forget_merged(kind)
        after = 0
        for _number in count() if batches is None else range(batches):
            batch = _search_next(kind, after, at)
            if batch:
                yield len(batch)
            if len(batch) < BATCH:
                break
            after = batch[-1]


def search_all(*, at: datetime) -> int:
    """Compare everything anew, as after a change of the rules."""
    forget()
    return search(at=at, batches=None)


def forget() -> None:
    """From now on everything counts as changed; what was found stays until it is looked at."""
    Fingerprint.objects.all().delete()


def left() -> int:
    """How many records wait to be compared."""
    return sum(_changed(kind).count() for kind in SOURCES)


@transaction.atomic
def _search_next(kind: str, after: int, at: datetime) -> list[int]:
    """One batch of what changed, with all that is found; two searches at a time share the batches."""
    transactions.have_alone(SEARCH)
    batch = dict(_changed(kind).filter(pk__gt=after)[:BATCH])
    if batch:
        _search_among(kind, batch, at)
    return list(batch)


def _changed(kind: str) -> QuerySet[Any]:
    """Standing records without a fingerprint of what they are now, in the order of their keys."""
    model = SOURCES[RecordKind(kind)].model
    known = Fingerprint.objects.filter(kind=kind, record=OuterRef("pk"), of=OuterRef("updated_at"))
    rows = model.objects.standing().filter(~Exists(known)).order_by("pk")
    return rows.values_list("pk", "updated_at")


def _forget_merged(kind: str) -> None:
    """Who was merged away is looked for no more."""
    model = SOURCES[RecordKind(kind)].model
    merged = model.objects.filter(merged_into__isnull=False, pk=OuterRef("record"))
    for rows in (Fingerprint.objects.all(), Block.objects.all()):
        rows.filter(Exists(merged), kind=kind).delete()


def _search_among(kind: str, batch: Mapping[int, datetime], at: datetime) -> None:
    source, wanted = SOURCES[RecordKind(kind)], set(batch)
    records = _read(source, wanted)
    blocks = _shared(_keep_blocks(kind, source, records, wanted))
    records |= _read(source, set().union(*blocks) - wanted)
    duplicates.store(kind, _compare(source.kind, records, blocks, wanted), searched=list(wanted), at=at)
    _keep_fingerprints(kind, batch)


def _read(source: Source, wanted: Iterable[int]) -> dict[int, Any]:
    rows = source.model.objects.standing().filter(pk__among=list(wanted)).order_by()
    return {row[0]: source.read(*row) for row in rows.values_list(*source.columns)}


def _keep_blocks(kind: str, source: Source, records: Mapping[int, Any], wanted: Iterable[int]) -> list[int]:
    """Write the blocks of these records anew; the keys of them all."""
    Block.objects.filter(kind=kind, record__among=list(wanted)).delete()
    rows = [(pk, _hash(kind, key)) for pk, row in records.items() for key in set(source.kind.blocks(row))]
    if not rows:
        return []
    with connection.cursor() as cursor:
        # Ten rows per record: as model instances they would cost more than the whole comparison.
        cursor.execute(_INSERT, [kind, *map(arrays.literal, zip(*rows, strict=True))])
    return list({key for _pk, key in rows})


def _keep_fingerprints(kind: str, batch: Mapping[int, datetime]) -> None:
    known = list(batch)
    Fingerprint.objects.filter(kind=kind, record__among=known).delete()
    columns: dict[str, list[Any]] = {"kind": [kind] * len(known), "record": known, "of": list(batch.values())}
    bulk.insert_columns(Fingerprint, columns)


def _hash(kind: str, key: str) -> int:
    return int.from_bytes(blake2b(f"{kind}:{key}".encode(), digest_size=8).digest(), signed=True)


_INSERT = """
INSERT INTO crm_block (kind, record, key)
SELECT %s, record, key FROM unnest(%s::bigint[], %s::bigint[]) AS row(record, key)
"""
# All who stand under each of these keys. A crowd is left out, and of a crowd no more is read than shows that it is one.
_SHARED = """
SELECT array_agg(other.record)
  FROM unnest(%(keys)s::bigint[]) AS mine(key),
       LATERAL (SELECT record FROM crm_block WHERE key = mine.key LIMIT %(crowd)s + 1) AS other
 GROUP BY mine.key HAVING count(*) BETWEEN 2 AND %(crowd)s
"""


def _shared(keys: list[int]) -> list[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"keys": arrays.literal(keys), "crowd": CROWD})
        return [row[0] for row in cursor.fetchall()]


def _compare(kind: Kind, records: Mapping[int, Any], blocks: list[list[int]], wanted: set[int]) -> list[Pair]:
    """Pairs with one of the wanted on either side, each compared once."""
    met = {
        (min(one, other), max(one, other))
        for block in blocks
        for one in wanted.intersection(block)
        for other in block
        if other != one
    }
    known = ((low, high) for low, high in sorted(met) if low in records and high in records)
    found = (Pair(low, high, kind.judge(records[low], records[high])) for low, high in known)
    return [pair for pair in found if pair.verdict.is_worth_showing]
