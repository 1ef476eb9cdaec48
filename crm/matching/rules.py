"""The table by which evidence becomes a score, a suggestion or a certainty; every row is a reason people read. Pure.

Points add up: positive ones are reasons, negative ones what speaks against it. From `SUGGESTED` points on a pair
is shown to people. What is certain follows from exact evidence alone, whatever the points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.matching.likeness import Likeness

SAME, ALMOST, HALF, DIFFERENT = Likeness.SAME, Likeness.ALMOST, Likeness.HALF, Likeness.DIFFERENT
SUGGESTED = 18
Evidence = Mapping[str, Likeness]


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is what is stored, `words` what is shown, `points` what it weighs."""

    code: str
    words: Any
    points: int


PEOPLE: Mapping[tuple[str, Likeness], Rule] = {
    ("email", SAME): Rule("same-email", _("Same e-mail address"), 80),
    ("email", ALMOST): Rule("similar-email", _("Almost the same e-mail address"), 45),
    ("email", DIFFERENT): Rule("different-email", _("Different e-mail addresses"), -6),
    ("number", SAME): Rule("same-number", _("Same personal number"), 80),
    ("number", ALMOST): Rule("similar-number", _("Almost the same personal number"), 40),
    ("number", DIFFERENT): Rule("different-number", _("Different personal numbers"), -15),
    ("phone", SAME): Rule("same-phone", _("Same phone number"), 30),
    ("name", SAME): Rule("same-name", _("Same name"), 34),
    ("name", ALMOST): Rule("similar-name", _("Almost the same name"), 30),
    ("name", HALF): Rule("half-name", _("Half of the name is the same"), 12),
    ("name", DIFFERENT): Rule("different-name", _("Different names"), -10),
    ("day", SAME): Rule("same-birth-date", _("Same date of birth"), 36),
    ("day", ALMOST): Rule("similar-birth-date", _("Almost the same date of birth"), 14),
    ("day", DIFFERENT): Rule("different-birth-date", _("Different dates of birth"), -10),
    ("address", SAME): Rule("same-address", _("Same address"), 30),
    ("address", ALMOST): Rule("similar-address", _("Almost the same address"), 20),
    ("postcode", SAME): Rule("same-postcode", _("Same postcode"), 4),
    ("town", SAME): Rule("same-town", _("Same town"), 4),
    ("town", DIFFERENT): Rule("different-town", _("Different towns"), -4),
    ("company", SAME): Rule("same-company", _("Same company"), 12),
    ("company", ALMOST): Rule("similar-company", _("Companies with almost the same name"), 8),
    ("company", DIFFERENT): Rule("different-company", _("Different companies"), -14),
    ("spelling", ALMOST): Rule("variant-characters", _("Variants of one character (髙, 高)"), 0),
}
COMPANIES: Mapping[tuple[str, Likeness], Rule] = {
    ("corporate_number", SAME): Rule("same-corporate-number", _("Same corporate number"), 100),
    ("domain", SAME): Rule("same-domain", _("Same web domain"), 40),
    ("name", SAME): Rule("same-company-name", _("Same name without the legal form"), 60),
    ("name", ALMOST): Rule("similar-company-name", _("Almost the same name"), 40),
    ("name", DIFFERENT): Rule("different-company-name", _("Different names"), -10),
    ("spelling", ALMOST): Rule("variant-characters", _("Variants of one character (髙, 高)"), 0),
    ("country", DIFFERENT): Rule("different-country", _("Different countries"), -10),
}
WORDS = {rule.code: rule.words for table in (PEOPLE, COMPANIES) for rule in table.values()}

# Exact evidence alone. Each line is one rule an administrator may switch on.
CERTAIN_PEOPLE: Mapping[str, tuple[str, ...]] = {
    "same-email": ("email",),
    "same-number": ("number",),
    "name-and-birth-date": ("name", "day"),
    "name-and-phone": ("name", "phone"),
    "name-and-address": ("name", "address"),
}
CERTAIN_COMPANIES: Mapping[str, tuple[str, ...]] = {
    "same-corporate-number": ("corporate_number",),
    "name-and-domain": ("name", "domain"),
}
CERTAIN_WORDS = {
    "same-email": _("Same e-mail address"),
    "same-number": _("Same personal number"),
    "name-and-birth-date": _("Same name and date of birth"),
    "name-and-phone": _("Same name and phone number"),
    "name-and-address": _("Same name and address"),
    "same-corporate-number": _("Same corporate number"),
    "name-and-domain": _("Same name and web domain"),
}
# Contacts hold no birth date, address or personal number; those rules serve other data.
OFFERED = ("same-email", "name-and-phone")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` up to 100, the codes of what speaks for it and against it, and the exact rules that hold."""

    score: int
    reasons: tuple[str, ...]
    certain: tuple[str, ...]

    @property
    def is_worth_showing(self) -> bool:
        return bool(self.certain) or self.score >= SUGGESTED


def judge(
    evidence: Evidence, table: Mapping[tuple[str, Likeness], Rule], exact: Mapping[str, tuple[str, ...]]
) -> Verdict:
    """What the evidence adds up to."""
    told = [rule for key in evidence.items() if (rule := table.get(key))]
    points = sum(rule.points for rule in told)
    same = {field for field, alike in evidence.items() if alike == SAME}
    certain = tuple(
        code
        for code, fields in exact.items()
        if same.issuperset(fields) and not ("name" in fields and _is_doubtful(evidence))
    )
    return Verdict(min(max(points, 0), 100), tuple(rule.code for rule in told), certain)


def _is_doubtful(evidence: Evidence) -> bool:
    """Names alone are not enough where characters are variants, or where father and son live at one address."""
    return "spelling" in evidence or evidence.get("day") == DIFFERENT
