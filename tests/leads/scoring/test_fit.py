import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.scoring.fit import Fit, FitGrade, FitRule, fit_for
from leads.scoring.profile import InvalidRule, Profile

GRADES = [FitGrade("D", 0, 0.5), FitGrade("C", 10, 0.8), FitGrade("B", 20, 1.0), FitGrade("A", 30, 1.3)]
MAKER = Profile(
    industry="Manufacturing",
    employee_count=300,
    country="JP",
    job_title="情報システム部　部長",
    stakeholder_role="it",
    email_domain="example.co.jp",
    custom={"budget": "5000000", "region": ""},
)


def matches(attribute: str, operator: str, *values: object, profile: Profile = MAKER) -> bool:
    return FitRule(attribute, operator, tuple(map(str, values))).matches(profile)


@pytest.mark.parametrize(
    ("attribute", "operator", "values"),
    [
        ("industry", "is", ["manufacturing"]),
        ("industry", "is", [" ＭＡＮＵＦＡＣＴＵＲＩＮＧ "]),
        ("industry", "in", ["Retail", "Manufacturing"]),
        ("job_title", "contains", ["課長", "部長"]),
        ("job_title", "contains", ["情報システム部 部長"]),
        ("employee_count", "at_least", [300]),
        ("employee_count", "at_most", [300]),
        ("employee_count", "between", [300, 1000]),
        ("employee_count", "between", ["100", "300.0"]),
        ("country", "known", []),
        ("budget", "at_least", [1_000_000]),
    ],
)
def test_a_rule_matches(attribute: str, operator: str, values: list[object]) -> None:
    assert matches(attribute, operator, *values)


@pytest.mark.parametrize(
    ("attribute", "operator", "values"),
    [
        ("industry", "is", ["Manufacturing Services"]),
        ("industry", "in", ["Retail"]),
        ("job_title", "contains", ["社長"]),
        ("employee_count", "at_least", [301]),
        ("employee_count", "at_most", [299]),
        ("employee_count", "between", [1, 299]),
        ("industry", "at_least", [1]),  # no number at all
        ("region", "known", []),  # blank is unknown
        ("no_such_attribute", "known", []),
    ],
)
def test_a_rule_does_not_match(attribute: str, operator: str, values: list[object]) -> None:
    assert not matches(attribute, operator, *values)


@given(st.sampled_from(["is", "in", "contains", "at_least", "at_most", "between", "known"]))
def test_what_is_unknown_never_matches(operator: str) -> None:
    for attribute in ("industry", "employee_count", "country", "job_title", "custom_one"):
        values = ("1", "2")[: {"at_least": 1, "at_most": 1}.get(operator, 2)]
        rule = FitRule(attribute, operator, values, points=-50)
        assert fit_for(Profile(), [rule], []).points == 0


def test_no_employees_is_a_number_and_not_unknown() -> None:
    assert matches("employee_count", "at_most", 0, profile=Profile(employee_count=0))


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("like", ("x",)),
        ("is", ()),
        ("in", ("", " ")),
        ("contains", ()),
        ("at_least", ("many",)),
        ("at_least", ("1", "2")),
        ("at_most", ("nan",)),
        ("between", ("5",)),
        ("between", ("9", "5")),
        ("between", ("1", "inf")),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(operator: str, values: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRule):
        FitRule("industry", operator, values)


# Grades -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "grade", "factor"),
    [(-5, "D", 0.5), (0, "D", 0.5), (10, "C", 0.8), (19.9, "C", 0.8), (20, "B", 1.0), (99, "A", 1.3)],
)
def test_the_highest_grade_reached_gives_the_factor(points: float, grade: str, factor: float) -> None:
    fit = fit_for(MAKER, [FitRule("country", "known", points=points)], GRADES)
    assert (fit.points, fit.grade, fit.factor) == (points, grade, factor)


def test_every_match_adds_its_points_and_gives_a_reason() -> None:
    rules = [
        FitRule("country", "is", ("JP",), 10, "Japan"),
        FitRule("industry", "is", ("Retail",), 40, "Retail"),
        FitRule("employee_count", "at_least", ("200",), 15, "Size"),
    ]
    fit = fit_for(MAKER, rules, GRADES)
    assert (fit.points, fit.grade) == (25, "B")
    assert [(reason.rule.label, reason.value, reason.points) for reason in fit.reasons] == [
        ("Japan", "JP", 10),
        ("Size", 300, 15),
    ]


def test_without_rules_and_grades_behaviour_counts_as_it_is() -> None:
    assert fit_for(MAKER, [], []) == Fit(points=0, grade="", factor=1)
