"""Late first contacts with what is on record about each: who, when, and what stood in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from crm.models import Activity, Leave, LedgerEntry
from reports import facets
from reports.facets import Lens
from reports.scopes import Scope
from sla import clock, evidence
from sla.judging import LATE
from sla.models import Handoff
from sla.work_calendar import WorkCalendar

QUEUE, OFF_HOURS, PAUSED, REASSIGNED, LEAVE, TRIED, NOTHING = (
    "queue", "off_hours", "paused", "reassigned", "leave", "tried", "nothing",
)  # fmt: skip
CAUSES = (QUEUE, OFF_HOURS, PAUSED, REASSIGNED, LEAVE, TRIED, NOTHING)
# So many are looked into; a page shows the first of them.
MOST = 200
_OF_LEDGER = ("handoff.claimed", "handoff.reassigned")


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing on record; `what` is the reason of a pause or a number of attempts, `at` when it was."""

    kind: str
    what: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """`late` is working time between the deadline and the contact, the end, or now."""

    handoff: Handoff
    done_at: datetime | None
    late: timedelta
    causes: list[Cause]


def late(scope: Scope, lens: Lens) -> QuerySet[Handoff]:
    """The longest overdue first."""
    rows = facets.narrowed(scope.handoffs(), {"response": [LATE]}, lens)
    until = Coalesce("first_contact_at", "decided_at", Value(lens.at))
    return rows.annotate(overdue=until - F("respond_by")).order_by("-overdue", "pk")


def breaches(scope: Scope, lens: Lens, *, most: int = MOST) -> list[Breach]:
    """The worst, with their causes; queries do not grow with their number."""
    related = (
        late(scope, lens).select_related("contact", "account", "assignee", "terms").prefetch_related("pauses")
    )
    rows = list(related[:most])
    record = _Record(rows, lens.at)
    return [record.breach(row) for row in rows]


class _Record:
    """What was written down about some handoffs."""

    def __init__(self, rows: Sequence[Handoff], at: datetime) -> None:
        self._rows, self._at = rows, at
        self._calendars: dict[str, WorkCalendar] = {}

    def breach(self, row: Handoff) -> Breach:
        end = row.first_contact_at or row.decided_at or self._at
        overdue = clock.elapsed(self._calendar(row), row.respond_by, end)
        return Breach(row, row.first_contact_at, overdue, list(self._causes(row)) or [Cause(NOTHING)])

    def _causes(self, row: Handoff) -> Iterable[Cause]:
        if row.assignee_id is None:
            yield Cause(QUEUE)
        yield from self._moves.get(row.pk, ())
        if not clock.is_open(self._calendar(row), row.offered_at):
            yield Cause(OFF_HOURS, at=row.offered_at)
        yield from (Cause(PAUSED, held.reason, held.starts_at) for held in row.pauses.all())
        if self._was_away(row):
            yield Cause(LEAVE)
        if tried := self._attempts(row):
            yield Cause(TRIED, str(tried))

    @cached_property
    def _moves(self) -> Mapping[int, list[Cause]]:
        """Claimed from the queue, or given to somebody else, by handoff."""
        kinds = {"handoff.claimed": QUEUE, "handoff.reassigned": REASSIGNED}
        ids = [row.pk for row in self._rows]
        entries = LedgerEntry.objects.filter(subject_type="handoff", subject_id__in=ids, kind__in=_OF_LEDGER)
        found: dict[int, list[Cause]] = defaultdict(list)
        for entry in entries.order_by("pk"):
            found[entry.subject_id].append(Cause(kinds[entry.kind], entry.reason, entry.at))
        return found

    @cached_property
    def _leaves(self) -> list[Leave]:
        people = {row.assignee_id for row in self._rows if row.assignee_id}
        return list(Leave.objects.filter(user__in=people).order_by("pk"))

    def _was_away(self, row: Handoff) -> bool:
        zone = self._calendar(row).tz
        first, last = row.offered_at.astimezone(zone).date(), row.respond_by.astimezone(zone).date()
        return any(
            leave.user_id == row.assignee_id and leave.starts_on <= last and leave.ends_on >= first
            for leave in self._leaves
        )

    @cached_property
    def _deeds(self) -> Mapping[int, list[Activity]]:
        people = {row.contact_id for row in self._rows}
        since = min((row.offered_at for row in self._rows), default=self._at)
        found: dict[int, list[Activity]] = defaultdict(list)
        for deed in (
            Activity.objects.outbound().filter(contact__in=people, occurred_at__gte=since).order_by("pk")
        ):
            found[deed.contact_id or 0].append(deed)
        return found

    def _attempts(self, row: Handoff) -> int:
        """Attempts before the deadline that did not answer under the terms."""
        deeds = self._deeds.get(row.contact_id, ())
        return sum(
            evidence.is_attempt(d) and row.offered_at <= d.occurred_at <= row.respond_by for d in deeds
        )

    def _calendar(self, row: Handoff) -> WorkCalendar:
        if row.terms_id not in self._calendars:
            self._calendars[row.terms_id] = WorkCalendar.from_snapshot(row.terms.body["calendar"])
        return self._calendars[row.terms_id]


def by_cause(found: Iterable[Breach]) -> list[tuple[str, int]]:
    """How many breaches have each cause on record; one may have several."""
    counts = dict.fromkeys(CAUSES, 0)
    for breach in found:
        for kind in {cause.kind for cause in breach.causes}:
            counts[kind] += 1
    return [(kind, count) for kind, count in counts.items() if count]
