"""Everything that happened to a lead, newest first: the ledger, behaviour and touches, merged page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from crm.models import Contact, LedgerEntry, User
from leads.capture.touches import WAYS
from leads.models import BehaviourEvent, Lead, Touch
from leads.scoring import reading

BEHAVIOUR, LEDGER, TOUCH = "behaviour", "ledger", "touch"
Place = tuple[datetime, str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened; `place` orders them and marks where a page ended."""

    place: Place
    kind: str
    subject: tuple[str, int]
    actor: User | None = None
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.place[0]


def page(lead: Lead, *, seen_by: User, size: int, after: Place | None = None) -> list[Item]:
    """The next `size` items after a place, newest first; four queries."""
    ledger = _before(_entries(lead, seen_by), "at", LEDGER, after).order_by("-at", "-pk")[:size]
    behaviour = _before(_events(lead), "occurred_at", BEHAVIOUR, after).order_by("-occurred_at", "-pk")[:size]
    came = Touch.objects.filter(lead=lead).select_related("form")
    touches = _before(came, "occurred_at", TOUCH, after).order_by("-occurred_at", "-pk")[:size]
    rules = reading.in_force()
    done = [_of_event(row, rules.points_of(row)) for row in behaviour]
    items = [*map(_of_entry, ledger), *done, *map(_of_touch, touches)]
    return sorted(items, key=lambda item: item.place, reverse=True)[:size]


def _entries(lead: Lead, user: User) -> QuerySet[LedgerEntry]:
    """The lead's own (whoever sees the lead sees those), and the person's as far as visible."""
    people = Contact.objects.known_as(lead.contact_id)
    about_person = LedgerEntry.objects.filter(contact__in=people)
    visible = LedgerEntry.objects.visible_to(user).filter(contact__in=people).exclude(subject_type="lead")
    own = Q(subject_type="lead", subject_id__in=Lead.objects.known_as(lead.pk))
    entries: QuerySet[LedgerEntry] = about_person.filter(own | Q(pk__in=visible.order_by().values("pk")))
    return entries.select_related("actor")


def _events(lead: Lead) -> QuerySet[BehaviourEvent]:
    events: QuerySet[BehaviourEvent] = (
        BehaviourEvent.objects.counted().filter(lead=lead).select_related("asset")
    )
    return events


def _before(rows: QuerySet[Any], moment: str, origin: str, after: Place | None) -> QuerySet[Any]:
    """Rows that come after the place: earlier, or at the same moment and lower in the order."""
    if after is None:
        return rows
    at, other, pk = after
    same = {moment: at}
    lower = Q(**same, pk__lt=pk) if origin == other else Q(**same) if origin < other else Q(pk__in=())
    return rows.filter(Q(**{f"{moment}__lt": at}) | lower)


def _of_entry(row: LedgerEntry) -> Item:
    return Item(
        place=(row.at, LEDGER, row.pk),
        kind=row.kind,
        subject=(row.subject_type, row.subject_id),
        actor=row.actor,
        from_state=row.from_state,
        to_state=row.to_state,
        reason=row.reason,
        data=row.data,
    )


def _of_event(row: BehaviourEvent, points: float) -> Item:
    data = {"asset": row.asset.slug if row.asset else None, "points": points, "source": row.source}
    return Item(
        place=(row.occurred_at, BEHAVIOUR, row.pk),
        kind=f"behaviour.{row.kind}",
        subject=("event", row.pk),
        data=data,
    )


def _of_touch(row: Touch) -> Item:
    data = {name: getattr(row, name) for name in WAYS} | {"form": row.form.slug if row.form else None}
    return Item(
        place=(row.occurred_at, TOUCH, row.pk), kind="lead.touched", subject=("touch", row.pk), data=data
    )
