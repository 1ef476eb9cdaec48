"""What to look at where a step of the funnel loses too many: causes by kind, and measures that others take."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.components.faces import Words
from reports.journey import ACCEPTED, DEAL, HANDED, LEAD, MQL, TAKEN_UP, WON, Step

LABELS: dict[str, Words] = {
    LEAD: _("Leads"),
    MQL: _("MQLs"),
    HANDED: _("Handed to sales"),
    TAKEN_UP: _("Taken up by sales"),
    ACCEPTED: _("Accepted"),
    DEAL: _("Deals"),
    WON: _("Won"),
}
PHASES: dict[str, Words] = {
    LEAD: _("Interest"),
    MQL: _("Consideration"),
    DEAL: _("Deal"),
    WON: _("Contract"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of cause and the question to ask; `page` is where figures about it stand."""

    kind: Words
    question: Words
    page: str = ""


_CONTENT, _TARGETING = _("Content and message"), _("Targeting and lead quality")
_FOLLOW_UP, _PATH, _TIMING = _("Follow-up by sales"), _("Path and form"), _("Timing")

CAUSES: dict[str, tuple[Cause, ...]] = {
    MQL: (
        Cause(_CONTENT, _("Does what they get after the first download lead on to the next question?")),
        Cause(_TARGETING, _("Do these sources bring people who could buy at all?")),
        Cause(_PATH, _("Is there a next step on every page, and does it ask for little?")),
        Cause(_TIMING, _("Is the first mail sent while they still remember?")),
    ),
    DEAL: (
        Cause(_FOLLOW_UP, _("Are they called in time, and often enough?"), "reports:sla"),
        Cause(_TARGETING, _("Why does sales reject them, and from which source?"), "reports:sla"),
        Cause(_CONTENT, _("Does sales know what they read, and have something to send?")),
        Cause(_TIMING, _("Is it too early? Those wait in nurture and come back.")),
    ),
    WON: (
        Cause(_CONTENT, _("Does the proposal answer everybody who decides, with figures?")),
        Cause(_FOLLOW_UP, _("Has every deal a next step with a date?")),
        Cause(_TARGETING, _("Are deals opened before the need is confirmed?")),
        Cause(_TIMING, _("Does the budget year end between the offer and the order?")),
    ),
}
MEASURES: dict[str, tuple[Words, ...]] = {
    MQL: (
        _("Step mail after a download"),
        _("Two versions of the call to action, compared"),
        _("Follow-up after each webinar"),
        _("Mail by industry and role"),
        _("Retargeting"),
    ),
    DEAL: (
        _("First contact within the agreed hours, strictly"),
        _("A personal follow-up instead of a mailing"),
        _("Proposal for their case"),
        _("Online demo"),
        _("Sample of the internal approval document"),
        _("ROI calculator"),
        _("A room for each deal"),
    ),
    WON: (
        _("A talk with the one who signs"),
        _("ROI calculated with their figures"),
        _("Contract sample early, so that legal can read it"),
    ),
}


def causes(worst: Step | None) -> tuple[Cause, ...]:
    return CAUSES[worst.name] if worst else ()


def measures(worst: Step | None) -> tuple[Words, ...]:
    return MEASURES[worst.name] if worst else ()
