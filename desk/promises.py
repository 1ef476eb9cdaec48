"""What a handoff promises, in words: who is told when, why its clock stands still, and what the customer said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import formats
from crm.components.faces import Words
from desk import presenting
from sla import ladder
from sla.handoffs import bant, door
from sla.models import Bant, BantField, Escalation, Handoff, Pause, RejectionReason, Told

CLOCKS: dict[str, tuple[Words, Words, Words]] = {
    ladder.RESPONSE: (
        gettext_lazy("First contact: %(percent)d%% of the time"),
        gettext_lazy("First contact is due"),
        gettext_lazy("First contact: still none after %(percent)d%% of the time"),
    ),
    ladder.ACCEPTANCE: (
        gettext_lazy("Accept or reject: %(percent)d%% of the time"),
        gettext_lazy("Accept or reject is due"),
        gettext_lazy("Accept or reject: still open after %(percent)d%% of the time"),
    ),
    ladder.FEEDBACK: (
        gettext_lazy("Outcome: %(percent)d%% of the time"),
        gettext_lazy("The outcome is due"),
        gettext_lazy("Outcome: still untold after %(percent)d%% of the time"),
    ),
}


# -- the ladder -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rung:
    """A moment at which somebody is told. `state`: told, ahead, or spared because the promise was kept before."""

    words: str
    told: str
    due: datetime
    state: str
    raised_at: datetime | None = None


def rungs_of(row: Handoff, at: datetime) -> list[Rung]:
    """The whole ladder in the order of time, with what has been told already; one query."""
    raised = dict(Escalation.objects.filter(handoff=row).values_list("level", "raised_at"))
    running, tells = door.running_clocks(row), _tells(row)
    return [_rung(level, due, raised.get(level), running, tells) for level, due in row.rungs]


def _tells(row: Handoff) -> dict[str, Sequence[str]]:
    steps = row.terms.body["steps"]
    return {ladder.level_of(step["clock"], step["percent"]): step["tells"] for step in steps}


def _rung(
    level: str,
    due: datetime,
    raised_at: datetime | None,
    running: frozenset[str],
    tells: Mapping[str, Sequence[str]],
) -> Rung:
    clock = ladder.clock_of(level)
    # The outcome's clock runs from the first answer on; until then its rungs lie ahead all the same.
    is_ahead = clock in running or (clock == ladder.FEEDBACK and ladder.RESPONSE in running)
    state = "told" if raised_at else "ahead" if is_ahead else "spared"
    return Rung(_level_words(level), _told(tells.get(level, ())), due, state, raised_at)


def _level_words(level: str) -> str:
    percent = ladder.percent_of(level)
    before, due, after = CLOCKS[ladder.clock_of(level)]
    words = due if percent == ladder.BREACH else before if percent < ladder.BREACH else after
    return str(words) % {"percent": percent} if percent != ladder.BREACH else str(words)


def _told(who: Iterable[str]) -> str:
    return _(", ").join(str(label) for code, label in Told.choices if code in set(who))


def asked_next(row: Handoff) -> str:
    """What the clock of a contacted handoff waits for."""
    if row.first_contact_at is None:
        return ""
    if row.accepted_at is None and row.accept_by < row.feedback_by:
        return _("Contacted; say by then whether you take it.")
    return _("Contacted; the outcome is to be told by then.")


# -- the pause ------------------------------------------------------------------------------------


def pause_of(row: Handoff) -> Pause | None:
    """The pause that runs now; `row` comes with its pauses."""
    return next((held for held in row.pauses.all() if held.ends_at is None), None)


def pauses_left(row: Handoff) -> int:
    return max(0, row.terms.body["max_pauses"] - len(row.pauses.all()))


# -- what the customer said -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    label: str
    value: str
    is_missing: bool = False


def findings(row: Handoff) -> list[Finding]:
    """What is known of budget, authority, need and timing, and what the agreement still asks for."""
    known: Bant | None = getattr(row, "bant", None)
    asked = row.terms.body["sql_fields"]
    told = [_finding(known, name, name in asked) for name in BantField.values]
    told = [one for one in told if one.value or one.is_missing]
    return [*told, Finding(_("Problem"), known.problem)] if known and known.problem else told


def _finding(known: Bant | None, name: str, is_asked: bool) -> Finding:
    code = getattr(known, name, "")
    value = str(dict(bant.CHOICES[name].choices).get(code, "")) if code else ""
    return Finding(str(BantField(name).label), value, is_missing=is_asked and not value)


# -- earlier rounds -------------------------------------------------------------------------------


class Rounds:
    """How often a lead has come, and what was said before; the reasons' names are asked at most once."""

    @cached_property
    def reasons(self) -> dict[str, str]:
        return {reason.code: str(reason) for reason in RejectionReason.objects.all()}

    def words(self, row: Handoff) -> str:
        """“2nd time; rejected 12 Mar 2026: Bad timing”; nothing the first time."""
        if row.round < 2:
            return ""
        nth = _("%(nth)s time") % {"nth": formats.ordinal(row.round)}
        earlier: list[dict[str, Any]] = row.brief.get("earlier", [])
        if not earlier:
            return nth
        last = earlier[-1]
        return _("%(nth)s; rejected %(day)s: %(reason)s") % {
            "nth": nth,
            "day": formats.day(presenting.moment(last)),
            "reason": self.reasons.get(last["reason"], last["reason"]),
        }
