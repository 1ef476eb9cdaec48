"""Handoffs in words: pure functions from what is stored to what a page says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from content.models import Phase
from crm.components import formats
from crm.components.faces import Words
from crm.models import StakeholderRole
from leads.models import EventKind
from sla.models import Disposition, Handoff, Status

CONCERNS: dict[str, tuple[Words, Words]] = {
    StakeholderRole.EXECUTIVE: (
        gettext_lazy("Return and risk"),
        gettext_lazy("What it earns, by when, and who else has done it. Bring a figure and a reference."),
    ),
    StakeholderRole.END_USER: (
        gettext_lazy("The daily work"),
        gettext_lazy("How much easier a day becomes, and how long the change takes. Show it."),
    ),
    StakeholderRole.IT: (
        gettext_lazy("Security and what it connects to"),
        gettext_lazy("How much work it is to run, and who may reach the data."),
    ),
    StakeholderRole.PROCUREMENT: (
        gettext_lazy("Price and terms"),
        gettext_lazy("What it costs over the years, and how it compares. Bring the whole price."),
    ),
    StakeholderRole.LEGAL: (
        gettext_lazy("Contract and data protection"),
        gettext_lazy("Who answers for what. Bring the terms early."),
    ),
}
CONSEQUENCES: dict[str, Words] = {
    Disposition.DISQUALIFY: gettext_lazy("The lead is closed and is not nurtured any more."),
    Disposition.FIX_DATA: gettext_lazy("Marketing completes the data before it comes again."),
    Disposition.MERGE: gettext_lazy("Marketing merges it with the other record."),
}


def whom(*parts: Any) -> str:
    """“Kentaro Onodera · Alpha East K.K.”, without what is missing."""
    return " · ".join(str(part) for part in parts if part)


# -- why now, what to talk about --------------------------------------------------------------------


def title_of(told: Mapping[str, Any]) -> str:
    in_japanese = (get_language() or "").startswith("ja")
    return str(told.get("title_ja") if in_japanese and told.get("title_ja") else told.get("title", ""))


def reason(told: Mapping[str, Any]) -> str:
    """“Document download: TCO guide ×3”."""
    kind = str(EventKind(told["kind"]).label) if told["kind"] in EventKind.values else told["kind"]
    title = title_of(told)
    said = _("%(what)s: %(title)s") % {"what": kind, "title": title} if title else kind
    times = told.get("times", 1)
    return said if times < 2 else _("%(what)s ×%(times)d") % {"what": said, "times": times}


def why_now(row: Handoff, at: datetime) -> str:
    """The two heaviest reasons in one line; without behaviour what the marketer wrote."""
    told = row.brief.get("why", [])[:2]
    if not told:
        return row.note or _("Handed over by hand.")
    parts = [
        _("%(what)s, %(when)s") % {"what": reason(one), "when": formats.relative(moment(one), at)}
        for one in told
    ]
    return _("; ").join(parts)


def moment(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(told["at"])


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    at: datetime
    points: float
    width: int


def parts(row: Handoff) -> list[Part]:
    """What the score is made of, heaviest first, with bars of the heaviest's length."""
    told = row.brief.get("why", [])
    most = max((one["value"] for one in told), default=0) or 1
    return [Part(reason(one), moment(one), one["value"], round(100 * one["value"] / most)) for one in told]


@dataclass(frozen=True, slots=True)
class Read:
    title: str
    phases: str
    at: datetime


def reading_list(row: Handoff) -> list[Read]:
    return [
        Read(title_of(one), _phases(one.get("phases") or ()), moment(one))
        for one in row.brief.get("read", [])
    ]


def _phases(codes: Iterable[str]) -> str:
    return " · ".join(str(Phase(code).label) for code in codes if code in Phase.values)


@dataclass(frozen=True, slots=True)
class Round:
    reason: str
    comment: str
    by: str
    at: datetime
    not_before: date | None = None


def earlier_rounds(row: Handoff, reasons: Mapping[str, str]) -> list[Round]:
    return [
        Round(
            reasons.get(one["reason"], one["reason"]), one["comment"], one["by"], moment(one), _named_day(one)
        )
        for one in row.brief.get("earlier", [])
    ]


def _named_day(told: Mapping[str, Any]) -> date | None:
    """The day the customer named at an earlier round."""
    return date.fromisoformat(told["not_before"]) if told.get("not_before") else None


# -- what may be done next ----------------------------------------------------------------------------


def consequence(rule: Mapping[str, Any], programmes: Mapping[str, str], *, is_last: bool = False) -> str:
    """What follows from a rejection, spelled out: “Back to nurture “Timing”, returns after 90 days.”

    At the last round that was agreed a lead does not come back, whatever the reason says.
    """
    is_over = is_last and rule["disposition"] != Disposition.DISQUALIFY
    said = _("The agreed rounds are used up: the lead is closed.") if is_over else _follows(rule, programmes)
    return _("%(what)s Asks for a comment.") % {"what": said} if rule.get("comment_required") else said


def _follows(rule: Mapping[str, Any], programmes: Mapping[str, str]) -> str:
    if rule["disposition"] != Disposition.RECYCLE:
        return str(CONSEQUENCES.get(rule["disposition"], rule["disposition"]))
    name = programmes.get(rule["programme"], "")
    said = _("Back to nurture “%(programme)s”") % {"programme": name} if name else _("Back to nurture")
    days = rule["wait_days"]
    if not days:
        return _("%(what)s, at once.") % {"what": said}
    wait = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    return _("%(what)s, returns after %(wait)s.") % {"what": said, "wait": wait}


def next_step(row: Handoff) -> str:
    """Accepting does not stop the clock of the first contact: until that, it comes first."""
    if row.assignee_id is None:
        return _("claim it")
    if row.is_running and row.first_contact_at is None:
        return _("make the first contact")
    steps = {Status.CONTACTED: _("accept or reject"), Status.ACCEPTED: _("convert or reject")}
    return steps.get(Status(row.status), "")


NEWS: dict[str, Words] = {
    "handoff.offered": gettext_lazy("%(person)s is yours to contact."),
    "handoff.hot": gettext_lazy("Hot lead: %(person)s was handed to sales."),
    "handoff.reassigned": gettext_lazy("%(person)s was given to you."),
    "handoff.reopened": gettext_lazy("Your mail to %(person)s did not arrive."),
    "handoff.warning": gettext_lazy("%(person)s is due soon."),
    "handoff.breach": gettext_lazy("%(person)s is overdue."),
    "handoff.escalated": gettext_lazy("Nobody has reached %(person)s yet."),
    "handoff.acceptance": gettext_lazy("Accept or reject %(person)s."),
    "handoff.feedback_soon": gettext_lazy("Marketing would like to hear about %(person)s."),
    "handoff.feedback": gettext_lazy("Marketing still waits for word on %(person)s."),
    "agreement.proposed": gettext_lazy("%(person)s proposed %(agreement)s; your side may sign it."),
    "import.checked": gettext_lazy("The rows of %(person)s are checked; nothing is kept yet."),
    "import.done": gettext_lazy("%(person)s has come in."),
    "import.failed": gettext_lazy("The import of %(person)s broke off."),
    "webhook.switched_off": gettext_lazy("The webhook %(webhook)s was switched off."),
}


def news(kind: str, data: Mapping[str, Any]) -> str:
    """A line of the bell in words."""
    return str(NEWS.get(kind, "%(person)s")) % {"person": kind, "webhook": "", "agreement": "", **data}
