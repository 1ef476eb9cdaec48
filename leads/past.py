"""What leads were and did in a period of the past: read from the ledger and the events, for whoever replays it.

An event counts from when Baton heard of it (`received_at`), as it did then; what was withdrawn since never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from crm.models import Consent, LedgerEntry
from leads.models import BehaviourEvent, Lead, LeadScore, Stage
from leads.qualification import Known
from leads.scoring import reading
from leads.scoring.recounting import WEIGHT, weighing
from leads.scoring.worth import worth_under

WINDOW = timedelta(days=1)
MOVED = (
    *(f"lead.{stage}" for stage in Stage),
    "lead.qualified", "lead.handpicked", "lead.released", "lead.captured", "lead.imported",
)  # fmt: skip
TOUCHED = ("lead.edited", "contact.edited")


@dataclass(frozen=True, slots=True)
class Gain:
    """What one event added to a lead's engagement."""

    at: datetime
    lead: int
    kind: str
    occurred_at: datetime
    amount: float


@dataclass(frozen=True, slots=True)
class Position:
    """Where a lead stood at a moment."""

    stage: str = Stage.INQUIRY
    waits_until: datetime | None = None
    engagement: float = 0.0
    floor: float = 0.0
    floored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A lead changed its stage, or (`to` empty) what is known about it."""

    at: datetime
    lead: int
    kind: str
    came_from: str
    to: str
    waits_until: datetime | None
    fresh_only: bool


def counted_between(since: datetime, until: datetime) -> Any:
    return BehaviourEvent.objects.counted().filter(received_at__gte=since, received_at__lt=until)


_GAINS = f"""
    SELECT event.received_at, event.lead_id, event.kind, event.occurred_at, {{points}} * {WEIGHT}
      FROM leads_behaviourevent event {{beside}}
     WHERE event.withdrawn_at IS NULL AND event.received_at >= %(since)s AND event.received_at < %(until)s
     ORDER BY event.received_at, event.lead_id, event.id
"""


def gains(since: datetime, until: datetime) -> Iterator[Gain]:
    """Every event counted in a period, in the order it was counted, read a day at a time."""
    query, weighed = _weighed(_GAINS)
    while since < until:
        end = min(since + WINDOW, until)
        with connection.cursor() as cursor:
            cursor.execute(query, weighed | {"since": since, "until": end})
            rows = cursor.fetchall()
        yield from (Gain(*row) for row in rows)
        since = end


def _weighed(query: str) -> tuple[str, dict[str, Any]]:
    """A query of events by the points and weights in force."""
    rules = reading.in_force()
    worth = worth_under(rules)
    asked = query.format(points=worth.points, beside=worth.beside)
    return asked, worth.params | weighing(rules.decay)


# -- where leads stood ----------------------------------------------------------------------------

_STAGES = """
    SELECT DISTINCT ON (entry.subject_id) entry.subject_id, entry.to_state, entry.data ->> 'waits_until'
      FROM crm_ledgerentry entry
     WHERE entry.subject_type = 'lead' AND entry.subject_id = ANY(%(leads)s) AND entry.at < %(at)s
       AND entry.to_state <> ''
     ORDER BY entry.subject_id, entry.at DESC, entry.id DESC
"""
_FLOORS = """
    SELECT entry.subject_id, max(entry.at)
      FROM crm_ledgerentry entry
     WHERE entry.subject_type = 'lead' AND entry.subject_id = ANY(%(leads)s) AND entry.at < %(at)s
       AND entry.kind = 'lead.recycled' AND entry.data -> 'fresh_only' = 'true'
     GROUP BY entry.subject_id
"""
# At a rejection everything heard so far goes under the floor; what happened before it does so whenever it is heard.
_SUMS = f"""
    SELECT event.lead_id, sum({{points}} * {WEIGHT}), coalesce(sum({{points}} * {WEIGHT})
           FILTER (WHERE least(event.received_at, event.occurred_at) <= floored.at), 0)
      FROM leads_behaviourevent event {{beside}}
      LEFT JOIN unnest(%(floored)s::bigint[], %(floored_at)s::timestamptz[]) AS floored(lead_id, at)
             ON floored.lead_id = event.lead_id
     WHERE event.withdrawn_at IS NULL AND event.lead_id = ANY(%(leads)s) AND event.received_at < %(at)s
     GROUP BY event.lead_id
"""


def positions(leads: Sequence[int], at: datetime) -> dict[int, Position]:
    """Where leads stood just before a moment; those that were not there yet are left out."""
    asked = {"leads": list(leads), "at": at}
    stages = {lead: (stage, _moment(waits)) for lead, stage, waits in _rows(_STAGES, asked)}
    floors: dict[int, datetime] = dict(_rows(_FLOORS, asked))
    query, weighed = _weighed(_SUMS)
    rows = _rows(query, asked | weighed | {"floored": list(floors), "floored_at": list(floors.values())})
    sums = {lead: (total, floor) for lead, total, floor in rows}
    nothing = 0.0, 0.0
    return {
        lead: Position(
            stage, waits if stage == Stage.RECYCLED else None, *sums.get(lead, nothing), floors.get(lead)
        )
        for lead, (stage, waits) in stages.items()
    }


def _rows(query: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# -- what moved them ------------------------------------------------------------------------------


def moves(since: datetime, until: datetime) -> list[Move]:
    """Every change of stage in a period, and every correction of what is known, in order."""
    entries = LedgerEntry.objects.filter(kind__in=(*MOVED, *TOUCHED), at__gte=since, at__lt=until).order_by(
        "at", "pk"
    )
    columns = ("at", "kind", "subject_type", "subject_id", "from_state", "to_state", "data")
    rows = list(entries.values_list(*columns))
    of_contact = _leads_of({subject for _at, _kind, what, subject, *_more in rows if what == "contact"})
    return [
        Move(at, lead, kind, came_from, to, _moment(data.get("waits_until")), bool(data.get("fresh_only")))
        for at, kind, what, subject, came_from, to, data in rows
        for lead in (of_contact.get(subject, []) if what == "contact" else [subject])
    ]


def _leads_of(contacts: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for contact, lead in (
        Lead.objects.filter(contact__in=contacts).order_by("pk").values_list("contact", "pk")
    ):
        found.setdefault(contact, []).append(lead)
    return found


# -- what is known about them ---------------------------------------------------------------------


def known(leads: Sequence[int]) -> dict[int, Known]:
    """What is known about leads today. Many are alike: equal ones are one object."""
    columns = (
        "pk", "merged_into", "account", "score__fit", "score__grade", "contact__consent", "contact__email_key",
        "contact__phone_key", "contact__last_name", "contact__job_title",
    )  # fmt: skip
    alike: dict[Known, Known] = {}
    found = {}
    for pk, merged, account, fit, grade, consent, *texts in Lead.objects.filter(pk__in=leads).values_list(
        *columns
    ):
        fields = zip(("account", "email", "phone", "last_name", "job_title"), (account, *texts), strict=True)
        filled = frozenset(name for name, value in fields if value)
        one = Known(fit, grade, filled, consent == Consent.GRANTED, merged is not None)
        found[pk] = alike.setdefault(one, one)
    return found


def above(rank: float) -> list[int]:
    """Leads whose stored rank is at least this: whoever could ever have stood above a bar."""
    return list(LeadScore.objects.filter(rank__gte=rank).order_by("lead").values_list("lead", flat=True))
