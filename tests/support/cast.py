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


def gather(at: datetime) -> Cast:
    """Found the company and hire the cast."""
    founding.found(by=None, at=at)
    tokyo, osaka = (Team.objects.create(name=name) for name in ("Tokyo", "Osaka"))

    def hire(username: str, role: str, team: Team | None) -> User:
        email = f"{username}@baton.example"
        user: User = User.objects.create_user(
            username, email, "correct horse battery", role=role, team=team, last_name=username.title()
        )
        return user

    return Cast(
        at=at,
        rep=hire("rep", Role.REP, tokyo),
        colleague=hire("colleague", Role.REP, tokyo),
        manager=hire("manager", Role.MANAGER, tokyo),
        marketer=hire("marketer", Role.MARKETER, None),
        stranger=hire("stranger", Role.REP, osaka),
        admin=hire("admin", Role.ADMIN, None),
    )
