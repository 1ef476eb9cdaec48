"""How a person's name is written."""

import re

_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々]")


def display_name(first: str, last: str) -> str:
    """姓 名 for names in Japanese script, given name first for others."""
    in_japanese = _HAN_OR_KANA.search(first + last)
    parts = (last, first) if in_japanese else (first, last)
    return " ".join(part for part in parts if part)


def parts_of(name: str) -> tuple[str, str]:
    """First and last name of a whole one: 姓 名 in Japanese script, “Last, First”, given names first in others.

    A single word is a last name: where 山田太郎 would have to be cut nobody can say.
    """
    last, comma, first = (" ".join(part.split()) for part in name.removesuffix("様").partition(","))
    if comma and last and first:
        return first, last
    words = name.removesuffix("様").split()
    if len(words) < 2:
        return "", "".join(words)
    if _HAN_OR_KANA.search(name):
        return " ".join(words[1:]), words[0]
    return " ".join(words[:-1]), words[-1]


def name_or(first: str, last: str, *otherwise: str) -> str:
    """The name of a person, or the first thing otherwise known of who has none."""
    return display_name(first, last) or next(filter(None, otherwise), "")
