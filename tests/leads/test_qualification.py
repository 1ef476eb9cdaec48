"""The rule for one lead and the statement over all of them give the same answer."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Consent, Contact
from leads import lifecycle, past
from leads.models import EventKind, Lead, LeadScore, MqlDefinition, RequiredField, Stage
from leads.qualification import Known, meets

GRADES = "ABCD"
KINDS = [EventKind.DEMO_REQUEST, EventKind.INQUIRY, EventKind.PAGE_VIEW]

leads = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(list(Stage)),
        "fit": st.sampled_from([0.0, 0.6, 1.0, 1.2, 1.5]),
        "grade": st.sampled_from(GRADES),
        "points": st.sampled_from([0.0, 10.0, 50.0, 79.999, 80.0, 80.001, 200.0]),
        "floored": st.sampled_from([0.0, 0.3, 1.0]),
        "email": st.booleans(),
        "phone": st.booleans(),
        "last_name": st.booleans(),
        "job_title": st.booleans(),
        "account": st.booleans(),
        "consent": st.sampled_from(list(Consent)),
        "is_merged": st.sampled_from([False, False, False, True]),
        "did": st.sets(st.sampled_from(KINDS)),
    }
)
definitions = st.builds(
    MqlDefinition,
    threshold=st.sampled_from([1.0, 40.0, 80.0]),
    required_fields=st.lists(st.sampled_from(RequiredField.values), unique=True),
    minimum_grade=st.sampled_from(GRADES),
    hand_raises=st.lists(st.sampled_from(KINDS), unique=True),
    consent_required=st.booleans(),
)


@pytest.fixture
def lead(cast):
    """One row that every example makes anew."""
    row = cast.lead()
    row.home = row.account
    row.other = cast.lead()
    return row


def _become(lead, told, at):
    """Write a random lead past every deed: each combination is possible in the table, if not on a page."""
    decay = lifecycle.current_decay()
    engagement = decay.contribution(told["points"], at)
    Contact.objects.filter(pk=lead.contact_id).update(
        email_key="a@b.example" if told["email"] else "",
        phone_key="+81312345678" if told["phone"] else "",
        last_name="山田" if told["last_name"] else "",
        job_title="課長" if told["job_title"] else "",
        consent=told["consent"],
    )
    Lead.objects.filter(pk=lead.pk).update(
        stage=told["stage"],
        account=lead.home if told["account"] else None,
        merged_into=lead.other if told["is_merged"] else None,
    )
    numbers = {"engagement": engagement, "floor": engagement * told["floored"]}
    LeadScore.objects.filter(lead=lead).update(fit=told["fit"], grade=told["grade"], **numbers)
    return numbers


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=leads, definition=definitions)
def test_predicate_and_statement_agree(lead, at, told, definition):
    numbers = _become(lead, told, at)
    raised = [lead.pk] if set(definition.hand_raises) & told["did"] else []
    by_statement = lifecycle.qualifying(definition, [lead.pk], at=at, raised=raised) == [lead.pk]
    known = past.known([lead.pk])[lead.pk]
    by_predicate = meets(
        definition,
        known,
        stage=told["stage"],
        standing=known.standing(numbers["engagement"], numbers["floor"]),
        decay=lifecycle.current_decay(),
        at=at,
        did=told["did"],
    )
    assert by_predicate == by_statement


def test_some_of_these_leads_qualify(lead, at):
    """Without it the property above could hold by refusing everybody."""
    told = {"stage": Stage.NURTURING, "fit": 1.0, "grade": "A", "points": 80.0, "floored": 0.0, "email": True}
    told |= dict.fromkeys(("phone", "last_name", "job_title", "account"), True)
    _become(lead, told | {"consent": Consent.GRANTED, "is_merged": False}, at)
    definition = MqlDefinition(threshold=80, required_fields=RequiredField.values, minimum_grade="A")
    assert lifecycle.qualifying(definition, [lead.pk], at=at) == [lead.pk]
    assert lifecycle.qualifying(definition, [lead.pk], at=at + timedelta(days=1)) == []


@pytest.mark.parametrize("field", RequiredField.values)
def test_every_required_field_can_be_missing(field):
    known = Known(1.0, "A", frozenset(RequiredField.values) - {field}, consents=True)
    definition = MqlDefinition(threshold=1, required_fields=[field])
    decay = lifecycle.Decay()
    said = {"stage": Stage.INQUIRY, "standing": 1e300, "decay": decay, "at": decay.epoch}
    assert not meets(definition, known, **said)
    assert meets(MqlDefinition(threshold=1), known, **said)
