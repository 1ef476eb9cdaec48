"""Lists narrowed to rows about somebody that hold some words: a person's own, their company's, or some of each.

What few rows hold is found by the grams, and the list is of these keys. What many hold is met soon on the way through
the list, so a slice of it is read in the order of the list, each row looked at in turn. Where it is not met soon, as
one name in a list by name, the index names all rows that hold it, and these are sorted.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from crm import finding, grams
from crm.finding import VISITED, Kind, Words
from crm.models import Account, Contact
from crm.querysets import BatonQuerySet

# So many keys are told one by one. Of a million rows, every two hundredth holds what more than these hold.
FEW = 5_000
# Rows of a list that are looked at before the index is asked for all that hold the words.
REACH = 20_000


class Search:
    """Some words, looked for among the rows of a model that are of a contact and perhaps of an account."""

    def __init__(self, model: Any, words: Words) -> None:
        self.table, self.words = str(model._meta.db_table), words
        self.person, self.company = Kind(Contact.objects.all()), Kind(Account.objects.all())
        finding.look_at_some([self.person, self.company])

    @cached_property
    def some(self) -> list[int]:
        """Keys of rows that hold the words: all of a few, and one more than a few of many."""
        return _keys(self.named(most=FEW + 1))

    def named(self, *, most: int | None = None) -> str:
        """A statement for the keys of rows that hold the words, as the index finds them.

        Each of the named is followed to its rows in its turn (`OFFSET 0`): the planner would gather all of them first.
        """
        limit = f" LIMIT {most}" if most else ""
        ways = (self._way(own, theirs) for own, theirs in grams.divided(self.words))
        return " UNION ".join(f"({way}{limit})" for way in ways) + limit

    def _way(self, own: Words, theirs: Words) -> str:
        """By the person, or by companies where they are few or nothing is known of the person."""
        sides = [(self.person, own, "contact_id"), (self.company, theirs, "account_id")]
        if not own or (theirs and self._are_of_few(theirs)):
            sides.reverse()
        (leading, words, key), (other, others, other_key) = sides
        rows = f"SELECT id, {other_key} FROM {self.table} WHERE {key} = {leading.table}.id OFFSET 0"
        held = f"{leading.may_hold(words)} AND {leading.has_all(words)}"
        if others:
            held += f" AND (SELECT {other.has_all(others)} FROM {other.table} WHERE id = sought.{other_key})"
        return f"SELECT sought.id FROM {leading.table}, LATERAL ({rows}) AS sought WHERE {held}"

    def _are_of_few(self, theirs: Words) -> bool:
        companies = f"SELECT id FROM crm_account WHERE {self.company.may_hold(theirs)} LIMIT {VISITED + 1}"
        return len(_keys(companies)) <= VISITED

    def reads(self, key: str) -> str:
        """Whether the row of this key holds the words. A subquery, so that each row is looked at in its turn."""
        ways = grams.divided(self.words)
        held = " OR ".join(
            f"({self.person.has_all(own)} AND {self.company.has_all(theirs)})" for own, theirs in ways
        )
        people = "JOIN crm_contact ON crm_contact.id = sought.contact_id"
        companies = "LEFT JOIN crm_account ON crm_account.id = sought.account_id"
        return f"(SELECT {held} FROM {self.table} sought {people} {companies} WHERE sought.id = {key})"


class Holds(Func):
    """The condition that a row is one of those the index names for a search."""

    output_field = BooleanField()

    def __init__(self, search: Search) -> None:
        super().__init__(F("pk"))
        self.search = search

    def as_sql(self, compiler: Any, connection: Any, **_options: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        key, params = compiler.compile(self.source_expressions[0])
        return f"{key} IN ({self.search.named().replace('%', '%%')})", tuple(params)


class HoldingQuerySet(BatonQuerySet):
    """A slice of rows that hold what many hold is found on the way through the list."""

    def holding(self, *words: str) -> Self:
        """Rows a person looks for with words of `grams`: in the name of the person, the company, or both."""
        if not words:
            return self
        search = Search(self.model, words)
        few = len(search.some) <= FEW
        return self.filter(pk__among=search.some) if few else self.filter(Holds(search))

    def unsearched(self) -> Self:
        rows = self.all()
        rows.query.where.children = [one for one in rows.query.where.children if _search_in(one) is None]
        return rows

    def tally(self, most: int) -> tuple[int, bool]:
        """Of rows that hold what many hold, those are counted that are known or met soon."""
        search = self._search
        if search is None:
            return super().tally(most)
        rows = self.unsearched()
        known, _all = rows.filter(pk__among=search.some).tally(most + 1)
        if known > most:
            return most, False
        met = len(_met(rows, search, most + 1))
        return min(max(known, met), most), met <= most and not _is_long(rows)

    @property
    def _search(self) -> Search | None:
        return next(filter(None, map(_search_in, self.query.where.children)), None)

    def _fetch_all(self) -> None:
        if self._result_cache is None and self.query.high_mark is not None and (search := self._search):
            self._narrow(search, self.query.low_mark, self.query.high_mark)
        super()._fetch_all()

    def _narrow(self, search: Search, start: int, stop: int) -> None:
        """To the keys of the slice, unless the rows looked at are too few to tell them."""
        rows = self.unsearched()
        rows.query.clear_limits()
        met = _met(rows, search, stop)
        if len(met) == stop or not _is_long(rows):
            self._query = rows.filter(pk__among=met[start:]).query


def _search_in(condition: Any) -> Search | None:
    asked = getattr(condition, "lhs", None)
    return asked.search if isinstance(asked, Holds) else None


def _met(rows: QuerySet, search: Search, most: int) -> list[int]:
    """The first keys of a list whose rows hold the words, of those within reach."""
    try:
        listed = finding.filled(*rows.values("pk")[:REACH].query.sql_with_params())
    except EmptyResultSet:
        return []
    return _keys(f"SELECT id FROM ({listed}) AS listed (id) WHERE {search.reads('listed.id')} LIMIT {most}")


def _is_long(rows: QuerySet) -> bool:
    """Whether the list goes on where its rows are looked at no more."""
    return bool(rows.values("pk")[REACH : REACH + 1])


def _keys(statement: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [key for (key,) in cursor.fetchall()]
