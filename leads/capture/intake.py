"""What comes in about a lead, cleaned: the same rules for form, API and CSV. Pure but for translation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
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
    # Keys, filled by `cleaned`; never given from outside.
    email_key: str = field(default="", compare=False)
    phone_key: str = field(default="", compare=False)

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


def cleaned(row: Inquiry, *, at: datetime) -> tuple[Inquiry, list[Complaint]]:
    """The row as it will be stored, and everything that is wrong with it."""
    complaints: list[Complaint] = []
    values: dict[str, Any] = {name: _text(row, name, complaints) for name in LENGTHS if getattr(row, name)}
    if row.consent_text:
        values["consent_text"] = clean_text(row.consent_text, multiline=True, max_length=4000)
    values |= {name: place_of(values[name]) for name in ("referrer", "landing_page") if name in values}
    row = replace(row, **(values | _keys(row, values, complaints)))
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
    return row, complaints


def _text(row: Inquiry, name: str, complaints: list[Complaint]) -> str:
    try:
        text = clean_text(getattr(row, name))
    except InvalidText as error:
        complaints.append(Complaint(name, str(error)))
        return ""
    if len(text) > LENGTHS[name]:
        complaints.append(
            Complaint(name, _("Use at most %(most)d characters.") % {"most": LENGTHS[name]}, "max_length")
        )
        return ""
    return text


def _keys(row: Inquiry, texts: dict[str, Any], complaints: list[Complaint]) -> dict[str, Any]:
    """What tells who it is, of the cleaned texts."""
    keys: dict[str, Any] = {}
    try:
        if texts.get("email"):
            email = parse_email(texts["email"])
            keys |= {"email": email.address, "email_key": email.key}
    except InvalidIdentity as error:
        complaints.append(Complaint("email", str(error)))
    try:
        if texts.get("phone"):
            keys["phone_key"] = parse_phone(texts["phone"]).e164
    except InvalidIdentity as error:
        complaints.append(Complaint("phone", str(error)))
    try:
        keys["domain"] = domain_of(texts.get("domain", ""))
        if row.corporate_number:
            keys["corporate_number"] = _corporate_number(row.corporate_number)
    except InvalidDomain as error:
        complaints.append(Complaint("domain", str(error)))
    except InvalidIdentity as error:
        complaints.append(Complaint("corporate_number", str(error)))
    return keys


def _corporate_number(told: str) -> str:
    return parse_corporate_number(told) if told.strip() else ""


FIELDS = tuple(
    item.name for item in fields(Inquiry) if not item.name.endswith("_key") and item.name != "form"
)
