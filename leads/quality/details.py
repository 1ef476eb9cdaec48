"""The details that can be set in a row of the audit: whose they are, and how what is typed is read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components.faces import Words
from crm.dates import InvalidValue
from crm.domains import InvalidDomain, domain_of
from crm.identity import InvalidIdentity, parse_corporate_number, parse_email, parse_phone
from crm.models import StakeholderRole
from crm.states import Refused
from crm.text import InvalidText, clean_text
from crm.values import parse_int
from leads.models import Lead
from leads.quality.rule import ACCOUNT, CONTACT, LEAD

MOST_EMPLOYEES = 10_000_000


@dataclass(frozen=True, slots=True)
class Detail:
    """`for_many` when one value may be set for many at once."""

    subject: str
    label: Words
    longest: int
    read: Callable[[str], Any]
    for_many: bool = False
    may_be_empty: bool = False


def _text(value: str) -> str:
    return value


def _email(value: str) -> str:
    parse_email(value)
    return value


def _phone(value: str) -> str:
    parse_phone(value)
    return value


def _count(value: str) -> int:
    number = parse_int(value)
    if number is None or not 0 < number <= MOST_EMPLOYEES:
        raise InvalidValue(_("Give a number from 1 to 10,000,000."))
    return number


def _role(value: str) -> str:
    if value not in StakeholderRole.values:
        raise InvalidValue(_("Choose one of the five stakeholder roles."))
    return value


DETAILS: dict[str, Detail] = {
    "email": Detail(CONTACT, gettext_lazy("E-mail"), 254, _email),
    "phone": Detail(CONTACT, gettext_lazy("Phone"), 40, _phone),
    "last_name": Detail(CONTACT, gettext_lazy("Last name"), 80, _text),
    "job_title": Detail(CONTACT, gettext_lazy("Job title"), 160, _text, for_many=True),
    "stakeholder_role": Detail(CONTACT, gettext_lazy("Stakeholder role"), 16, _role, for_many=True),
    "company": Detail(LEAD, gettext_lazy("Company"), 200, _text, for_many=True),
    "source": Detail(LEAD, gettext_lazy("Source"), 80, _text, for_many=True),
    "name": Detail(ACCOUNT, gettext_lazy("Company"), 200, _text),
    "industry": Detail(ACCOUNT, gettext_lazy("Industry"), 80, _text, for_many=True),
    "employee_count": Detail(ACCOUNT, gettext_lazy("Employees"), 12, _count, for_many=True),
    "country": Detail(ACCOUNT, gettext_lazy("Country"), 80, _text, for_many=True),
    "domain": Detail(ACCOUNT, gettext_lazy("Web domain"), 253, domain_of, may_be_empty=True),
    "corporate_number": Detail(
        ACCOUNT, gettext_lazy("Corporate number"), 20, parse_corporate_number, may_be_empty=True
    ),
}


def read(name: str, typed: str) -> Any:
    """What was typed, as it is kept. Raises Refused beside the field where it cannot be."""
    detail = DETAILS[name]
    try:
        value = clean_text(typed, max_length=detail.longest)
        if not value and not detail.may_be_empty:
            raise Refused(_("Enter something here."), field="value", code="required")
        return detail.read(value) if value else value
    except (InvalidIdentity, InvalidDomain, InvalidValue, InvalidText) as error:
        raise Refused(str(error), field="value", code="invalid") from error


def known(name: str, lead: Lead) -> str:
    """What is there now, to be corrected."""
    detail = DETAILS[name]
    if name == "company":
        return lead.account.name if lead.account else ""
    record = {LEAD: lead, CONTACT: lead.contact, ACCOUNT: lead.account}[detail.subject]
    value = getattr(record, name, None)
    return "" if value is None else str(value)
