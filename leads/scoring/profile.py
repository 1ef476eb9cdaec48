"""What is known about a lead, and how rules compare with it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from crm.states import Refused


class InvalidRule(Refused):
    """A rule that cannot be applied; the message says what to change."""


@dataclass(frozen=True)
class Profile:
    """What is known about a lead. None and '' mean unknown; `custom` holds further attributes by name."""

    industry: str = ""
    employee_count: int | None = None
    country: str = ""
    job_title: str = ""
    department: str = ""
    stakeholder_role: str = ""
    email_domain: str = ""
    company: str = ""
    consent: str = ""
    unsubscribed: bool = False
    is_customer: bool = False
    custom: Mapping[str, object] = field(default_factory=dict, hash=False)

    def value_of(self, attribute: str) -> object:
        """The attribute's value, or None when it is unknown."""
        value = self.custom.get(attribute) if attribute in self.custom else getattr(self, attribute, None)
        return None if isinstance(value, str) and not value.strip() else value


def folded(value: object) -> str:
    """Text as rules compare it: NFKC, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", str(value)).casefold().split())


def one_of(value: object, values: Iterable[str]) -> bool:
    """Whether a value is one of the texts, compared folded."""
    return folded(value) in _all_folded(tuple(values))


def contains(value: object, values: Iterable[str]) -> bool:
    """Whether one of the texts occurs in the value, compared folded."""
    text = folded(value)
    return any(each in text for each in _all_folded(tuple(values)) if each)


@lru_cache(maxsize=512)
def _all_folded(values: tuple[str, ...]) -> frozenset[str]:
    """A rule compares with the same texts for every lead."""
    return frozenset(map(folded, values))
