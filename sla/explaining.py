"""Why somebody got a lead, in words: from what routing kept to sentences. Pure, but for `of`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import formats
from crm.components.faces import Words
from crm.models import LedgerEntry, Team, User
from sla.contract.phrases import listed
from sla.models import Handoff

RULES: dict[str, Words] = {
    "account_owner": gettext_lazy("Owns the account."),
    "least_loaded": gettext_lazy("Has room for it and comes first in turn."),
    "open_queue": gettext_lazy("Leads like this wait in the open queue for whoever claims them first."),
    "queue": gettext_lazy("Nobody could take it, so it waits in the open queue."),
    "named": gettext_lazy("Chosen by whoever handed it over."),
    "history": gettext_lazy("Worked it before Baton knew of it."),
}
TIES: dict[str, Words] = {
    "only_one": gettext_lazy("Nobody else could take it."),
    "at_work": gettext_lazy("Is at work now; the next in line is not."),
    "load": gettext_lazy("Has a smaller share of their capacity in use than the next in line."),
    "dealt": gettext_lazy("Got fewer of this batch than the next in line."),
    "waited_longest": gettext_lazy("Has waited longer for a lead than the next in line."),
    "number": gettext_lazy("All else was equal; the order of the list decided."),
}
LEFT_OUT: dict[str, Words] = {
    "away": gettext_lazy("Away: %(people)s."),
    "full": gettext_lazy("Full: %(people)s."),
    "daily_limit": gettext_lazy("At the daily limit: %(people)s."),
    "had_before": gettext_lazy("Had this lead before: %(people)s."),
}


@dataclass(frozen=True, slots=True)
class People:
    """Names by id; somebody the reader may not see is not named."""

    users: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)

    def named(self, ids: Iterable[int]) -> str:
        return listed(self.users.get(pk, _("somebody in another team")) for pk in ids)


@dataclass(frozen=True, slots=True)
class Why:
    rule: str
    details: list[str]


def why(routed: Mapping[str, Any], people: People) -> Why | None:
    """The rule that decided, and what spoke for and against whom; None where nothing was kept."""
    rule = RULES.get(routed.get("rule", ""))
    return Why(str(rule), list(_details(routed, people))) if rule else None


def _details(routed: Mapping[str, Any], people: People) -> Iterator[str]:
    if team := routed.get("team"):
        yield _("It lies in the territory of %(team)s.") % {"team": people.teams.get(team, _("another team"))}
    if tie := TIES.get(routed.get("tie", "")):
        yield str(tie)
    if "load" in routed:
        said = _("%(share)s of their capacity was in use, among %(count)d candidates.")
        yield said % {"share": formats.percent(routed["load"]), "count": routed["candidates"]}
    if following := routed.get("next"):
        yield _("Next in line: %(people)s.") % {"people": people.named(following)}
    for cause, ids in (routed.get("left_out") or {}).items():
        if cause in LEFT_OUT:
            yield str(LEFT_OUT[cause]) % {"people": people.named(ids)}


def mentioned(routed: Iterable[Mapping[str, Any]]) -> tuple[set[int], set[int]]:
    """The ids of the people and teams that explanations will name."""
    users: set[int] = set()
    teams: set[int] = set()
    for one in routed:
        users |= {*one.get("next", ()), *(pk for ids in one.get("left_out", {}).values() for pk in ids)}
        teams |= {one["team"]} if one.get("team") else set()
    return users, teams


# -- asking the database ----------------------------------------------------------------------------


def people_of(routed: Iterable[Mapping[str, Any]], reader: User, also: Iterable[int] = ()) -> People:
    """Names of everybody mentioned whom the reader may see."""
    users, teams = mentioned(routed)
    seen = User.objects.visible_to(reader).filter(pk__in={*users, *also})
    return People(
        {user.pk: str(user) for user in seen},
        {team.pk: str(team) for team in Team.objects.filter(pk__in=teams)} if teams else {},
    )


def of(handoff: Handoff, reader: User) -> Why | None:
    """Why a handoff is with whoever has it: given by hand last, or as it was routed."""
    moves = LedgerEntry.objects.about("handoff", handoff.pk).filter(
        kind__in=("handoff.claimed", "handoff.reassigned")
    )
    last = moves.select_related("actor").newest_first().first()
    found = why(handoff.routed, people_of([handoff.routed], reader))
    if last is None or found is None:
        return found
    return Why(_moved(last), [_("At first: %(why)s") % {"why": found.rule}, *found.details])


def _moved(entry: LedgerEntry) -> str:
    if entry.kind == "handoff.claimed":
        return _("Claimed it from the open queue.")
    if entry.reason:
        return _("Given by %(person)s: %(note)s") % {"person": entry.actor or "", "note": entry.reason}
    return _("Given by %(person)s.") % {"person": entry.actor or ""}
