"""One cast for every test: a marketer, a rep and a colleague, their manager, a stranger, an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from crm.models import Contact, Role, Team, User
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.models import Lead
from project import founding
from sla import agreements, handoffs
from sla.models import Agreement, Handoff
from tests.support import founded

_numbers = count(1)


@dataclass
class Cast:
    """The people, and short ways to put a lead where a test needs it."""

    at: datetime
    rep: User
    colleague: User
    manager: User
    marketer: User
    stranger: User
    admin: User

    def lead(self, **known: object) -> Lead:
        """A fresh inquiry."""
        values = {
            "email": f"person{next(_numbers)}@example{next(_numbers)}.jp",
            "last_name": "山田",
            "first_name": "太郎",
            "company": f"会社{next(_numbers)}",
        }
        row = Inquiry(**(values | known))  # type: ignore[arg-type]
        [done] = door.capture([row], by=self.marketer, at=self.at)
        assert done.lead, done.complaints
        return Lead.objects.select_related("contact", "account", "score").get(pk=done.lead)

    def handoff(self, *, to: User | None = None, **known: object) -> Handoff:
        """An open handoff of a fresh lead, with the rep unless told otherwise."""
        return handoffs.hand_over(self.lead(**known), by=self.marketer, at=self.at, assignee=to or self.rep)

    def agree(self, draft: Agreement, *, at: datetime | None = None) -> Agreement:
        """Propose a draft and let both sides sign it."""
        at = at or self.at
        agreements.propose(draft, by=self.marketer, at=at)
        agreements.sign(draft, by=self.marketer, at=at)
        return agreements.sign(draft, by=self.manager, at=at)

    def contact_of(self, handoff: Handoff) -> Contact:
        return handoff.contact


ROLES = {
    "rep": Role.REP,
    "colleague": Role.REP,
    "manager": Role.MANAGER,
    "marketer": Role.MARKETER,
    "stranger": Role.REP,
    "admin": Role.ADMIN,
}
PLACES = {"rep": "Tokyo", "colleague": "Tokyo", "manager": "Tokyo", "stranger": "Osaka"}


def gather(at: datetime) -> Cast:
    """Found the company and hire the cast."""
    founded.lay(lambda: _found(at), key=at)
    people = User.objects.select_related("team").in_bulk(field_name="username")
    names = ("rep", "colleague", "manager", "marketer", "stranger", "admin")
    return Cast(at=at, **{name: people[name] for name in names})


def _found(at: datetime) -> None:
    founding.found(by=None, at=at)
    for name, role in ROLES.items():
        place = PLACES.get(name)
        User.objects.create_user(
            name,
            f"{name}@baton.example",
            "correct horse battery",
            role=role,
            team=Team.objects.get_or_create(name=place)[0] if place else None,
            last_name=name.title(),
        )
