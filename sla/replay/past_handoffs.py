"""What sales really did with handoffs, read from their rows, the activities and the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q

from crm.models import Activity, LedgerEntry
from leads.past import Move
from sla import offering
from sla.models import DECIDED, Feedback, Handoff, Pause, Status
from sla.replay.facts import Answer, Back, Change, Deed

BATCH = 1000
_OWNED = ("handoff.offered", "handoff.claimed", "handoff.reassigned")


def handoffs_of(since: datetime, until: datetime) -> Any:
    """Handoffs offered in a period, and those that ran when it began."""
    ran = Q(offered_at__lt=since) & (Q(decided_at=None) | Q(decided_at__gte=since))
    return live().filter(Q(offered_at__gte=since, offered_at__lt=until) | ran)


def live() -> Any:
    """Without those that were brought in as history: no clock ever ran for them."""
    return Handoff.objects.exclude(routed__rule="history")


def read(rows: Any) -> list[Answer]:
    """Answers in the order they were offered, a thousand handoffs at a time."""
    wanted = rows.select_related("terms", "lead").order_by("offered_at", "pk").defer("brief", "note")
    found: list[Answer] = []
    batch: list[Handoff] = []
    for row in wanted.iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            found += _answers(batch)
            batch = []
    return found + _answers(batch)


def _answers(rows: Sequence[Handoff]) -> list[Answer]:
    around = _Around.of(rows) if rows else None
    return [_answer(row, around) for row in rows] if around else []


@dataclass(frozen=True, slots=True)
class _Around:
    """What belongs to a batch of handoffs, by handoff (deeds: by contact)."""

    owned: Mapping[int, list[tuple[Any, ...]]]
    deeds: Mapping[int, list[Deed]]
    pauses: Mapping[int, list[tuple[datetime, datetime]]]
    said: Mapping[int, tuple[str, Any]]

    @classmethod
    def of(cls, rows: Sequence[Handoff]) -> _Around:
        ids = [row.pk for row in rows]
        entries = LedgerEntry.objects.filter(subject_type="handoff", subject_id__in=ids, kind__in=_OWNED)
        told = Feedback.objects.filter(handoff__in=ids, verdict="rejected")
        paused = Pause.objects.filter(handoff__in=ids).exclude(ends_at=None).order_by("starts_at")
        return cls(
            owned=_grouped(
                entries.order_by("at", "pk").values_list("subject_id", "kind", "at", "actor", "data")
            ),
            deeds=_deeds(rows),
            pauses=_grouped(paused.values_list("handoff", "starts_at", "ends_at")),
            said={
                one: (code, day)
                for one, code, day in told.values_list("handoff", "reason__code", "not_before")
            },
        )


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for key, *values in rows:
        found[key].append(tuple(values))
    return found


def _deeds(rows: Sequence[Handoff]) -> dict[int, list[Deed]]:
    people, since = {row.contact_id for row in rows}, min(row.offered_at for row in rows)
    done = Activity.objects.outbound().filter(contact__in=people, occurred_at__gte=since)
    columns = ("contact", "channel", "direction", "outcome", "occurred_at")
    found: dict[int, list[Deed]] = defaultdict(list)
    for contact, *values in done.order_by("occurred_at", "pk").values_list(*columns):
        found[contact].append(Deed(*values))
    return found


def _answer(row: Handoff, around: _Around) -> Answer:
    first, owners, is_by_hand = _ownership(row, around.owned.get(row.pk, []))
    reason, not_before = around.said.get(row.pk, ("", None))
    has_ended = row.status in DECIDED
    return Answer(
        handoff=row.pk,
        lead=row.lead_id,
        round=row.round,
        score=row.score_at_handoff,
        source=row.lead.source,
        offered_at=row.offered_at,
        assignee=first,
        due=offering.due_times_of(row),
        body=row.terms.body,
        deeds=tuple(deed for deed in around.deeds.get(row.contact_id, ()) if _within(deed, row)),
        owners=tuple(owners),
        accepted_at=row.accepted_at,
        ended_at=row.decided_at,
        ended_as=row.status if has_ended else "",
        reason=reason or "",
        not_before=not_before,
        pauses=tuple(around.pauses.get(row.pk, ())),
        is_named=row.routed.get("rule") == "named",
        is_by_hand=is_by_hand,
        verdicts=(row.responded_in_time, row.accepted_in_time, row.feedback_in_time),
    )


def _within(deed: Deed, row: Handoff) -> bool:
    return row.offered_at <= deed.occurred_at and (
        row.decided_at is None or deed.occurred_at <= row.decided_at
    )


def _ownership(row: Handoff, entries: Sequence[tuple[Any, ...]]) -> tuple[int | None, list[Change], bool]:
    """Whose it was at first, who got it later, and whether somebody handed it over by hand."""
    offered = next(((actor, data) for kind, _at, actor, data in entries if kind == "handoff.offered"), None)
    first = owner = offered[1].get("assignee") if offered else row.assignee_id
    changes = []
    for kind, at, _actor, data in entries:
        if kind != "handoff.offered":
            changes.append(Change(at, owner, data.get("assignee")))
            owner = data.get("assignee")
    answered_at = row.accepted_at or row.decided_at
    if owner is None and row.assignee_id and answered_at:  # answering from the open queue makes it one's own
        changes.append(Change(answered_at, None, row.assignee_id))
    return first, changes, bool(offered and offered[0])


# -- what followed for the lead -------------------------------------------------------------------


def apart(answers: Sequence[Answer], moves: Sequence[Move]) -> tuple[list[Move], dict[int, Back]]:
    """The moves that answers of sales did not make, and where leads went whose handoff was taken back (by handoff)."""
    made = _made(answers)
    backs: dict[int, Back] = {}
    others = []
    for move in moves:
        answer = made.get((move.lead, move.at, move.to))
        if answer is None:
            others.append(move)
        elif answer.ended_as == Status.WITHDRAWN:
            backs[answer.handoff] = Back(move.to, move.waits_until, move.fresh_only)
    return others, backs


_FOLLOWS = {
    Status.REJECTED: ("recycled", "disqualified"),
    Status.CONVERTED: ("sql",),
    # A lead marketing disqualified would have been so without a handoff, too.
    Status.WITHDRAWN: ("nurturing", "recycled"),
}


def _made(answers: Iterable[Answer]) -> dict[tuple[int, datetime, str], Answer]:
    made = {}
    for one in answers:
        if one.accepted_at:
            made[one.lead, one.accepted_at, "sal"] = one
        for stage in _FOLLOWS.get(Status(one.ended_as), ()) if one.ended_as else ():
            assert one.ended_at
            made[one.lead, one.ended_at, stage] = one
    return made


# -- what was before ------------------------------------------------------------------------------


def last_offers(since: datetime, running: Collection[int]) -> dict[int, list[datetime]]:
    """When each seller was offered something before a moment: the last of all, and those of the day before.

    `running` are handoffs that still ran then; whoever has them counts them when they are put on the bench.
    """
    before = Handoff.objects.filter(offered_at__lt=since).exclude(assignee=None).exclude(pk__in=list(running))
    last = before.values_list("assignee").annotate(last=Max("offered_at"))
    found: dict[int, set[datetime]] = defaultdict(set)
    for user, moment in last:
        found[user].add(moment)
    for user, moment in before.filter(offered_at__gt=since - timedelta(hours=24)).values_list(
        "assignee", "offered_at"
    ):
        found[user].add(moment)
    return {user: sorted(moments) for user, moments in found.items()}


def had_before(leads: Collection[int], since: datetime) -> dict[int, set[int]]:
    """Who had refused each lead, or let it expire, before a moment."""
    past = Handoff.objects.filter(
        lead__in=leads, status__in=(Status.REJECTED, Status.EXPIRED), decided_at__lt=since
    ).exclude(assignee=None)
    found: dict[int, set[int]] = defaultdict(set)
    for lead, user in past.values_list("lead", "assignee"):
        found[lead].add(user)
    return found


def refused_before(leads: Collection[int], since: datetime) -> dict[int, dict[str, int]]:
    """How often each lead had been rejected for each reason before a moment."""
    told = Feedback.objects.filter(handoff__lead__in=leads, verdict="rejected", given_at__lt=since)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for lead, code in told.values_list("handoff__lead", "reason__code"):
        found[lead][code] += 1
    return found


def rounds_before(leads: Collection[int], since: datetime) -> dict[int, int]:
    """How often each lead had been handed to sales before a moment."""
    found: dict[int, int] = defaultdict(int)
    for lead in Handoff.objects.filter(lead__in=leads, offered_at__lt=since).values_list("lead", flat=True):
        found[lead] += 1
    return found
