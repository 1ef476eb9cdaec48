"""Looking at what changed, and walking past every lead: what changes by itself, such as with time, is seen then.

Each step is a transaction that keeps what it found and how far it came; who stops loses one step at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from crm import access, ledger, transactions
from crm.models import DuplicatePair, LedgerEntry, RecordKind, User
from leads.models import AuditWalk, Lead
from leads.quality import history, keeping
from leads.quality.rule import ACCOUNT, COLUMNS, CONTACT, LEAD

# Of so few leads the database looks up what belongs to each, instead of reading whole tables.
BATCH, STEPS = 1000, 10
# A walk begins so long after the one before began, or when that is done.
EVERY = timedelta(hours=3)
# A pair may be found or decided on this long before that is committed.
LATEST_COMMIT = timedelta(minutes=1)
WALK = "walk of the audit"  # the lock's name
# What is asked for, and of whom, may then be something else for any lead.
_OF_ALL = ("agreement.in_force", "scoring.activated")


@dataclass(frozen=True, slots=True)
class Progress:
    """Changes are in the figures as of `seen_at`. Every lead was looked at `since` then, where one walk was whole; the
    one that is under way is at `percent`.
    """

    seen_at: datetime
    since: datetime | None
    percent: int | None


def advance(*, at: datetime, steps: int | None = STEPS) -> None:
    """Look at what changed since the last time, then walk on; at most so many steps of each."""
    for step in (_see_changes, _walk_on):
        for _number in count() if steps is None else range(steps):
            if not step(at):
                break


@transaction.atomic
def begin(*, by: User | None, at: datetime) -> None:
    """Look at every lead anew, from the first on; who sees every lead may ask for it."""
    if by is not None and not access.sees_everything(by):
        raise PermissionDenied(_("Only marketing and administrators may look at all leads again."))
    transactions.have_alone(WALK)
    state = _state(at)
    state.began_at, state.next_lead = at, 0
    state.save(update_fields=["began_at", "next_lead"])


def complete(*, at: datetime) -> None:
    """A whole walk at once."""
    begin(by=None, at=at)
    advance(at=at, steps=None)


def progress() -> Progress | None:
    """Nothing before anybody has looked."""
    state = AuditWalk.objects.first()
    if state is None:
        return None
    last = Lead.objects.aggregate(last=Max("pk"))["last"] or 1
    percent = None if state.next_lead is None else min(99, 100 * state.next_lead // last)
    return Progress(state.seen_at, state.since, percent)


def _see_changes(at: datetime) -> bool:
    """The next changes of the ledger's feed; whether there may be more."""
    with transaction.atomic():
        if not transactions.claimed(WALK, 0):
            return False
        state = _state(at)
        entries = ledger.changes_after((state.xid, state.entry), limit=BATCH)
        keeping.look_again(_concerned(entries, since=state.seen_at - LATEST_COMMIT), at=at)
        if entries:
            state.xid, state.entry = entries[-1].xid, entries[-1].pk
        if any(entry.kind in _OF_ALL for entry in entries):
            state.began_at, state.next_lead = at, 0
        is_behind = len(entries) == BATCH
        state.seen_at = entries[-1].recorded_at if is_behind else at
        state.save()
    return is_behind


def _state(at: datetime) -> AuditWalk:
    """The one row; at first every lead is to be looked at, and changes are those from now on."""
    state: AuditWalk | None = AuditWalk.objects.first()
    if state is None:
        last = LedgerEntry.objects.settled().order_by("-xid", "-pk").first()
        xid, entry = (last.xid, last.pk) if last else (0, 0)
        state = AuditWalk.objects.create(xid=xid, entry=entry, seen_at=at, began_at=at)
    return state


def _concerned(entries: Sequence[LedgerEntry], *, since: datetime) -> set[int]:
    """The leads of what the entries are about, and those of who may be in a pair since then."""
    about = {kind: {entry.subject_id for entry in entries if entry.subject_type == kind} for kind in COLUMNS}
    people = about[CONTACT] | {entry.contact_id for entry in entries if entry.contact_id}
    companies = about[ACCOUNT] | {
        entry.account_id for entry in entries if entry.account_id and _is_of_all_there(entry)
    }
    keys = {
        "pk": about[LEAD],
        "contact": people | _paired(RecordKind.CONTACT, since),
        "account": companies | _paired(RecordKind.ACCOUNT, since),
    }
    rows = (Lead.objects.filter(**{f"{column}__among": list(told)}) for column, told in keys.items())
    return {pk for found in rows for pk in found.values_list("pk", flat=True)}


def _is_of_all_there(entry: LedgerEntry) -> bool:
    """Whether it says something of every lead of the company, as that it has become a customer."""
    return entry.subject_type == ACCOUNT or entry.kind == "lead.customer"


def _paired(kind: str, since: datetime) -> set[int]:
    """Who is in a pair that was found or decided on since then; the ledger does not tell of pairs."""
    told = DuplicatePair.objects.filter(Q(found_at__gte=since) | Q(decided_at__gte=since), kind=kind)
    return {pk for pair in told.values_list("low", "high") for pk in pair}


def _walk_on(at: datetime) -> bool:
    """The next leads of the walk under way, or of one whose time has come; whether there are more."""
    with transaction.atomic():
        if not transactions.claimed(WALK, 0):
            return False
        state = _state(at)
        if state.next_lead is None and state.began_at > at - EVERY:
            return False
        if state.next_lead is None:
            state.began_at, state.next_lead = at, 0
        batch = _from(state.next_lead)
        keeping.look_again(batch, at=at)
        if len(batch) == BATCH:
            state.next_lead = batch[-1] + 1
        else:
            state.next_lead, state.since = None, state.began_at
            history.snapshot(at=at)
        state.save(update_fields=["began_at", "next_lead", "since"])
    return len(batch) == BATCH


def _from(lead: int) -> list[int]:
    return list(Lead.objects.filter(pk__gte=lead).order_by("pk").values_list("pk", flat=True)[:BATCH])
