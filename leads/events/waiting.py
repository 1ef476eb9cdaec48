"""Behaviour that comes before its person does: kept without a name, and counted when the person appears.

Nothing is lost between the two. Whoever keeps an event looks for its person again after the commit, and whoever
adds a person looks for what waits after theirs; of two that pass each other, the one that commits later sees the
other. `sweep` finds what a crash left behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import Q

from content.models import Asset
from crm import access
from crm.arrays import literal
from crm.bulk import insert_missing
from crm.identity import lookup_key
from crm.models import Contact, User
from leads.events import recording, withholding
from leads.events.marks import EMAIL, EXTERNAL, mark, marks
from leads.events.matching import find_leads
from leads.events.recording import Behaviour, Receipt
from leads.models import BehaviourEvent, Lead, WaitingEvent

KEPT = timedelta(days=180)
SWEPT = timedelta(hours=1)
BATCH = 2000
_COLUMNS = (
    "source", "external_id", "kind", "occurred_at", "received_at", "asset", "email_mark", "external_mark", "contact",
    "is_withheld", "properties",
)  # fmt: skip


def receive(batch: Sequence[Behaviour], *, by: User | None, at: datetime) -> Receipt:
    """Count each event once; one whose person nobody knows yet waits, and counts when they appear.

    Who sees only their own leads cannot leave events behind for people they may never see: theirs are refused.
    """
    return recording.record(batch, by=by, at=at, keep=_keep if _may_leave(by) else None)


def set_aside(batch: Sequence[Behaviour], *, by: User | None, at: datetime) -> None:
    """What is known not to be a person's: kept with them, or for when they appear, and never counted by itself."""
    found = list(zip(batch, find_leads(batch, by=by), strict=True))
    withholding.withhold([replace(event, lead=lead) for event, lead in found if lead is not None], at=at)
    if _may_leave(by):
        strangers = {index: event for index, (event, lead) in enumerate(found) if lead is None}
        with transaction.atomic():
            _insert(strangers, at, is_withheld=True)


def _may_leave(by: User | None) -> bool:
    return by is None or access.sees_everything(by)


# -- keeping --------------------------------------------------------------------------------------


def _keep(batch: Sequence[Behaviour], receipt: Receipt, at: datetime) -> None:
    strangers = {no.index: batch[no.index] for no in receipt.refused if no.field == "lead"}
    kept, added = _insert(strangers, at)
    receipt.waiting, receipt.duplicates = added, receipt.duplicates + len(kept) - added
    receipt.refused = [no for no in receipt.refused if no.index not in kept]


def _insert(
    strangers: Mapping[int, Behaviour], at: datetime, *, is_withheld: bool = False
) -> tuple[set[int], int]:
    """Which of these can wait for somebody, and how many of them are new."""
    people = _contacts(strangers.values())
    rows = {index: row for index, event in strangers.items() if (row := _row(event, people, at))}
    if not rows:
        return set(), 0
    counted = _counted(rows.values())
    fresh = sorted((row for row in rows.values() if _key(row) not in counted), key=_key)
    _place_assets(fresh, strangers.values())
    for row in fresh:
        row.is_withheld = is_withheld
    added = insert_missing(fresh, fields=_COLUMNS, returning=("id",))
    _look_again([strangers[index] for index in rows], at)
    return set(rows), len(added)


def _look_again(events: list[Behaviour], at: datetime) -> None:
    """After the commit: the person may have appeared while the event was on its way."""
    transaction.on_commit(partial(_settle, events, at), robust=True)


def _settle(events: Sequence[Behaviour], at: datetime) -> None:
    attach([lead for lead in find_leads(events, by=None) if lead is not None], at=at)


def _contacts(events: Iterable[Behaviour]) -> dict[int, int]:
    """Who is meant by the ids of contacts; the id of a person who was merged leads to where they went."""
    named = {event.contact for event in events if event.contact}
    rows = Contact.objects.filter(pk__in=named).values_list("pk", "merged_into") if named else ()
    return {pk: into or pk for pk, into in rows}


