"""Which leads nobody touches.

A touch is ours: a call, a mail, a meeting. What the lead does by itself is none, it only makes the neglect dearer.
Apps above know further reasons to leave a lead alone, such as a running handoff, and name them with `spare`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Activity, Channel, Outcome

# Sales took these on: how they fare is told by their handoffs and deals.
WITH_SALES = ("sal", "sql")
Condition = Callable[[datetime], Q]
_spared: dict[str, Condition] = {}


def spare(name: str, condition: Condition) -> None:
    """Leads for which a condition on leads holds count as touched since a moment; naming it twice is harmless."""
    _spared[name] = condition


def untouched(at: datetime, *, days: int) -> Q:
    """A condition on open leads: here for so many days, nobody reached out since, and nothing is under way."""
    since = at - timedelta(days=days)
    condition = (
        ~Q(stage__in=WITH_SALES)
        & Q(captured_at__lte=since)
        & ~Q(Exists(touches().filter(occurred_at__gt=since)))
        & ~_waits(at)
        & ~Q(Exists(_nurtured()))
    )
    for reason in _spared.values():
        condition &= ~reason(since)
    return condition


def touches() -> QuerySet[Activity]:
    """For a subquery on leads. A note touches nobody, and a mail that came back did not arrive."""
    done = Activity.objects.filter(contact=OuterRef("contact")).order_by()
    return done.exclude(channel=Channel.NOTE).exclude(outcome=Outcome.BOUNCED)


def _waits(at: datetime) -> Q:
    """Given back by sales and left alone on purpose."""
    return Q(stage="recycled") & (Q(waits_until=None) | Q(waits_until__gt=at))


def _nurtured() -> QuerySet:
    return apps.get_model("leads", "Enrolment").objects.filter(lead=OuterRef("pk"), ended_at=None)
