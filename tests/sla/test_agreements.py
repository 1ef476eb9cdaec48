"""The life of an agreement: every verb from every state, two signatures, periods that never overlap."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from crm.models import LedgerEntry, OutboxMessage
from crm.states import Refused, UnableToMove
from leads.models import Lead, MqlDefinition, Segment, Stage
from project import invariants
from sla import agreements, handoffs, terms
from sla.models import AGREEMENT_MOVES, Agreement, AgreementStatus, EscalationStep, ReasonRule, Signature
from tests.support.agreeing import DAY, HOUR, brought, drafted, proposed, signed

LATER = timedelta(days=20)
S = AgreementStatus
# A verb, the state it leads to, and the moment it is tried at: long after any start.
VERBS = {
    "propose": (S.PROPOSED, lambda row, cast, at: agreements.propose(row, by=cast.marketer, at=at)),
    "sign": (S.SIGNED, lambda row, cast, at: agreements.sign(row, by=cast.admin, at=at, side="sales")),
    "return": (S.DRAFT, lambda row, cast, at: agreements.return_to_draft(row, by=cast.manager, at=at)),
    "revise": (None, lambda row, cast, at: agreements.revise(row, max_rounds=7, by=cast.marketer, at=at)),
}


def facts():
    return LedgerEntry.objects.count(), OutboxMessage.objects.count(), Signature.objects.count()


def state(row):
    return Agreement.objects.values("status", "effective_from", "effective_until", "max_rounds", "text").get(
        pk=row.pk
    )


def is_allowed(verb, came):
    to = VERBS[verb][0]
    return came == S.DRAFT if to is None else to in AGREEMENT_MOVES[came]


PAIRS = [(verb, came) for verb in VERBS for came in S]
# Doing again what is done already is harmless, and tested by itself.
FORBIDDEN = [(verb, came) for verb, came in PAIRS if not is_allowed(verb, came) and VERBS[verb][0] != came]


@pytest.mark.parametrize(("verb", "came"), [pair for pair in PAIRS if is_allowed(*pair)])
def test_every_allowed_verb_does_its_work_and_is_recorded(cast, verb, came):
    row = brought(cast, came)
    before = LedgerEntry.objects.count()
    VERBS[verb][1](row, cast, cast.at + 3 * HOUR)
    assert LedgerEntry.objects.count() == before + 1
    expected = (
        came if verb in ("revise", "sign") else VERBS[verb][0]
    )  # one signature of two moves nothing yet
    assert state(row)["status"] == expected


@pytest.mark.parametrize(("verb", "came"), FORBIDDEN)
def test_every_other_verb_is_refused_and_nothing_changes(cast, verb, came):
    row = brought(cast, came)
    before = facts(), state(row)
    with pytest.raises(UnableToMove):
        VERBS[verb][1](row, cast, cast.at + LATER) if came != S.SIGNED else VERBS[verb][1](
            row, cast, cast.at + 3 * HOUR
        )
    assert (facts(), state(row)) == before


@pytest.mark.parametrize(
    ("verb", "came"), [("propose", S.PROPOSED), ("return", S.DRAFT), ("sign", S.IN_FORCE)]
)
def test_a_verb_done_again_changes_nothing(cast, verb, came):
    row = brought(cast, came)
    cast.admin = cast.manager
    before = facts(), state(row)
    VERBS[verb][1](row, cast, cast.at + LATER)
    assert (facts(), state(row)) == before


# -- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["rep", "stranger"])
def test_a_rep_reads_and_does_nothing_else(cast, verb, who):
    row = brought(cast, S.PROPOSED if verb in ("sign", "return") else S.DRAFT)
    before = facts(), state(row)
    cast.marketer = cast.manager = cast.admin = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        VERBS[verb][1](row, cast, cast.at + 3 * HOUR)
    assert (facts(), state(row)) == before


def test_each_side_signs_for_itself_alone(cast):
    row = proposed(cast)
    for who, side in ((cast.marketer, "sales"), (cast.manager, "marketing")):
        with pytest.raises(Refused):
            agreements.sign(row, by=who, at=cast.at + 2 * HOUR, side=side)
    assert Signature.objects.count() == 0


def test_an_administrator_says_for_whom_they_sign(cast):
    row = proposed(cast)
    with pytest.raises(Refused) as refusal:
        agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR)
    assert refusal.value.field == "side"
    agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR, side="sales")
    assert Signature.objects.get().side == "sales"


def test_nobody_signs_for_both_sides(cast):
    row = proposed(cast)
    agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR, side="sales")
    with pytest.raises(Refused):
        agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR, side="marketing")
    assert state(row)["status"] == S.PROPOSED


def test_two_different_people_sign_also_past_python(cast):
    row = proposed(cast)
    agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR, side="sales")
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(
            agreement=row, side="marketing", user=cast.admin, signed_at=cast.at, digest="x"
        )


def test_a_second_person_of_the_same_side_is_told_who_has_signed(cast):
    row = proposed(cast)
    agreements.sign(row, by=cast.manager, at=cast.at + 2 * HOUR)
    with pytest.raises(Refused, match="Manager has signed"):
        agreements.sign(row, by=cast.admin, at=cast.at + 2 * HOUR, side="sales")


# -- the text ---------------------------------------------------------------------------------------------


def test_both_signatures_are_under_the_same_text(cast):
    row = signed(cast, proposed(cast))
    digests = {signature.digest for signature in Signature.objects.filter(agreement=row)}
    assert digests == {terms.digest_of(Agreement.objects.get(pk=row.pk).text)}


def test_the_text_stands_still_when_a_calendar_is_changed_later(cast):
    row = proposed(cast)
    row.calendar.windows = {"mon": [["10:00", "12:00"]]}
    row.calendar.save()
    signed(cast, row)
    assert state(row)["text"]["hours"]["windows"]["mon"] == [["09:00", "18:00"]]


def test_a_text_changed_after_it_was_signed_is_found(cast):
    row = signed(cast, proposed(cast))
    assert invariants.broken(cast.at) == []
    Agreement.objects.filter(pk=row.pk).update(text=state(row)["text"] | {"response_hours": 999})
    assert len(invariants.broken(cast.at)) == 2  # under both signatures


def test_a_proposal_without_text_is_refused_past_python(cast):
    row = proposed(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(text=None)


def test_taking_back_voids_the_signatures(cast):
    row = proposed(cast)
    agreements.sign(row, by=cast.manager, at=cast.at + 2 * HOUR)
    agreements.return_to_draft(row, by=cast.marketer, at=cast.at + 3 * HOUR, reason="Deadline too short")
    assert (Signature.objects.count(), state(row)["text"]) == (0, None)
    assert LedgerEntry.objects.get(kind="agreement.draft").reason == "Deadline too short"


@pytest.mark.parametrize("part", [ReasonRule, EscalationStep])
def test_an_agreement_without_reasons_or_steps_cannot_be_proposed(cast, part):
    row = drafted(cast)
    part.objects.filter(agreement=row).delete()
    with pytest.raises(Refused):
        agreements.propose(row, by=cast.marketer, at=cast.at + HOUR)
    assert state(row)["status"] == S.DRAFT


# -- revising ---------------------------------------------------------------------------------------------


def test_a_draft_takes_new_terms_reasons_and_steps(cast):
    row = drafted(cast)
    rules, steps = (
        list(row.rules.select_related("reason"))[:2],
        [EscalationStep(clock="response", percent=100, tells=["owner"])],
    )
    definition = MqlDefinition(threshold=60, required_fields=["email"], minimum_grade="C")
    changes = {
        "response_hours": 4,
        "expire_hours": 9,
        "rules": rules,
        "steps": steps,
        "definition": definition,
    }
    agreements.revise(row, by=cast.manager, at=cast.at, **changes)
    body = terms.contract_body(Agreement.objects.get(pk=row.pk))
    assert (body["response_hours"], body["definition"]["threshold"], len(body["reasons"])) == (4, 60, 2)
    assert body["steps"] == [{"clock": "response", "percent": 100, "tells": ["owner"]}]


def test_what_was_changed_is_recorded_and_nothing_when_nothing_was(cast):
    row = drafted(cast)
    agreements.revise(row, max_rounds=5, by=cast.marketer, at=cast.at)
    agreements.revise(row, max_rounds=5, by=cast.marketer, at=cast.at)
    assert LedgerEntry.objects.get(kind="agreement.revised").data["changed"] == ["max_rounds"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expire_hours": 2}, "expire_hours"),
        ({"attempts": 1, "channels": 2}, "channels"),
        ({"response_hours": 0}, "response_hours"),
        ({"acceptance_rate": 1.5}, "acceptance_rate"),
        ({"title": ""}, "title"),
    ],
)
def test_terms_that_the_constraints_forbid_are_refused_beside_their_field(cast, changes, field):
    row = drafted(cast)
    before = facts(), terms.contract_body(row)
    with pytest.raises(Refused) as refusal:
        agreements.revise(row, by=cast.marketer, at=cast.at, **changes)
    assert refusal.value.field == field
    assert (facts(), terms.contract_body(Agreement.objects.get(pk=row.pk))) == before


def test_the_same_step_twice_is_refused(cast):
    steps = [EscalationStep(clock="response", percent=100, tells=["owner"]) for _turn in range(2)]
    with pytest.raises(Refused):
        agreements.revise(drafted(cast), steps=steps, by=cast.marketer, at=cast.at)


def test_a_draft_changed_meanwhile_is_not_overwritten(cast):
    row = drafted(cast)
    seen = Agreement.objects.get(pk=row.pk).updated_at
    agreements.revise(row, max_rounds=5, by=cast.marketer, at=cast.at)
    with pytest.raises(Refused):
        agreements.revise(row, max_rounds=9, by=cast.manager, at=cast.at, seen=seen)
    assert state(row)["max_rounds"] == 5


def test_a_definition_other_agreements_name_is_left_alone(cast):
    current, row = Agreement.objects.current(), drafted(cast)
    Agreement.objects.filter(pk=row.pk).update(definition=current.definition)
    agreements.revise(row, definition=MqlDefinition(threshold=10), by=cast.marketer, at=cast.at)
    assert Agreement.objects.current().definition.threshold == 80
    assert Agreement.objects.get(pk=row.pk).definition.threshold == 10


# -- periods ----------------------------------------------------------------------------------------------


def test_signed_by_both_it_is_in_force_at_once_and_ends_the_one_before(cast):
    before = Agreement.objects.current()
    row = signed(cast, proposed(cast))
    assert Agreement.objects.current().pk == row.pk
    assert state(before)["status"] == S.SUPERSEDED
    assert state(before)["effective_until"] == state(row)["effective_from"] == cast.at + 2 * HOUR


def test_a_start_in_the_future_ends_the_one_before_on_that_day(cast):
    before = Agreement.objects.current()
    row = brought(cast, S.SIGNED)
    assert Agreement.objects.current().pk == before.pk
    assert state(before)["effective_until"] == state(row)["effective_from"] == cast.at + 10 * DAY


def test_its_day_comes_once_however_often_it_is_looked_for(cast):
    row = brought(cast, S.SIGNED)
    assert agreements.begin_due(at=cast.at + 9 * DAY) == []
    assert [begun.pk for begun in agreements.begin_due(at=cast.at + 10 * DAY)] == [row.pk]
    before = facts()
    assert agreements.begin_due(at=cast.at + 11 * DAY) == []
    assert facts() == before
    assert Agreement.objects.current().pk == row.pk


def test_taking_it_back_before_its_day_lets_the_one_before_go_on(cast):
    before = Agreement.objects.current()
    agreements.return_to_draft(brought(cast, S.SIGNED), by=cast.manager, at=cast.at + DAY)
    assert state(before)["effective_until"] is None
    assert agreements.begin_due(at=cast.at + 30 * DAY) == []


def test_once_its_day_has_come_it_cannot_be_taken_back_although_no_sweep_was_there(cast):
    row = brought(cast, S.SIGNED)
    with pytest.raises(UnableToMove):
        agreements.return_to_draft(row, by=cast.manager, at=cast.at + 10 * DAY)


def test_a_start_in_the_past_is_refused(cast):
    with pytest.raises(Refused) as refusal:
        proposed(cast, start=cast.at)
    assert refusal.value.field == "effective_from"


def test_an_earlier_start_than_one_already_signed_is_refused(cast):
    brought(cast, S.SIGNED)
    other = proposed(cast, at=cast.at + 3 * HOUR, start=cast.at + 5 * DAY)
    with pytest.raises(Refused) as refusal:
        signed(cast, other, at=cast.at + 4 * HOUR)
    assert refusal.value.code == "conflict"


def test_periods_for_the_same_leads_do_not_overlap_also_past_python(cast):
    row = brought(cast, S.SIGNED)
    with pytest.raises(IntegrityError, match="agreement_periods_apart"), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(effective_from=cast.at + DAY)


def test_without_the_constraint_overlapping_periods_would_stand(cast):
    """The negative control: it is the constraint that refuses them."""
    row = brought(cast, S.SIGNED)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE sla_agreement DROP CONSTRAINT agreement_periods_apart")
        Agreement.objects.filter(pk=row.pk).update(effective_from=cast.at + DAY)
        assert state(row)["effective_from"] == cast.at + DAY
        transaction.set_rollback(True)


def test_periods_for_different_leads_may_overlap(cast):
    segment = Segment.objects.get(code="enterprise")
    row = agreements.propose(drafted(cast, segment=segment), by=cast.marketer, at=cast.at + HOUR)
    signed(cast, row)
    in_force = Agreement.objects.by_segment()
    assert set(in_force) == {None, segment.pk}
    assert state(in_force[None])["effective_until"] is None


# -- what follows from being in force -----------------------------------------------------------------------


def test_a_lower_threshold_in_force_makes_mqls_of_who_meets_it(cast):
    lead = cast.lead()
    row = drafted(cast)
    hot = MqlDefinition(threshold=1, required_fields=["email"], minimum_grade="D")
    agreements.revise(row, definition=hot, by=cast.marketer, at=cast.at)
    Lead.objects.get(pk=lead.pk).score.__class__.objects.filter(lead=lead).update(
        engagement=1e9, rank=1e9, standing=1e9
    )
    signed(cast, agreements.propose(row, by=cast.marketer, at=cast.at + HOUR))
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL
    assert Lead.objects.get(pk=lead.pk).handoffs.get().agreement_id == row.pk


def test_a_lead_is_handed_over_under_the_agreement_of_its_segment(cast):
    segment = Segment.objects.get(code="enterprise")
    row = agreements.propose(drafted(cast, segment=segment), by=cast.marketer, at=cast.at + HOUR)
    signed(cast, row)
    large, small = cast.lead(employee_count=5000), cast.lead(employee_count=50)
    under = {
        lead.pk: handoffs.hand_over(lead, by=cast.marketer, at=cast.at + 3 * HOUR).agreement_id
        for lead in (large, small)
    }
    assert under == {large.pk: row.pk, small.pk: Agreement.objects.current().pk}


def test_a_running_handoff_keeps_its_terms(cast):
    handoff = cast.handoff()
    row = drafted(cast)
    agreements.revise(row, response_hours=1, by=cast.marketer, at=cast.at)
    signed(cast, agreements.propose(row, by=cast.marketer, at=cast.at + HOUR))
    before = handoff.respond_by, handoff.terms_id
    handoff.refresh_from_db()
    assert (handoff.respond_by, handoff.terms_id) == before


def test_agreements_for_different_leads_are_clean_side_by_side(cast):
    cast.agree(Agreement.objects.get(version=2))
    in_force = list(Agreement.objects.in_force())
    assert len(in_force) == 2
    for agreement in in_force:
        agreement.validate_constraints()
