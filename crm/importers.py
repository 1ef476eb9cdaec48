"""Importers of the ground: users, accounts, contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import access, directory, importing
from crm.domains import InvalidDomain, domain_of
from crm.identity import InvalidIdentity, lookup_key, parse_corporate_number, parse_email, parse_phone
from crm.importing import CREATED, UNCHANGED, UPDATED, Context, Field, Line, Subject, keyed
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

    def subjects(self, line: Line) -> list[Subject]:
        return [Subject(keyed(("username", _username(line))), ("name", "email", "team"))]

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
        Field("industry", gettext_lazy("industry"), fill=True),
        Field("employee_count", gettext_lazy("employees"), importing.COUNT),
        Field("country", gettext_lazy("country"), fill=True),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        told = {line.number: _account_values(line) for line in lines}
        lines = [line for line in lines if not line.problems]
        known = _Known(_matching(Account.objects, map(_keys, lines)), _visible(Account, context.by))
        fresh: dict[int, Account] = {}
        for line in lines:
            if account := known.find(_keys(line)):
                line.outcome = _edited(line, account, told[line.number], context, seen=known.seen)
            else:
                fresh[line.number] = directory.new_account(**_owned(told[line.number], context.by))
        added = directory.add_accounts(list(fresh.values()), by=context.by, at=context.at)
        _mark_added(lines, fresh, {account.pk for account in added})

    def subjects(self, line: Line) -> list[Subject]:
        return [Subject(_keys(line), tuple(item.name for item in self.fields))]


def _owned(values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Who sees only their own records owns what they add, or it would vanish from their sight."""
    return values if by is None or access.sees_everything(by) else {**values, "owner": by}


def _mark_added(lines: Sequence[Line], fresh: Mapping[int, Any], added: set[int]) -> None:
    for line in lines:
        if line.number not in fresh:
            continue
        if fresh[line.number].pk in added:
            line.outcome = CREATED
        else:
            line.refuse("", _("Another record, perhaps a merged one, has this external id or address."))


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


def _edited(
    line: Line, row: Any, values: dict[str, Any], context: Context, *, seen: Callable[[int], bool]
) -> str:
    if not seen(row.pk):
        line.refuse("", _("Another team works this record. Ask its owner or an administrator to change it."))
        return importing.REJECTED
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


def _keys(line: Line) -> tuple[tuple[str, str], ...]:
    """What tells a company, the surest first; a name counts only when nothing surer is given."""
    sure = keyed(
        ("external_id", line.text("external_id")),
        ("corporate_number", _lenient(parse_corporate_number, line.text("corporate_number"))),
        ("domain", _lenient(domain_of, line.text("domain"))),
    )
    return sure or keyed(("name_key", company_key(line.text("name"))[:200]))


def _lenient(parse: Callable[[str], str], text: str) -> str:
    """As it will be stored; a value that is refused later on tells itself alone."""
    try:
        return parse(text) if text else ""
    except (InvalidDomain, InvalidIdentity):
        return text


class _Known:
    """Records of a batch that are known already, by their keys, and which of them the importing person sees."""

    def __init__(self, rows: Iterable[tuple[tuple[str, str], Any]], visible: Any) -> None:
        self._known = dict(rows)
        self._visible = visible and set(
            visible.filter(pk__in={row.pk for row in self._known.values()}).values_list("pk", flat=True)
        )

    def find(self, keys: Iterable[tuple[str, str]]) -> Any:
        return next((self._known[key] for key in keys if key in self._known), None)

    def seen(self, pk: int) -> bool:
        return self._visible is None or pk in self._visible


def _visible(model: Any, by: User | None) -> Any:
    """The person's own view of the records; None where nothing is hidden from them."""
    return None if by is None or access.sees_everything(by) else model.objects.visible_to(by)


def _matching(
    rows: Any, wanted: Iterable[tuple[tuple[str, str], ...]]
) -> Iterator[tuple[tuple[str, str], Any]]:
    """Standing records by each key, two or three queries for all lines; the oldest of several with one name."""
    values: dict[str, set[str]] = {}
    for name, value in (key for keys in wanted for key in keys):
        values.setdefault(name, set()).add(value)
    for name, found in values.items():
        for row in rows.standing().filter(**{f"{name}__in": found}).order_by("-pk"):
            yield (name, getattr(row, name)), row


class Contacts:
    """People by e-mail or external id; their company by its name."""

    kind: ClassVar[str] = "contacts"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail")),
        Field("external_id", gettext_lazy("external id")),
        Field("last_name", gettext_lazy("last name")),
        Field("first_name", gettext_lazy("first name")),
        Field("company", gettext_lazy("company"), fill=True),
        Field("job_title", gettext_lazy("job title")),
        Field("stakeholder_role", gettext_lazy("stakeholder role"), choices=lambda: StakeholderRole.choices),
        Field("phone", gettext_lazy("phone")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        told = self._told(lines, context)
        lines = [line for line in lines if not line.problems]
        known = _Known(_matching(Contact.objects, map(_person_keys, lines)), _visible(Contact, context.by))
        fresh: dict[int, Contact] = {}
        for line in lines:
            if contact := known.find(_person_keys(line)):
                line.outcome = _edited(line, contact, told[line.number], context, seen=known.seen)
            else:
                fresh[line.number] = directory.new_contact(**_owned(told[line.number], context.by))
        added = directory.add_contacts(list(fresh.values()), by=context.by, at=context.at)
        _mark_added(lines, fresh, {contact.pk for contact in added})

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
            values = {name: value for name, value in line.values.items() if value and name != "company"}
            if company := line.text("company"):
                values["account"] = accounts.get(company_key(company)[:200])
            if company and values["account"] is None:
                del values["account"]
                context.notes.add(
                    _("There is no account %s; the contact is kept without.") % company, line.number
                )
            told[line.number] = values
        return told


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
    for name, most in (
        ("first_name", 80),
        ("last_name", 80),
        ("job_title", 160),
        ("phone", 40),
        ("external_id", 120),
    ):
        if len(line.text(name)) > most:
            line.refuse(name, _("Use at most %(most)d characters.") % {"most": most})


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
