"""What is not known. The details an MQL definition may ask for are those of `leads.completeness`."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.components.faces import Words
from crm.models import Consent
from leads.completeness import LACKS
from leads.models import RequiredField
from leads.quality.rule import ACCOUNT, CONTACT, LEAD, MISSING, Look, Rule

_IN_ROW = _("Enter it in the row.")


def _always(condition: Q, code: str, subject: str, label: Words, mend: Words, detail: str = "") -> Rule:
    return Rule(code, MISSING, subject, label, mend, lambda look: condition, detail)


def _of_company(name: str, condition: Q, label: Words) -> Rule:
    known = Q(account__isnull=False)
    return _always(known & condition, f"no-{name.replace('_', '-')}", ACCOUNT, label, _IN_ROW, name)


def _details_asked_for(look: Look) -> Q:
    """One of the details that the MQL definition of the lead's segment asks for is not there."""
    own = [segment for segment, _fields in look.required if segment]
    lacking = Q(pk__in=[])
    for segment, fields in look.required:
        place = Q(score__segment=segment) if segment else ~Q(score__segment__in=own)
        for name in fields:
            lacking |= place & LACKS[RequiredField(name)]
    return lacking


INCOMPLETE = Rule(
    "incomplete",
    MISSING,
    LEAD,
    _("A detail the MQL definition asks for"),
    _("Complete the details below; until then the lead cannot become an MQL."),
    _details_asked_for,
)
RULES = (
    INCOMPLETE,
    _always(LACKS[RequiredField.EMAIL], "no-email", CONTACT, _("E-mail"), _IN_ROW, "email"),
    _always(LACKS[RequiredField.PHONE], "no-phone", CONTACT, _("Phone"), _IN_ROW, "phone"),
    _always(LACKS[RequiredField.NAME], "no-name", CONTACT, _("Name"), _IN_ROW, "last_name"),
    _always(LACKS[RequiredField.JOB_TITLE], "no-title", CONTACT, _("Job title"), _IN_ROW, "job_title"),
    _always(LACKS[RequiredField.COMPANY], "no-company", LEAD, _("Company"), _IN_ROW, "company"),
    _of_company("industry", Q(account__industry=""), _("Industry")),
    _of_company("employee_count", Q(account__employee_count=None), _("Employees")),
    _of_company("country", Q(account__country=""), _("Country")),
    _always(
        Q(contact__consent=Consent.UNKNOWN),
        "no-consent",
        CONTACT,
        _("Consent"),
        _("Ask the person; consent is theirs to give, so it cannot be filled in here."),
    ),
    _always(Q(source=""), "no-source", LEAD, _("Source"), _IN_ROW, "source"),
)
