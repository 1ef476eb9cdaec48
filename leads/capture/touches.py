"""The ways by which leads came, one row for each time; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm.bulk import insert_all
from leads.capture.intake import Inquiry
from leads.models import Lead, Touch

WAYS = ("source", "medium", "campaign", "term", "content", "referrer", "landing_page")
SHOWN = 50


def remember(rows: Sequence[tuple[int, Inquiry]], *, fresh: set[int], at: datetime) -> None:
    """Keep how each lead came. A form is a touch of its own; a list that is sent once more is none.

    `rows` are pairs of lead and what was told; the leads in `fresh` were made just now and have no touches yet.
    """
    told = [(lead, row) for lead, row in rows if row.form or any(_way(row))]
    seen = _known({lead for lead, row in told if lead not in fresh and not row.form})
    new = []
    for lead, row in told:
        mark = (lead, *_way(row))
        if row.form or mark not in seen:
            new.append(_touch(lead, row, at))
            seen.add(mark)
    insert_all(new)


def latest(lead: Lead) -> QuerySet[Touch]:
    """How a lead came, the newest first and no more than anybody reads."""
    found: QuerySet[Touch] = Touch.objects.filter(lead=lead).select_related("form")
    return found.order_by("-occurred_at", "-pk")[:SHOWN]


def move(loser: Lead, winner: Lead) -> None:
    """When two journeys become one, the ways of both were this person's."""
    Touch.objects.filter(lead=loser).update(lead=winner)
    loser.submissions.update(lead=winner)


def _way(row: Any) -> tuple[str, ...]:
    return tuple(getattr(row, name) for name in WAYS)


def _known(leads: Iterable[int]) -> set[tuple[Any, ...]]:
    ids = list(leads)
    return set(Touch.objects.filter(lead__in=ids).values_list("lead", *WAYS)) if ids else set()


def _touch(lead: int, row: Inquiry, at: datetime) -> Touch:
    ways = dict(zip(WAYS, _way(row), strict=True))
    return Touch(lead_id=lead, occurred_at=row.captured_at or at, form_id=row.form, **ways)
