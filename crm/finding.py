"""The newest records that hold some words, of several kinds at once: what a person types into the search.

To make such statements anew for every word takes Django longer than the database needs to find the word. So only the
condition on the records is Django's, which lets a question start from `visible_to` as everywhere else.

A common word is found by reading the newest records, a rare one by its grams; what is held by many, but not by the
newest, is looked for among the recent before all others. An index names the records that may hold the words, and those
are read from the newest on until enough are found. Which words are common, a few records tell: of the newest how soon a
word is met, and of all, as the newest may have come in together and be alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import prod
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection

from crm import arrays, grams
from crm.models import Account
from crm.querysets import OfCompanyQuerySet, SearchedQuerySet

NEWEST, RECENT = 500, 50_000
# Of companies with common words: whose people are looked up.
VISITED = 500
# A gram is common if more than one in so many of a few records has it.
SAMPLE, COMMON = 50, 4
Words = Sequence[str]
Rows = Sequence[SearchedQuerySet]


class Kind:
    """One question, as SQL with its values in it."""

    def __init__(self, rows: SearchedQuerySet) -> None:
        self.rows = rows
        self.model: Any = rows.model
        self.table = str(rows.model._meta.db_table)
        self.sought = f"{self.table}.sought"
        self.is_of_company = isinstance(rows, OfCompanyQuerySet)
        self.last = 0
        self.newest, self.spread = list[str](), list[str]()  # texts of a few records

    @cached_property
    def condition(self) -> str:
        """What the question asks of a record."""
        query = self.rows.query
        try:
            return f"({filled(*query.get_compiler(connection=connection).compile(query.where))})"
        except FullResultSet:
            return "true"
        except EmptyResultSet:
            return "false"

    def may_hold(self, words: Words) -> str:
        """What the index is asked. The grams are hidden from the planner, who takes each for a matter of chance and so
        expects nothing of a word."""
        told = grams.asked(self._telling({gram for word in words for gram in grams.of(word)}))
        return filled(f"crm_grams({self.sought}) @@ (SELECT %s::tsquery)", (told,))

    def _telling(self, each: set[str]) -> list[str]:
        """Without the common ones: their lists in the index are as long as the table and leave hardly anybody out."""
        having = {gram: _holders(gram, self.spread) for gram in sorted(each)}
        rare = [gram for gram, count in having.items() if count * COMMON <= len(self.spread)]
        return rare or [min(having, key=having.__getitem__)]

    def newest_holders(self, word: str) -> int:
        """How many of the newest few records hold the word."""
        return _holders(grams.needle(word), self.newest)

    def is_common(self, word: str) -> bool:
        """Whether more than one of a few records from anywhere holds the word."""
        return _holders(grams.needle(word), self.spread) > 1

    def has(self, word: str) -> str:
        """Whether a record's own text holds the word."""
        return filled(f"strpos({self.sought}, %s) <> 0", (grams.needle(word),))

    def has_all(self, words: Words) -> str:
        return " AND ".join(map(self.has, words)) or "true"

    def reads(self, words: Words) -> str:
        """Whether a record holds the words; each may also be in the text of its company."""
        if not self.is_of_company:
            return self.has_all(words)
        theirs = Kind(Account.objects.all())
        either = (
            f"({self.has(word)} OR (SELECT {theirs.has(word)} FROM crm_account WHERE id = {self.table}.account_id))"
            for word in words
        )
        return " AND ".join(either)


def _holders(told: str, texts: Iterable[str]) -> int:
    return sum(told in text for text in texts)


def filled(sql: str, values: Sequence[Any]) -> str:
    ops: Any = connection.ops
    return str(ops.compose_sql(sql, values))


def among_some(rows: Rows, words: Words, *, most: int) -> list[list[int]]:
    """The keys of the newest of each kind, for who sees a part of the records: each in that part is read."""
    found = _asked(_read(place, Kind(kind), words, most) for place, kind in enumerate(rows))
    return [sorted(found[place], reverse=True) for place in range(len(rows))]


def among_all(rows: Rows, words: Words, *, most: int) -> list[list[int]]:
    """The same for who sees all of them."""
    kinds, company = [Kind(kind) for kind in rows], Kind(Account.objects.all())
    look_at_some([*kinds, company])
    reached = [NEWEST if _is_met_soon(kind, company, words, most) else 0 for kind in kinds]
    found = _asked(
        _read(place, kind, words, most, after=kind.last - NEWEST)
        for place, kind in enumerate(kinds)
        if reached[place]
    )
    ways = _Ways(words, company)
    for reach in (RECENT, max(kind.last for kind in kinds)):
        more = _asked(
            _look_up(place, way, kind, words, most, kind.last - reach, kind.last - reached[place])
            for place, kind in enumerate(kinds)
            if len(found[place]) < most and kind.last > reached[place]
            for way in ways.of(kind)
        )
        for place, keys in more.items():
            found[place] |= keys
        reached = [reach] * len(kinds)
    return [sorted(found[place], reverse=True)[:most] for place in range(len(kinds))]


