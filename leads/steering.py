"""What a person does with one lead: correct what is known, send it back to marketing, drop it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, directory, ledger
from crm.models import User
from leads import lifecycle, segments
from leads.events import waiting
from leads.facts import about
from leads.models import Lead
from leads.scoring import force, versions

LEAD_FIELDS = ("owner", "source", "medium", "campaign", "external_id")


def edit(lead: Lead, *, by: User, at: datetime, **changes: Any) -> Lead:
    """Change fields of the lead or its person; the score follows. Owners are changed by managers and marketing."""
    insist_may_work(lead, by)
    if "owner" in changes:
        access.require_role(by, access.MANAGER, access.MARKETER)
    about_lead = {name: value for name, value in changes.items() if name in LEAD_FIELDS}
    about_person = {name: value for name, value in changes.items() if name not in LEAD_FIELDS}
    with transaction.atomic():
        force.stay()
        row = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
        _apply(row, about_lead, by, at)
        if "source" in about_lead:
            segments.place([row.pk], versions.in_force().segments)
        if about_person:
            directory.edit_contact(row.contact, by=by, at=at, is_seen_to=True, **about_person)
            theirs = list(Lead.objects.standing().filter(contact=row.contact_id).values_list("pk", flat=True))
            versions.refit(theirs)
            lifecycle.qualify(theirs, at=at)
        if changes.keys() & {"email", "external_id"}:
            waiting.attach([row.pk], at=at)
    return row


def _apply(row: Lead, changes: dict[str, Any], by: User, at: datetime) -> None:
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, changes[name])
    row.save(update_fields=[*changed, "updated_at"])
    if "owner" in changed and row.account_id and row.owner_id:
        access.grant([(row.account_id, row.owner_id)])
    ledger.record([about(row, "lead.edited", by=by, at=at, data={"fields": sorted(changed)})])


def recycle(lead: Lead, *, reason: str, comment: str = "", by: User, at: datetime) -> None:
    """Back to marketing by hand."""
    insist_may_work(lead, by)
    lifecycle.recycle([lead.pk], by=by, at=at, reason=_said(reason, comment))


def disqualify(lead: Lead, *, reason: str, comment: str = "", by: User, at: datetime) -> None:
    """Nobody needs to look at this lead again."""
    insist_may_work(lead, by)
    lifecycle.disqualify([lead.pk], by=by, at=at, reason=_said(reason, comment))


def _said(reason: str, comment: str) -> str:
    return f"{reason}: {comment}" if comment else reason


def insist_may_work(lead: Lead, by: User) -> None:
    if not (access.sees_everything(by) or access.may_work(by, lead.owner_id)):
        raise PermissionDenied(_("Only the lead's owner, their manager or marketing may do this."))
