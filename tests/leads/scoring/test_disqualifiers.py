from dataclasses import replace

import pytest

from leads.scoring.disqualifiers import DisqualifierRule
from leads.scoring.fit import FitGrade, FitRule, fit_for
from leads.scoring.profile import InvalidRule, Profile

BUYER = Profile(
    email_domain="mail.example.co.jp",
    job_title="Head of IT",
    company="株式会社サンプル",
    custom={"segment": "Partner"},
)


def found(kind: str, *values: str, attribute: str = "", **facts: object) -> str:
    return DisqualifierRule(kind, values, attribute).matched_by(replace(BUYER, **facts))  # type: ignore[arg-type]


def test_who_unsubscribed_is_kept_from_sales() -> None:
    assert found("unsubscribed", unsubscribed=True)
    assert not found("unsubscribed")


@pytest.mark.parametrize(
    "value", ["example.co.jp", "@EXAMPLE.co.jp", "*.example.co.jp", "mail.example.co.jp"]
)
def test_a_competitor_is_known_by_its_domain_and_below(value: str) -> None:
    assert found("competitor_domain", "rival.com", value) == "mail.example.co.jp"


@pytest.mark.parametrize("value", ["ample.co.jp", "co.jpx", "x.mail.example.co.jp", "", "*"])
def test_another_domain_is_no_competitor(value: str) -> None:
    assert not found("competitor_domain", value)


@pytest.mark.parametrize(
    "title", ["Student", "MBA student", "graduate-student", "学生", "大学院生", "ＳＴＵＤＥＮＴ"]
)
def test_students_are_known_by_their_title(title: str) -> None:
    assert found("student", job_title=title) == title


@pytest.mark.parametrize("title", ["Student affairs manager", "学生課長", "Nonstudent", "", "Professor"])
def test_who_works_with_students_is_none(title: str) -> None:
    assert not found("student", job_title=title)


def test_students_are_known_by_a_domain_too() -> None:
    assert found("student", "stu.example.ac.jp", email_domain="cs.stu.example.ac.jp")
    assert not found("student", "stu.example.ac.jp", email_domain="example.ac.jp")


def test_free_mail_is_known_and_can_be_extended() -> None:
    assert found("free_mail", email_domain="gmail.com")
    assert found("free_mail", "freebie.test", email_domain="freebie.test")
    assert not found("free_mail")


def test_ones_own_company_is_known_by_domain_or_name() -> None:
    assert found("own_company", "example.co.jp")
    assert found("own_company", "株式会社サンプル") == "株式会社サンプル"
    assert not found("own_company", "株式会社サンプル", company="")


def test_a_word_of_the_title() -> None:
    assert found("job_title_contains", "intern", job_title="Summer Intern")
    assert not found("job_title_contains", "intern", "")


def test_any_attribute() -> None:
    assert found("attribute", "partner", attribute="segment") == "Partner"
    assert not found("attribute", "partner", attribute="unknown")


def test_nothing_known_disqualifies_nobody() -> None:
    kinds = ["competitor_domain", "student", "free_mail", "own_company", "job_title_contains", "attribute"]
    for kind in kinds:
        assert not DisqualifierRule(kind, ("example.co.jp", "student"), "segment").matched_by(Profile())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidRule):
        DisqualifierRule("weather")


def test_a_disqualifier_makes_the_factor_nothing_and_keeps_the_grade() -> None:
    rules, grades = [FitRule("job_title", "known", points=5)], [FitGrade("A", 5, 1.3)]
    against = [DisqualifierRule("free_mail"), DisqualifierRule("unsubscribed", label="Said no")]
    fit = fit_for(replace(BUYER, unsubscribed=True, email_domain="gmail.com"), rules, grades, against)
    assert (fit.factor, fit.grade, fit.points, fit.is_disqualified) == (0, "A", 5, True)
    assert [(each.kind, each.label, each.value) for each in fit.disqualified_by] == [
        ("free_mail", "free_mail", "gmail.com"),
        ("unsubscribed", "Said no", "unsubscribed"),
    ]
