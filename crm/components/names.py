"""Names on a page: initials, legal forms, and the end of a company's name that tells it from its sister."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from zlib import crc32

TINTS = 6
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々]")
_LEGAL_FORM = re.compile(
    r"^(株式会社|有限会社|合同会社|合資会社|一般社団法人|一般財団法人|独立行政法人)\s*(?=\S)"
)
_LEGAL_END = re.compile(
    r"(\s+(K\.?K\.?|G\.?K\.?|Co\.,? ?Ltd\.?|Ltd\.?|Limited|Inc\.?|LLC|LLP|PLC|plc|Corp(oration)?\.?|Company"
    r"|Holdings?|Group|GmbH|AG|SE|AB|ApS|A/S|Oy|B\.?V\.?|N\.?V\.?|S\.?A\.?|S\.?p\.?A\.?)|株式会社|（株）|㈱)+$"
)
TAIL_WIDE, TAIL_NARROW, LONGEST_STEP_BACK = 6, 8, 12


def name_of(who: Any) -> str:
    """The name of anything that has one; text is its own name."""
    if isinstance(who, str):
        return who
    return str(getattr(who, "full_name", "") or getattr(who, "name", "") or who)


def initials(name: str) -> str:
    """The family name's first character in Japanese, else the first letters of first and last word."""
    words = name.split()
    if not words:
        return "?"
    if _HAN_OR_KANA.search(name) or len(words) == 1:
        return words[0][0].upper()
    return (words[0][0] + words[-1][0]).upper()


def tint(name: str) -> int:
    """A stable colour number, the same on every machine."""
    return crc32(name.encode("utf-8", "replace")) % TINTS


@dataclass(frozen=True, slots=True)
class CompanyName:
    """`form` is said quietly, `head` may be shortened on the page, `tail` never."""

    whole: str
    form: str
    head: str
    tail: str


def company_name(name: str) -> CompanyName:
    """Splits so that the tail holds the legal form at the end and the words before it: East Japan K.K."""
    found = _LEGAL_FORM.match(name)
    form = found.group(0) if found else ""
    rest = name[len(form) :]
    ending = _LEGAL_END.search(rest)
    body = rest[: ending.start()] if ending and ending.start() else rest
    keep = TAIL_WIDE if _HAN_OR_KANA.search(body) else TAIL_NARROW
    if len(body) <= 2 * keep:
        return CompanyName(name, form, "", rest)
    cut = _word_start(body, len(body) - keep)
    return CompanyName(name, form, rest[:cut], rest[cut:])


def _word_start(text: str, position: int) -> int:
    """Where a word begins near `position`: at a space, or where Japanese changes its script; else the position."""
    space = text.rfind(" ", 0, position + 1)
    if space > 0 and position - space <= LONGEST_STEP_BACK:
        return space
    turns = (at for at in range(position, len(text) - 1) if _script(text[at]) != _script(text[at - 1]))
    return next(turns, position)


def _script(character: str) -> str:
    if "\u30a0" <= character <= "\u30ff":
        return "katakana"
    if "\u3040" <= character <= "\u309f":
        return "hiragana"
    return "han" if character >= "\u3400" else "latin"
