"""The one door for new leads: form, API and CSV all come through here, as a batch.

Finds or creates company, person and lead. Who is known already is enriched: what is told now fills or
replaces what was known, and a blank never erases. The first touch (source, medium, campaign) stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import transaction

from crm import directory, ledger
from crm.bulk import insert_missing
from crm.domains import is_free_mail
from crm.keys import company_key
from crm.models import Account, Consent, Contact, User
from leads import lifecycle
from leads.capture import touches
from leads.capture.intake import Complaint, Inquiry, cleaned
from leads.events import waiting
from leads.facts import about
from leads.models import OPEN_STAGES, Lead, LeadScore, Stage
from leads.scoring import force, recounting, versions

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"


@dataclass(slots=True)
class Captured:
    """What became of one row."""

    index: int
    status: str
    lead: int | None = None
    complaints: list[Complaint] = field(default_factory=list)


def capture(
    rows: Sequence[Inquiry], *, by: User | None, at: datetime, historic_mql: bool = False
) -> list[Captured]:
    """Take in a batch; bad rows are named and the good ones kept.

    With `historic_mql` new leads start as MQLs of the past: sales is not told, and no clock runs.
    """
    results, good = _checked(rows, at)
    with transaction.atomic():
        force.stay()
        accounts = _accounts_for(good, by, at)
        contacts, fresh_contacts = _contacts_for(good, accounts, by, at)
        leads, created = _leads_for(good, contacts, by, at, historic_mql)
        changed = _enrich(good, contacts, leads, fresh_contacts, accounts, by, at)
        touches.remember([(leads[entry.index], entry.row) for entry in good], fresh=created, at=at)
        touched = sorted(created | changed)
        versions.refit(touched)
        waiting.attach(touched, at=at)
        lifecycle.qualify(touched, at=at)
    for entry in good:
        lead = leads[entry.index]
        status = CREATED if lead in created else UPDATED if lead in changed else UNCHANGED
        created.discard(lead)  # a second row about the same person in one batch updates the first
        results[entry.index] = Captured(entry.index, status, lead)
    return results


@dataclass(frozen=True, slots=True)
class _Entry:
    index: int
    row: Inquiry

    @property
    def domain(self) -> str:
        told = self.row.domain or self.row.email_key.rpartition("@")[2]
        return "" if is_free_mail(told) else told

    @property
    def person_key(self) -> tuple[str, str]:
        """What tells the person: e-mail, else external id, else phone."""
        row = self.row
        if row.email_key:
            return "email", row.email_key
        return ("external", row.external_id) if row.external_id else ("phone", row.phone_key)


def _checked(rows: Sequence[Inquiry], at: datetime) -> tuple[list[Captured], list[_Entry]]:
    results, good = [], []
    for index, raw in enumerate(rows):
        row, complaints = cleaned(raw, at=at)
        results.append(Captured(index, REJECTED, complaints=complaints))
        if not complaints:
            good.append(_Entry(index, row))
    return results, good


# -- companies ------------------------------------------------------------------------------------


def _accounts_for(entries: Sequence[_Entry], by: User | None, at: datetime) -> dict[int, Account]:
    """The company of each entry that names one, by entry index; missing companies are added."""
    naming = [entry for entry in entries if entry.row.company or entry.row.corporate_number]
    known = _Companies(naming)
    missing = {known.key(entry): entry for entry in reversed(naming) if known.find(entry) is None}
    added = directory.add_accounts([_new_account(entry) for entry in missing.values()], by=by, at=at)
    if len(added) == len(missing):
        known.add(added)
    elif missing:  # somebody else added one meanwhile
        known = _Companies(naming)
    found = ((entry.index, known.find(entry)) for entry in naming)
    return {index: account for index, account in found if account is not None}


def _new_account(entry: _Entry) -> Account:
    row = entry.row
    return directory.new_account(
        name=row.company or row.corporate_number,
        domain=entry.domain,
        industry=row.industry,
        employee_count=row.employee_count,
        country=row.country,
        corporate_number=row.corporate_number,
    )


class _Companies:
    """Known companies a batch may mean: by corporate number, then domain, then name."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        numbers = {entry.row.corporate_number for entry in entries} - {""}
        domains = {entry.domain for entry in entries} - {""}
        names = {company_key(entry.row.company)[:200] for entry in entries} - {""}
        self._by_number = Account.objects.known_by("corporate_number", numbers)
        self._by_domain = Account.objects.known_by("domain", domains)
        self._by_name = Account.objects.known_by("name_key", names)

    def add(self, rows: Iterable[Account]) -> None:
        """Companies just added; of two with one name the older is meant."""
        for row in sorted(rows, key=lambda row: row.pk):
            _remember(row, (self._by_number, row.corporate_number), (self._by_domain, row.domain))
            _remember(row, (self._by_name, row.name_key))

    def key(self, entry: _Entry) -> tuple[str, str]:
        row = entry.row
        return (
            ("number", row.corporate_number)
            if row.corporate_number
            else ("company", entry.domain or company_key(row.company))
        )

    def find(self, entry: _Entry) -> Account | None:
        row = entry.row
        if row.corporate_number:
            return self._by_number.get(row.corporate_number)
        by_domain = self._by_domain.get(entry.domain)
        if by_domain is not None:
            return by_domain
        by_name = self._by_name.get(company_key(row.company)[:200])
        # The same name under another domain is another company.
        return by_name if by_name and (not by_name.domain or not entry.domain) else None


