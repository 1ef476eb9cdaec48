"""How each state looks: a word, an icon and a tone, so that colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Face:
    label: Words
    tone: str
    icon: str


UNKNOWN = Face("", "plain", "more")

CLOCK = {
    "on_track": Face(_("On track"), "ok", "on-track"),
    "at_risk": Face(_("At risk"), "warn", "at-risk"),
    "breached": Face(_("Overdue"), "late", "breached"),
    "paused": Face(_("Paused"), "hold", "paused"),
    "answered": Face(_("Answered"), "ok", "answered"),
}
LEAD = {
    "inquiry": Face(_("Inquiry"), "plain", "contact"),
    "nurturing": Face(_("Nurturing"), "plain", "nurture"),
    "mql": Face(_("MQL"), "accent", "spark"),
    "sal": Face(_("SAL"), "accent", "accept"),
    "sql": Face(_("SQL"), "ok", "convert"),
    "customer": Face(_("Customer"), "ok", "trophy"),
    "recycled": Face(_("Recycled"), "hold", "recycle"),
    "disqualified": Face(_("Disqualified"), "plain", "reject"),
}
HANDOFF = {
    "open": Face(_("Open"), "accent", "handoff"),
    "contacted": Face(_("Contacted"), "accent", "contact"),
    "accepted": Face(_("Accepted"), "ok", "accept"),
    "converted": Face(_("Converted"), "ok", "convert"),
    "rejected": Face(_("Rejected"), "plain", "reject"),
    "expired": Face(_("Expired"), "late", "breached"),
    "withdrawn": Face(_("Withdrawn"), "plain", "undo"),
}
DEAL = {
    "open": Face(pgettext_lazy("deal", "Open"), "accent", "deal"),
    "won": Face(_("Won"), "ok", "trophy"),
    "lost": Face(_("Lost"), "plain", "reject"),
}
AGREEMENT = {
    "draft": Face(_("Draft"), "plain", "pencil"),
    "proposed": Face(_("Proposed"), "warn", "send"),
    "signed": Face(_("Signed"), "accent", "check"),
    "in_force": Face(_("In force"), "ok", "sla"),
    "superseded": Face(_("Superseded"), "plain", "lock"),
}
SIMULATION = {
    "waiting": Face(_("Waiting"), "plain", "clock"),
    "running": Face(_("Being played"), "accent", "clock"),
    "done": Face(_("Ready"), "ok", "check"),
    "failed": Face(_("Failed"), "late", "breached"),
    "cancelled": Face(_("Cancelled"), "plain", "close"),
}
SEAT = {
    "free": Face(_("Can get one"), "ok", "check"),
    "after_hours": Face(_("Outside working hours"), "hold", "clock"),
    "away": Face(_("Away"), "plain", "out"),
    "full": Face(_("Full"), "warn", "at-risk"),
    "daily_limit": Face(_("Daily limit reached"), "warn", "at-risk"),
}
IMPORT = {
    "draft": Face(_("Columns to choose"), "hold", "columns"),
    "checking": Face(_("Being checked"), "accent", "eye"),
    "preview": Face(_("Checked"), "accent", "eye"),
    "running": Face(_("Coming in"), "accent", "upload"),
    "done": Face(_("Done"), "ok", "answered"),
    "stopped": Face(_("Stopped"), "hold", "paused"),
    "failed": Face(_("Broke off"), "late", "breached"),
}
KINDS = {
    "clock": CLOCK,
    "lead": LEAD,
    "handoff": HANDOFF,
    "deal": DEAL,
    "agreement": AGREEMENT,
    "seat": SEAT,
    "import": IMPORT,
    "simulation": SIMULATION,
}


def face(state: str, kind: str = "") -> Face:
    """The face of a state; without a kind the first that knows the word. An unknown state looks plain."""
    tables = [KINDS[kind]] if kind else list(KINDS.values())
    return next((table[state] for table in tables if state in table), UNKNOWN)
