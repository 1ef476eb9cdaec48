"""Deeds with a contact: log what was done, plan and finish the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm import ledger
from crm.bulk import insert_all, insert_missing
from crm.models import Activity, Channel, Contact, Direction, FollowUp, Outcome, User
from crm.states import Refused

# Clocks of telephones and mail servers drift; further ahead than this is a mistake.
TOLERATED_DRIFT = timedelta(minutes=5)
# What can come back as undeliverable.
RETURNABLE = (Channel.EMAIL, Channel.MESSAGE)
_INSERTED = (
    "contact", "account", "channel", "direction", "outcome", "note", "occurred_at", "by", "external_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that was done with a person, as a page, an integration or a file tells it."""

    contact: Contact
    channel: str
    outcome: str = Outcome.NONE
    direction: str = Direction.OUTBOUND
    note: str = ""
    occurred_at: datetime | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """What became of one entry: its activity, whether that is new or has bounced by it, or why it was refused."""

    activity: Activity | None = None
    is_new: bool = False
    has_bounced: bool = False
    refusal: Refused | None = None


def log(
    contact: Contact,
    *,
    channel: str,
    outcome: str = Outcome.NONE,
    direction: str = Direction.OUTBOUND,
    note: str = "",
    occurred_at: datetime | None = None,
    external_id: str = "",
    by: User | None,
    at: datetime,
) -> Activity:
    """Record one activity. Sent again with the same external id, it is the same activity."""
    entry = Entry(
        contact=contact,
        channel=channel,
        outcome=outcome,
        direction=direction,
        note=note,
        occurred_at=occurred_at,
        external_id=external_id,
    )
    return log_once(entry, by=by, at=at)[0]


def log_once(entry: Entry, *, by: User | None, at: datetime) -> tuple[Activity, bool]:
    """The activity of an entry, and whether it is new; raises why it was refused."""
    [done] = log_many([entry], by=by, at=at)
    if done.refusal:
        raise done.refusal
    assert done.activity
    return done.activity, done.is_new


def log_many(entries: Sequence[Entry], *, by: User | None, at: datetime) -> list[Logged]:
    """Record many, each answered in its place: good ones are kept when others are refused.

    An external id is known for ever. Told again it changes nothing, but for one thing: a mail that went out and is now
    told as bounced has bounced.
    """
    refusals = {place: said for place, entry in enumerate(entries) if (said := _refusal(entry, at))}
    good = {place: entry for place, entry in enumerate(entries) if place not in refusals}
    with transaction.atomic():
        fresh = _insert(good, by, at)
        ledger.record([_fact("activity.logged", row, row.occurred_at, by) for row in fresh.values()])
        known = _known([entry for place, entry in good.items() if place not in fresh])
        return [
            Logged(refusal=refusals[place])
            if place in refusals
            else Logged(fresh[place], is_new=True)
            if place in fresh
            else _told_again(entry, known[entry.external_id], by, at)
            for place, entry in enumerate(entries)
        ]


def _refusal(entry: Entry, at: datetime) -> Refused | None:
    if entry.occurred_at and entry.occurred_at > at + TOLERATED_DRIFT:
        message = _("This is in the future. Enter when it happened, or plan a follow-up instead.")
        return Refused(message, field="occurred_at")
    return None


def _insert(entries: dict[int, Entry], by: User | None, at: datetime) -> dict[int, Activity]:
    """The new activities by their place. Sorted by external id, so that two writers wait instead of dead-locking."""
    rows = {place: _activity(entry, by, at) for place, entry in entries.items()}
    plain = {place: row for place, row in rows.items() if not row.external_id}
    insert_all(list(plain.values()))
    named: dict[str, int] = {}
    for place, row in rows.items():
        if row.external_id:
            named.setdefault(row.external_id, place)
    unique = [rows[named[external_id]] for external_id in sorted(named)]
    for pk, external_id in insert_missing(unique, fields=_INSERTED, returning=("id", "external_id")):
        place = named[external_id]
        rows[place].pk = pk
        plain[place] = rows[place]
    return plain


