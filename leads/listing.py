"""Leads as the API lists them: flat rows of one query, told without a model instance for each.

A lead that was asked for by itself is told by `LeadAnswer`; a test holds that both say the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import F, Subquery

from crm.arrays import literal
from crm.models import Account, Contact
from crm.names import name_or
from leads.models import Lead, ScoringModel, VersionStatus
from leads.scoring import reading
from leads.scoring.decay import Decay
from leads.scoring.phases import Read, mix
from leads.scoring.reading import Rules
from leads.scoring.worth import worth_under

Row = Mapping[str, Any]
Moment = Callable[[datetime | None], str | None]

_PLAIN = ("stage", "source", "medium", "campaign", "external_id", "rounds")
_MOMENTS = ("stage_at", "captured_at", "qualified_at", "waits_until", "created_at", "updated_at")
_ACCOUNT = ("name", "domain", "external_id")
_CONTACT = ("email", "phone", "job_title", "department", "stakeholder_role")
_TOLD = (
    "rank", "model",
    "id", *_PLAIN, *_MOMENTS,
    "score__engagement", "score__fit", "score__grade",
    "owner_id", "owner__username", "owner__first_name", "owner__last_name",
    "account_id", *(f"account__{name}" for name in _ACCOUNT),
    "contact_id", *(f"contact__{name}" for name in _CONTACT),
    "contact__first_name", "contact__last_name", "contact__external_id",
)  # fmt: skip
_STAMPS = ("contact__updated_at", "account__updated_at")


@lru_cache(maxsize=1)
def standing() -> Any:
    """The rows of leads that stand: `rank` is the score as they are ordered by it, `model` the version in force.

    Put together once: that takes longer than reading a page of them. Whoever narrows it has a copy.
    """
    in_force = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).values("pk")
    rows = Lead.objects.standing().filter(score__isnull=False)
    return rows.annotate(rank=F("score__rank"), model=Subquery(in_force)).values(*_TOLD)


def told(rows: Sequence[Row], moment: Moment, *, at: datetime) -> list[dict[str, Any]]:
    """The rows as a list answers them, scored as of a moment; `moment` writes a time as the caller reads it."""
    if not rows:
        return []
    model = rows[0]["model"]
    read = _read([row["id"] for row in rows if row["score__engagement"]], model)
    decay, faded = _fading(model, at)
    return [_told(row, mix(read.get(row["id"], ()), decay, at), faded, moment) for row in rows]


def of_one(lead: int) -> Row | None:
    """The row of a lead that stands, with what its `stamps` are made of."""
    with connection.cursor() as cursor:
        cursor.execute(_statement_of_one(), [VersionStatus.ACTIVE, lead])
        row = cursor.fetchone()
    return dict(zip((*_TOLD, *_STAMPS), row, strict=True)) if row else None


@lru_cache(maxsize=1)
def _statement_of_one() -> str:
    """Made once: composing it takes several times as long as running it."""
    rows = standing().filter(pk=0).values(*_TOLD, *_STAMPS)
    return str(rows.query.sql_with_params()[0])


def stamps(row: Row) -> Iterator[tuple[str, int, datetime]]:
    """When the lead, its person and its company were changed, as their ETag is made of."""
    yield Lead._meta.label, row["id"], row["updated_at"]
    yield Contact._meta.label, row["contact_id"], row["contact__updated_at"]
    if row["account_id"] is not None:
        yield Account._meta.label, row["account_id"], row["account__updated_at"]


@lru_cache(maxsize=8)
def _fading(model: int | None, at: datetime) -> tuple[Decay, float]:
    """What is worked out for one list holds for the next of the same moment."""
    decay = _rules_of(model).decay
    return decay, decay.left_at(at)


@lru_cache(maxsize=16)
def _rules_of(model: int | None) -> Rules:
    """Asked for once in the life of a process: only a draft can be edited, and no score is of a draft."""
    return reading.rules_of(ScoringModel.objects.get(pk=model)) if model else reading.no_rules()


_READ = """
    SELECT event.lead_id, {points}, event.occurred_at, asset.phases
      FROM leads_behaviourevent event {beside}
      JOIN content_asset asset ON asset.id = event.asset_id
     WHERE event.lead_id = ANY(%(leads)s) AND event.withdrawn_at IS NULL
"""


def _read(leads: Sequence[int], model: int | None) -> dict[int, list[Read]]:
    """What each lead read of our assets, and the buying phases it is for."""
    found: dict[int, list[Read]] = defaultdict(list)
    if not leads:
        return found
    worth = worth_under(_rules_of(model))
    query = _READ.format(points=worth.points, beside=worth.beside)
    with connection.cursor() as cursor:
        cursor.execute(query, worth.params | {"leads": literal(leads)})
        for lead, *seen in cursor.fetchall():
            found[lead].append(Read(*seen))
    return found


def _told(row: Row, phases: dict[str, float], faded: float, moment: Moment) -> dict[str, Any]:
    return {
        "id": row["id"],
        "stage": row["stage"],
        "stage_at": moment(row["stage_at"]),
        "score": round(row["rank"] * faded, 6),
        "engagement": round(row["score__engagement"] * faded, 6),
        "fit": row["score__fit"],
        "fit_grade": row["score__grade"],
        "phases": phases,
        "owner": _owner(row),
        "account": _account(row),
        "contact": _contact(row),
        "source": row["source"],
        "medium": row["medium"],
        "campaign": row["campaign"],
        "external_id": row["external_id"],
        "captured_at": moment(row["captured_at"]),
        "qualified_at": moment(row["qualified_at"]),
        "waits_until": moment(row["waits_until"]),
        "rounds": row["rounds"],
        "created_at": moment(row["created_at"]),
        "updated_at": moment(row["updated_at"]),
    }


def _owner(row: Row) -> dict[str, Any] | None:
    if row["owner_id"] is None:
        return None
    name = name_or(row["owner__first_name"], row["owner__last_name"], row["owner__username"])
    return {"id": row["owner_id"], "name": name}


def _account(row: Row) -> dict[str, Any] | None:
    if row["account_id"] is None:
        return None
    return {
        "id": row["account_id"],
        "name": row["account__name"],
        "domain": row["account__domain"],
        "external_id": row["account__external_id"],
    }


def _contact(row: Row) -> dict[str, Any]:
    pk, email, phone = row["contact_id"], row["contact__email"], row["contact__phone"]
    otherwise = (email, row["contact__external_id"], phone, f"#{pk}")
    return {
        "id": pk,
        "name": name_or(row["contact__first_name"], row["contact__last_name"], *otherwise),
        "email": email,
        "phone": phone,
        "job_title": row["contact__job_title"],
        "department": row["contact__department"],
        "stakeholder_role": row["contact__stakeholder_role"],
    }
