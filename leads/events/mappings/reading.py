"""One row of another tool as one behaviour event, or why it is none. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.identity import lookup_key
from crm.text import shown
from crm.values import InvalidValue
from leads.events.mappings.moments import moment
from leads.events.mappings.places import find, text
from leads.events.mappings.scanners import scanner
from leads.events.recording import KINDS, Behaviour

NO_BEHAVIOUR = "-"
LONGEST_ID, LONGEST_KEPT, LONGEST_NAME = 200, 500, 120


class Shape(Protocol):
    """What of a mapping is needed to read a row; see `EventMapping`."""

    source: str
    kind_at: str
    kinds: Mapping[str, str]
    kind_otherwise: str
    email_at: str
    person_at: str
    time_at: str
    time_format: str
    zone: str
    id_at: str
    asset_at: str
    assets: Mapping[str, str]
    keeps: list[str]
    refuses_scanners: bool
    agent_at: str
    machine_at: str
    delivered_at: str
    scanner_seconds: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says: an event (`scanner` says why it does not count), or the fault and its field, or nothing."""

    event: Behaviour | None = None
    scanner: str = ""
    field: str = ""
    fault: str = ""
    code: str = "invalid"
    unmapped: str = ""


def read(row: Any, shape: Shape) -> Told:
    if not isinstance(row, dict):
        return Told(fault=_("This row cannot be read."), code="parse_error")
    said = text(row, shape.kind_at)
    kind = _kind(said, shape)
    if kind == NO_BEHAVIOUR:
        return Told()
    if not kind:
        message = _(
            "“%(kind)s” is not translated. Add it to the kinds of this mapping, or “-” to pass it over."
        )
        told = message % {"kind": shown(said)} if said else _("This row does not say what was done.")
        return Told(field="kind", fault=told, code="unmapped_kind", unmapped=said)
    try:
        return _event(row, kind, shape)
    except InvalidValue as error:
        return Told(field="occurred_at", fault=str(error))


def _kind(said: str, shape: Shape) -> str:
    """Ours for theirs. With an empty table a tool may speak of our kinds itself."""
    if not said:
        return shape.kind_otherwise
    table = {_plain(theirs): ours for theirs, ours in shape.kinds.items()}
    if _plain(said) in table:
        return table[_plain(said)]
    return said if not table and said in KINDS else ""


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()


def _event(row: Any, kind: str, shape: Shape) -> Told:
    zone = ZoneInfo(shape.zone)
    at = moment(find(row, shape.time_at), zone=zone, fmt=shape.time_format)
    email, person = text(row, shape.email_at), text(row, shape.person_at)
    if at is None:
        return Told(field="occurred_at", fault=_("This row does not say when it happened."), code="required")
    if not lookup_key(email) and not person:
        return Told(field="email", fault=_("This row does not say who it was."), code="required")
    event = Behaviour(
        source=shape.source,
        external_id=text(row, shape.id_at),
        kind=kind,
        occurred_at=at,
        asset=_asset(row, shape),
        properties=_kept(row, shape),
        email=email if lookup_key(email) else "",
        lead_external_id=person[:LONGEST_NAME],
    )
    return Told(_with_id(event), scanner=_scanner(row, kind, at, shape, zone))


def _asset(row: Any, shape: Shape) -> str:
    said = text(row, shape.asset_at)
    return shape.assets.get(said, said)[:LONGEST_NAME]


def _kept(row: Any, shape: Shape) -> dict[str, Any]:
    found = {place: text(row, place)[:LONGEST_KEPT] for place in shape.keeps}
    return {place: value for place, value in found.items() if value}


def _with_id(event: Behaviour) -> Behaviour:
    """Without an id of its own, or with one that is too long, a row is told by all that it says."""
    said = (
        event.kind,
        lookup_key(event.email),
        event.lead_external_id,
        event.occurred_at.isoformat(),
        event.asset,
    )
    content = event.external_id or repr((*said, sorted(event.properties.items())))
    if event.external_id and len(event.external_id) <= LONGEST_ID:
        return event
    return replace(event, external_id=f"row:{sha256(content.encode()).hexdigest()[:40]}")


def _scanner(row: Any, kind: str, at: datetime, shape: Shape, zone: ZoneInfo) -> str:
    if not shape.refuses_scanners:
        return ""
    delivered = find(row, shape.delivered_at) if shape.delivered_at else None
    return scanner(
        kind=kind,
        agent=text(row, shape.agent_at),
        marked=text(row, shape.machine_at),
        delivered_at=moment(delivered, zone=zone, fmt=shape.time_format),
        at=at,
        seconds=shape.scanner_seconds,
    )
