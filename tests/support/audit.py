"""The audit as it stands once every lead was looked at."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from leads.models import Findings, Lead
from leads.quality import keeping


def look(at: datetime) -> None:
    """At all leads; the round's own transactions see nothing of a test's that has not committed."""
    keeping.look_again(list(Lead.objects.values_list("pk", flat=True)), at=at)


def kept() -> list[Any]:
    """(day, source, segment, mark, leads) that the findings add up to."""
    rows = Findings.objects.values_list("captured_on", "source", "segment", "marks")
    told = Counter((*place, mark) for *place, marks in rows for mark in ("", *marks))
    return sorted((*key, n) for key, n in told.items())
