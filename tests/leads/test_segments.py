"""Which segment a lead belongs to, and whose MQL definition counts for it."""

import pytest

from crm.models import Account
from leads import lifecycle, segments, steering
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead, LeadScore, MqlDefinition, Segment


def large(**more):
    return Segment.objects.create(**{"code": "large", "name": "Large", "min_employees": 1000, **more})


def adopt(cast, segment, **terms):
    definition = MqlDefinition.objects.create(**{"threshold": 5, **terms})
    lifecycle.adopt(definition, segment=segment, by=cast.marketer, at=cast.at)
    return definition


def segment_of(lead):
    return LeadScore.objects.get(pk=lead.pk).segment


@pytest.mark.parametrize(
    ("conditions", "known", "inside"),
    [
        ({"min_employees": 1000}, {"employee_count": 1000}, True),
        ({"min_employees": 1000}, {"employee_count": 999}, False),
        ({"min_employees": 1000}, {}, False),
        ({"max_employees": 50}, {"employee_count": 50}, True),
        ({"industries": ["製造業"]}, {"industry": "製造業 "}, True),
        ({"industries": ["Software"]}, {"industry": "ＳＯＦＴＷＡＲＥ"}, True),
        ({"countries": ["JP", "KR"]}, {"country": "kr"}, True),
        ({"sources": ["fair"]}, {"source": "web"}, False),
        ({"sources": ["fair"], "min_employees": 10}, {"source": "fair", "employee_count": 9}, False),
    ],
)
def test_every_condition_given_has_to_hold(cast, conditions, known, inside):
    segment = Segment.objects.create(code="some", name="Some", **conditions)
    lead = cast.lead(**known)
    assert segments.matching([lead.pk], [segment.pk]) == {lead.pk: segment.pk if inside else None}


def test_of_several_the_lower_position_counts(cast):
    first, second = large(position=1), large(code="other", position=2)
    lead = cast.lead(employee_count=5000)
    assert segments.matching([lead.pk], [second.pk, first.pk]) == {lead.pk: first.pk}


def test_leads_find_their_place_when_a_definition_takes_force_for_a_segment(cast):
    segment, lead, small = large(), cast.lead(employee_count=2000), cast.lead(employee_count=20)
    adopt(cast, segment)
    assert (segment_of(lead), segment_of(small)) == (segment, None)


def test_a_new_lead_and_a_changed_one_find_theirs_too(cast):
    segment = large(sources=["fair"])
    adopt(cast, segment)
    lead = cast.lead(employee_count=2000, source="web")
    assert segment_of(lead) is None
    steering.edit(lead, by=cast.marketer, at=cast.at, source="fair")
    assert segment_of(lead) == segment


def test_each_segment_has_its_own_bar(cast):
    adopt(cast, large(), threshold=5)
    big, small = cast.lead(employee_count=2000), cast.lead(employee_count=500)
    for lead in (big, small):
        event = Behaviour("site", f"e{lead.pk}", "inquiry", cast.at, lead=lead.pk)
        recording.record([event], by=cast.marketer, at=cast.at)
    assert Lead.objects.get(pk=big.pk).stage == "mql"
    assert Lead.objects.get(pk=small.pk).stage == "inquiry"


def test_a_hand_is_raised_only_where_the_definition_lets_it(cast):
    adopt(cast, large(), threshold=1000, hand_raises=["inquiry"])
    big, small = cast.lead(employee_count=2000), cast.lead(employee_count=500)
    batch = [Behaviour("site", f"e{lead.pk}", "inquiry", cast.at, lead=lead.pk) for lead in (big, small)]
    assert recording.record(batch, by=cast.marketer, at=cast.at).qualified == [big.pk]


def test_without_consent_a_lead_stays_with_marketing_where_consent_is_asked(cast):
    adopt(cast, None, threshold=5, consent_required=True)
    silent, agreed = cast.lead(), cast.lead(consent=True)
    batch = [Behaviour("site", f"e{lead.pk}", "inquiry", cast.at, lead=lead.pk) for lead in (silent, agreed)]
    assert recording.record(batch, by=cast.marketer, at=cast.at).qualified == [agreed.pk]


def test_only_one_definition_is_in_force_for_a_segment(cast):
    segment = large()
    old, new = adopt(cast, segment), adopt(cast, segment)
    in_force = set(MqlDefinition.objects.in_force().values_list("pk", flat=True))
    assert new.pk in in_force
    assert old.pk not in in_force
    assert len(in_force) == 2


def test_a_company_that_grows_changes_place_with_its_people(cast):
    segment = large()
    adopt(cast, segment)
    lead = cast.lead(employee_count=500)
    Account.objects.filter(pk=lead.account_id).update(employee_count=5000)
    segments.place([lead.pk], [segment.pk])
    assert segment_of(lead) == segment
