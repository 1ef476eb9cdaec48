"""The ways by which leads came, one row for each time; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from crm.bulk import insert_columns
from leads.capture.intake import Inquiry
from leads.models import Lead, Touch

WAYS = ("source", "medium", "campaign", "term", "content", "referrer", "landing_page")
SHOWN = 50


def remember(rows: Sequence[tuple[int, Inquiry]], *, fresh: set[int], at: datetime) -> None:
    """Keep how each lead came. A form is a touch of its own; a list that is sent once more is none.

    `rows` are pairs of lead and what was told; the leads in `fresh` were made just now and have no touches yet.
    """
    told = [(lead, row, way) for lead, row in rows if any(way := _way(row)) or row.form]
    seen = _known({lead for lead, row, _way in told if lead not in fresh and not row.form})
    new = []
    for lead, row, way in told:
        if row.form or (lead, *way) not in seen:
            new.append((lead, row, way))
            seen.add((lead, *way))
    if new:
        insert_columns(Touch, _columns(new, at))


def latest(lead: Lead) -> QuerySet[Touch]:
    """How a lead came, the newest first and no more than anybody reads."""
    found: QuerySet[Touch] = Touch.objects.filter(lead=lead).select_related("form")
    return found.order_by("-occurred_at", "-pk")[:SHOWN]


def move(loser: Lead, winner: Lead) -> None:
    """When two journeys become one, the ways of both were this person's."""
    Touch.objects.filter(lead=loser).update(lead=winner)
    loser.submissions.update(lead=winner)


_way: Callable[[Any], tuple[str, ...]] = attrgetter(*WAYS)


def _known(leads: Iterable[int]) -> set[tuple[Any, ...]]:
    ids = list(leads)
    return set(Touch.objects.filter(lead__in=ids).values_list("lead", *WAYS)) if ids else set()


def _columns(new: Sequence[tuple[int, Inquiry, tuple[str, ...]]], at: datetime) -> dict[str, list[Any]]:
    ways = zip(*(way for _lead, _row, way in new), strict=True)
    return {
        "lead": [lead for lead, _row, _way in new],
        "occurred_at": [row.captured_at or at for _lead, row, _way in new],
        "form": [row.form for _lead, row, _way in new],
        **dict(zip(WAYS, map(list, ways), strict=True)),
    }
