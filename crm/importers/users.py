"""The importer of users, and users by name for the importers of what they own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import directory
from crm.importing import Context, Field, Line, Subject, keyed
from crm.models import Role, User


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


def people_named(names: set[str]) -> dict[str, User]:
    """Users by user name or full name, without regard to case."""
    wanted = {name.casefold() for name in names}
    people = User.objects.order_by("-pk")
    by_name = {person.full_name.casefold(): person for person in people}
    by_name |= {person.username.casefold(): person for person in people}
    return {name: person for name, person in by_name.items() if name in wanted}
