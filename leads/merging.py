"""Two journeys of one person become one: behaviour, programmes and what is known go to the one that stays.

What sales and the pipeline hold is moved by the layers above (`sla.merging`), in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import ledger, moving, unmerging
from crm.merging import merge_contacts
from crm.models import MergeRecord, RecordKind, User
from crm.states import Refused
from leads import lifecycle, steering
from leads.capture import touches
from leads.events import waiting
from leads.facts import about
from leads.models import BehaviourEvent, Enrolment, Lead, Stage
from leads.scoring import force, recounting, versions

FILLED = ("account", "owner", "source", "medium", "campaign", "external_id")
# How far a journey has come; the one that is further stays.
FAR = (
    Stage.DISQUALIFIED, Stage.INQUIRY, Stage.RECYCLED, Stage.NURTURING, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER,
)  # fmt: skip


def lock_both(lead: Lead, into: Lead, *, by: User | None) -> tuple[Lead, Lead]:
    """Both as they are now, held until the transaction ends; raises what stands against merging them.

    A rule that an administrator switched on merges in nobody's name.
    """
    force.stay()  # before the scores, as whoever counts behaviour does
    ids = sorted({lead.pk, into.pk})
    recounting.hold(ids)  # and these before the leads
    rows = {
        row.pk: row for row in Lead.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    }
    loser, winner = rows[lead.pk], rows[into.pk]
    for row in (loser, winner):
        if by is not None:
            steering.insist_may_work(row, by)
    _insist_on_two_journeys(loser, winner)
    return loser, winner


def _insist_on_two_journeys(loser: Lead, winner: Lead) -> None:
    if loser.pk == winner.pk:
        raise Refused(_("A lead cannot be merged into itself. Choose the other record."), field="into")
    if loser.merged_into_id or winner.merged_into_id:
        message = _("One of them has been merged already. Load the page again to see where it is now.")
        raise Refused(message, field="into", code="conflict")
    if FAR.index(Stage(loser.stage)) > FAR.index(Stage(winner.stage)):
        message = _("This lead has come further than the other. Merge the other one into this.")
        raise Refused(message, field="into", code="conflict")
    others = Lead.objects.open().filter(contact=loser.contact_id).exclude(pk__in=[loser.pk, winner.pk])
    if loser.contact_id != winner.contact_id and others.exists():
        message = _("This person has another open lead. Merge that one.")
        raise Refused(message, field="into", code="conflict")


def absorb(loser: Lead, winner: Lead, *, by: User | None, at: datetime, chosen: Collection[str] = ()) -> Lead:
    """Move everything of ours from one locked lead to the other; the score is summed anew and may qualify."""
    assert transaction.get_connection().in_atomic_block
    old, new = loser.contact, winner.contact
    values = _filled(loser, winner)
    Lead.objects.filter(pk=loser.pk).update(
        merged_into=winner, contact=new, external_id=_kept_id(loser, values)
    )
    Lead.objects.filter(merged_into=loser).update(merged_into=winner)
    BehaviourEvent.objects.filter(lead=loser).update(lead=winner)
    _move_enrolments(loser, winner, at)
    touches.move(loser, winner)
    for name, value in values.items():
        setattr(winner, name, value)
    winner.save(update_fields=[*values, "updated_at"])
    merge_contacts(old, new, by=by, at=at, chosen=chosen)
    _sum_anew([loser.pk, winner.pk])
    ledger.record(_facts(loser, winner, by, at))
    waiting.attach([winner.pk], at=at)
    lifecycle.qualify([winner.pk], at=at)
    return winner


def undo(record: MergeRecord, *, by: User, at: datetime) -> MergeRecord:
    """Take a merge of people or companies back; scores are the sums of their own events again."""
    with transaction.atomic():
        force.stay()
        done = unmerging.undo(record, by=by, at=at)
        if record.kind == RecordKind.CONTACT:
            both = [record.loser, record.winner]
            _sum_anew(list(Lead.objects.filter(contact__in=both).order_by("pk").values_list("pk", flat=True)))
    return done


def gather_strays() -> int:
    """What was written to a record while it was being merged away follows it, behaviour and what it counts for."""
    with transaction.atomic():
        force.stay()
        astray = BehaviourEvent.objects.filter(lead__merged_into__isnull=False)
        leads = {pk for pair in astray.values_list("lead", "lead__merged_into") for pk in pair}
        moved = moving.gather_strays()
        if leads:
            _sum_anew(sorted(leads))
    return moved


def _filled(loser: Lead, winner: Lead) -> dict[str, Any]:
    """What the winner lacks, the earlier arrival, and every time either was handed to sales."""
    known = {name: getattr(loser, name) for name in FILLED if getattr(winner, name) in (None, "")}
    first = min(loser, winner, key=lambda lead: (lead.captured_at, lead.pk))
    return known | {"captured_at": first.captured_at, "rounds": winner.rounds + loser.rounds}


def _kept_id(loser: Lead, values: dict[str, Any]) -> str:
    """Its external id keeps leading here, unless the winner takes it over."""
    return "" if "external_id" in values else loser.external_id


def _move_enrolments(loser: Lead, winner: Lead, at: datetime) -> None:
    """A programme both are in runs on once."""
    theirs = Enrolment.objects.running().filter(lead=winner).values("programme")
    Enrolment.objects.running().filter(lead=loser, programme__in=theirs).update(ended_at=at)
    Enrolment.objects.filter(lead=loser).update(lead=winner)


def _sum_anew(leads: list[int]) -> None:
    rules = versions.in_force()
    versions.recount(leads, rules, resum_all=True)
    versions.refit(leads, rules)


def _facts(loser: Lead, winner: Lead, by: User | None, at: datetime) -> list[ledger.Fact]:
    """Both are about the person and the company of the one that stays."""
    absorbed = about(winner, "lead.absorbed", by=by, at=at, data={"lead": loser.pk})
    merged = absorbed._replace(kind="lead.merged", subject=("lead", loser.pk), data={"into": winner.pk})
    return [merged, absorbed]
