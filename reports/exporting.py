"""Lists and packs of the reports as CSV, and how long a list is said to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict

from crm import downloads

COUNTED = 1000
all_of = downloads.all_of


def table(
    name: str, header: Sequence[object], rows: Iterable[Sequence[object]], query: QueryDict | None = None
) -> HttpResponseBase:
    return downloads.table(name, header, rows, query)


def bounded(rows: QuerySet) -> str:
    """Counting stops early: nobody needs to know whether it is 40,000 or 41,000."""
    count = rows.order_by().values("pk")[: COUNTED + 1].count()
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
