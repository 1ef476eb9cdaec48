"""The search for duplicates: what changed since the last time is compared with those it shares a block with.

Each record's blocks are kept as a fingerprint. The work grows with what changed, not with what is stored, and
memory with one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import combinations
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from crm import arrays, bulk, duplicates
from crm.matching import companies, pairs, people
from crm.matching.pairs import CROWD, Kind, Pair
from crm.models import Account, Block, Contact, Fingerprint, RecordKind

BATCH, AT_ONCE = 4000, 5


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


def search(*, at: datetime, batches: int = AT_ONCE) -> int:
    """Compare what changed since the last search, at most so many batches; how many records were looked at."""
    return sum(len(batch) for batch in _batches(batches, at))


def _batches(most: int, at: datetime) -> Iterator[list[int]]:
    for kind in SOURCES:
        _forget_merged(kind)
        for _number in range(most):
            batch = list(_changed(kind)[:BATCH])
            if not batch:
                break
            _search_among(kind, batch, at)
            yield [pk for pk, _updated in batch]


def search_all(*, at: datetime) -> int:
    """Compare everything anew, as after a change of the rules."""
    for rows in (Fingerprint.objects.all(), Block.objects.all()):
        rows.delete()
    return search_rest(at=at)


def search_rest(*, at: datetime) -> int:
    """Compare all that changed, until nothing is left."""
    done = 0
    while found := search(at=at):
        done += found
    return done


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


def _search_among(kind: str, batch: Sequence[tuple[int, datetime]], at: datetime) -> None:
    source, wanted = SOURCES[RecordKind(kind)], [pk for pk, _updated in batch]
    records = _read(source, wanted)
    _keep_fingerprints(kind, source, records, dict(batch))
    blocks = _blocks(kind, wanted)
    records |= _read(source, {pk for block in blocks for pk in block} - set(wanted))
    duplicates.store(kind, _compare(source.kind, records, blocks, set(wanted)), searched=wanted, at=at)


def _read(source: Source, wanted: Iterable[int]) -> dict[int, Any]:
    rows = source.model.objects.standing().filter(pk__among=list(wanted)).order_by()
    return {row[0]: source.read(*row) for row in rows.values_list(*source.columns)}


def _keep_fingerprints(
    kind: str, source: Source, records: dict[int, Any], updated: dict[int, datetime]
) -> None:
    for model in (Fingerprint, Block):
        model.objects.filter(kind=kind, record__among=list(updated)).delete()
    keys = [(pk, _hash(kind, key)) for pk, row in records.items() for key in set(source.kind.blocks(row))]
    if keys:
        with connection.cursor() as cursor:
            # Ten rows per record: as model instances they would cost more than the whole comparison.
            cursor.execute(_INSERT, [kind, *map(arrays.literal, zip(*keys, strict=True))])
    known = sorted(records)
    columns: dict[str, list[Any]] = {
        "kind": [kind] * len(known),
        "record": known,
        "of": [updated[pk] for pk in known],
    }
    bulk.insert_new(Fingerprint, columns)


def _hash(kind: str, key: str) -> int:
    return int.from_bytes(blake2b(f"{kind}:{key}".encode(), digest_size=8).digest(), signed=True)


_INSERT = """
INSERT INTO crm_block (kind, record, key)
SELECT %s, record, key FROM unnest(%s::bigint[], %s::bigint[]) AS row(record, key)
"""
# Each block of the batch with all who share it, wherever they are stored; a crowd is left out.
_SHARED = """
SELECT array_agg(other.record)
  FROM (SELECT DISTINCT key FROM crm_block WHERE kind = %(kind)s AND record = ANY(%(wanted)s::bigint[])) mine
  JOIN crm_block other ON other.key = mine.key
 GROUP BY mine.key HAVING count(*) BETWEEN 2 AND %(crowd)s
"""


def _blocks(kind: str, wanted: list[int]) -> list[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"kind": kind, "wanted": arrays.literal(wanted), "crowd": CROWD})
        return [row[0] for row in cursor.fetchall()]


def _compare(kind: Kind, records: dict[int, Any], blocks: list[list[int]], wanted: set[int]) -> list[Pair]:
    """Pairs with one of the wanted on either side, each compared once."""
    met: set[tuple[int, int]] = set()
    for block in blocks:
        present = sorted(pk for pk in block if pk in records)
        met.update(pair for pair in combinations(present, 2) if pair[0] in wanted or pair[1] in wanted)
    found = (Pair(low, high, kind.judge(records[low], records[high])) for low, high in sorted(met))
    return [pair for pair in found if pair.verdict.is_worth_showing]
