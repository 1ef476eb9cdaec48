"""Which details an MQL definition asks for that a lead still lacks. Pure; `lifecycle` asks the same in SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from leads.models import Lead, RequiredField

_KNOWN: dict[str, Callable[[Lead], object]] = {
    RequiredField.EMAIL: lambda lead: lead.contact.email_key,
    RequiredField.PHONE: lambda lead: lead.contact.phone_key,
    RequiredField.NAME: lambda lead: lead.contact.last_name,
    RequiredField.JOB_TITLE: lambda lead: lead.contact.job_title,
    RequiredField.COMPANY: lambda lead: lead.account_id,
}


def missing(lead: Lead, required: Iterable[str]) -> list[RequiredField]:
    """The required fields nobody knows yet, in the order they are declared; needs the lead's contact loaded."""
    asked = set(required)
    return [field for field in RequiredField if field in asked and not _KNOWN[field](lead)]
