"""The draft of a mail to the person of a handoff: every name filled in, nothing left for a template to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.components import formats
from crm.models import User
from desk import presenting
from sla.models import Handoff


@dataclass(frozen=True, slots=True)
class Draft:
    subject: str
    body: str


def draft(row: Handoff, *, by: User) -> Draft:
    """What a first mail could say: whom it greets, what they looked at, and what is asked of them."""
    title = _title(row)
    subject = _("About “%(title)s”") % {"title": title} if title else _("Your interest in our service")
    parts = (_greeting(row), _thanks(title), _request(), _close(by))
    return Draft(subject[:150], "\n\n".join(part for part in parts if part))


def _title(row: Handoff) -> str:
    """What they read or did last, if it has a title."""
    told = [*row.brief.get("read", []), *row.brief.get("why", [])]
    return next((title for one in told if (title := presenting.title_of(one))), "")


def _greeting(row: Handoff) -> str:
    person = row.contact
    if not (person.last_name or person.first_name):
        return _("Hello,")
    greeting = _("Dear %(name)s,") % {"name": person.full_name}
    # A Japanese letter names the company above the person.
    return f"{row.account.name}\n{greeting}" if formats.in_japanese() and row.account else greeting


def _thanks(title: str) -> str:
    if title:
        return _("thank you for your interest in “%(title)s”.") % {"title": title}
    return _("thank you for your interest.")


def _request() -> str:
    return _(
        "I would like to hear what you are working on and whether we can help. "
        "Would a short call of fifteen minutes suit you this week?"
    )


def _close(by: User) -> str:
    return _("Kind regards\n%(name)s") % {"name": by.full_name}
