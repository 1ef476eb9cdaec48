"""Which details an MQL definition asks for that a lead still lacks. Pure; `lifecycle` asks the same in SQL.

The one definition: the promise of an agreement (`reports.completeness`) and the audit (`leads.quality`) use it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db.models import Q

from leads.models import Lead, RequiredField

# The same as a condition, on leads and on whatever else has a contact and an account of its own.
LACKS: dict[RequiredField, Q] = {
    RequiredField.EMAIL: Q(contact__email_key=""),
    RequiredField.PHONE: Q(contact__phone_key=""),
    RequiredField.NAME: Q(contact__last_name=""),
    RequiredField.JOB_TITLE: Q(contact__job_title=""),
    RequiredField.COMPANY: Q(account=None),
}

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
