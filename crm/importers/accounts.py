"""The importer of accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import directory, importing
from crm.domains import InvalidDomain, domain_of
from crm.identity import InvalidIdentity, parse_corporate_number
from crm.importers.known import Known, mark_added, matching, owned, visible_to
from crm.importing import Context, Field, Line, Subject, keyed
from crm.keys import company_key
from crm.models import Account

LONGEST = (("name", 200), ("industry", 80), ("country", 80), ("address", 300), ("external_id", 120))


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
        Field("address", gettext_lazy("postal address")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        told = {line.number: _account_values(line) for line in lines}
        lines = [line for line in lines if not line.problems]
        known = Known(
            matching(Account.objects.select_related("merged_into"), map(_keys, lines)),
            visible_to(Account, context.by),
        )
        fresh: dict[int, Account] = {}
        changes: dict[int, dict[str, Any]] = {}
        for line in lines:
            if account := known.find(_keys(line)):
                if news := known.news(line, _keys(line), told[line.number]):
                    changes.setdefault(account.pk, {}).update(news)
            else:
                fresh[line.number] = directory.new_account(**owned(told[line.number], context.by))
        if changes:
            directory.edit_accounts(changes, by=context.by, at=context.at)
        added = directory.add_accounts(list(fresh.values()), by=context.by, at=context.at)
        mark_added(lines, fresh, {account.pk for account in added})

    def subjects(self, line: Line) -> list[Subject]:
        return [Subject(_keys(line), tuple(item.name for item in self.fields))]


def _account_values(line: Line) -> dict[str, Any]:
    values = {name: value for name, value in line.values.items() if value not in ("", None)}
    try:
        if "domain" in values:
            values["domain"] = domain_of(values["domain"])
        if "corporate_number" in values:
            values["corporate_number"] = parse_corporate_number(values["corporate_number"])
    except (InvalidDomain, InvalidIdentity) as error:
        line.refuse("domain" if isinstance(error, InvalidDomain) else "corporate_number", str(error))
    for name, most in LONGEST:
        if len(str(values.get(name, ""))) > most:
            line.refuse(name, _("Use at most %(most)d characters.") % {"most": most})
    if not 0 <= (line.values.get("employee_count") or 0) <= 10_000_000:
        line.refuse("employee_count", _("Enter a number of employees between 0 and 10,000,000."))
    line.values |= values
    return values


def _keys(line: Line) -> tuple[tuple[str, str], ...]:
    """What tells a company, the surest first; a name counts only when nothing surer is given."""
    sure = keyed(
        ("external_id", line.text("external_id")),
        ("corporate_number", _lenient(parse_corporate_number, line.text("corporate_number"))),
        ("domain", _lenient(domain_of, line.text("domain"))),
    )
    name = line.text("name")
    # A name of signs alone has no key.
    return sure or keyed(("name_key", company_key(name)[:200])) or keyed(("name", name))


def _lenient(parse: Callable[[str], str], text: str) -> str:
    """As it will be stored; a value that is refused later on tells itself alone."""
    try:
        return parse(text) if text else ""
    except (InvalidDomain, InvalidIdentity):
        return text