def _remember(row: Any, *places: tuple[dict[str, Any], str]) -> None:
    for known, key in places:
        if key:
            known.setdefault(key, row)


# -- people ---------------------------------------------------------------------------------------


def _contacts_for(
    entries: Sequence[_Entry], accounts: dict[int, Account], by: User | None, at: datetime
) -> tuple[dict[int, _Person], set[int]]:
    """The person of each entry, and the ids of those just added."""
    known = _People(entries)
    missing = {entry.person_key: entry for entry in reversed(entries) if known.find(entry) is None}
    rows = [_new_contact(entry, accounts.get(entry.index), at) for entry in missing.values()]
    added = directory.add_contacts(rows, by=by, at=at)
    if len(added) == len(missing):
        known.add(added)
    elif missing:  # somebody else added one meanwhile
        known = _People(entries)
    people = {}
    for entry in entries:
        person = known.find(entry)
        assert person is not None, "the person was just added, or somebody else added them"
        people[entry.index] = person
    return people, {row.pk for row in added}


def _new_contact(entry: _Entry, account: Account | None, at: datetime) -> Contact:
    row = entry.row
    return Contact(
        account=account,
        email=row.email,
        email_key=row.email_key,
        first_name=row.first_name,
        last_name=row.last_name,
        job_title=row.job_title,
        department=row.department,
        stakeholder_role=row.stakeholder_role,
        phone=row.phone,
        phone_key=row.phone_key,
        external_id="" if row.email_key else row.external_id,
        consent=row.consent_state,
        consent_at=None if row.consent is None else at,
        consent_text=row.consent_text,
    )


class _Person(NamedTuple):
    """What capture asks of a contact."""

    pk: int
    account_id: int | None
    email_key: str
    external_id: str
    phone_key: str
    first_name: str
    last_name: str
    job_title: str
    stakeholder_role: str
    phone: str
    consent: str


_of_contact = attrgetter(*_Person._fields)


def _people_by(key: str, rows: Any, *, way: str = "") -> dict[str, _Person]:
    """People by a key of the rows: contacts, or what leads to one by the `way`. The last of two counts."""
    return {
        told: _Person(*row) for told, *row in rows.values_list(key, *(way + name for name in _Person._fields))
    }


