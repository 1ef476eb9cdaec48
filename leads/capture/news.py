"""What rows tell beyond what is known: it fills or replaces what was known, and a blank never erases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from crm import directory
from crm.models import Account, Consent, Contact, User
from crm.records import Company, Person
from leads.capture.entries import Entry
from leads.capture.intake import Inquiry
from leads.models import Lead
from leads.scoring import recounting

_PERSONAL = ("first_name", "last_name", "job_title", "department", "stakeholder_role", "phone")
_CORPORATE = ("industry", "employee_count", "country")


def tell(entries: Sequence[Entry], introduced: Set[int], *, by: User | None, at: datetime) -> set[int]:
    """Write what is new about people and companies; returns the people concerned. New people are as they were
    `introduced` by the entries with these indexes.

    Those in hand are changed as well, so that each row is compared with what the one before it has told.
    """
    about_people: dict[int, dict[str, Any]] = defaultdict(dict)
    about_companies: dict[int, dict[str, Any]] = defaultdict(dict)
    concerned: set[int] = set()
    for entry in entries:
        person, company = entry.person, entry.company
        if entry.index not in introduced and (news := _of_person(entry)):
            about_people[person.pk] |= news
            _take(person, news)
            concerned.add(person.pk)
        if company is not None and (news := _of_company(company, entry.row)):
            about_companies[company.pk] |= news
            _take(company, news)
            concerned.add(person.pk)
    if about_people:
        directory.edit_contacts(about_people, by=by, at=at, is_seen_to=True)
    if about_companies:
        directory.edit_accounts(about_companies, by=by, at=at)
    return concerned


def _take(known: Person | Company, news: dict[str, Any]) -> None:
    for name, value in news.items():
        setattr(known, *(("account_id", value.pk) if name == "account" else (name, value)))


def _of_person(entry: Entry) -> dict[str, Any]:
    row, person, company = entry.row, entry.person, entry.company
    news: dict[str, Any] = {
        name: value
        for name in _PERSONAL
        if (value := getattr(row, name)) and _may_say(row, value, getattr(person, name))
    }
    if entry.email_key and not person.email_key:
        news["email"] = row.email
    if company and person.account_id is None:
        news["account"] = Account(pk=company.pk)
    if row.consent is not None and row.consent_state != person.consent:
        news |= {"consent": row.consent_state, "consent_text": row.consent_text}
    # Consent once withdrawn is given again by the person alone: not by a list that is sent once more, nor by whoever
    # types the address into a public form.
    if person.consent == Consent.WITHDRAWN and (row.is_unproven or not row.consent_text):
        news.pop("consent", None)
        news.pop("consent_text", None)
    return news


def _may_say(row: Inquiry, value: Any, known: Any) -> bool:
    """Whoever types an address into a public form may add to what is known about the person, and change none of it."""
    return value != known and not (row.is_unproven and known not in ("", None))


def _of_company(company: Company, row: Inquiry) -> dict[str, Any]:
    return {
        name: value
        for name in _CORPORATE
        if (value := getattr(row, name)) not in ("", None) and _may_say(row, value, getattr(company, name))
    }


def follow(people: Iterable[int]) -> list[int]:
    """The leads of these people, ready to be fitted anew; a lead belongs to its person's company."""
    leads = Lead.objects.standing().filter(contact__among=list(people)).order_by("pk")
    found = list(leads.values_list("pk", "account", "contact__account"))
    recounting.hold(pk for pk, *_companies in found)  # scores before leads, as whoever counts behaviour does
    joined = [pk for pk, account, company in found if account is None and company is not None]
    if joined:
        theirs = Contact.objects.filter(pk=OuterRef("contact")).values("account")
        Lead.objects.filter(pk__among=joined).update(account=Subquery(theirs))
    return [pk for pk, *_companies in found]
