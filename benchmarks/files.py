"""P16: a file of leads through the import, from its bytes to leads that are scored and told of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from itertools import count

from django.db import connection, models, transaction

from benchmarks import databases, filling
from benchmarks.measuring import Figure, Goal, interleaved
from benchmarks.sizes import Sizes
from crm import imports
from crm.models import Account, Contact, User
from leads.models import Lead, LeadScore
from leads.scoring import versions

P16 = Goal("P16", "lead import ÷ COPY to a stage and into tables with the same indexes", 0.25, 0.40)
P16_GROWTH = Goal("P16", "lead import, largest ÷ smallest", 0.7, 0.9)
ROWS, PEOPLE_EACH = 10_000, 4
HEADER = ("email", "last_name", "first_name", "company", "job_title", "industry", "country", "source")
RAW = (Account, Contact, Lead, LeadScore)
_files = count(1)


def bring_in(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    rates = {}
    for size in sizes.each():
        by = User.objects.get(username="admin")
        _make_raw_tables()
        _bring_in(_rows(next(_files)), by, at)
        product, raw = interleaved(
            lambda by=by: _bring_in(_rows(next(_files)), by, at), lambda: _copy(_rows(next(_files)), at)
        )
        rates[databases.current()] = ROWS / product
        yield Figure(P16, size, raw / product, {
            "import": f"{ROWS / product:,.0f} rows/s", "COPY": f"{ROWS / raw:,.0f} rows/s",
        })  # fmt: skip
    smallest, largest = (rates[name] for name in sizes.pair())
    if smallest != largest:
        yield Figure(P16_GROWTH, sizes.compared(), largest / smallest)


def _rows(number: int) -> list[tuple[str, ...]]:
    """People at companies nobody knows yet, four of each."""
    firms = [f"f{number}-{place // PEOPLE_EACH}" for place in range(ROWS)]
    return [
        (
            f"p{place}@{firm}.example.net",
            f"山田{place}",
            "太郎",
            f"Firm {firm}",
            "Manager",
            "IT",
            "Japan",
            "fair",
        )
        for place, firm in enumerate(firms)
    ]


def _table(rows: list[tuple[str, ...]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def _bring_in(rows: list[tuple[str, ...]], by: User, at: datetime) -> None:
    content = _table([HEADER, *rows]).encode()
    report = imports.run("leads", content, {name: name for name in HEADER}, by=by, at=at)
    assert report.counts["created"] == ROWS, report.counts


# The same rows as plainly as PostgreSQL can take them ---------------------------------------------------------


def _make_raw_tables() -> None:
    """Tables as those the import writes to, filled as they are, with their indexes and checks."""
    with connection.cursor() as cursor:
        for model in RAW:
            table, columns = model._meta.db_table, _kept(model)
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)")
            cursor.execute(f"INSERT INTO bench_{table} ({columns}) SELECT {columns} FROM {table}")
        cursor.execute("ANALYZE")


def _kept(model: type[models.Model]) -> str:
    return ", ".join(field.column for field in model._meta.concrete_fields if not field.generated)


def _copy(rows: list[tuple[str, ...]], at: datetime) -> None:
    """COPY into a stage, and from there one statement a table; nobody is looked up, nothing is checked or told."""
    base, moment = 10**9 + next(_files) * ROWS, f"timestamptz '{at.isoformat()}'"
    with transaction.atomic(), connection.cursor() as cursor:
        names = ", ".join(f"{name} text" for name in HEADER)
        cursor.execute(f"CREATE TEMP TABLE stage (n serial, {names}) ON COMMIT DROP")
        with cursor.copy(f"COPY stage ({', '.join(HEADER)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(_table(rows))
        key, firm = f"{base} + n", f"{base} + n - (n - 1) % {PEOPLE_EACH}"
        accounts = {"id": key, "name": "company", "name_key": "lower(company)", "industry": "industry",
                    "domain": "split_part(email, '@', 2)", "country": "country", "updated_at": moment}  # fmt: skip
        contacts = {"id": key, "email": "email", "email_key": "email", "last_name": "last_name", "account_id": firm,
                    "first_name": "first_name", "job_title": "job_title", "updated_at": moment}  # fmt: skip
        leads = {"id": key, "contact_id": key, "account_id": firm, "stage": "'inquiry'", "stage_at": moment,
                 "captured_at": moment, "source": "source", "updated_at": moment}  # fmt: skip
        scores = {"lead_id": key, "grade": "'C'", "model_id": str(versions.active().pk)}
        _fill(Account, accounts, f"stage WHERE (n - 1) % {PEOPLE_EACH} = 0")
        for model, values in ((Contact, contacts), (Lead, leads), (LeadScore, scores)):
            _fill(model, values, "stage")


def _fill(model: type[models.Model], values: dict[str, str], source: str) -> None:
    with connection.cursor() as cursor:
        columns, expressions, params = filling.columns_of(model, values)
        table = f"bench_{model._meta.db_table}"
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(expressions)} FROM {source}".replace(
                " % ", " %% "
            ),
            params,
        )
