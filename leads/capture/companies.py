"""The company of each row that names one: found by its number, its domain or its name, or added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection

from crm import directory
from crm.arrays import literal
from crm.models import User
from crm.records import Company
from leads.capture.entries import Entry

# By each key standing companies, and last those a merged one leads to. Said apart for the sake of the indexes.
_STANDING = "SELECT '{way}', {column}, id, 1, id FROM crm_account WHERE {key} AND merged_into_id IS NULL"
_MERGED = "SELECT '{way}', {column}, merged_into_id, 0, id FROM crm_account WHERE {key} AND merged_into_id IS NOT NULL"
_KEY = "{column} = ANY(%({way})s) AND {column} <> ''"
_COLUMNS = {"number": "corporate_number", "domain": "domain", "name": "name_key"}
# Of two with one key the older is meant.
_FOUND = """
    SELECT told.way, told.key, company.name, company.name_key, company.domain, company.industry,
           company.employee_count, company.country, company.corporate_number, company.external_id, company.owner_id,
           company.id
      FROM ({ways}) AS told (way, key, company, rank, age)
      JOIN crm_account company ON company.id = told.company
     ORDER BY told.rank, told.age DESC
"""


def find_or_add(entries: Sequence[Entry], *, by: User | None, at: datetime) -> set[int]:
    """Give each entry the company it names; returns the keys of those that were missing and are added."""
    naming = [entry for entry in entries if entry.row.company or entry.row.corporate_number]
    known = _Companies(naming)
    missing = {_key(entry): entry for entry in reversed(naming) if known.find(entry) is None}
    added = (
        directory.add_accounts([_new(entry) for entry in missing.values()], by=by, at=at) if missing else []
    )
    if len(added) < len(missing):  # somebody else added one meanwhile
        known = _Companies(naming)
    known.add(added)
    for entry in naming:
        entry.company = known.find(entry)
    return {row.pk for row in added}


def _key(entry: Entry) -> tuple[str, str]:
    number = entry.row.corporate_number
    return ("number", number) if number else ("company", entry.domain or entry.company_key)


def _new(entry: Entry) -> Company:
    row = entry.row
    return Company(
        name=row.company or row.corporate_number,
        name_key=entry.company_key,
        domain=entry.domain,
        industry=row.industry,
        employee_count=row.employee_count,
        country=row.country,
        corporate_number=row.corporate_number,
    )


class _Companies:
    """Companies a batch may mean: by corporate number, then domain, then name."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by: dict[str, dict[str, Company]] = {way: {} for way in _COLUMNS}
        told = {
            "number": {entry.row.corporate_number for entry in entries} - {""},
            "domain": {entry.domain for entry in entries} - {""},
            "name": {entry.company_key for entry in entries} - {""},
        }
        by_key: dict[int, Company] = {}
        for way, key, *columns in _read({way: keys for way, keys in told.items() if keys}):
            self._by[way][key] = by_key.setdefault(columns[-1], Company(*columns))

    def add(self, rows: Iterable[Company]) -> None:
        """Companies just added; of two with one name the older is meant."""
        for row in sorted(rows, key=attrgetter("pk")):
            for way, key in (
                ("number", row.corporate_number),
                ("domain", row.domain),
                ("name", row.name_key),
            ):
                if key:
                    self._by[way].setdefault(key, row)

    def find(self, entry: Entry) -> Company | None:
        if entry.row.corporate_number:
            return self._by["number"].get(entry.row.corporate_number)
        by_domain = self._by["domain"].get(entry.domain)
        if by_domain is not None:
            return by_domain
        by_name = self._by["name"].get(entry.company_key)
        # The same name under another domain is another company.
        return by_name if by_name and (not by_name.domain or not entry.domain) else None


def _read(told: dict[str, set[str]]) -> list[tuple[Any, ...]]:
    if not told:
        return []
    ways = [
        half.format(way=way, column=_COLUMNS[way], key=_KEY.format(way=way, column=_COLUMNS[way]))
        for way in told
        for half in (_MERGED, _STANDING)
    ]
    with connection.cursor() as cursor:
        keys = {way: literal(sorted(values)) for way, values in told.items()}
        cursor.execute(_FOUND.format(ways=" UNION ALL ".join(ways)), keys)
        return cursor.fetchall()
