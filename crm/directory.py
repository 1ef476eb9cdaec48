"""Accounts and contacts: find or create them in batches, and edit one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.bulk import columns_of, insert_new, update_all
from crm.domains import is_free_mail
from crm.identity import email_key, parse_phone
from crm.keys import company_key
from crm.models import Account, Consent, Contact, Team, User
from crm.records import Company, Person
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

_ACCOUNT_COLUMNS = (*ACCOUNT_FIELDS[:-1], "owner_id", "name_key")
_CONTACT_COLUMNS = ("account_id", "owner_id", *CONTACT_FIELDS[2:], "email_key", "phone_key")
AccountRow = TypeVar("AccountRow", Account, Company)
ContactRow = TypeVar("ContactRow", Contact, Person)
Changes = Mapping[int, Mapping[str, Any]]


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
    rows: Sequence[AccountRow], *, by: User | None, at: datetime, kind: str = "account.added"
) -> list[AccountRow]:
    """Insert accounts that collide with none; returns them, with those that existed left out."""
    ordered = sorted(rows, key=lambda row: (row.external_id, row.domain, row.name_key))
    with transaction.atomic(savepoint=False):
        saved = _insert(Account, ordered, _ACCOUNT_COLUMNS, at)
        access.grant((row.pk, row.owner_id) for row in saved if row.owner_id)
        ledger.record([_account_fact(kind, row, by, at) for row in saved])
    return saved


def _insert(model: Any, rows: Sequence[Any], columns: Sequence[str], at: datetime) -> list[Any]:
    """Those that were inserted, with their keys."""
    if not rows:
        return []
    told = columns_of(rows, columns)
    saved = []
    for place, pk in insert_new(model, {**told, "updated_at": [at] * len(rows)}).items():
        row = rows[place]
        row.pk = pk
        if isinstance(row, Model):
            row._state.adding = False
        saved.append(row)
    return saved


def add_account(*, by: User | None, at: datetime, **values: Any) -> Account:
    """One company. Raises Refused where another has its domain or external id."""
    row = new_account(**_owned(values, by))
    added = add_accounts([row], by=by, at=at)
    if not added:
        _refuse_taken_domains([row])
        raise Refused(_("Another account has this external id."), field="external_id", code="unique")
    return added[0]


def _owned(values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Who sees only their own records owns what they add, or it would vanish from their sight."""
    if by is None or access.sees_everything(by) or values.get("owner"):
        return values
    return {**values, "owner": by}


def edit_account(account: Account, *, by: User | None, at: datetime, **changes: Any) -> Account:
    """Change what is known of a company; the ledger keeps before and after."""
    return edit_accounts({account.pk: changes}, by=by, at=at)[0]


def edit_accounts(changes: Changes, *, by: User | None, at: datetime) -> list[Account]:
    """The same for many, told by their keys; returns them as they are now. Raises Refused for a domain taken."""
    with transaction.atomic():
        rows = list(_locked(Account, changes))
        edited = [(row, told) for row in rows if (told := _apply(row, changes[row.pk], ACCOUNT_FIELDS))]
        for row, told in edited:
            if "name" in told:
                row.name_key = company_key(row.name)[:200]
        _refuse_taken_domains([row for row, told in edited if "domain" in told])
        update_all([row for row, _told in edited], fields=(*ACCOUNT_FIELDS, "name_key", "updated_at"))
        access.grant((row.pk, row.owner_id) for row, _told in edited if row.owner_id)
        ledger.record([_account_fact("account.edited", row, by, at, data=told) for row, told in edited])
    return rows


def _locked(model: Any, keys: Iterable[int]) -> Any:
    return model.objects.filter(pk__among=keys).order_by("pk").select_for_update(no_key=True)


def _refuse_taken_domains(rows: Sequence[Account]) -> None:
    domains = {row.domain for row in rows} - {""}
    others = Account.objects.standing().exclude(pk__in=[row.pk for row in rows])
    if domains and (twin := others.filter(domain__among=domains).first()):
        raise Refused(
            _("%(name)s has this domain already.") % {"name": twin.name}, field="domain", code="unique"
        )


def _account_fact(
    kind: str, row: Account | Company, by: User | None, at: datetime, data: dict[str, Any] | None = None
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


def add_contacts(rows: Sequence[ContactRow], *, by: User | None, at: datetime) -> list[ContactRow]:
    """Insert contacts whose e-mail and external id are free; returns those inserted."""
    ordered = sorted(rows, key=lambda row: (row.email_key, row.external_id, row.phone_key))
    with transaction.atomic(savepoint=False):
        saved = _insert(Contact, ordered, _CONTACT_COLUMNS, at)
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
        _refuse_taken_emails([row])
        raise Refused(_("Another contact has this external id."), field="external_id", code="unique")
    return added[0]


def edit_contact(
    contact: Contact, *, by: User | None, at: datetime, is_seen_to: bool = False, **changes: Any
) -> Contact:
    """Change what is known of a person; the ledger keeps which fields changed, not their old values."""
    return edit_contacts({contact.pk: changes}, by=by, at=at, is_seen_to=is_seen_to)[0]


def edit_contacts(
    changes: Changes, *, by: User | None, at: datetime, is_seen_to: bool = False
) -> list[Contact]:
    """The same for many, told by their keys; returns them as they are now. Raises Refused for an address taken.

    Who has their leads scored themselves says that it `is_seen_to`: nobody need hear of it after the commit.
    """
    with transaction.atomic():
        rows = list(_locked(Contact, changes))
        edited = [
            (row, told)
            for row in rows
            if (told := _apply(row, _with_consent_time(row, changes[row.pk], at), CONTACT_FIELDS))
        ]
        for row, told in edited:
            if told.keys() & {"email", "phone"}:
                derive_keys(row)
        _refuse_taken_emails([row for row, told in edited if "email" in told])
        written = (*CONTACT_FIELDS, "email_key", "phone_key", "updated_at")
        update_all([row for row, _told in edited], fields=written)
        ledger.record([fact for row, told in edited for fact in _edited(row, set(told), by, at, is_seen_to)])
    return rows


def _edited(
    row: Contact, fields: set[str], by: User | None, at: datetime, is_seen_to: bool
) -> Iterator[ledger.Fact]:
    fact = _contact_fact("contact.edited", row, by, at, data={"fields": sorted(fields)})
    yield fact._replace(is_seen_to=is_seen_to)
    if "email" in fields:  # news to whoever waits for a person of this address
        yield _contact_fact("contact.readdressed", row, by, at)


def _with_consent_time(row: Contact, changes: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
    consent = changes.get("consent", row.consent)
    if consent != row.consent and consent != Consent.UNKNOWN:
        return {"consent_at": at, **changes}
    return changes


def _refuse_taken_emails(rows: Sequence[Contact]) -> None:
    keys = {row.email_key for row in rows} - {""}
    others = Contact.objects.standing().exclude(pk__in=[row.pk for row in rows])
    if keys and others.filter(email_key__among=keys).exists():
        raise Refused(
            _("Another contact has this e-mail address. Open that one instead."), field="email", code="unique"
        )


def _contact_fact(
    kind: str, row: Contact | Person, by: User | None, at: datetime, data: dict[str, Any] | None = None
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


def _apply(row: Any, changes: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
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
