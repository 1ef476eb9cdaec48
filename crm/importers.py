"""Importers of the ground: users, accounts, contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import directory, importing
from crm.domains import InvalidDomain, domain_of
from crm.identity import InvalidIdentity, email_key, parse_corporate_number
from crm.importing import CREATED, UNCHANGED, UPDATED, Context, Field, Line
from crm.keys import company_key
from crm.models import Account, Contact, Role, StakeholderRole, User
from crm.states import Refused


class Users:
    """People by user name, or by name: `Moses Frase` is `moses.frase`.

    New ones cannot log in until an administrator lets them. Roles are given on arrival only: a file must
    not promote anybody.
    """

    kind: ClassVar[str] = "users"
    fields: ClassVar[Sequence[Field]] = (
        Field("username", gettext_lazy("user name")),
        Field("name", gettext_lazy("full name")),
        Field("email", gettext_lazy("e-mail")),
        Field("role", gettext_lazy("role")),
        Field("team", gettext_lazy("team")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        good = [line for line in lines if self._is_sane(line)]
        for line in good:
            line.outcome = directory.bring_person(
                username=_username(line),
                name=line.text("name"),
                email=line.text("email"),
                role=line.text("role") or Role.REP,
                team=line.text("team"),
            )

    def _is_sane(self, line: Line) -> bool:
        if not _username(line):
            line.refuse("username", _("Give a user name or a full name."))
        elif len(_username(line)) > 150:
            line.refuse("username", _("Use at most %(most)d characters.") % {"most": 150})
        if line.text("role") and line.text("role") not in Role.values:
            line.refuse("role", _("Choose one of: %s.") % ", ".join(Role.values))
        return not line.problems


def _username(line: Line) -> str:
    return line.text("username") or ".".join(line.text("name").casefold().split())


class Accounts:
    """Companies by external id, corporate number, domain or name, in this order."""

    kind: ClassVar[str] = "accounts"
    fields: ClassVar[Sequence[Field]] = (
        Field("name", gettext_lazy("name"), required=True),
        Field("external_id", gettext_lazy("external id")),
        Field("corporate_number", gettext_lazy("corporate number")),
        Field("domain", gettext_lazy("web domain")),
        Field("industry", gettext_lazy("industry")),
        Field("employee_count", gettext_lazy("employees"), importing.COUNT),
        Field("country", gettext_lazy("country")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        known = _Companies(lines)
        fresh: dict[tuple[str, str], Account] = {}
        for line in lines:
            values = _account_values(line)
            if line.problems:
                continue
            account = known.find(line)
            if account:
                line.outcome = _edited(line, account, values, context)
            elif any(key in fresh for key in _keys(line)):
                line.outcome = UNCHANGED
            else:
                account = directory.new_account(**values)
                fresh |= dict.fromkeys(_keys(line), account)
                line.outcome = CREATED
        directory.add_accounts(
            list({id(row): row for row in fresh.values()}.values()), by=context.by, at=context.at
        )


def _account_values(line: Line) -> dict[str, Any]:
    values = {name: value for name, value in line.values.items() if value not in ("", None)}
    try:
        if "domain" in values:
            values["domain"] = domain_of(values["domain"])
        if "corporate_number" in values:
            values["corporate_number"] = parse_corporate_number(values["corporate_number"])
    except (InvalidDomain, InvalidIdentity) as error:
        line.refuse("domain" if isinstance(error, InvalidDomain) else "corporate_number", str(error))
    for name, most in (("name", 200), ("industry", 80), ("country", 80), ("external_id", 120)):
        if len(str(values.get(name, ""))) > most:
            line.refuse(name, _("Use at most %(most)d characters.") % {"most": most})
    if not 0 <= (line.values.get("employee_count") or 0) <= 10_000_000:
        line.refuse("employee_count", _("Enter a number of employees between 0 and 10,000,000."))
    line.values |= values
    return values


def _edited(line: Line, row: Any, values: dict[str, Any], context: Context) -> str:
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return UNCHANGED
    try:
        edit = directory.edit_account if isinstance(row, Account) else directory.edit_contact
        edit(row, by=context.by, at=context.at, **changes)
    except (Refused, InvalidIdentity) as refusal:
        line.refuse(getattr(refusal, "field", ""), str(refusal))
        return importing.REJECTED
    return UPDATED


def _keys(line: Line) -> list[tuple[str, str]]:
    """What tells a company, the surest first; a name counts only when nothing surer is given."""
    sure = [(name, line.text(name)) for name in ("external_id", "corporate_number", "domain")]
    return [key for key in sure if key[1]] or [("name_key", company_key(line.text("name"))[:200])]


class _Companies:
    def __init__(self, lines: Sequence[Line]) -> None:
        self._known: dict[tuple[str, str], Account] = {}
        wanted: dict[str, set[str]] = {}
        for line in lines:
            for name, value in _keys(line):
                wanted.setdefault(name, set()).add(value)
        for name, values in wanted.items():
            rows = Account.objects.standing().filter(**{f"{name}__in": values}).order_by("-pk")
            self._known |= {(name, getattr(row, name)): row for row in rows}

    def find(self, line: Line) -> Account | None:
        return next((self._known[key] for key in _keys(line) if key in self._known), None)


class Contacts:
    """People by e-mail or external id; their company by its name."""

    kind: ClassVar[str] = "contacts"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail")),
        Field("external_id", gettext_lazy("external id")),
        Field("first_name", gettext_lazy("first name")),
        Field("last_name", gettext_lazy("last name")),
        Field("job_title", gettext_lazy("job title")),
        Field("stakeholder_role", gettext_lazy("stakeholder role")),
        Field("phone", gettext_lazy("phone")),
        Field("company", gettext_lazy("company")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        companies = {company_key(line.text("company"))[:200] for line in lines} - {""}
        rows = Account.objects.standing().filter(name_key__in=companies).order_by("-pk")
        accounts = {row.name_key: row for row in rows}
        for line in lines:
            try:
                self._take_one(line, accounts, context)
            except (InvalidIdentity, Refused) as error:
                line.refuse("", str(error))

    def _take_one(self, line: Line, accounts: dict[str, Account], context: Context) -> None:
        values = {name: value for name, value in line.values.items() if value and name != "company"}
        _check_contact(line)
        if line.problems:
            return
        company = line.text("company")
        if company and (account := accounts.get(company_key(company)[:200])):
            values["account"] = account
        elif company:
            context.notes.add(
                _("There is no account %s; the contact is kept without.") % company, line.number
            )
        known = _known_contact(line)
        if known:
            line.outcome = _edited(line, known, values, context)
            return
        added = directory.add_contacts([directory.new_contact(**values)], by=context.by, at=context.at)
        line.outcome = CREATED if added else UNCHANGED


def _check_contact(line: Line) -> None:
    if not (line.text("email") or line.text("external_id")):
        line.refuse("email", _("Give an e-mail address or an external id."))
    if line.text("stakeholder_role") and line.text("stakeholder_role") not in StakeholderRole.values:
        line.refuse("stakeholder_role", _("Choose one of the five stakeholder roles."))
    for name, most in (
        ("first_name", 80),
        ("last_name", 80),
        ("job_title", 160),
        ("phone", 40),
        ("external_id", 120),
    ):
        if len(line.text(name)) > most:
            line.refuse(name, _("Use at most %(most)d characters.") % {"most": most})


def _known_contact(line: Line) -> Contact | None:
    standing = Contact.objects.standing()
    key = email_key(line.text("email"))
    by_email = standing.filter(email_key=key).first() if key else None
    external = line.text("external_id")
    return by_email or (standing.filter(external_id=external).first() if external else None)


def people_named(names: set[str]) -> dict[str, User]:
    """Users by user name or full name, without regard to case."""
    wanted = {name.casefold() for name in names}
    people = User.objects.order_by("-pk")
    by_name = {person.full_name.casefold(): person for person in people}
    by_name |= {person.username.casefold(): person for person in people}
    return {name: person for name, person in by_name.items() if name in wanted}


def register() -> None:
    for importer in (Users, Accounts, Contacts):
        importing.register(importer)
