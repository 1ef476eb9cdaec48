"""What was edited after a handoff was offered, taken back: sales fill in what they find out, and that would leak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.models import LedgerEntry

KINDS = {"account.edited": "account", "contact.edited": "contact", "lead.edited": "lead"}
# Where a sample's row keeps whose edits these are, and how its columns are called.
_KEYS = {"account": "of_account", "contact": "of_contact", "lead": "lead_id"}
_DERIVED = {"contact": {"email": "email_key"}}

Edits = dict[tuple[str, int], list[tuple[datetime, dict[str, Any]]]]


def since(rows: Sequence[Mapping[str, Any]]) -> Edits:
    """Edits since the first of these handoffs, by what was edited, the oldest first; one statement."""
    if not rows:
        return {}
    first = min(row["offered_at"] for row in rows)
    concerned = {(what, row[key]) for row in rows for what, key in _KEYS.items() if row[key]}
    told = LedgerEntry.objects.filter(kind__in=KINDS, at__gt=first).order_by("at", "pk")
    found: Edits = defaultdict(list)
    for what, pk, at, data in told.values_list("subject_type", "subject_id", "at", "data").iterator():
        if (what, pk) in concerned:
            found[what, pk].append((at, data))
    return found


def undone(row: dict[str, Any], edits: Edits) -> dict[str, Any]:
    """The row as it was when it was offered: the value before where the ledger kept it, else unknown."""
    fresh = dict(row)
    for what, key in _KEYS.items():
        later = [data for at, data in edits.get((what, row[key]), ()) if at > row["offered_at"]]
        for data in reversed(later):
            fresh |= _before(what, data, fresh)
    return fresh


def _before(what: str, data: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    names = data.get("fields")
    if isinstance(names, list):
        before = dict.fromkeys(names)
    else:
        before = {name: pair[0] for name, pair in data.items() if isinstance(pair, list) and pair}
    derived = _DERIVED.get(what, {})
    named = {f"{what}_{derived.get(name, name)}": value for name, value in before.items()}
    return {name: value for name, value in named.items() if name in row}
