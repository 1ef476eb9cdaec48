"""How alike two values are, in three steps: the same, almost, or different. Pure; blank says nothing.

Each function answers None where either value is blank: what is not known speaks neither for nor against.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import ratio, token_set_ratio


class Likeness(StrEnum):
    SAME = "same"
    ALMOST = "almost"
    HALF = "half"
    DIFFERENT = "different"


_SIMILAR_NAME, _SIMILAR_ADDRESS, _SIMILAR_COMPANY = 0.84, 72, 88
_NUMERALS = str.maketrans("一二三四五六七八九〇壱弐参", "1234567890123")
_RUN_OF_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"(?:i{2,3}|iv|vi{1,3}|ix)$")


def of_texts(one: str, other: str) -> Likeness | None:
    """Codes and towns: equal, one or two slips of the keyboard apart, or different."""
    if not one or not other:
        return None
    if one == other:
        return Likeness.SAME
    slips = 2 if min(len(one), len(other)) >= 6 else 1
    return Likeness.ALMOST if OSA.distance(one, other, score_cutoff=slips) <= slips else Likeness.DIFFERENT


def of_days(one: str, other: str) -> Likeness | None:
    """Dates as digits YYYYMMDD: a day and a month may be exchanged, a digit mistyped, one part be another."""
    if len(one) != 8 or len(other) != 8:
        return None
    if one == other:
        return Likeness.SAME
    parts = [(day[:4], day[4:6], day[6:]) for day in (one, other)]
    agreeing = sum(left == right for left, right in zip(*parts, strict=True))
    swapped = parts[0] == (parts[1][0], parts[1][2], parts[1][1])
    alike = swapped or agreeing == 2 or OSA.distance(one, other, score_cutoff=1) <= 1
    return Likeness.ALMOST if alike else Likeness.DIFFERENT


def of_addresses(one: str, other: str) -> Likeness | None:
    """Streets and towns: the words in any order, some of them left out."""
    if not one or not other:
        return None
    if one == other:
        return Likeness.SAME
    return Likeness.ALMOST if token_set_ratio(one, other) >= _SIMILAR_ADDRESS else Likeness.DIFFERENT


def of_emails(one: str, other: str) -> Likeness | None:
    """Keys of addresses: equal; or a slip apart, or the same but for the tag, the dots or the domain.

    Of one domain, the person's parts alone must be alike, and those that differ in a number are two people's.
    """
    if not one or not other:
        return None
    if one == other:
        return Likeness.SAME
    mine, theirs = mailbox(one), mailbox(other)
    of_one_domain = one.partition("@")[2] == other.partition("@")[2]
    if mine == theirs and (of_one_domain or len(mine) >= 5):
        return Likeness.ALMOST
    if of_one_domain:
        alike = JaroWinkler.similarity(mine, theirs) >= 0.9 and _unnumbered(mine) != _unnumbered(theirs)
    else:
        alike = JaroWinkler.similarity(one, other) >= 0.92
    return Likeness.ALMOST if alike else Likeness.DIFFERENT


def _unnumbered(mine: str) -> str:
    return mine.rstrip("0123456789")


@lru_cache(maxsize=65_536)  # an address is compared with many
def mailbox(key: str) -> str:
    """The person's part of an address without a +tag and without dots."""
    return key.partition("@")[0].partition("+")[0].replace(".", "")


def of_words(one: str, other: str) -> bool:
    """Whether two given or family names are one, mistyped. Two signs of Japanese never are."""
    if one == other:
        return True
    if min(len(one), len(other)) < 3:
        return False
    return JaroWinkler.similarity(one, other) >= _SIMILAR_NAME


def of_companies(one: str, other: str) -> Likeness | None:
    """Keys of company names. Different numbers in them are different companies, however alike the rest is."""
    if not one or not other:
        return None
    if one == other:
        return Likeness.SAME
    if numbers(one) != numbers(other) or min(len(one), len(other)) < 4:
        return Likeness.DIFFERENT
    return Likeness.ALMOST if ratio(one, other) >= _SIMILAR_COMPANY else Likeness.DIFFERENT


@lru_cache(maxsize=16_384)  # a company is compared with many
def numbers(name: str) -> list[str]:
    """The numbers in a name, in their order: 第一 and 第二, 3434 and 4760, II and III are different."""
    text = unicodedata.normalize("NFKC", name).casefold().translate(_NUMERALS)
    return sorted(_RUN_OF_DIGITS.findall(text)) + _ROMAN.findall(text)
