"""The newest records that hold some words, of several kinds at once: what a person types into the search.

To make such statements anew for every word takes Django longer than the database needs to find the word. So only the
condition on the records is Django's, which lets a question start from `visible_to` as everywhere else.

A common word is found by reading the newest records, a rare one by its grams; what is held by many, but not by the
newest, is looked for among the recent before all others. No step looks at more because there are more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection

from crm import arrays, grams
from crm.models import Account
from crm.querysets import OfCompanyQuerySet, SearchedQuerySet

NEWEST, RECENT = 500, 20_000
# Of companies with common words: whose people are looked up, and whose people are still told apart by a list.
VISITED, LISTED = 500, 10_000
Words = Sequence[str]
Rows = Sequence[SearchedQuerySet]


class _Kind:
    """One question, as SQL with its values in it."""

    def __init__(self, rows: SearchedQuerySet) -> None:
        self.rows = rows
        self.model: Any = rows.model
        self.table = str(rows.model._meta.db_table)
        self.is_of_company = isinstance(rows, OfCompanyQuerySet)

    @cached_property
    def condition(self) -> str:
        """What the question asks of a record."""
        query = self.rows.query
        try:
            return f"({_filled(*query.get_compiler(connection=connection).compile(query.where))})"
        except FullResultSet:
            return "true"
        except EmptyResultSet:
            return "false"

    def holds(self, words: Words) -> str:
        """What the lookup `holds` says, of all words at once.

        The grams are hidden from the planner, who takes each for a matter of chance and so expects nothing of a word.
        """
        indexed, folded = _texts(type(self.rows), self.model)
        told = arrays.literal(sorted({gram for word in words for gram in grams.of(word)}))
        whole = [_filled(f"strpos({folded}, %s) <> 0", (word,)) for word in words if len(word) > 2]
        return " AND ".join([_filled(f"crm_grams({indexed}) @> (SELECT %s::text[])", (told,)), *whole])

    def reads(self, words: Words) -> str:
        """The same without the index; a word may also be in the text of the record's company."""
        _, folded = _texts(type(self.rows), self.model)
        own = [_filled(f"strpos({folded}, %s) <> 0", (grams.needle(word),)) for word in words]
        if not self.is_of_company:
            return " AND ".join(own)
        return " AND ".join(
            f"({one} OR {self.company_reads([word])})" for one, word in zip(own, words, strict=True)
        )

    def company_reads(self, words: Words) -> str:
        theirs = _Kind(Account.objects.all()).reads(words)
        return f"(SELECT {theirs} FROM crm_account WHERE crm_account.id = {self.table}.account_id)"


@cache
def _texts(questions: type[SearchedQuerySet], model: Any) -> tuple[str, str]:
    """What the index of these records is of, and the same text made as it is made fastest."""
    query = questions(model).query
    compiler = query.get_compiler(connection=connection)
    made = [make(*questions.SEARCHED).resolve_expression(query) for make in (grams.text_of, grams.folded_of)]
    indexed, folded = (_filled(*compiler.compile(text)) for text in made)
    return indexed, folded


def _filled(sql: str, values: Sequence[Any]) -> str:
    ops: Any = connection.ops
    return str(ops.compose_sql(sql, values))


def among_some(rows: Rows, words: Words, *, most: int) -> list[list[int]]:
    """The keys of the newest of each kind, for who sees a part of the records: each in that part is read."""
    found = _asked(_read(place, _Kind(kind), words, most) for place, kind in enumerate(rows))
    return [sorted(found[place], reverse=True) for place in range(len(rows))]


