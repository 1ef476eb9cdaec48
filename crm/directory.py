"""Accounts and contacts: find or create them in batches, and edit one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.bulk import insert_missing
from crm.domains import is_free_mail
from crm.identity import email_key, parse_phone
from crm.keys import company_key
from crm.models import Account, Consent, Contact, Team, User
from crm.states import Refused

ACCOUNT_FIELDS = (
    "name",
    "domain",
    "industry",
    "employee_count",
    "country",
    "address",
    "corporate_number",
    "external_id",
    "owner",
)
CONTACT_FIELDS = (
    "account", "owner", "email", "first_name", "last_name", "job_title", "department", "stakeholder_role", "phone",
    "external_id",
    "consent", "consent_at", "consent_text",
)  # fmt: skip


def company_domain(email: str) -> str:
    """The domain that tells the company, or nothing for a free-mail address."""
    domain = email.rpartition("@")[2]
    return "" if is_free_mail(domain) else domain


# -- companies ------------------------------------------------------------------------------------


def new_account(**values: Any) -> Account:
    """An unsaved account with its key derived."""
    values = {
        field: value
        for field, value in values.items()
        if value is not None or field in ("employee_count", "owner")
    }
    return Account(**values, name_key=company_key(values.get("name", ""))[:200])


def add_accounts(
    rows: Sequence[Account], *, by: User | None, at: datetime, kind: str = "account.added"
) -> list[Account]:
    """Insert accounts that collide with none; returns them, with those that existed left out."""
    ordered = sorted(rows, key=lambda row: (row.external_id, row.domain, row.name_key))
    fields = (*ACCOUNT_FIELDS, "name_key", "updated_at")
    for row in ordered:
        row.updated_at = at
    with transaction.atomic():
        added = insert_missing(
            ordered, fields=fields, returning=("id", "external_id", "domain", "name_key", "name")
        )
        places: dict[tuple[Any, ...], list[Account]] = {}
        for row in ordered:
            places.setdefault((row.external_id, row.domain, row.name_key, row.name), []).append(row)
        saved = []
        for pk, *key in added:
            row = places[tuple(key)].pop(0)
            row.pk, row._state.adding = pk, False
            saved.append(row)
        access.grant((row.pk, row.owner_id) for row in saved if row.owner_id)
        ledger.record([_account_fact(kind, row, by, at) for row in saved])
    return saved


def add_account(*, by: User | None, at: datetime, **values: Any) -> Account:
    """One company. Raises Refused where another has its domain or external id."""
    row = new_account(**_owned(values, by))
    added = add_accounts([row], by=by, at=at)
    if not added:
        _refuse_taken_domain(row)
        raise Refused(_("Another account has this external id."), field="external_id", code="unique")
    return added[0]


def _owned(values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Who sees only their own records owns what they add, or it would vanish from their sight."""
    if by is None or access.sees_everything(by) or values.get("owner"):
        return values
    return {**values, "owner": by}


def edit_account(account: Account, *, by: User | None, at: datetime, **changes: Any) -> Account:
    """Change what is known of a company; the ledger keeps before and after."""
    with transaction.atomic():
        row = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        changed = _apply(row, changes, ACCOUNT_FIELDS)
        if not changed:
            return row
        if "name" in changed:
            row.name_key = company_key(row.name)[:200]
        _refuse_taken_domain(row)
        row.save()
        if row.owner_id:
            access.grant([(row.pk, row.owner_id)])
        ledger.record([_account_fact("account.edited", row, by, at, data=changed)])
    return row


def _refuse_taken_domain(row: Account) -> None:
    if not row.domain:
        return
    twin = Account.objects.standing().filter(domain=row.domain).exclude(pk=row.pk).first()
    if twin:
        raise Refused(
            _("%(name)s has this domain already.") % {"name": twin.name}, field="domain", code="unique"
        )


def _account_fact(
    kind: str, row: Account, by: User | None, at: datetime, data: dict[str, Any] | None = None
) -> ledger.Fact:
    return ledger.Fact(
        kind=kind, subject=("account", row.pk), at=at, actor=by, account_id=row.pk, data=data or {}
    )


# -- people ---------------------------------------------------------------------------------------


def new_contact(**values: Any) -> Contact:
    """An unsaved contact with its keys derived; raises InvalidIdentity for a bad e-mail or phone."""
    contact = Contact(**values)
    derive_keys(contact)
    return contact


