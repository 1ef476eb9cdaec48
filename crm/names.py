"""How a person's name is written."""

import re

_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々]")


def display_name(first: str, last: str) -> str:
    """姓 名 for names in Japanese script, given name first for others."""
    in_japanese = _HAN_OR_KANA.search(first + last)
    parts = (last, first) if in_japanese else (first, last)
    return " ".join(part for part in parts if part)


def name_or(first: str, last: str, *otherwise: str) -> str:
    """The name of a person, or the first thing otherwise known of who has none."""
    return display_name(first, last) or next(filter(None, otherwise), "")