def among_all(rows: Rows, words: Words, *, most: int) -> list[list[int]]:
    """The same for who sees all of them."""
    kinds = [_Kind(kind) for kind in rows]
    lasts = _lasts(kinds)
    found = _asked(
        _read(place, kind, words, most, after=lasts[place] - NEWEST) for place, kind in enumerate(kinds)
    )
    lacking = {
        place: kind for place, kind in enumerate(kinds) if len(found[place]) < most and lasts[place] > NEWEST
    }
    companies = _companies(words) if any(kind.is_of_company for kind in lacking.values()) else {}
    more = _asked(
        _look_up(place, ways, kind, most, lasts[place] - RECENT)
        for place, kind in lacking.items()
        if (ways := _ways(kind, words, companies))
    )
    return [sorted(found[place] | more[place], reverse=True)[:most] for place in range(len(kinds))]


def _lasts(kinds: Sequence[_Kind]) -> list[int]:
    """The last key of each."""
    each = ", ".join(f"(SELECT max(id) FROM {kind.table})" for kind in kinds)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {each}")
        return [last or 0 for last in cursor.fetchone()]


def _asked(statements: Iterable[str]) -> dict[int, set[int]]:
    """Keys by their place."""
    found: dict[int, set[int]] = defaultdict(set)
    if whole := " UNION ALL ".join(statements):
        with connection.cursor() as cursor:
            cursor.execute(whole)
            for place, key in cursor.fetchall():
                found[place].add(key)
    return found


def _read(place: int, kind: _Kind, words: Words, most: int, *, after: int = 0) -> str:
    """One by one, from the newest on."""
    condition = f"{kind.table}.id > {after} AND {kind.condition} AND {kind.reads(words)}"
    return f"(SELECT {place}, id FROM {kind.table} WHERE {condition} ORDER BY id DESC LIMIT {most})"


def _companies(words: Words) -> dict[Words, set[int]]:
    """Which companies hold the words that may be theirs: at most one more than can be listed."""
    parts = [theirs for _own, theirs in grams.divided(words) if theirs]
    holds = [_Kind(Account.objects.all()).holds(theirs) for theirs in parts]
    found = _asked(
        f"(SELECT {place}, id FROM crm_account WHERE {hold} LIMIT {LISTED + 1})"
        for place, hold in enumerate(holds)
    )
    return {tuple(theirs): found[place] for place, theirs in enumerate(parts)}


def _ways(kind: _Kind, words: Words, companies: dict[Words, set[int]]) -> list[str]:
    """Conditions, each of which is enough: which words are the record's own, and which its company's."""
    if not kind.is_of_company:
        return [kind.holds(words)]
    ways = []
    for own, theirs in grams.divided(words):
        listed = companies.get(tuple(theirs), set())
        holds = [kind.holds(own)] if own else []
        if own and len(listed) > LISTED:
            holds.append(kind.company_reads(theirs))
        elif listed:
            visited = sorted(listed, reverse=True)[: None if own else VISITED]
            holds.append(_filled(f"{kind.table}.account_id = ANY(%s)", (arrays.literal(visited),)))
        if listed or not theirs:
            ways.append(" AND ".join(holds))
    return ways


def _look_up(place: int, ways: Sequence[str], kind: _Kind, most: int, last: int) -> str:
    """Among the recent and then, if those are too few, among all others."""
    recent = _either(ways, kind, f"id > {last}")
    older = _either(ways, kind, f"id <= {last} AND (SELECT count(*) FROM recent) < {most}")
    return f"""
        (WITH recent AS ({recent} LIMIT {most}), older AS ({older} LIMIT {most})
         SELECT {place}, id FROM recent UNION ALL SELECT {place}, id FROM older)
    """


def _either(ways: Sequence[str], kind: _Kind, bounds: str) -> str:
    """`+ 0`: who walked through the keys in their order until enough are found would go far for a rare word."""
    condition = f"{kind.condition} AND {kind.table}.{bounds}"
    each = (f"SELECT {kind.table}.id + 0 AS id FROM {kind.table} WHERE {way} AND {condition}" for way in ways)
    return f"SELECT DISTINCT id FROM ({' UNION ALL '.join(each)}) AS found ORDER BY id DESC"
