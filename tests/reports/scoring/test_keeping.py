"""What a proposal keeps: rules on attributes it did not judge, and what an unknown attribute gives."""

from datetime import UTC, date, datetime

from leads.scoring.parts import FitGrade, FitRule
from leads.scoring.profile import Profile
from reports.scoring import keeping
from reports.scoring.proposal import LOWEST, Proposal
from reports.scoring.samples import Sample

NEW = FitRule("industry", "is", ("software",), 15.0)
IN_FORCE = (
    FitRule("industry", "in", ("manufacturing",), 20.0, unknown_points=-5.0),
    FitRule("country", "is", ("JP",), 10.0),
    FitRule("job_title", "known", (), 4.0, unknown_points=-8.0),
)
PROPOSED = Proposal({}, (NEW,), (), fields=frozenset({"industry", "job_title"}))


def sample(**known):
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return Sample(
        key=1, came=True, counts={}, fields={}, profile=Profile(**known), at=at, latest=None, segment="",
        month=date(2026, 6, 1),
    )  # fmt: skip


def test_rules_on_attributes_that_were_not_judged_stay_and_are_named():
    kept = keeping.kept(PROPOSED, IN_FORCE)
    assert kept.attributes == ["country"]
    assert keeping.fit_rules([NEW], kept)[-1] == IN_FORCE[1]


def test_what_the_unknown_gives_stays_with_the_first_new_rule_or_one_of_its_own():
    told = keeping.fit_rules([NEW, NEW], keeping.kept(PROPOSED, IN_FORCE))
    assert [rule.unknown_points for rule in told if rule.attribute == "industry"] == [-5.0, 0.0]
    [title] = [rule for rule in told if rule.attribute == "job_title"]
    assert (title.operator, title.points, title.unknown_points) == ("known", 0.0, -8.0)


def test_grades_begin_later_by_what_stays_gives_the_lead_in_the_middle():
    fresh = [FitGrade("D", LOWEST, 0.5), FitGrade("A", 10.0, 1.5)]
    rows = [sample(country="JP", industry="software", job_title="CFO") for _n in range(3)] + [sample()]
    told = keeping.grades(fresh, keeping.kept(PROPOSED, IN_FORCE), rows)
    assert [(row.grade, row.min_points) for row in told] == [("D", LOWEST), ("A", 20.0)]


def test_where_nothing_stays_the_proposal_is_as_it_was():
    kept = keeping.kept(PROPOSED, ())
    assert keeping.fit_rules([NEW], kept) == [NEW]
    assert keeping.grades([FitGrade("A", 10.0, 1.5)], kept, [sample()]) == [FitGrade("A", 10.0, 1.5)]
