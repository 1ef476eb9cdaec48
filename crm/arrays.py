"""Arrays as PostgreSQL reads them: `{1,2,NULL}`. The driver writes its arrays value by value, in Python.

A value that is text is quoted by what C does to the whole column at once. No text holds a NUL character
(PostgreSQL refuses it), so that it can stand between the values in the meantime.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

_BETWEEN = "\0"
_SPECIAL = re.compile(r'[\\"\0]')
_WORDS = {True: "t", False: "f", None: "NULL"}
_NOTHING, _TEXT, _NUMBERS, _TRUTH, _MOMENT = {type(None)}, {str}, {int, float}, {bool}, {datetime}


def literal(values: Sequence[Any]) -> str | list[Any]:
    """An array literal of numbers, truth values, text or moments; of anything else the values themselves."""
    kinds = set(map(type, values)) - _NOTHING
    if kinds == _TEXT:
        return _of_texts(values)
    if kinds <= _NUMBERS:
        words = map(repr, values)
        return _braced(
            words if None not in values else ("NULL" if word == "None" else word for word in words)
        )
    if kinds == _TRUTH:
        return _braced(_WORDS[value] for value in values)
    if kinds == _MOMENT:
        return _of_moments(values)
    is_text = all(issubclass(kind, str) for kind in kinds)  # a choice, say
    return _of_texts(values) if is_text else list(values)


def _braced(words: Iterable[str]) -> str:
    return "{" + ",".join(words) + "}"


def _of_texts(values: Sequence[str | None]) -> str:
    if len(values) == 1 and (alone := _plain(values[0])):
        return alone
    some = [value for value in values if value is not None]
    quoted = _BETWEEN.join(some).replace("\\", "\\\\").replace('"', '\\"').split(_BETWEEN)
    if len(quoted) != len(some):
        raise ValueError("A text holds a NUL character, which PostgreSQL does not store.")
    if len(some) == len(values):
        return '{"' + '","'.join(quoted) + '"}'
    rest = iter(quoted)
    return _braced("NULL" if value is None else f'"{next(rest)}"' for value in values)


def _plain(text: str | None) -> str | None:
    """The literal of one text in which nothing has to be quoted: most calls tell of one record."""
    return None if text is None or _SPECIAL.search(text) else f'{{"{text}"}}'


def _of_moments(values: Sequence[datetime | None]) -> str:
    """The moments of a batch are mostly one and the same; each is written once."""
    words = {value: "NULL" if value is None else f'"{value.isoformat()}"' for value in set(values)}
    return _braced(map(words.__getitem__, values))
