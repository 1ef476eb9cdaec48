"""Parts of names and addresses, found by an index in any script.

`sought(...)` is the text a row is searched in, kept beside what it is made of. An index of its grams finds the rows
that may hold a word (`__holds`): each two neighbouring characters of Chinese, Japanese and Korean, each three of an
alphabet, whose pairs say little. They are kept as the lexemes of a tsvector, because its index also finds what begins
with the two letters somebody typed. PostgreSQL's own trigrams would be an extension. The function `crm_grams` is made
by a migration.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, GeneratedField, Lookup, TextField, Value
from django.db.models.functions import Concat

LONGEST, WORDS = 200, 5
# Below are alphabets, from here on the scripts of China, Japan and Korea.
_CJK = "\u2e80"


class Text(TextField):
    """Text as it is sought, for `holds`."""


def sought(*fields: str) -> GeneratedField:
    """The fields as one text, as NFKC has them and without case; a blank begins each, '+' writes it to the last one."""
    parts: list[Any] = []
    for field in fields:
        parts += [F(field[1:])] if field.startswith("+") else [Value(" "), F(field)]
    joined = Concat(*parts, output_field=TextField())
    folded = Func(joined, template="lower(normalize(%(expressions)s, NFKC))", output_field=TextField())
    return GeneratedField(expression=folded, output_field=Text(), db_persist=True)


def index(*, name: str) -> GinIndex:
    """The index of what is `sought`. Few rows may wait to come into it, since each search reads those."""
    grams = Func(F("sought"), function="crm_grams", output_field=SearchVectorField())
    return GinIndex(grams, name=name, gin_pending_list_limit=256)


def words(asked: str) -> list[str]:
    """The words of what somebody typed, folded as the texts are."""
    return unicodedata.normalize("NFKC", asked.replace("\0", "")[:LONGEST]).lower().split()[:WORDS]


def divided(words: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Which words may be of a person and which of the company: one is typed after the other."""
    yield words, ()
    yield (), words
    for place in range(1, len(words)):
        yield words[:place], words[place:]
        yield words[place:], words[:place]


def needle(word: str) -> str:
    """What to look for. A single character has to begin a word: there are too many that hold it."""
    return word if len(word) > 1 else f" {word}"


def of(word: str) -> list[str]:
    """The grams of what is looked for; what is shorter than a gram begins one."""
    told = needle(word)
    grams = [told[place : place + _length(sign)] for place, sign in enumerate(told)]
    return list(filter(_is_whole, grams)) or grams[:1]


def asked(grams: Iterable[str]) -> str:
    """A tsquery for rows that have all of the grams."""
    return " & ".join(map(_asked, sorted(set(grams))))


def _asked(gram: str) -> str:
    quoted = gram.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'" if _is_whole(gram) else f"'{quoted}':*"


def _is_whole(gram: str) -> bool:
    return len(gram) == _length(gram)


def _length(text: str) -> int:
    """Of the gram with which a text begins."""
    return 3 if " " < text[0] < _CJK else 2


@Text.register_lookup
class Holds(Lookup):  # type: ignore[type-arg]
    """The text holds the word: it has all grams of the word, and has them in a row.

    The latter is asked in a way of which the planner expects nothing: what it knows of the grams tells how many rows
    there will be. A gram may be the word.
    """

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, params = self.process_lhs(compiler, connection)
        word, grams = needle(self.rhs), of(self.rhs)
        found, told = f"crm_grams({text}) @@ %s::tsquery", (*params, asked(grams))
        if grams == [word]:
            return found, told
        return f"({found} AND strpos({text}, %s) <> 0)", (*told, *params, word)
