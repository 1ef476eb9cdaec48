"""What is kept of a look at leads: findings, how many they are, and how far the audit has looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import directory, duplicates
from crm.matching.pairs import Pair
from crm.matching.rules import Verdict
from crm.models import RecordKind
from leads import lifecycle, steering
from leads.models import (
    AuditWalk,
    Findings,
    QualityFigure,
    QualityTally,
    ScoringModel,
    Stage,
    VersionStatus,
)
from leads.quality import keeping, mending, walking
from tests.support import agreeing, audit
from tests.support.cast import Cast
from tests.support.feed import settle
from tests.support.threads import at_once, pause

pytestmark = pytest.mark.django_db


def tallied() -> list[Any]:
    columns = ("captured_on", "source", "segment", "mark", "count")
    return sorted(QualityTally.objects.exclude(count=0).values_list(*columns))


def marks(lead: Any) -> list[str]:
    return list(Findings.objects.get(lead=lead).marks)


# -- findings and their tallies -------------------------------------------------------------------


def test_tallies_are_what_the_findings_add_up_to_whatever_happened(cast: Cast) -> None:
    edited, moved, gone, untouched = (cast.lead(source=source) for source in ("web", "web", "fair", "fair"))
    audit.look(cast.at)
    assert tallied() == audit.kept()
    directory.edit_contact(
        edited.contact, by=cast.marketer, at=cast.at, phone="03-3210-4567", job_title="部長"
    )
    mending.mend([moved.pk], "source", "seminar", by=cast.marketer, at=cast.at)
    steering.disqualify(gone, reason="", by=cast.marketer, at=cast.at)
    cast.lead(source="web")
    audit.look(cast.at + timedelta(days=400))
    assert tallied() == audit.kept()
    assert set(Findings.objects.values_list("source", flat=True)) == {"web", "seminar", "fair"}
    assert Findings.objects.filter(lead=untouched).exists()


def test_a_lead_nobody_works_any_more_is_counted_no_more(cast: Cast) -> None:
    lead = cast.lead()
    keeping.look_again([lead.pk], at=cast.at)
    lifecycle.move([lead.pk], Stage.DISQUALIFIED, by=None, at=cast.at)
    assert keeping.look_again([lead.pk], at=cast.at) == 1
    assert not Findings.objects.exists()
    assert tallied() == []


def test_who_finds_what_was_found_before_writes_nothing(cast: Cast) -> None:
    lead = cast.lead()
    assert keeping.look_again([lead.pk], at=cast.at) == 1
    with CaptureQueriesContext(connection) as queries:
        assert keeping.look_again([lead.pk], at=cast.at) == 0
    assert [
        row["sql"] for row in queries if not row["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    ] == []


def test_many_are_looked_at_in_as_many_statements_as_one(cast: Cast, django_assert_num_queries: Any) -> None:
    leads = [cast.lead(source=source).pk for source in ("a", "b", "c")]
    with CaptureQueriesContext(connection) as one:
        keeping.look_again(leads[:1], at=cast.at)
    with django_assert_num_queries(len(one)):
        keeping.look_again(leads[1:], at=cast.at)


def test_what_is_mended_is_counted_at_once_for_everybody_it_is_mended_for(cast: Cast) -> None:
    one, other = cast.lead(email="a@betsu.co.jp"), cast.lead(email="b@betsu.co.jp")
    audit.look(cast.at)
    mending.mend([one.pk], "country", "日本", by=cast.marketer, at=cast.at)
    assert "no-country" not in marks(other)
    mending.confirm([one.pk], "no-industry", by=cast.marketer, at=cast.at)
    assert "no-industry" not in marks(other)
    mending.doubt([one.pk], "no-industry", by=cast.marketer, at=cast.at)
    assert "no-industry" in marks(other)
    assert tallied() == audit.kept()


def test_what_is_stale_is_kept_for_each_number_of_months(cast: Cast) -> None:
    lead = cast.lead()
    audit.look(cast.at + timedelta(days=200))
    assert {"silent-6", "stale-6", "any-6"} <= set(marks(lead))
    assert not {"silent", "stale", "silent-24"} & set(marks(lead))


def test_the_day_is_the_company_s(cast: Cast) -> None:
    """Nine in the evening in London is the next day in Tokyo."""
    cast.at = cast.at.replace(hour=21)
    lead = cast.lead()
    audit.look(cast.at)
    assert Findings.objects.get(lead=lead).captured_on == cast.at.date() + timedelta(days=1)


def look_twice_at_once(cast: Cast, monkeypatch: Any) -> None:
    """Two look at leads nobody has looked at; each takes a while to compare with what was kept."""
    leads, kept = [cast.lead().pk for _ in range(3)], keeping._kept

    def slowly(asked: Any) -> Any:
        before = kept(asked)
        pause(0.3)
        return before

    monkeypatch.setattr(keeping, "_kept", slowly)
    at_once(*[lambda: keeping.look_again(leads, at=cast.at)] * 2)


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_count_each_lead_once(cast: Cast, monkeypatch: Any) -> None:
    look_twice_at_once(cast, monkeypatch)
    assert tallied() == audit.kept()


@pytest.mark.django_db(transaction=True)
def test_without_taking_turns_they_count_them_twice(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(keeping.transactions, "have_alone", lambda what: None)
    look_twice_at_once(cast, monkeypatch)
    assert tallied() != audit.kept()


# -- changes --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_changed_is_looked_at_and_nothing_else(cast: Cast) -> None:
    edited, other = cast.lead(), cast.lead()
    walking.complete(at=cast.at)
    Findings.objects.update(marks=["old"])
    directory.edit_contact(edited.contact, by=cast.marketer, at=cast.at, job_title="部長")
    settle()
    walking.advance(at=cast.at + timedelta(minutes=1))
    assert "no-title" not in marks(edited)
    assert "no-phone" in marks(edited)
    assert marks(other) == ["old"]
    assert walking.progress() == walking.Progress(cast.at + timedelta(minutes=1), cast.at, None)


@pytest.mark.django_db(transaction=True)
def test_a_company_s_change_is_one_of_all_its_leads_and_a_new_lead_is_counted(cast: Cast) -> None:
    one, other = cast.lead(email="a@betsu.co.jp"), cast.lead(email="b@betsu.co.jp")
    walking.complete(at=cast.at)
    directory.edit_account(one.account, by=cast.marketer, at=cast.at, country="日本")
    fresh = cast.lead()
    settle()
    walking.advance(at=cast.at)
    assert "no-country" not in marks(other)
    assert "no-country" in marks(fresh)


@pytest.mark.django_db(transaction=True)
def test_a_pair_is_seen_when_it_is_found_and_when_it_is_decided(cast: Cast) -> None:
    one, other = cast.lead(), cast.lead()
    walking.complete(at=cast.at)
    low, high = sorted((one.contact_id, other.contact_id))
    found = [Pair(low, high, Verdict(90, ("name",), ()))]
    duplicates.store(RecordKind.CONTACT, found, searched=[], at=cast.at)
    walking.advance(at=cast.at)
    assert "same-person" in marks(one)
    duplicates.keep_apart(RecordKind.CONTACT, low, high, by=cast.marketer, at=cast.at)
    walking.advance(at=cast.at)
    assert "same-person" not in marks(other)


@pytest.mark.django_db(transaction=True)
def test_where_other_details_are_asked_for_every_lead_is_looked_at_again(cast: Cast) -> None:
    lead = cast.lead(phone="")
    walking.complete(at=cast.at)
    assert "incomplete" not in marks(lead)
    draft = agreeing.drafted(cast, at=cast.at)
    draft.definition.required_fields = ["phone"]
    draft.definition.save()
    cast.agree(draft)
    settle()
    walking.advance(at=cast.at)
    assert "incomplete" in marks(lead)


def test_a_change_that_is_not_there_costs_the_same_however_much_is_stored(cast: Cast) -> None:
    cast.lead()
    walking.complete(at=cast.at)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            walking.advance(at=cast.at)
        return len(queries)

    before = asked()
    for _ in range(5):
        cast.lead()
    assert asked() == before


# -- walks ----------------------------------------------------------------------------------------


def test_a_walk_goes_on_where_it_was_and_tells_how_far_it_is(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(walking, "BATCH", 2)
    leads = [cast.lead().pk for _ in range(5)]
    walking.advance(at=cast.at, steps=1)
    assert list(Findings.objects.order_by("pk").values_list("pk", flat=True)) == leads[:2]
    progress = walking.progress()
    assert progress
    assert (progress.since, progress.percent is None) == (None, False)
    walking.advance(at=cast.at, steps=5)
    assert walking.progress() == walking.Progress(cast.at, cast.at, None)
    assert Findings.objects.count() == 5


def test_the_figures_of_the_day_are_kept_when_a_walk_is_done(cast: Cast) -> None:
    cast.lead(source="web")
    walking.complete(at=cast.at)
    assert QualityFigure.objects.get(source="web", rule="no-phone").count == 1


def test_the_next_walk_begins_when_its_time_has_come(cast: Cast) -> None:
    lead = cast.lead()
    walking.complete(at=cast.at)
    Findings.objects.all().delete()
    walking.advance(at=cast.at + walking.EVERY - timedelta(seconds=1))
    assert not Findings.objects.exists()
    walking.advance(at=cast.at + walking.EVERY)
    assert Findings.objects.get().lead == lead


def test_who_sees_every_lead_may_have_them_looked_at_again_and_nobody_else(cast: Cast) -> None:
    walking.complete(at=cast.at)
    with pytest.raises(PermissionDenied):
        walking.begin(by=cast.rep, at=cast.at)
    assert AuditWalk.objects.get().next_lead is None
    walking.begin(by=cast.marketer, at=cast.at)
    assert AuditWalk.objects.get().next_lead == 0


def test_leads_are_looked_at_where_no_scoring_model_is_active(cast: Cast) -> None:
    ScoringModel.objects.update(status=VersionStatus.RETIRED)
    lead = cast.lead()
    audit.look(cast.at)
    assert marks(lead)
