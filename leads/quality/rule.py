"""What a rule of the audit is. Pure: a rule answers with a condition on leads and asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from crm.components.faces import Words

MISSING, INVALID, STALE, CONTRADICTING, DUPLICATE = (
    "missing",
    "invalid",
    "stale",
    "contradicting",
    "duplicate",
)
LEAD, CONTACT, ACCOUNT = "lead", "contact", "account"
# Where a lead keeps the record a rule is about.
COLUMNS = {LEAD: "pk", CONTACT: "contact", ACCOUNT: "account"}
MONTHS = 12
# After so many months of silence somebody may ask what is stale.
SILENCES = (6, MONTHS, 24)
DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Look:
    """When somebody looks, and what the rules have to know beside the leads themselves.

    `dialling` are the spellings of countries that are in use, by the calling code of the country; `strange` are
    those no country is known under. `required` are the details each MQL definition in force asks for, by segment.
    """

    at: datetime
    months: int = MONTHS
    dialling: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strange: Sequence[str] = ()
    required: Sequence[tuple[int | None, Sequence[str]]] = ()
    settled: frozenset[str] = frozenset()

    @property
    def since(self) -> datetime:
        """What was last heard of before this is stale."""
        return self.at - timedelta(days=self.months * DAYS_A_MONTH)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. `subject` is the record it is wrong in, `detail` what is set to mend it."""

    code: str
    group: str
    subject: str
    label: Words
    mend: Words
    applies: Callable[[Look], Q]
    detail: str = ""
