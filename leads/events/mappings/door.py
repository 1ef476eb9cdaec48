"""Bringing rows of another tool in through their mapping, or only showing what would come of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from content.models import Asset
from crm.models import User
from leads.events import waiting
from leads.events.mappings.payloads import spread
from leads.events.mappings.reading import Told, read
from leads.events.matching import find_leads
from leads.events.recording import TOLERATED_DRIFT, Behaviour, Receipt, Refusal
from leads.models import EventKind, EventMapping

BATCH = 50_000


@dataclass(slots=True)
class Outcome:
    """What became of a payload. Every row is in one of the counts; `unmapped` tells kinds that nobody translated."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    waiting: int = 0
    ignored: int = 0
    scanners: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Trial:
    """One row as it would come in: its event and whether the person is known, or why there is none."""

    index: int
    told: Told
    lead: int | None = None
    fault: str = ""

    @property
    def kind(self) -> str:
        """In the words of the lists."""
        return str(dict(EventKind.choices).get(self.told.event.kind, "")) if self.told.event else ""

    @property
    def whom(self) -> str:
        event = self.told.event
        return event.email or event.lead_external_id if event else ""

    @property
    def content(self) -> str:
        event = self.told.event
        return event.asset or str(event.properties.get("content", "")) if event else ""


def bring_in(mapping: EventMapping, payload: Any, *, by: User | None, at: datetime) -> Outcome:
    """Read each row and count its event once. What the mapping takes for a scanner's is kept, and does not count."""
    read_rows = _read(mapping, payload)
    outcome = _judged(read_rows)
    events = [(index, told.event) for index, told in read_rows if told.event and not told.scanner]
    for start in range(0, len(events), BATCH):
        part = events[start : start + BATCH]
        receipt = waiting.receive([event for _place, event in part], by=by, at=at)
        _add(outcome, receipt, [index for index, _event in part])
    scanned = [_marked(told) for _index, told in read_rows if told.event and told.scanner]
    waiting.set_aside(scanned, by=by, at=at)
    return outcome


def try_out(mapping: EventMapping, payload: Any, *, by: User, at: datetime, most: int = 200) -> list[Trial]:
    """The same without writing anything."""
    read_rows = _read(mapping, payload)[:most]
    events = [(index, told.event) for index, told in read_rows if told.event]
    found = find_leads([event for _place, event in events], by=by)
    leads = {index: lead for (index, _event), lead in zip(events, found, strict=True)}
    return [Trial(index, told, leads.get(index), _fault(told, at)) for index, told in read_rows]


def _read(mapping: EventMapping, payload: Any) -> list[tuple[int, Told]]:
    rows = [read(row, mapping) for row in spread(payload, mapping.rows_at)]
    return list(enumerate(_with_known_assets(rows)))


def _with_known_assets(rows: Sequence[Told]) -> list[Told]:
    """Content that is not in the library loses no event: its name is kept beside."""
    known = Asset.objects.keys_of(told.event.asset for told in rows if told.event and told.event.asset).keys()
    return [_asset_beside(told) if _is_foreign(told.event, known) else told for told in rows]


def _is_foreign(event: Behaviour | None, known: Set[str]) -> bool:
    return event is not None and bool(event.asset) and event.asset not in known


def _asset_beside(told: Told) -> Told:
    assert told.event is not None
    kept = {**told.event.properties, "content": told.event.asset}
    return replace(told, event=replace(told.event, asset="", properties=kept))


def _marked(told: Told) -> Behaviour:
    assert told.event is not None
    return replace(told.event, properties={**told.event.properties, "scanner": told.scanner})


def _judged(rows: Sequence[tuple[int, Told]]) -> Outcome:
    outcome = Outcome(rows=len(rows))
    for index, told in rows:
        if told.fault:
            outcome.refused.append(Refusal(index, told.field, told.fault, told.code))
        elif told.event is None:
            outcome.ignored += 1
        elif told.scanner:
            outcome.scanners += 1
        if told.unmapped:
            outcome.unmapped[told.unmapped[:80]] += 1
    return outcome


def _add(outcome: Outcome, receipt: Receipt, places: Sequence[int]) -> None:
    outcome.accepted += receipt.accepted
    outcome.duplicates += receipt.duplicates
    outcome.waiting += receipt.waiting
    outcome.refused += [replace(no, index=places[no.index]) for no in receipt.refused]
    outcome.refused.sort(key=lambda no: no.index)


def _fault(told: Told, at: datetime) -> str:
    if told.event and told.event.occurred_at > at + TOLERATED_DRIFT:
        return _("This event lies in the future. Send it when it has happened.")
    return told.fault
