"""What is found in leads is kept with them, and how many it is found in beside it, in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.db import connection, transaction

from crm import transactions
from crm.arrays import literal
from leads.models import Findings
from leads.quality import looking
from leads.quality.looking import Found

LOCK = "findings of the audit"
Cells = Counter[tuple[date, str, str, str]]


@transaction.atomic
def look_again(leads: Collection[int], *, at: datetime) -> int:
    """Look at these leads and keep what is found; in how many it is not what it was.

    Two who look take turns, and the second sees what the first has changed.
    """
    if not leads:
        return 0
    transactions.have_alone(LOCK)
    now, before = looking.at_leads(leads, at=at), _kept(leads)
    gone = before.keys() - now.keys()
    changed = {pk: found for pk, found in now.items() if before.get(pk) != found}
    Findings.objects.filter(pk__among=list(gone)).delete()
    _keep(changed)
    cells = _cells(changed.values())
    cells.subtract(_cells(before[pk] for pk in {*gone, *(changed.keys() & before.keys())}))
    _tally(cells)
    return len(gone) + len(changed)


def _kept(leads: Collection[int]) -> dict[int, Found]:
    rows = Findings.objects.filter(pk__among=leads).values_list("pk", *Found._fields)
    return {pk: Found(day, source, segment, tuple(marks)) for pk, day, source, segment, marks in rows}


def _keep(found: Mapping[int, Found]) -> None:
    rows = [Findings(lead_id=pk, **one._asdict()) for pk, one in sorted(found.items())]
    Findings.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["lead"], update_fields=Found._fields
    )


def _cells(found: Iterable[Found]) -> Cells:
    """How many leads of a day, source and segment have a mark; without a mark, how many there are."""
    return Counter((*one[:-1], mark) for one in found for mark in ("", *one.marks))


def _tally(cells: Cells) -> None:
    with connection.cursor() as cursor:
        for statement, rows in ((_MORE, +cells), (_FEWER, -cells)):
            if rows:
                days, *names = zip(*rows, strict=True)
                cursor.execute(statement, [list(days), *map(literal, names), literal(list(rows.values()))])


_KEY = "captured_on, source, segment, mark"
_ROWS = f"unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::integer[]) AS row ({_KEY}, count)"
_MORE = f"""
    INSERT INTO leads_qualitytally AS kept ({_KEY}, count) SELECT {_KEY}, count FROM {_ROWS}
    ON CONFLICT ({_KEY}) DO UPDATE SET count = kept.count + excluded.count
"""
# What is fewer was there: a row of it below zero would not be let in, not even to be added to another.
_FEWER = f"""
    UPDATE leads_qualitytally kept SET count = kept.count - row.count FROM {_ROWS}
     WHERE (kept.captured_on, kept.source, kept.segment, kept.mark)
         = (row.captured_on, row.source, row.segment, row.mark)
"""
