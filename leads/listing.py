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
from django.db.models import F

from crm.models import Account, Contact
from crm.names import name_or
from leads.models import BehaviourEvent, Lead, ScoringModel
from leads.scoring.decay import Decay
from leads.scoring.phases import Read, mix

Row = Mapping[str, Any]
Moment = Callable[[datetime | None], str | None]

_PLAIN = ("stage", "source", "medium", "campaign", "external_id", "rounds")
_MOMENTS = ("stage_at", "captured_at", "qualified_at", "waits_until", "created_at", "updated_at")
_ACCOUNT = ("name", "domain", "external_id")
_CONTACT = ("email", "phone", "job_title", "department", "stakeholder_role")
COLUMNS = (
    "id", *_PLAIN, *_MOMENTS,
    "score__engagement", "score__fit", "score__grade", "score__model_id",
    "owner_id", "owner__username", "owner__first_name", "owner__last_name",
    "account_id", *(f"account__{name}" for name in _ACCOUNT),
    "contact_id", *(f"contact__{name}" for name in _CONTACT),
    "contact__first_name", "contact__last_name", "contact__external_id",
)  # fmt: skip
_STAMPS = ("contact__updated_at", "account__updated_at")


def told(rows: Sequence[Row], moment: Moment, *, at: datetime) -> list[dict[str, Any]]:
    """The rows as a list answers them, scored as of a moment; `moment` writes a time as the caller reads it.

    `rank` is the score as the rows are ordered by it.
    """
    read, answers = _read([row["id"] for row in rows if row["score__engagement"]]), []
    for row in rows:
        decay, faded = _fading(row["score__model_id"], at)
        answers.append(_told(row, mix(read.get(row["id"], ()), decay, at), faded, moment))
    return answers


def of_one(lead: int) -> Row | None:
    """The row of a lead that stands, with what its `stamps` are made of."""
    with connection.cursor() as cursor:
        cursor.execute(_statement_of_one(), [lead])
        row = cursor.fetchone()
    return dict(zip(("rank", *COLUMNS, *_STAMPS), row, strict=True)) if row else None


@lru_cache(maxsize=1)
def _statement_of_one() -> str:
    """Made once: composing it takes several times as long as running it."""
    rows = Lead.objects.standing().filter(score__isnull=False, pk=0).annotate(rank=F("score__rank"))
    rows = rows.values("rank", *COLUMNS, *_STAMPS)
    return str(rows.query.sql_with_params()[0])


def stamps(row: Row) -> Iterator[tuple[str, int, datetime]]:
    """When the lead, its person and its company were changed, as their ETag is made of."""
    yield Lead._meta.label, row["id"], row["updated_at"]
    yield Contact._meta.label, row["contact_id"], row["contact__updated_at"]
    if row["account_id"] is not None:
        yield Account._meta.label, row["account_id"], row["account__updated_at"]


@lru_cache(maxsize=8)
def _fading(model: int, at: datetime) -> tuple[Decay, float]:
    """Every score is of the model in force: what is worked out for one row holds for the page."""
    decay = _decay_of(model)
    return decay, decay.left_at(at)


@lru_cache(maxsize=64)
def _decay_of(model: int) -> Decay:
    """Asked for once in the life of a process: only a draft can be edited, and no score is of a draft."""
    asked = ScoringModel.objects.filter(pk=model).values("rate", "period_days", "epoch")
    return Decay(**asked.get())


def _read(leads: Sequence[int]) -> dict[int, list[Read]]:
    """What each lead read of our assets, and the buying phases it is for."""
    found: dict[int, list[Read]] = defaultdict(list)
    if not leads:
        return found
    events = BehaviourEvent.objects.counted().filter(lead__among=leads, asset__isnull=False)
    for lead, *seen in events.values_list("lead", "points", "occurred_at", "asset__phases"):
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
