"""Countries as people write them, and the calling code of each. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import phonenumbers
from babel import Locale

from leads.scoring.profile import folded

LANGUAGES = ("en", "ja", "de", "fr")
# Names beside the official ones.
_USUAL = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "america": "US", "united states of america": "US", "アメリカ": "US",
    "米国": "US", "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "英国": "GB", "korea": "KR",
    "大韓民国": "KR", "中華人民共和国": "CN", "日本国": "JP", "nippon": "JP", "hong kong": "HK", "香港": "HK",
    "holland": "NL", "the netherlands": "NL", "viet nam": "VN", "czech republic": "CZ", "turkey": "TR",
    "シンガポール共和国": "SG", "フィリピン共和国": "PH", "uae": "AE",
}  # fmt: skip


@cache
def _regions() -> dict[str, str]:
    """Region codes by the folded name of a country, or its code itself."""
    known = dict(_USUAL)
    for language in LANGUAGES:
        for region, name in Locale(language).territories.items():
            if len(region) == 2 and region.isalpha():
                known.setdefault(folded(name), region)
                known.setdefault(folded(region), region)
    return known


def region_of(name: str) -> str:
    """The ISO 3166 code of a country by its name or code; '' where nobody knows it."""
    return _regions().get(folded(name), "")


def sorted_by_code(names: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Spellings by the calling code of their country, and those no country is known under."""
    by_code: dict[str, list[str]] = defaultdict(list)
    strange = []
    for name in names:
        region = region_of(name)
        code = phonenumbers.country_code_for_region(region) if region else 0
        if code:
            by_code[str(code)].append(name)
        elif not region:
            strange.append(name)
    return dict(by_code), strange
