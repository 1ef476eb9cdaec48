"""The importer of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import directory
from crm.identity import InvalidIdentity, lookup_key, parse_email, parse_phone
from crm.importers.known import Known, mark_added, matching, owned, visible_to
from crm.importing import NAME, Context, Field, Line, Subject, keyed
from crm.keys import company_key
from crm.models import Account, Contact, StakeholderRole

LENGTHS = {
    "first_name": 80,
    "last_name": 80,
    "job_title": 160,
    "department": 120,
    "phone": 40,
    "external_id": 120,
    "email": 254,
}


class Contacts:
    """People by e-mail or external id; their company by its name."""

    kind: ClassVar[str] = "contacts"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail"), tells=True),
        Field("external_id", gettext_lazy("external id"), tells=True),
        Field("full_name", gettext_lazy("full name"), NAME),
        Field("last_name", gettext_lazy("last name")),
        Field("first_name", gettext_lazy("first name")),
        Field("company", gettext_lazy("company"), fill=True),
        Field("job_title", gettext_lazy("job title")),
        Field("department", gettext_lazy("department")),
        Field("stakeholder_role", gettext_lazy("stakeholder role"), choices=lambda: StakeholderRole.choices),
        Field("phone", gettext_lazy("phone")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        told = self._told(lines, context)
        lines = [line for line in lines if not line.problems]
        known = Known(
            matching(
                Contact.objects.select_related("account", "merged_into__account"), map(_person_keys, lines)
            ),
            visible_to(Contact, context.by),
        )
        fresh: dict[int, Contact] = {}
        changes: dict[int, dict[str, Any]] = {}
        for line in lines:
            if contact := known.find(_person_keys(line)):
                if news := known.news(line, _person_keys(line), told[line.number]):
                    changes.setdefault(contact.pk, {}).update(news)
            else:
                fresh[line.number] = directory.new_contact(**owned(told[line.number], context.by))
        if changes:
            directory.edit_contacts(changes, by=context.by, at=context.at)
        added = directory.add_contacts(list(fresh.values()), by=context.by, at=context.at)
        mark_added(lines, fresh, {contact.pk for contact in added})

    def subjects(self, line: Line) -> list[Subject]:
        return [Subject(_person_keys(line), tuple(item.name for item in self.fields))]

    def _told(self, lines: Sequence[Line], context: Context) -> dict[int, dict[str, Any]]:
        """What each line says of its person; a company that is not known is noted."""
        names = {company_key(line.text("company"))[:200] for line in lines} - {""}
        rows = Account.objects.standing().filter(name_key__in=names).order_by("-pk")
        accounts = {row.name_key: row for row in rows}
        told = {}
        for line in lines:
            _check_contact(line)
            told[line.number] = _values(line, accounts, context)
        return told


def _values(line: Line, accounts: Mapping[str, Account], context: Context) -> dict[str, Any]:
    values = {name: value for name, value in line.values.items() if value and name != "company"}
    company = line.text("company")
    account = accounts.get(company_key(company)[:200]) if company else None
    if account:
        values["account"] = account
    elif company and not line.problems:
        message = _("There is no account %s; the contact is kept without.")
        context.notes.add(message % company, line.number)
    return values


def _person_keys(line: Line) -> tuple[tuple[str, str], ...]:
    return keyed(("email_key", lookup_key(line.text("email"))), ("external_id", line.text("external_id")))


def _check_contact(line: Line) -> None:
    if not (line.text("email") or line.text("external_id")):
        line.refuse("email", _("Give an e-mail address or an external id."))
    if line.text("stakeholder_role") and line.text("stakeholder_role") not in StakeholderRole.values:
        line.refuse("stakeholder_role", _("Choose one of the five stakeholder roles."))
    for name, check in (("email", parse_email), ("phone", parse_phone)):
        try:
            if line.text(name):
                check(line.text(name))
        except InvalidIdentity as error:
            line.refuse(name, str(error))
    for name, most in LENGTHS.items():
        if len(line.text(name)) > most:
            line.refuse(name, _("Use at most %(most)d characters.") % {"most": most})
