"""Companies and people on their way in, by the thousand: plain values with the names of their columns.

A model instance for each would cost more than everything else that is done with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm.models import Consent


@dataclass(slots=True)
class Company:
    """What is known, or told, of a company; its `pk` is 0 until it is stored."""

    name: str
    name_key: str
    domain: str = ""
    industry: str = ""
    employee_count: int | None = None
    country: str = ""
    corporate_number: str = ""
    external_id: str = ""
    owner_id: int | None = None
    pk: int = 0
    address: str = ""


@dataclass(slots=True)
class Person:
    """What is known, or told, of a person; their `pk` is 0 until they are stored."""

    account_id: int | None = None
    owner_id: int | None = None
    email: str = ""
    email_key: str = ""
    first_name: str = ""
    last_name: str = ""
    job_title: str = ""
    department: str = ""
    stakeholder_role: str = ""
    phone: str = ""
    phone_key: str = ""
    external_id: str = ""
    consent: str = Consent.UNKNOWN.value
    pk: int = 0
    consent_at: datetime | None = None
    consent_text: str = ""
