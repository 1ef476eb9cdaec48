"""The questions a report can be narrowed by, as chips; whoever sees one team or only themselves is not asked for it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from crm import access
from crm.components.tables import Filter, Option
from crm.models import Role, Team, User
from leads.models import Lead, Segment
from leads.quality.rule import MONTHS
from reports import quality
from reports.periods import DEFAULT, PRESETS
from reports.quality import Asked
from reports.scopes import ME, NONE, Scope

MOST = 40


def period(default: str = DEFAULT) -> Filter:
    options = [Option(name, label) for name, (label, _unit, _back) in PRESETS.items()]
    return Filter("period", _("Period"), options, default=default, dates=("from", "to"))


def of_report(scope: Scope, sources: Iterable[str], *, default: str = DEFAULT) -> list[Filter]:
    """Period, team, person, segment, source; `sources` are those that occur."""
    return [period(default), *_whose(scope.user), segment(), source(sources)]


def _whose(user: User) -> list[Filter]:
    if access.sees_everything(user):
        return [team(user), person(user, _("Person in sales"))]
    return [person(user, _("Person in sales"))] if user.role == Role.MANAGER else []


def team(user: User) -> Filter:
    teams = Team.objects.visible_to(user).order_by("name", "pk")[:MOST]
    return Filter("team", _("Team"), [Option(str(one.pk), one.name) for one in teams])


def person(user: User, label: str) -> Filter:
    people = User.objects.visible_to(user).sellers().exclude(pk=user.pk).order_by("last_name", "pk")[:MOST]
    me = [Option(ME, _("Me"))] if user.role in (Role.REP, Role.MANAGER) else []
    queue = Option(NONE, _("Nobody: the open queue"))
    return Filter("assignee", label, [*me, *(Option(str(one.pk), str(one)) for one in people), queue])


def segment() -> Filter:
    """Only segments that an agreement was made for: what a handoff fell under is its agreement's."""
    used = Segment.objects.filter(agreements__isnull=False).distinct().order_by("position", "pk")[:MOST]
    options = [Option(one.code, str(one)) for one in used]
    return Filter("segment", _("Segment"), [*options, Option(NONE, _("Everybody else"))])


def source(names: Iterable[str]) -> Filter:
    options = [Option(name or NONE, name or _("Not told")) for name in names]
    return Filter("source", _("Source"), options[:MOST])


# -- the audit of the data ------------------------------------------------------------------------


def of_audit(asked: Asked) -> list[Filter]:
    """The questions of every report, and how long silence may last. Without a period it looks back a year."""
    sources = Lead.objects.sources_seen_by(asked.scope.user, most=MOST - 1)
    days, *others = of_report(asked.scope, [*sources, ""])
    return [Filter("period", days.label, days.options, dates=days.dates), *others, silence()]


def silence() -> Filter:
    options = [Option(n, _("%(n)s months") % {"n": n}) for n in quality.MONTHS_ASKED]
    return Filter("months", _("Stale after"), options, default=str(MONTHS))
