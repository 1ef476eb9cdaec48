"""Rules of scoring, as they are typed: what could not be applied is told beside its field."""

import pytest

from leads.forms import DisqualifierForm, FitRuleForm
from leads.models import FitRule
from leads.scoring import versions

pytestmark = pytest.mark.django_db


def rule(attribute, operator, values):
    return FitRuleForm(
        {"attribute": attribute, "operator": operator, "values": values, "points": 5, "unknown_points": 0}
    )


@pytest.mark.parametrize(
    ("attribute", "operator", "values", "complaint"),
    [
        ("employee_count", "between", "abc", "compares with numbers; give exactly 2"),
        ("employee_count", "between", "500,100", "must not be greater"),
        ("employee_count", "at_least", "many", "compares with numbers; give exactly 1"),
        ("industry", "in", "", "at least one value"),
        ("stakeholder_role", "in", "Executive,boss", "“boss” is no role. Choose from: Executive"),
    ],
)
def test_a_fit_rule_that_could_not_be_applied_is_told(attribute, operator, values, complaint):
    assert complaint in rule(attribute, operator, values).errors["values"][0]


@pytest.mark.parametrize(
    ("attribute", "operator", "values"),
    [("employee_count", "between", "100,500"), ("industry", "known", ""), ("job_title", "contains", "head")],
)
def test_a_fit_rule_that_makes_sense_is_taken(attribute, operator, values):
    assert rule(attribute, operator, values).is_valid()


def test_a_role_is_kept_by_its_code_however_it_was_typed():
    form = rule("stakeholder_role", "in", "Executive,end user,it")
    assert form.is_valid()
    assert form.cleaned_data["values"] == ["executive", "end_user", "it"]


@pytest.mark.parametrize(("kind", "good"), [("competitor_domain", False), ("unsubscribed", True)])
def test_a_disqualifier_that_would_keep_nobody_away_is_told(kind, good):
    assert DisqualifierForm({"kind": kind, "values": ""}).is_valid() == good


def test_the_rules_in_force_at_the_beginning_are_such_rules(cast):
    for row in FitRule.objects.filter(model=versions.active()):
        assert rule(row.attribute, row.operator, ",".join(row.values)).is_valid()
