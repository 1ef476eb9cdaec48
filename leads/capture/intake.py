"""What comes in about a lead, cleaned: the same rules for form, API and CSV. Pure but for translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
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
_PROSE, _PLACES = ("consent_text",), ("referrer", "landing_page")
_TEXTS = LENGTHS | {"consent_text": 4000}
_texts_of = attrgetter(*_TEXTS)


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


def checked(rows: Sequence[Inquiry], *, at: datetime) -> list[Checked]:
    """The rows cleaned, by the same rules for whoever tells them."""
    found = [Checked(row) for row in rows]
    columns = zip(*map(_texts_of, rows), strict=True)
    for name, told in zip(_TEXTS, columns, strict=False):  # no rows make no columns
        if any(told):
            _clean(found, name, told)
    for each in found:
        _identify(each)
        _insist_on_sense(each, at)
    return found


def _clean(found: Sequence[Checked], name: str, told: Sequence[str]) -> None:
    """A column of texts, each different one looked at once: a file tells most of them again and again.

    Text that is refused counts as none.
    """
    cleaned = {text: _cleaned(name, text) for text in set(told) if text}
    if all(text == answer for text, answer in cleaned.items()):
        return
    for each, text in zip(found, told, strict=True):
        answer = cleaned.get(text, text)
        if isinstance(answer, Complaint):
            each.complaints.append(answer)
            answer = ""
        if answer != text:
            each.row = _with(each.row, name, answer)


def _cleaned(name: str, told: str) -> str | Complaint:
    """A text as it is kept, or what is wrong with it."""
    try:
        text = clean_text(told, multiline=name in _PROSE)
    except InvalidText as error:
        return Complaint(name, str(error))
    if len(text) > _TEXTS[name]:
        return Complaint(name, _("Use at most %(most)d characters.") % {"most": _TEXTS[name]}, "max_length")
    return place_of(text) if name in _PLACES else text


def _identify(found: Checked) -> None:
    """Notes what tells who it is, and writes it as it is kept."""
    for name, read in _TELLING.items():
        told = getattr(found.row, name)
        try:
            if told and (kept := read(told, found)) != told:
                found.row = _with(found.row, name, kept)
        except (InvalidIdentity, InvalidDomain) as error:
            found.complaints.append(Complaint(name, str(error)))


def _with(row: Inquiry, name: str, text: str) -> Inquiry:
    told: dict[str, Any] = {name: text}
    return replace(row, **told)


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