def _merged_by(key: str, values: Set[str]) -> dict[str, _Person]:
    """Who the person of an address or external id was merged into."""
    merged = Contact.objects.filter(merged_into__isnull=False, **{f"{key}__among": values})
    return _people_by(key, merged, way="merged_into__") if values else {}


class _People:
    """Known people a batch may mean: by e-mail, then the lead's external id, then phone."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        everybody = Contact.objects.order_by("-pk")
        standing = everybody.filter(merged_into=None)
        emails = {entry.row.email_key for entry in entries} - {""}
        externals = {entry.row.external_id for entry in entries} - {""}
        phones = {entry.row.phone_key for entry in entries if not entry.row.email_key} - {""}
        self._by_email = _people_by("email_key", standing.filter(email_key__among=emails))
        self._by_email |= _merged_by("email_key", emails - set(self._by_email))
        self._by_external = _people_by("external_id", everybody.filter(external_id__among=externals))
        self._by_external |= _merged_by("external_id", externals)
        leads = Lead.objects.filter(external_id__among=externals)
        self._by_external |= _people_by("external_id", leads, way="contact__")
        self._by_phone = _people_by("phone_key", standing.filter(phone_key__among=phones))

    def add(self, rows: Iterable[Contact]) -> None:
        """People just added; of two with one phone number the older is meant."""
        for row in sorted(map(_Person._make, map(_of_contact, rows))):
            _remember(row, (self._by_email, row.email_key), (self._by_external, row.external_id))
            _remember(row, (self._by_phone, row.phone_key))

    def find(self, entry: _Entry) -> _Person | None:
        row = entry.row
        by_email = self._by_email.get(row.email_key)
        if by_email is not None:
            return by_email
        by_external = self._by_external.get(row.external_id)
        if by_external is not None:
            return by_external
        return self._by_phone.get(row.phone_key) if not row.email_key and not row.external_id else None


# -- leads ----------------------------------------------------------------------------------------


def _leads_for(
    entries: Sequence[_Entry], contacts: dict[int, _Person], by: User | None, at: datetime, historic_mql: bool
) -> tuple[dict[int, int], set[int]]:
    """The lead of each entry (by index), and the ids of those created now."""
    people = {contact.pk for contact in contacts.values()}
    running = _running(people)
    missing = {
        contacts[entry.index].pk: entry
        for entry in reversed(entries)
        if contacts[entry.index].pk not in running
    }
    rows = [
        _new_lead(entry, contacts[entry.index], at, historic_mql) for _pk, entry in sorted(missing.items())
    ]
    created = _insert_leads(rows, by, at, kind="lead.imported" if historic_mql else "lead.captured")
    running |= created
    if len(created) < len(missing):  # somebody else added one meanwhile
        running |= _running(people - set(running))
    return {entry.index: running[contacts[entry.index].pk] for entry in entries}, set(created.values())


def _running(people: Iterable[int]) -> dict[int, int]:
    """The lead of each person: the open one, else the newest (a customer's, say)."""
    rows = (
        Lead.objects.standing()
        .filter(contact__among=people)
        .order_by("pk")
        .values_list("contact", "pk", "stage")
    )
    closed_first = sorted(rows, key=lambda row: row[2] in OPEN_STAGES)
    return {contact: pk for contact, pk, _stage in closed_first}


def _new_lead(entry: _Entry, contact: _Person, at: datetime, historic_mql: bool) -> Lead:
    row = entry.row
    came = row.captured_at or at
    return Lead(
        contact_id=contact.pk,
        account_id=contact.account_id,
        stage=Stage.MQL if historic_mql else Stage.INQUIRY,
        stage_at=came,
        captured_at=came,
        qualified_at=came if historic_mql else None,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        external_id=row.external_id,
        updated_at=at,
    )


_INSERTED = (
    "contact", "account", "stage", "stage_at", "captured_at", "qualified_at", "rounds", "source", "medium",
    "campaign", "external_id", "updated_at",
)  # fmt: skip


_SCORED = ("lead", "model", "engagement", "floor", "fit", "grade", "disqualified_by")


def _insert_leads(rows: Sequence[Lead], by: User | None, at: datetime, *, kind: str) -> dict[int, int]:
    """The leads that were inserted, by person."""
    by_contact = {row.contact_id: row for row in rows}
    model = versions.active() if rows else None
    facts, created = [], {}
    for pk, contact in insert_missing(rows, fields=_INSERTED, returning=("id", "contact")):
        row = by_contact[contact]
        row.pk = pk
        created[contact] = pk
        facts.append(
            about(
                row,
                kind,
                by=by,
                at=row.captured_at,
                to_state=row.stage,
                data={"source": row.source, "campaign": row.campaign},
            )
        )
    scores = [LeadScore(lead_id=pk, model=model) for pk in created.values()]
    insert_missing(scores, fields=_SCORED, returning=("lead",))
    ledger.record(facts)
    return created


# -- what is new about those we know --------------------------------------------------------------


def _enrich(
    entries: Sequence[_Entry],
    contacts: dict[int, _Person],
    leads: dict[int, int],
    fresh: set[int],
    accounts: dict[int, Account],
    by: User | None,
    at: datetime,
) -> set[int]:
    """Write what the rows tell beyond what is known; returns the leads concerned."""
    changed: set[int] = set()
    for entry in entries:
        contact = contacts[entry.index]
        news = (
            {}
            if contact.pk in fresh and contact.account_id
            else _news(contact, entry.row, accounts.get(entry.index))
        )
        about_company = _company_news(accounts.get(entry.index), entry.row)
        if news:
            told = directory.edit_contact(Contact(pk=contact.pk), by=by, at=at, **news)
            contacts[entry.index] = _Person._make(_of_contact(told))
        if about_company:
            directory.edit_account(accounts[entry.index], by=by, at=at, **about_company)
        if news or about_company:
            changed.add(leads[entry.index])
    recounting.hold(changed)  # scores before leads, as whoever counts behaviour does
    _follow_accounts(changed)
    return changed


def _news(contact: _Person, row: Inquiry, account: Account | None) -> dict[str, Any]:
    told = {
        name: getattr(row, name)
        for name in ("first_name", "last_name", "job_title", "department", "stakeholder_role", "phone")
    }
    news: dict[str, Any] = {
        name: value for name, value in told.items() if value and _may_say(row, value, getattr(contact, name))
    }
    if row.email_key and not contact.email_key:
        news["email"] = row.email
    if account and contact.account_id is None:
        news["account"] = account
    if row.consent is not None and row.consent_state != contact.consent:
        news |= {"consent": row.consent_state, "consent_text": row.consent_text}
    # Consent once withdrawn is given again by the person alone: not by a list that is sent once more, nor by whoever
    # types the address into a public form.
    if contact.consent == Consent.WITHDRAWN and (row.is_unproven or not row.consent_text):
        news.pop("consent", None)
        news.pop("consent_text", None)
    return news


def _may_say(row: Inquiry, value: Any, known: Any) -> bool:
    """Whoever types an address into a public form may add to what is known about the person, and change none of it."""
    return value != known and not (row.is_unproven and known not in ("", None))


def _company_news(account: Account | None, row: Inquiry) -> dict[str, Any]:
    if account is None:
        return {}
    told = {name: getattr(row, name) for name in ("industry", "employee_count", "country")}
    return {
        name: value
        for name, value in told.items()
        if value not in ("", None) and _may_say(row, value, getattr(account, name))
    }


def _follow_accounts(leads: Iterable[int]) -> None:
    """A lead belongs to its person's company."""
    for lead in Lead.objects.filter(
        pk__among=leads, account=None, contact__account__isnull=False
    ).select_related("contact"):
        Lead.objects.filter(pk=lead.pk).update(account=lead.contact.account_id)
