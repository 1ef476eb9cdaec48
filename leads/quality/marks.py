"""What was found in a lead, as names to be counted and listed by: its marks. Pure.

They are the codes of rules and of their kinds, and what follows from them: that anything was found, and whether the
lead is complete and valid. What is stale depends on after how many months; a name says so where they are not the usual.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from leads.quality.catalogue import RULES, UNSOUND_RULES, of_group
from leads.quality.rule import MONTHS, STALE

ANY, SOUND, UNSOUND = "any", "sound", "unsound"
_TIMED = {ANY, STALE, *(rule.code for rule in of_group(STALE))}


def named(name: str, months: int = MONTHS) -> str:
    return name if months == MONTHS or name not in _TIMED else f"{name}-{months}"


def of(found: Mapping[int, Collection[str]]) -> tuple[str, ...]:
    """The marks of a lead by the codes of the rules that find something in it, after so many months."""
    told = {SOUND if UNSOUND_RULES.isdisjoint(found[MONTHS]) else UNSOUND}
    for months, codes in found.items():
        names = {*codes, *(RULES[code].group for code in codes), *([ANY] if codes else [])}
        told |= {named(name, months) for name in names}
    return tuple(sorted(told))
