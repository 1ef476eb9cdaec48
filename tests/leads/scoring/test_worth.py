"""What stored events give: in SQL as by the plain rules, and anew when what it depends on changes."""

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content import publishing
from content.models import Asset
from crm import transactions
from leads import lifecycle
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, BehaviourRule, LeadScore, ScoringModel
from leads.scoring import versions
from project import invariants
from tests.support.threads import at_once, pause

pytestmark = pytest.mark.django_db
KINDS, SLUGS, PHASES = ("download", "webinar"), ("", "table", "paper"), ("", "comparison", "interest")


def shelve():
    for slug, phases in (("table", ["comparison", "interest"]), ("paper", ["interest"])):
        Asset.objects.get_or_create(slug=slug, defaults={"title": slug, "kind": "guide", "phases": phases})


def put_in_force(cast, rules):
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    BehaviourRule.objects.filter(model=draft).delete()
    for (kind, slug, phase), points in rules.items():
        asset = Asset.objects.get(slug=slug) if slug else None
        BehaviourRule.objects.create(model=draft, kind=kind, asset=asset, phase=phase, points=points)
    versions.activate(draft, by=cast.marketer, at=cast.at)
    return draft


def do(lead, at, *done):
    events = [
        Behaviour("ma", f"{lead.pk}-{BehaviourEvent.objects.count() + number}", kind, at, slug, lead=lead.pk)
        for number, (kind, slug) in enumerate(done)
    ]
    recording.record(events, by=None, at=at)


def worth_now(cast, lead):
    return versions.in_force().decay.score_at(LeadScore.objects.get(lead=lead).engagement, cast.at)


def wrong_sums(cast):
    return [line for line in invariants.broken(cast.at) if line.startswith("I6")]


PLACES = st.tuples(st.sampled_from(KINDS), st.sampled_from(SLUGS), st.sampled_from(PHASES))
BOOKS = st.dictionaries(
    PLACES.filter(lambda place: not (place[1] and place[2])), st.sampled_from([0.0, 1.0, 4.0, 7.0])
)
DONE = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(SLUGS)), min_size=1, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BOOKS, BOOKS, DONE)
def test_what_sql_says_of_an_event_is_what_the_rules_say(cast, first, second, done):
    shelve()
    put_in_force(cast, first)
    lead = cast.lead()
    do(lead, cast.at, *done)
    assert not wrong_sums(cast)
    put_in_force(cast, second)
    assert not wrong_sums(cast)
    rules, rows = versions.in_force(), BehaviourEvent.objects.with_points().select_related("asset")
    assert [row.points for row in rows] == [rules.points_of(row) for row in rows]
    versions.resum([lead.pk], rules)
    assert not wrong_sums(cast)


def test_a_version_writes_only_the_scores_that_it_changes(cast):
    put_in_force(cast, {("download", "", ""): 3, ("webinar", "", ""): 5})
    reader, visitor = cast.lead(), cast.lead()
    do(reader, cast.at, ("download", ""))
    do(visitor, cast.at, ("webinar", ""))
    LeadScore.objects.filter(lead=reader).update(engagement=_nearly(reader))
    kept = LeadScore.objects.get(lead=reader).engagement
    put_in_force(cast, {("download", "", ""): 3, ("webinar", "", ""): 6})
    assert LeadScore.objects.get(lead=reader).engagement == kept
    assert worth_now(cast, visitor) == pytest.approx(6)


def _nearly(lead):
    """As a sum taken in another order would be."""
    return LeadScore.objects.get(lead=lead).engagement * (1 + 3e-16)


def test_of_what_few_did_only_their_scores_are_summed_anew(cast):
    put_in_force(cast, {("download", "", ""): 3, ("webinar", "", ""): 5})
    readers, visitor = [cast.lead() for _ in range(3)], cast.lead()
    for reader in readers:
        do(reader, cast.at, *[("download", "")] * 10)
    do(visitor, cast.at, ("webinar", ""), ("download", ""))
    LeadScore.objects.filter(lead=readers[0]).update(engagement=1)
    put_in_force(cast, {("download", "", ""): 3, ("webinar", "", ""): 6})
    assert worth_now(cast, visitor) == pytest.approx(9)
    assert LeadScore.objects.get(lead=readers[0]).engagement == 1, "nothing it did gives anything else"
    put_in_force(cast, {("download", "", ""): 4, ("webinar", "", ""): 6})
    assert worth_now(cast, readers[0]) == pytest.approx(40)
    assert not wrong_sums(cast)