def _row(event: Behaviour, people: Mapping[int, int], at: datetime) -> WaitingEvent | None:
    """None where nobody is named who could still appear: an id of ours that is not there is a mistake."""
    email = lookup_key(event.email) if event.email else ""
    contact = people.get(event.contact or 0)
    if event.lead or not (email or event.lead_external_id or contact):
        return None
    return WaitingEvent(
        source=event.source,
        external_id=event.external_id,
        kind=event.kind,
        occurred_at=event.occurred_at,
        received_at=at,
        email_mark=mark(EMAIL, email) if email else "",
        external_mark=mark(EXTERNAL, event.lead_external_id) if event.lead_external_id else "",
        contact_id=contact,
        properties=event.properties,
    )


def _key(row: WaitingEvent) -> tuple[str, str]:
    return row.source, row.external_id


def _counted(rows: Iterable[WaitingEvent]) -> set[tuple[str, str]]:
    """Those that were counted before, for somebody."""
    same = _same(map(_key, rows))
    return set(BehaviourEvent.objects.filter(same).values_list("source", "external_id"))


def known(keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (source, external id) have been told before, counted or waiting."""
    same = _same(keys)
    counted = BehaviourEvent.objects.filter(same).values_list("source", "external_id")
    return {*counted, *WaitingEvent.objects.filter(same).values_list("source", "external_id")}


def _same(keys: Iterable[tuple[str, str]]) -> Q:
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, name in keys:
        by_source[source].append(name)
    same = Q(pk__in=())
    for source, names in by_source.items():
        same |= Q(source=source, external_id__in=names)
    return same


def _place_assets(rows: Iterable[WaitingEvent], events: Iterable[Behaviour]) -> None:
    slugs = {(event.source, event.external_id): event.asset for event in events if event.asset}
    if not slugs:
        return
    assets = Asset.objects.keys_of(slugs.values())
    for row in rows:
        row.asset_id = assets.get(slugs.get(_key(row), ""))


# -- the person appears ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Person:
    contact: int
    email: str = ""
    lead_external_id: str = ""
    lead: int | None = None


def attach(leads: Iterable[int], *, at: datetime) -> int:
    """Count what waits for the people of these leads, each at its own time; who reaches the bar is an MQL at once.

    Harmless when there is nothing, and when two do it at once: a row somebody else is taking out is left to them.
    """
    known = _marks_of(leads)
    if not (known and _is_awaited(known)):
        return 0
    with transaction.atomic():
        waiting = WaitingEvent.objects.filter(_meant_by(known)).select_related("asset").order_by("pk")
        rows = list(waiting.select_for_update(skip_locked=True, of=("self",)))
        if not rows:
            return 0
        WaitingEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
        moment = max(at, max(row.received_at for row in rows))  # history that is brought in lies before them
        told = list(zip(rows, _behaviour(rows, known), strict=True))
        withholding.withhold([event for row, event in told if row.is_withheld], at=moment)
        counted = [event for row, event in told if not row.is_withheld]
        return recording.record(counted, by=None, at=moment).accepted


Known = dict[tuple[str, str | int], int]

# Asked at every capture, hence without the ORM. It tells of nobody where nothing waits; who has an address now comes
# after who had it before they were merged. A plan for one lead is kept: see `crm.statements`.
_TOLD = """
    WITH person AS (
        SELECT DISTINCT contact_id AS id FROM leads_lead
         WHERE id {leads} AND EXISTS (SELECT FROM leads_waitingevent)
    )
    SELECT way, told, pk, successor FROM (
        SELECT 'email', email_key, id, merged_into_id FROM crm_contact WHERE id IN (SELECT id FROM person)
        UNION
        SELECT 'email', email_key, id, merged_into_id FROM crm_contact WHERE merged_into_id IN (SELECT id FROM person)
        UNION ALL
        SELECT 'external', external_id, contact_id, NULL FROM leads_lead
         WHERE contact_id IN (SELECT id FROM person) AND external_id <> ''
    ) AS known (way, told, pk, successor)
     ORDER BY successor NULLS LAST, pk
"""
_AWAITED = """
    SELECT EXISTS (SELECT FROM leads_waitingevent WHERE email_mark = ANY(%(email)s) AND email_mark <> '')
        OR EXISTS (SELECT FROM leads_waitingevent WHERE external_mark = ANY(%(external)s) AND external_mark <> '')
        OR EXISTS (SELECT FROM leads_waitingevent WHERE contact_id = ANY(%(contact)s::bigint[]))
"""


def _marks_of(leads: Iterable[int]) -> Known:
    """Each way the people of these leads are told, and who it is; nobody where nothing waits."""
    known: Known = {}
    chosen = list(leads)
    which, told = ("= %s", chosen[0]) if len(chosen) == 1 else ("= ANY(%s)", literal(chosen))
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(leads=which), [told])
        for way, told, pk, into in cursor.fetchall():
            known["contact", pk] = person = into or pk
            known |= {(way, each): person for each in (marks(way, told) if told else ())}
    return known


def _is_awaited(known: Known) -> bool:
    """Whether something waits for one of them: for most people nothing does."""
    told = _by_way(known)
    with connection.cursor() as cursor:
        cursor.execute(_AWAITED, {way: literal(told[way]) for way in (EMAIL, EXTERNAL, "contact")})
        return bool(cursor.fetchone()[0])


def _by_way(known: Known) -> dict[str, list[str | int]]:
    told: dict[str, list[str | int]] = defaultdict(list)
    for way, value in known:
        told[way].append(value)
    return told


def _meant_by(known: Known) -> Q:
    told = _by_way(known)
    # Said plainly beside each list, so that the partial indexes serve.
    return (
        Q(email_mark__in=told[EMAIL]) & ~Q(email_mark="")
        | Q(external_mark__in=told[EXTERNAL]) & ~Q(external_mark="")
        | Q(contact__in=told["contact"])
    )


def _behaviour(rows: Sequence[WaitingEvent], known: Known) -> list[Behaviour]:
    people = [_whose(row, known) for row in rows]
    journeys = find_leads([_Person(pk) for pk in people], by=None)
    return [
        Behaviour(
            source=row.source,
            external_id=row.external_id,
            kind=row.kind,
            occurred_at=row.occurred_at,
            asset=row.asset.slug if row.asset else "",
            properties=row.properties,
            lead=lead,
        )
        for row, lead in zip(rows, journeys, strict=True)
    ]


def _whose(row: WaitingEvent, known: Known) -> int:
    """In the order in which a message that comes today is matched."""
    told = ((EXTERNAL, row.external_mark), ("contact", row.contact_id or 0), (EMAIL, row.email_mark))
    return next(known[way] for way in told if way in known)


def attach_people(contacts: Iterable[int], *, at: datetime) -> int:
    """The same for contacts whose address is new."""
    people = list(contacts)
    return attach(Lead.objects.filter(contact__in=people).values_list("pk", flat=True), at=at)


# -- what time does -------------------------------------------------------------------------------


def sweep(*, at: datetime) -> int:
    """Look once more for the people who changed in the last hour."""
    if not WaitingEvent.objects.exists():
        return 0
    since = at - SWEPT
    changed = Q(updated_at__gte=since) | Q(contact__in=Contact.objects.filter(updated_at__gte=since))
    leads = list(Lead.objects.filter(changed).order_by("pk").values_list("pk", flat=True))
    return sum(attach(leads[start : start + BATCH], at=at) for start in range(0, len(leads), BATCH))


def forget(*, at: datetime) -> int:
    """Drop what has waited too long for anybody to appear."""
    old = WaitingEvent.objects.filter(received_at__lt=at - KEPT)
    count: int = old.delete()[0]
    return count
