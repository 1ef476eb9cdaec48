"""The rules of a version in words, and which of them differ from another version's. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.components.formats import number, percent
from leads.models import BehaviourRule, ScoringModel

Told = dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: what it is about, and what it says under either version; '' where that has no such rule."""

    what: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    lines: list[Line]


def beside(before: ScoringModel, after: ScoringModel) -> list[Chapter]:
    """The rules of both, chapter by chapter; what both have stands where `after` has it."""
    pairs = zip(_chapters(before), _chapters(after), strict=True)
    return [Chapter(title, _lines(old, new)) for (title, old), (_title, new) in pairs]


def differing(chapters: Iterable[Chapter]) -> list[Chapter]:
    """Only the lines that differ, and the chapters that have one."""
    kept = (Chapter(one.title, [line for line in one.lines if line.differs]) for one in chapters)
    return [one for one in kept if one.lines]


def _lines(old: Told, new: Told) -> list[Line]:
    return [Line(what, old.get(what, ""), new.get(what, "")) for what in {**new, **old}]


def _chapters(model: ScoringModel) -> list[tuple[str, Told]]:
    return [
        (_("Behaviour"), _behaviour(model)),
        (_("Fit"), {str(rule): _fit(rule.points, rule.unknown_points) for rule in model.fit_rules.order_by("pk")}),
        (_("Fit grades"), _grades(model)),
        (_("Who never goes to sales"), _disqualifiers(model)),
        (_("How points fade"), _fading(model)),
    ]  # fmt: skip


def _behaviour(model: ScoringModel) -> Told:
    rules = model.behaviour_rules.select_related("asset")
    return {
        _about(rule): _gives(rule) for rule in sorted(rules, key=lambda rule: (-rule.points, _about(rule)))
    }


def _about(rule: BehaviourRule) -> str:
    if rule.asset:
        return f"{rule.get_kind_display()}: {rule.asset}"
    if rule.phase:
        return _("%(kind)s with content for “%(phase)s”") % {
            "kind": rule.get_kind_display(),
            "phase": rule.get_phase_display(),
        }
    return rule.get_kind_display()


def _gives(rule: BehaviourRule) -> str:
    limits = (
        (rule.most_per_day, _("at most %(n)s a day")),
        (rule.most_per_asset, _("at most %(n)s per asset")),
        (rule.minimum_interval, _("%(n)s minutes apart")),
    )
    return ", ".join([_points(rule.points), *(words % {"n": number(n)} for n, words in limits if n)])


def _points(points: float) -> str:
    return ngettext("%(n)s point", "%(n)s points", 1 if points == 1 else 2) % {"n": _short(points)}


def _short(value: float) -> str:
    """Without needless decimals, with a true minus sign."""
    return f"{value:g}".replace("-", "−")


def _fit(points: float, unknown: float) -> str:
    if not unknown:
        return _points(points)
    return _("%(points)s; %(unknown)s while unknown") % {
        "points": _points(points),
        "unknown": _short(unknown),
    }


def _grades(model: ScoringModel) -> Told:
    said = _("from %(points)s on, behaviour ×%(factor)s")
    return {
        row.grade: said % {"points": _points(row.min_points), "factor": _short(row.factor)}
        for row in model.grades.order_by("grade")
    }


def _disqualifiers(model: ScoringModel) -> Told:
    return {str(row): ", ".join(row.values) or _("yes") for row in model.disqualifiers.order_by("kind")}


def _fading(model: ScoringModel) -> Told:
    kept = _("%(share)s are left after %(days)s days")
    return {
        _("Points"): kept % {"share": percent(model.rate), "days": _short(model.period_days)},
        _("A day of a limit is one of"): model.time_zone,
    }
