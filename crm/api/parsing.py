"""One strict way to read JSON: what another reader might understand differently is refused, not guessed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 32
# Only written so can a text of JSON hold NUL or half a character; most bodies are without, and looking once is cheap.
_MAY_BE_ODD = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
MOST_ROWS = 10_000


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return loads(_text(stream.read(), media_type))


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no JSON, in the place of its row: the others are kept."""

    detail: str


class NDJSONParser(BaseParser):
    """One JSON value per line; the view sees a list. Blank lines are none; what cannot be read is a `BadLine`."""

    media_type = "application/x-ndjson"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        _insist_on_utf8(media_type)
        rows: list[Any] = []
        for line in stream:  # one by one, so that too many end it before they are all read
            if line.strip():
                rows.append(_row(line))
            if len(rows) > MOST_ROWS:
                message = _("These are more than %(most)d lines. Split them into several calls.")
                raise ParseError(message % {"most": MOST_ROWS})
        return rows


def _row(line: bytes) -> Any:
    try:
        return loads(_decoded(line))
    except ParseError as error:
        return BadLine(str(error.detail))


def _text(body: bytes, media_type: str | None) -> str:
    _insist_on_utf8(media_type)
    return _decoded(body)


def _insist_on_utf8(media_type: str | None) -> None:
    charset = (media_type or "").lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise ParseError(_("Send JSON in UTF-8."))


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(_("Send JSON in UTF-8.")) from error


def loads(text: str) -> Any:
    """The value, or ParseError."""
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ParseError(_("This is not JSON: %(why)s") % {"why": error}) from error
    _check(value, has_odd_letters=_MAY_BE_ODD.search(text) is not None)
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("A key stands twice in one object."))
    return found


def _no_constant(name: str) -> NoReturn:
    raise ParseError(_("%(name)s is not a number in JSON.") % {"name": name})


def _check(value: Any, *, has_odd_letters: bool) -> None:
    """Depth, numbers and texts, without recursion."""
    level = [value]
    for _depth in range(DEEPEST + 1):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                deeper += item.values()
                deeper += item.keys() if has_odd_letters else ()
            elif isinstance(item, list):
                deeper += item
            elif has_odd_letters or isinstance(item, float):
                _check_plain(item)
        if not deeper:
            return
        level = deeper
    raise _too_deep()


def _check_plain(item: Any) -> None:
    if isinstance(item, str) and not _storable(item):
        raise ParseError(_("A text holds a character that cannot be stored (NUL or half a character)."))
    if isinstance(item, float) and not math.isfinite(item):
        raise ParseError(_("A number is too large."))


def _storable(text: str) -> bool:
    if "\x00" in text:
        return False
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _too_deep() -> ParseError:
    return ParseError(_("This JSON is nested more than %(most)d deep.") % {"most": DEEPEST})