def derive_keys(contact: Contact) -> None:
    contact.email_key = email_key(contact.email)
    contact.phone_key = parse_phone(contact.phone).e164 if contact.phone.strip() else ""


def add_contacts(rows: Sequence[Contact], *, by: User | None, at: datetime) -> list[Contact]:
    """Insert contacts whose e-mail and external id are free; returns those inserted."""
    ordered = sorted(rows, key=lambda row: (row.email_key, row.external_id, row.phone_key))
    for row in ordered:
        row.updated_at = at
    fields = (*CONTACT_FIELDS, "email_key", "phone_key", "updated_at")
    with transaction.atomic():
        added = insert_missing(
            ordered, fields=fields, returning=("id", "email_key", "external_id", "phone_key")
        )
        places: dict[tuple[Any, ...], list[Contact]] = {}
        for row in ordered:
            places.setdefault((row.email_key, row.external_id, row.phone_key), []).append(row)
        saved = []
        for pk, *key in added:
            row = places[tuple(key)].pop(0)
            row.pk, row._state.adding = pk, False
            saved.append(row)
        ledger.record([_contact_fact("contact.added", row, by, at) for row in saved])
    return saved


def add_contact(*, by: User | None, at: datetime, **values: Any) -> Contact:
    """One person. Raises Refused where another has the e-mail address or external id."""
    consent = values.get("consent", Consent.UNKNOWN)
    if consent != Consent.UNKNOWN:
        values = {"consent_at": at, **values}
    row = new_contact(**_owned(values, by))
    added = add_contacts([row], by=by, at=at)
    if not added:
        _refuse_taken_email(row)
        raise Refused(_("Another contact has this external id."), field="external_id", code="unique")
    return added[0]


def edit_contact(contact: Contact, *, by: User | None, at: datetime, **changes: Any) -> Contact:
    """Change what is known of a person; the ledger keeps which fields changed, not their old values."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        changed = _apply(row, _with_consent_time(row, changes, at), CONTACT_FIELDS)
        if not changed:
            return row
        derive_keys(row)
        _refuse_taken_email(row)
        row.save()
        facts = [_contact_fact("contact.edited", row, by, at, data={"fields": sorted(changed)})]
        if "email" in changed:  # news to whoever waits for a person of this address
            facts.append(_contact_fact("contact.readdressed", row, by, at))
        ledger.record(facts)
    return row


def _with_consent_time(row: Contact, changes: dict[str, Any], at: datetime) -> dict[str, Any]:
    consent = changes.get("consent", row.consent)
    if consent != row.consent and consent != Consent.UNKNOWN:
        return {"consent_at": at, **changes}
    return changes


def _refuse_taken_email(row: Contact) -> None:
    if not row.email_key:
        return
    if Contact.objects.standing().filter(email_key=row.email_key).exclude(pk=row.pk).exists():
        raise Refused(
            _("Another contact has this e-mail address. Open that one instead."), field="email", code="unique"
        )


def _contact_fact(
    kind: str, row: Contact, by: User | None, at: datetime, data: dict[str, Any] | None = None
) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("contact", row.pk),
        at=at,
        actor=by,
        account_id=row.account_id,
        contact_id=row.pk,
        data=data or {},
    )


def _apply(row: Any, changes: dict[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """Set what differs; returns the changed fields as [before, after]."""
    unknown = set(changes) - set(allowed)
    assert not unknown, f"not editable: {unknown}"
    changed = {}
    for field, value in changes.items():
        before = getattr(row, field)
        if before != value:
            setattr(row, field, value)
            changed[field] = [ledger.plain(before), ledger.plain(value)]
    return changed


# -- users ----------------------------------------------------------------------------------------


def bring_person(*, username: str, name: str, email: str, role: str, team: str) -> str:
    """Find or add a user by name of a list; "created", "updated" or "unchanged". New ones cannot log in yet."""
    with transaction.atomic():
        group = Team.objects.get_or_create(name=team)[0] if team else None
        first, _space, last = name.partition(" ")
        told = {"first_name": first, "last_name": last, "email": email, "team": group}
        known = {field: value for field, value in told.items() if value}
        person = User.objects.select_for_update().filter(username=username).first()
        if person is None:
            User.objects.create_user(username, password=None, role=role, is_active=False, **known)
            return "created"
        changed = [field for field, value in known.items() if getattr(person, field) != value]
        for field in changed:
            setattr(person, field, known[field])
        if changed:
            person.save(update_fields=[*changed, "updated_at"])
        return "updated" if changed else "unchanged"
