"""What a message says of a fact: ids, numbers, states and codes. Never what a person wrote, or who somebody is.

Numbers and truths are told. A text is told only where its kind says that it holds a code or a time, by
`disclose("handoff.rejected", "reason", "disposition")` from the app that writes the kind. Anything else is left out.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from crm.models import LedgerEntry

_CODE = re.compile(r"[A-Za-z0-9]+(?:[-_.:+][A-Za-z0-9]+)*")
LONGEST_CODE = 64
_told: dict[str, frozenset[str]] = {}


def disclose(kind: str, *names: str) -> None:
    """Of facts of this kind, tell the texts of these names: keys of the data, or "reason"."""
    _told[kind] = _told.get(kind, frozenset()) | frozenset(names)


def body(entry: LedgerEntry) -> str:
    """The message of a fact; the same whenever it is made."""
    return json.dumps(message(entry), ensure_ascii=False, separators=(",", ":"))


def message(entry: LedgerEntry) -> dict[str, Any]:
    names = _told.get(entry.kind, frozenset())
    data = {
        "kind": entry.kind,
        "subject": {"type": entry.subject_type, "id": entry.subject_id},
        "ids": {
            "entry": entry.pk,
            "account": entry.account_id,
            "contact": entry.contact_id,
            "actor": entry.actor_id,
        },
        "from": entry.from_state,
        "to": entry.to_state,
        "reason": (code_of(entry.reason) if "reason" in names else None) or "",
        "data": _harmless(entry.data, names),
    }
    return {"type": entry.kind, "timestamp": _utc(entry.at), "data": data}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def code_of(text: str) -> str | None:
    """The code a text is, or begins with before what a person added to it (`budget: none this year`)."""
    found = _CODE.match(text)
    if found is None or len(found[0]) > LONGEST_CODE:
        return None
    rest = text[found.end() :]
    return found[0] if not rest or rest.startswith(": ") else None


def _harmless(data: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    told = {name: _value(value, name in names) for name, value in data.items()}
    return {name: value for name, value in told.items() if value is not None}


def _value(value: Any, is_code: bool) -> Any:
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if is_code and code_of(value) == value else None
    if isinstance(value, list):
        told = [_value(item, is_code) for item in value]
        return None if any(item is None for item in told) else told
    return None