def _is_met_soon(kind: Kind, company: Kind, words: Words, most: int) -> bool:
    """Whether the newest may hold enough. Words are taken for independent, and for a little commoner than the newest
    few records have them: of one word alone these are too few to tell."""
    beside = company.newest_holders if kind.is_of_company else lambda word: 0
    shares = ((kind.newest_holders(word) + beside(word) + 1) / (len(kind.newest) + 1) for word in words)
    return NEWEST * prod(min(share, 1.0) for share in shares) >= most


def look_at_some(kinds: Sequence[Kind]) -> None:
    """The last key of each, and the texts of a few: of the newest, and of some from anywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(_SOME.format(place=place, kind=kind) for place, kind in enumerate(kinds))
        )
        for place, is_new, key, text in cursor.fetchall():
            kind = kinds[place]
            kind.last = max(kind.last, key)
            (kind.newest if is_new else kind.spread).append(text)


_SOME = f"""
    (SELECT {{place}}, true, id, {{kind.sought}} FROM {{kind.table}} ORDER BY id DESC LIMIT {SAMPLE})
    UNION ALL
    (SELECT {{place}}, false, few.*
       FROM (SELECT min(id) AS first, max(id) AS last FROM {{kind.table}}) AS ends,
            generate_series(1, {SAMPLE}) AS step,
            LATERAL (SELECT id, {{kind.sought}} FROM {{kind.table}}
                      WHERE id >= first + (last - first) * step / {SAMPLE} ORDER BY id LIMIT 1) AS few)
"""


def _asked(statements: Iterable[str]) -> dict[int, set[int]]:
    """Keys by their place."""
    found: dict[int, set[int]] = defaultdict(set)
    if whole := " UNION ALL ".join(statements):
        with connection.cursor() as cursor:
            cursor.execute(whole)
            for place, key in cursor.fetchall():
                found[place].add(key)
    return found


def _read(place: int, kind: Kind, words: Words, most: int, *, after: int = 0) -> str:
    """One by one, from the newest on."""
    condition = f"{kind.table}.id > {after} AND {kind.condition} AND {kind.reads(words)}"
    return f"(SELECT {place}, id FROM {kind.table} WHERE {condition} ORDER BY id DESC LIMIT {most})"


class _Ways:
    """Conditions that an index answers. A record that holds the words fulfils one of them: which words are its own, and
    which its company's."""

    def __init__(self, words: Words, company: Kind) -> None:
        self.words, self.company = words, company

    def of(self, kind: Kind) -> list[str]:
        if not kind.is_of_company:
            return [kind.may_hold(self.words)]
        return [way for own, theirs in grams.divided(self.words) if (way := self._way(kind, own, theirs))]

    def _way(self, kind: Kind, own: Words, theirs: Words) -> str:
        if not theirs:
            return kind.may_hold(own)
        if own and self._are_of_many(theirs):
            return kind.may_hold(own)
        companies = self.companies[tuple(theirs)]
        visited = arrays.literal(sorted(companies, reverse=True)[:VISITED])
        return filled("account_id = ANY(%s)", (visited,)) if companies else ""

    def _are_of_many(self, theirs: Words) -> bool:
        """Whether more companies hold the words than are visited."""
        return self._are_common(theirs) or len(self.companies[tuple(theirs)]) > VISITED

    def _are_common(self, theirs: Words) -> bool:
        """Whether some of a few companies hold each, so that it is not worth while to count them."""
        return all(map(self.company.is_common, theirs))

    @cached_property
    def companies(self) -> dict[Words, set[int]]:
        """Which companies may hold the words that may be theirs, at most one more than are visited: the newest of those
        that hold all words; of the others it matters whether they are few."""
        parts = [tuple(theirs) for _own, theirs in grams.divided(self.words) if theirs]
        parts = [theirs for theirs in parts if theirs == tuple(self.words) or not self._are_common(theirs)]
        found = _asked(
            f"(SELECT {place}, id FROM crm_account WHERE {self.company.may_hold(theirs)}"
            f" {'ORDER BY id + 0 DESC' if len(theirs) == len(self.words) else ''} LIMIT {VISITED + 1})"
            for place, theirs in enumerate(parts)
        )
        return {theirs: found[place] for place, theirs in enumerate(parts)}


def _look_up(place: int, way: str, kind: Kind, words: Words, most: int, after: int, upto: int) -> str:
    """What an index names, read from the newest on.

    `+ 0`: who walked through the keys in their order until enough are found would go far for a rare word. `OFFSET 0`:
    nothing is read before it is its turn.
    """
    bounds = f"id > {after} AND id <= {upto}"
    named = f"SELECT * FROM {kind.table} WHERE {way} AND {bounds} ORDER BY id + 0 DESC OFFSET 0"
    condition = f"{kind.condition} AND {kind.reads(words)}"
    return f"(SELECT {place}, id FROM ({named}) AS {kind.table} WHERE {condition} LIMIT {most})"
