"""What comes in about a lead, cleaned: the same rules for form, API and CSV. Pure but for translation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from crm.domains import InvalidDomain, domain_of
from crm.identity import InvalidIdentity, parse_corporate_number, parse_email, parse_phone
from crm.models import Consent, StakeholderRole
from crm.text import InvalidText, clean_text
from leads.capture.origins import place_of

# Longest text each column takes.
LENGTHS = {
    "first_name": 80, "last_name": 80, "company": 200, "job_title": 160, "department": 120,
    "industry": 80, "country": 80,
    "source": 80, "medium": 80, "campaign": 120, "external_id": 120, "email": 254, "phone": 40, "domain": 253,
    "term": 120, "content": 120, "referrer": 300, "landing_page": 300,
}  # fmt: skip
MOST_EMPLOYEES = 10_000_000


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One row about a person. One of `email`, `phone`, `external_id` is required."""

    email: str = ""
    phone: str = ""
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""
    corporate_number: str = ""
    job_title: str = ""
    department: str = ""
    stakeholder_role: str = ""
    industry: str = ""
    employee_count: int | None = None
    country: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""
    referrer: str = ""
    landing_page: str = ""
    consent: bool | None = None
    consent_text: str = ""
    captured_at: datetime | None = None
    # The public form it came through; never given from outside.
    form: int | None = None

    @property
    def is_unproven(self) -> bool:
        """Whether anybody could have told this, and not only the person or somebody who works here."""
        return self.form is not None

    @property
    def consent_state(self) -> str:
        if self.consent is None:
            return Consent.UNKNOWN
        return Consent.GRANTED if self.consent else Consent.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one field and what to do."""

    field: str
    detail: str
    code: str = "invalid"


@dataclass(slots=True)
class Checked:
    """A row as it will be stored, the keys that tell its person, and everything that is wrong with it."""

    row: Inquiry
    email_key: str = ""
    phone_key: str = ""
    complaints: list[Complaint] = field(default_factory=list)


def checked(row: Inquiry, *, at: datetime) -> Checked:
    """The row cleaned, by the same rules for whoever tells it."""
    found = Checked(row)
    texts = _texts(row, found.complaints)
    if row.consent_text:
        texts["consent_text"] = clean_text(row.consent_text, multiline=True, max_length=4000)
    texts |= {name: place_of(texts[name]) for name in ("referrer", "landing_page") if name in texts}
    if row.corporate_number:
        texts["corporate_number"] = row.corporate_number
    texts |= _keys(texts, found)
    news: dict[str, Any] = {name: text for name, text in texts.items() if text != getattr(row, name)}
    if news:
        found.row = replace(row, **news)
    _insist_on_sense(found, at)
    return found


def _insist_on_sense(found: Checked, at: datetime) -> None:
    row, complaints = found.row, found.complaints
    if not (row.email or row.phone or row.external_id):
        complaints.append(
            Complaint("email", _("Give an e-mail address, a phone number or an external id."), "required")
        )
    if row.stakeholder_role and row.stakeholder_role not in StakeholderRole.values:
        complaints.append(
            Complaint("stakeholder_role", _("Choose one of the five stakeholder roles."), "invalid_choice")
        )
    if row.employee_count is not None and not 0 <= row.employee_count <= MOST_EMPLOYEES:
        complaints.append(
            Complaint("employee_count", _("Enter a number of employees between 0 and 10,000,000."))
        )
    if row.captured_at and row.captured_at > at:
        complaints.append(
            Complaint("captured_at", _("This is in the future. Enter when the lead came in."), "future")
        )


_told: Callable[[Inquiry], tuple[str, ...]] = attrgetter(*LENGTHS)
_cleaned = lru_cache(maxsize=4096)(clean_text)  # a file tells most of its texts again and again


def _texts(row: Inquiry, complaints: list[Complaint]) -> dict[str, str]:
    """What is told, cleaned; text that is refused counts as none."""
    texts = {}
    for (name, most), told in zip(LENGTHS.items(), _told(row), strict=True):
        if told:
            try:
                text = _cleaned(told)
            except InvalidText as error:
                complaints.append(Complaint(name, str(error)))
                text = ""
            texts[name] = text if len(text) <= most else _refused_as_long(name, most, complaints)
    return texts


def _refused_as_long(name: str, most: int, complaints: list[Complaint]) -> str:
    complaints.append(Complaint(name, _("Use at most %(most)d characters.") % {"most": most}, "max_length"))
    return ""


def _keys(texts: dict[str, str], found: Checked) -> dict[str, str]:
    """Notes what tells who it is; returns the texts as they are written of it."""
    told: dict[str, str] = {}
    for name, read in _TELLING.items():
        try:
            if texts.get(name):
                told[name] = read(texts[name], found)
        except (InvalidIdentity, InvalidDomain) as error:
            found.complaints.append(Complaint(name, str(error)))
    return told


def _email(told: str, found: Checked) -> str:
    email = parse_email(told)
    found.email_key = email.key
    return email.address


def _phone(told: str, found: Checked) -> str:
    found.phone_key = parse_phone(told).e164
    return told


_TELLING: dict[str, Callable[[str, Checked], str]] = {
    "email": _email,
    "phone": _phone,
    "domain": lambda told, _found: domain_of(told),
    "corporate_number": lambda told, _found: parse_corporate_number(told) if told.strip() else "",
}


FIELDS = tuple(item.name for item in fields(Inquiry) if item.name != "form")