def _activity(entry: Entry, by: User | None, at: datetime) -> Activity:
    return Activity(
        contact=entry.contact,
        account_id=entry.contact.account_id,
        channel=entry.channel,
        direction=entry.direction,
        outcome=entry.outcome,
        note=entry.note,
        occurred_at=min(entry.occurred_at or at, at),
        external_id=entry.external_id,
        by=by,
    )


def _known(entries: Sequence[Entry]) -> dict[str, Activity]:
    rows = Activity.objects.filter(external_id__in={entry.external_id for entry in entries})
    return {row.external_id: row for row in rows.select_related("by")}


def _told_again(entry: Entry, known: Activity, by: User | None, at: datetime) -> Logged:
    if known.contact_id != entry.contact.pk:
        message = _("This external id belongs to an activity with somebody else. Give each its own.")
        return Logged(refusal=Refused(message, field="external_id", code="conflict"))
    if entry.outcome == Outcome.BOUNCED != known.outcome and is_returnable(known):
        return Logged(bounced(known, at=at, by=by), has_bounced=True)
    return Logged(known)


def is_returnable(activity: Activity) -> bool:
    """Whether it is something that was sent and can come back."""
    return activity.direction == Direction.OUTBOUND and activity.channel in RETURNABLE


def report_bounce(activity: Activity, *, by: User | None, at: datetime) -> Activity:
    """Somebody says that a mail came back. Calls and meetings cannot."""
    if not is_returnable(activity):
        raise Refused(_("Only a mail or message that was sent can bounce."), code="conflict")
    return bounced(activity, at=at, by=by)


def bounced(activity: Activity, *, at: datetime, by: User | None = None) -> Activity:
    """A mail that was sent did not arrive: it is evidence of nothing any more. Telling it twice is harmless."""
    with transaction.atomic():
        if (
            Activity.objects.filter(pk=activity.pk)
            .exclude(outcome=Outcome.BOUNCED)
            .update(outcome=Outcome.BOUNCED)
        ):
            activity.refresh_from_db()
            ledger.record([_fact("activity.bounced", activity, at, by)])
    return activity


def _fact(kind: str, activity: Activity, at: datetime, by: User | None) -> ledger.Fact:
    data = {
        "channel": activity.channel,
        "direction": activity.direction,
        "outcome": activity.outcome,
        "note": activity.note,
    }
    return ledger.Fact(
        kind=kind,
        subject=("activity", activity.pk),
        at=at,
        actor=by,
        account_id=activity.account_id,
        contact_id=activity.contact_id,
        data=data,
    )


def plan(contact: Contact, *, note: str, due_at: datetime, by: User, at: datetime) -> FollowUp:
    """Promise a next step for a moment ahead."""
    if due_at < at:
        raise Refused(_("The day of a next step lies ahead. Choose a later one."), field="due_at")
    with transaction.atomic():
        step = FollowUp.objects.create(contact=contact, owner=by, note=note, due_at=due_at)
        ledger.record([_step_fact("followup.planned", step, by, at)])
    return step


def finish(step: FollowUp, *, by: User, at: datetime) -> FollowUp:
    """Tick a next step off; doing it twice is harmless."""
    with transaction.atomic():
        if FollowUp.objects.filter(pk=step.pk, done_at=None).update(done_at=at):
            ledger.record([_step_fact("followup.done", step, by, at)])
    step.refresh_from_db()
    return step


def take_up_again(step: FollowUp, *, by: User, at: datetime) -> FollowUp:
    """It was not done after all; doing this twice is harmless."""
    with transaction.atomic():
        if FollowUp.objects.filter(pk=step.pk, done_at__isnull=False).update(done_at=None):
            ledger.record([_step_fact("followup.reopened", step, by, at)])
    step.refresh_from_db()
    return step


def _step_fact(kind: str, step: FollowUp, by: User, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("followup", step.pk),
        at=at,
        actor=by,
        account_id=step.contact.account_id,
        contact_id=step.contact_id,
        data={"note": step.note, "due_at": step.due_at.isoformat()},
    )
