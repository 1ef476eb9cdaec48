"""What a person does with a finding of the audit: set the detail that is wrong, or say that it is right as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm import access, directory, ledger, mending
from crm.keys import company_key
from crm.models import Account, Contact, User
from crm.states import Refused
from leads import lifecycle
from leads.facts import about
from leads.models import Confirmation, Lead
from leads.quality import details, keeping
from leads.quality.catalogue import RULES
from leads.quality.rule import ACCOUNT, COLUMNS, CONTACT
from leads.scoring import force, versions

MOST = 500


def mend(leads: Sequence[int], detail: str, typed: str, *, by: User, at: datetime) -> int:
    """Set one detail of these leads, their people or companies; scores follow. How many records changed.

    A detail that tells records apart, such as an e-mail address, is set for one lead at a time.
    """
    known = details.DETAILS.get(detail)
    if known is None:
        raise Refused(_("This cannot be set here. Open the lead."), field="value")
    value = details.read(detail, typed)
    with transaction.atomic():
        force.stay()
        rows = _workable(leads, by)
        if len(rows) > 1 and not known.for_many:
            raise Refused(_("Set this one by one: it tells records apart."), field="value", code="one_by_one")
        changed = _set(rows, detail, value, by, at)
        _follow(rows, known.subject)
        lifecycle.qualify([row.pk for row in rows], at=at)
        keeping.look_again(_leads_of(rows, known.subject), at=at)
    return changed


def _workable(leads: Sequence[int], by: User) -> list[Lead]:
    """The leads, locked in the order of their keys; whoever may not work one of them is refused all."""
    if len(leads) > MOST:
        raise Refused(_("Choose at most %(most)s at once.") % {"most": MOST}, field="leads")
    seen = Lead.objects.visible_to(by).standing().filter(pk__in=leads)
    rows = list(Lead.objects.filter(pk__in=seen.values("pk")).order_by("pk").select_for_update(no_key=True))
    if not rows:
        raise Refused(_("Choose at least one lead first."), field="leads", code="required")
    if workable(rows, by) != {row.pk for row in rows}:
        raise PermissionDenied(_("Only the lead's owner, their manager or marketing may do this."))
    return rows


def workable(rows: Sequence[Lead], by: User) -> set[int]:
    """Ids of those whose details this person may set: others may be seen, at a company one works, say."""
    everything = access.sees_everything(by)
    mine = set() if everything else set(access.peers(by).values_list("pk", flat=True))
    return {row.pk for row in rows if everything or row.owner_id in mine}


def _set(rows: Sequence[Lead], detail: str, value: Any, by: User, at: datetime) -> int:
    if detail == "company":
        return _move_to(rows, value, by, at)
    if detail == "source":
        return _set_source(rows, value, by, at)
    subject = details.DETAILS[detail].subject
    if subject == CONTACT:
        return _set_of_people({row.contact_id for row in rows}, detail, value, by, at)
    return _set_of_companies({row.account_id for row in rows if row.account_id}, detail, value, by, at)


def _set_of_people(people: set[int], detail: str, value: Any, by: User, at: datetime) -> int:
    if detail in mending.OF_CONTACTS:
        return len(mending.set_for_contacts(sorted(people), detail, value, by=by, at=at))
    for contact in Contact.objects.filter(pk__in=people).order_by("pk"):
        directory.edit_contact(contact, by=by, at=at, **{detail: value})
    return len(people)


def _set_of_companies(companies: set[int], detail: str, value: Any, by: User, at: datetime) -> int:
    if detail in mending.OF_ACCOUNTS:
        return len(mending.set_for_accounts(sorted(companies), detail, value, by=by, at=at))
    for account in Account.objects.filter(pk__in=companies).order_by("pk"):
        directory.edit_account(account, by=by, at=at, **{detail: value})
    return len(companies)


def _set_source(rows: Sequence[Lead], source: str, by: User, at: datetime) -> int:
    changed = [row for row in rows if row.source != source]
    Lead.objects.filter(pk__in=[row.pk for row in changed]).update(source=source)
    ledger.record([about(row, "lead.edited", by=by, at=at, data={"fields": ["source"]}) for row in changed])
    return len(changed)


def _move_to(rows: Sequence[Lead], company: str, by: User, at: datetime) -> int:
    """Lead and person follow to a company: the one of this name, or a new one."""
    account = _company(company, by, at)
    changed = [row for row in rows if row.account_id != account.pk]
    Lead.objects.filter(pk__in=[row.pk for row in changed]).update(account=account)
    for contact in Contact.objects.filter(pk__in=[row.contact_id for row in rows]).order_by("pk"):
        directory.edit_contact(contact, by=by, at=at, account=account)
    access.grant((account.pk, row.owner_id) for row in changed if row.owner_id)
    ledger.record([about(row, "lead.edited", by=by, at=at, data={"fields": ["account"]}) for row in changed])
    return len(changed)


def _company(name: str, by: User, at: datetime) -> Account:
    """The account written alike that the person sees; where it is unclear which, the oldest."""
    key = company_key(name)[:200]
    seen = Account.objects.visible_to(by).standing().filter(name_key=key)
    found: Account | None = seen.order_by("pk").first() if key else None
    return found or directory.add_account(name=name, by=by, at=at)


def _follow(rows: Sequence[Lead], subject: str) -> None:
    """Every lead of a changed company or person is weighed anew, not only those that were chosen."""
    concerned = Lead.objects.filter(pk__in=_leads_of(rows, subject), score__isnull=False)
    versions.refit(list(concerned.values_list("pk", flat=True)))


def _leads_of(rows: Sequence[Lead], subject: str) -> list[int]:
    """These leads, and those of the same people; of a rule about companies, those of the same companies."""
    same = Q(contact__in=[row.contact_id for row in rows])
    if subject == ACCOUNT:
        same |= Q(account__in=[row.account_id for row in rows if row.account_id])
    return list(Lead.objects.filter(same).values_list("pk", flat=True))


# -- right as it is -------------------------------------------------------------------------------


def confirm(leads: Sequence[int], rule: str, *, by: User, at: datetime) -> int:
    """Remember that what a rule finds in these records is right as it is. How many were not confirmed yet."""
    with transaction.atomic():
        chosen = _workable(leads, by)
        records = _records(chosen, rule)
        known = Confirmation.objects.filter(rule=rule, record_id__in=records).values_list(
            "record_id", flat=True
        )
        fresh = sorted(records - set(known))
        rows = [Confirmation(rule=rule, record_id=record, by=by, at=at) for record in fresh]
        Confirmation.objects.bulk_create(rows, ignore_conflicts=True)
        keeping.look_again(_leads_of(chosen, RULES[rule].subject), at=at)
    return len(rows)


def doubt(leads: Sequence[int], rule: str, *, by: User, at: datetime) -> int:
    """Take that back: the rule finds them again."""
    with transaction.atomic():
        chosen = _workable(leads, by)
        gone = Confirmation.objects.filter(rule=rule, record_id__in=_records(chosen, rule)).delete()[0]
        keeping.look_again(_leads_of(chosen, RULES[rule].subject), at=at)
    return gone


def _records(rows: Sequence[Lead], rule: str) -> set[int]:
    if rule not in RULES:
        raise Refused(_("There is no such rule. Go back to the report."), field="rule")
    column = COLUMNS[RULES[rule].subject]
    ids = {row.pk if column == "pk" else getattr(row, f"{column}_id") for row in rows}
    return {record for record in ids if record}
