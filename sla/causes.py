"""Why a first contact was late, as far as the facts tell: pure. Team today names the first cause that holds, the
review every one, with what else was on record.

It names what a manager can do something about, not whom to blame: a lead nobody owned, a mail that came back, a person
who was away or had too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from crm.components.faces import Words


class Cause(StrEnum):
    QUEUE = "queue"
    BOUNCED = "bounced"
    TRIED = "tried"
    AWAY = "away"
    PASSED_LATE = "passed_late"
    FULL = "full"
    UNTOUCHED = "untouched"
    # On record too, and no cause by themselves.
    REASSIGNED = "reassigned"
    OFF_HOURS = "off_hours"
    PAUSED = "paused"


LABELS: dict[Cause, Words] = {
    Cause.QUEUE: _("Nobody claimed it"),
    Cause.TRIED: _("Tried, and not as often as agreed"),
    Cause.BOUNCED: _("The mail bounced; nobody tried again"),
    Cause.AWAY: _("The owner was away"),
    Cause.PASSED_LATE: _("Handed to the owner when time was short"),
    Cause.FULL: _("The owner has more than they can work"),
    Cause.UNTOUCHED: _("Nobody tried"),
    Cause.REASSIGNED: _("Handed to somebody else"),
    Cause.OFF_HOURS: _("Offered outside working hours"),
    Cause.PAUSED: _("Paused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was so until the first contact was due."""

    has_owner: bool
    attempts: int = 0
    bounces: int = 0
    was_away: bool = False
    was_passed_late: bool = False
    is_full: bool = False


def causes_of(facts: Facts) -> list[Cause]:
    """Every cause that holds, the one to look at first before the others; an attempt says more than a calendar, and
    a calendar more than a number."""
    ordered = (
        (not facts.has_owner, Cause.QUEUE),
        (facts.attempts > 0, Cause.TRIED),
        (facts.bounces > 0, Cause.BOUNCED),
        (facts.was_away, Cause.AWAY),
        (facts.was_passed_late, Cause.PASSED_LATE),
        (facts.is_full, Cause.FULL),
    )
    return [cause for holds, cause in ordered if holds]


def cause_of(facts: Facts) -> Cause:
    return next(iter(causes_of(facts)), Cause.UNTOUCHED)
