"""Leads that no rule tells apart are fitted together, as each would be by itself."""

from dataclasses import replace
from itertools import product

import pytest

from leads.models import FitAttribute
from leads.scoring import versions
from leads.scoring.parts import DisqualifierRule, FitGrade, FitRule

DISQUALIFIERS = (
    DisqualifierRule("competitor_domain", ("rival.example",)),
    DisqualifierRule("student", (".ac.jp",)),
    DisqualifierRule("free_mail"),
    DisqualifierRule("own_company", ("株式会社バトン", "baton.example")),
    DisqualifierRule("existing_customer"),
)


@pytest.fixture
def rules(cast):
    fit_rules = (
        FitRule("industry", "is", ("Software",), 30),
        FitRule("job_title", "contains", ("Head",), 20),
    )
    grades = (FitGrade("A", 40, 1.5), FitGrade("B", 20, 1.2), FitGrade("C", 0, 1.0))
    return replace(versions.in_force(), fit_rules=fit_rules, grades=grades, disqualifiers=DISQUALIFIERS)


def test_each_is_fitted_as_by_itself(rules):
    companies = ("", None, "Kita", "ﾊﾞﾄﾝ", "株式会社バトン")
    addresses = (
        "",
        "a@kita.example",
        "a@x.rival.example",
        "a@u-tokyo.ac.jp",
        "a@gmail.com",
        "a@baton.example",
    )
    fitting, domains = versions.Fitting(rules), [address.rpartition("@")[2] for address in addresses]
    for industry, company, title, at, customer in product(
        ("", "Software"), companies, ("", "Head of IT"), range(len(addresses)), (False, True)
    ):
        told = (industry, 10, "Japan", company, title, "IT", "it", "unknown")
        alone = rules.fit_for(versions._profile(*told, domains[at], customer))
        against = alone.disqualified_by[0].kind if alone.disqualified_by else ""
        assert fitting.of(*told, addresses[at], customer) == (alone.factor, alone.grade, against)


def test_no_rule_of_fit_looks_at_a_name_or_a_domain():
    assert not {"company", "email_domain"} & set(FitAttribute.values)