def test_where_points_fade_otherwise_every_score_is_summed_anew(cast):
    put_in_force(cast, {("download", "", ""): 3})
    lead = cast.lead()
    do(lead, cast.at, ("download", ""))
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    ScoringModel.objects.filter(pk=draft.pk).update(rate=0.5)
    versions.activate(draft, by=cast.marketer, at=cast.at)
    assert worth_now(cast, lead) == pytest.approx(3)
    assert not wrong_sums(cast)


def test_what_lies_under_a_floor_is_summed_anew_as_well(cast):
    put_in_force(cast, {("download", "", ""): 3})
    lead = cast.lead()
    do(lead, cast.at, ("download", ""))
    lifecycle.qualify_by_hand(lead.pk, by=cast.marketer, at=cast.at)
    lifecycle.recycle([lead.pk], by=None, at=cast.at, reason="later", fresh_behaviour_only=True)
    put_in_force(cast, {("download", "", ""): 4})
    score = LeadScore.objects.get(lead=lead)
    assert (worth_now(cast, lead), score.standing) == (pytest.approx(4), 0)


# -- what points depend on changes --------------------------------------------------------------------

BY_PHASE = {("download", "", ""): 3, ("download", "", "comparison"): 7}


def downloaded(cast):
    shelve()
    put_in_force(cast, BY_PHASE)
    lead = cast.lead()
    do(lead, cast.at, ("download", "paper"))
    return lead, Asset.objects.get(slug="paper")


def test_an_asset_for_another_phase_gives_other_points_at_once(cast):
    lead, paper = downloaded(cast)
    publishing.edit(paper, by=cast.marketer, at=cast.at, phases=["comparison"])
    assert worth_now(cast, lead) == pytest.approx(7)
    assert not wrong_sums(cast)


def test_so_it_does_when_it_is_edited_in_the_admin(cast, client):
    lead, paper = downloaded(cast)
    client.force_login(cast.marketer)
    page = reverse("admin:content_asset_change", args=[paper.pk])
    said = {"kind": "guide", "title": "Paper", "phases": ["comparison"], "language": "en", "slug": "other"}
    assert client.post(page, said).status_code == 302
    paper.refresh_from_db()
    assert (paper.slug, paper.title, worth_now(cast, lead)) == ("paper", "Paper", pytest.approx(7))
    assert not wrong_sums(cast)


def test_what_was_beyond_a_limit_counts_where_the_new_phase_has_none(cast):
    lead, paper = downloaded(cast)
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    draft.behaviour_rules.filter(phase="").update(most_per_day=1)
    versions.activate(draft, by=cast.marketer, at=cast.at)
    do(lead, cast.at, ("download", "paper"))
    assert worth_now(cast, lead) == pytest.approx(3)
    publishing.edit(paper, by=cast.marketer, at=cast.at, phases=["comparison"])
    assert worth_now(cast, lead) == pytest.approx(14)
    assert not wrong_sums(cast)


def test_the_rules_in_force_are_not_edited_in_the_admin(cast, client):
    model = put_in_force(cast, {("download", "", ""): 3})
    client.force_login(cast.marketer)
    page = reverse("admin:leads_scoringmodel_change", args=[model.pk])
    assert client.post(page, {"version": model.version}).status_code == 403


def _arrive_while_the_asset_is_edited(cast, monkeypatch):
    """The event's points are known, and not written yet, when the phases change."""
    lead, paper = downloaded(cast)
    write = recording._write

    def slowly(*args):
        pause(0.4)
        return write(*args)

    def edit():
        pause(0.1)
        publishing.edit(paper, by=cast.marketer, at=cast.at, phases=["comparison"])

    monkeypatch.setattr(recording, "_write", slowly)
    at_once(lambda: do(lead, cast.at, ("download", "paper")), edit)
    return wrong_sums(cast)


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_on_its_way_meanwhile_counts_by_the_new_phases(cast, monkeypatch):
    assert not _arrive_while_the_asset_is_edited(cast, monkeypatch)


@pytest.mark.django_db(transaction=True)
def test_without_waiting_for_it_the_sum_is_of_both(cast, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(transactions, "have_alone", lambda _what: None)
    assert _arrive_while_the_asset_is_edited(cast, monkeypatch)
