"""Lists and packs of the reports as CSV that spreadsheets open in UTF-8, every cell safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponse

from crm.exporting import write_table

MOST, COUNTED = 20_000, 1000


def table(name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write("\ufeff")
    write_table(answer, [str(word) for word in header], rows)
    return answer


def bounded(rows: QuerySet) -> str:
    """Counting stops early: nobody needs to know whether it is 40,000 or 41,000."""
    count = rows.order_by().values("pk")[: COUNTED + 1].count()
    return f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
