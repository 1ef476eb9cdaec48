"""How well a lead fits: attribute rules, grades, and what keeps a lead from sales. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from django.utils.translation import gettext as _

from leads.scoring.disqualifiers import Disqualification, DisqualifierRule
from leads.scoring.profile import InvalidRule, Profile, contains, folded, one_of


@dataclass(frozen=True)
class FitRule:
    """Points when an attribute matches.

    Texts compare after NFKC and without case. `values` are texts; numbers for at_least, at_most (one) and
    between (two, both included). Raises InvalidRule for an unknown operator or values that do not fit it.
    """

    attribute: str
    operator: str
    values: tuple[str, ...] = ()
    points: float = 0.0
    label: str = ""
    unknown_points: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(str(value) for value in self.values))
        if self.operator not in _OPERATORS:
            raise InvalidRule(_("%s is not an operator of a fit rule.") % self.operator)
        if self.operator in _NUMBERS_NEEDED:
            _check_numbers(self.values, _NUMBERS_NEEDED[self.operator])
        elif self.operator != "known" and not any(folded(value) for value in self.values):
            raise InvalidRule(_("Give the rule at least one value to compare with."))

    def matches(self, profile: Profile) -> bool:
        """Whether the rule holds; an unknown attribute never does."""
        value = profile.value_of(self.attribute)
        return value is not None and _OPERATORS[self.operator](value, self.values)


@dataclass(frozen=True)
class FitGrade:
    """The grade from `min_points` of fit on, and the factor it multiplies behaviour by."""

    grade: str
    min_points: float
    factor: float


@dataclass(frozen=True)
class FitReason:
    """A rule that matched, with the value it met; None when the attribute is unknown and that gives points."""

    rule: FitRule
    value: object
    points: float


@dataclass(frozen=True)
class Fit:
    """Fit points, the grade they reach, and the factor; 0 and a reason when disqualified."""

    points: float = 0.0
    grade: str = ""
    factor: float = 1.0
    reasons: tuple[FitReason, ...] = ()
    disqualified_by: tuple[Disqualification, ...] = ()

    @property
    def is_disqualified(self) -> bool:
        return bool(self.disqualified_by)


def fit_for(
    profile: Profile,
    rules: Sequence[FitRule],
    grades: Sequence[FitGrade],
    disqualifiers: Sequence[DisqualifierRule] = (),
) -> Fit:
    """Every rule that matches adds its points, or what it gives while the attribute is unknown; the highest grade
    reached gives the factor.

    Below all grades the lowest one counts; without grades the factor is 1. A disqualified lead keeps its
    points and grade, so that one sees what it would be worth, but its factor is 0.
    """
    reasons = tuple(reason for rule in rules if (reason := _reason(rule, profile)))
    points = float(sum(reason.points for reason in reasons))
    grade = _grade(points, grades)
    found = ((rule, rule.matched_by(profile)) for rule in disqualifiers)
    against = tuple(
        Disqualification(rule.kind, rule.label or rule.kind, value) for rule, value in found if value
    )
    return Fit(points, grade.grade, 0.0 if against else grade.factor, reasons, against)


def _reason(rule: FitRule, profile: Profile) -> FitReason | None:
    value = profile.value_of(rule.attribute)
    if value is None:
        return FitReason(rule, None, rule.unknown_points) if rule.unknown_points else None
    return FitReason(rule, value, rule.points) if rule.matches(profile) else None


def _grade(points: float, grades: Sequence[FitGrade]) -> FitGrade:
    if not grades:
        return FitGrade("", 0.0, 1.0)
    ordered = sorted(grades, key=lambda grade: grade.min_points)
    reached = [grade for grade in ordered if grade.min_points <= points]
    return reached[-1] if reached else ordered[0]


def _check_numbers(values: tuple[str, ...], count: int) -> None:
    numbers = [_number(value) for value in values]
    if len(numbers) != count or None in numbers:
        raise InvalidRule(_("This rule compares with numbers; give exactly %s.") % count)
    if count == 2 and float(values[0]) > float(values[1]):
        raise InvalidRule(_("The first number must not be greater than the second."))


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _between(value: object, values: tuple[str, ...]) -> bool:
    number = _number(value)
    return number is not None and float(values[0]) <= number <= float(values[-1])


_NUMBERS_NEEDED = {"at_least": 1, "at_most": 1, "between": 2}
_OPERATORS: dict[str, Callable[[object, tuple[str, ...]], bool]] = {
    "is": one_of,
    "in": one_of,
    "contains": contains,
    "at_least": lambda value, values: _between(value, (values[0], "inf")),
    "at_most": lambda value, values: _between(value, ("-inf", values[0])),
    "between": _between,
    "known": lambda _value, _values: True,
}
