"""Limits of behaviour rules: what counts, as plain values, as it arrives, and as it is re-scored."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.models import Asset
from leads.events import recording, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, BehaviourRule, LeadScore
from leads.scoring import counting, versions
from leads.scoring.counting import BehaviourPoint, Happened, RuleBook
from project import invariants
from tests.support.threads import PATIENCE_SECONDS, at_once, pause

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOKYO = ZoneInfo("Asia/Tokyo")


def visits(*minutes, asset=None, phases=()):
    return [
        Happened(number, "page_view", NOW + m * MINUTE, asset, phases) for number, m in enumerate(minutes)
    ]


def beyond(events, **limits):
    book = RuleBook([BehaviourPoint("page_view", None, 1, **limits)])
    found = counting.count(events, book, TOKYO)
    return [found[event.key].beyond for event in events]


def test_the_third_visit_of_a_day_is_beyond_two_a_day() -> None:
    assert beyond(visits(0, 10, 20), most_per_day=2) == ["", "", "day"]


def test_a_day_ends_at_midnight_of_the_models_zone() -> None:
    midnight = 12 * 60  # 03:00 UTC is noon in Tokyo
    assert beyond(visits(0, midnight - 1, midnight), most_per_day=1) == ["", "day", ""]


def test_what_follows_too_soon_does_not_count_and_takes_no_place_of_the_day() -> None:
    assert beyond(visits(0, 4, 60), minimum_interval=5, most_per_day=2) == ["", "interval", ""]


def test_each_asset_has_its_own_limit() -> None:
    events = [
        *visits(0, asset="a"),
        Happened(1, "page_view", NOW + HOUR, "a"),
        Happened(2, "page_view", NOW + DAY, "b"),
    ]
    assert beyond(events, most_per_asset=1) == ["", "asset", ""]


def test_without_an_asset_no_limit_per_asset_applies() -> None:
    assert beyond(visits(0, 1, 2), most_per_asset=1) == ["", "", ""]


def test_a_late_event_takes_its_place_in_time() -> None:
    assert beyond(visits(10, 0), most_per_day=1) == ["day", ""]


def test_a_rule_for_the_asset_goes_before_one_for_its_phase_and_that_before_the_kind() -> None:
    rules = [
        BehaviourPoint("download", None, 1),
        BehaviourPoint("download", None, 4, phase="comparison"),
        BehaviourPoint("download", None, 6, phase="purchase"),
        BehaviourPoint("download", "guide", 2),
    ]
    asked = [("guide", ["purchase"]), ("x", ["comparison", "purchase"]), ("x", ["interest"]), (None, [])]
    assert [RuleBook(rules).rule_for("download", *one).points for one in asked] == [2, 6, 1, 1]


# -- as they arrive, and re-scored ----------------------------------------------------------------

RULES = [
    {"kind": "page_view", "points": 1.0, "most_per_day": 2, "minimum_interval": 5},
    {"kind": "download", "points": 3.0, "most_per_asset": 1},
    {"kind": "download", "points": 7.0, "phase": "comparison", "most_per_day": 1},
    {"kind": "webinar", "points": 5.0},
]
ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(["page_view", "download", "webinar", "form"]),
        st.sampled_from(["", "table", "paper"]),
        st.integers(0, 4000),
    ),
    min_size=1,
    max_size=14,
)


def limited(cast, rules=RULES):
    """A model with these rules is in force."""
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    BehaviourRule.objects.filter(model=draft).delete()
    BehaviourRule.objects.bulk_create(BehaviourRule(model=draft, **rule) for rule in rules)
    versions.activate(draft, by=cast.marketer, at=cast.at)
    return draft


def shelve():
    for slug, phases in (("table", ["comparison", "interest"]), ("paper", ["interest"])):
        Asset.objects.create(slug=slug, title=slug, kind="guide", phases=phases)


def arrive(lead, arrivals, at, *, batch=3, name="x"):
    events = [
        Behaviour("ma", f"{name}-{number}", kind, at - minutes * MINUTE, asset, lead=lead.pk)
        for number, (kind, asset, minutes) in enumerate(arrivals)
    ]
    for start in range(0, len(events), batch):
        recording.record(events[start : start + batch], by=None, at=at)


def stored(lead):
    rows = BehaviourEvent.objects.counted().with_points().filter(lead=lead).order_by("pk")
    return {row.pk: (row.points, row.beyond) for row in rows}


def told(lead):
    """The same by the plain rules."""
    rules = versions.in_force()
    rows = BehaviourEvent.objects.counted().filter(lead=lead).select_related("asset")
    events = [
        Happened(
            row.pk,
            row.kind,
            row.occurred_at,
            row.asset and row.asset.slug,
            row.asset.phases if row.asset else (),
        )
        for row in rows
    ]
    counted = counting.count(events, rules.behaviour, TOKYO)
    return {key: (one.points, one.beyond) for key, one in counted.items()}


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRIVALS)
def test_what_is_stored_is_what_the_rules_say_and_a_new_version_says_it_again(cast, arrivals):
    if not Asset.objects.filter(slug="table").exists():
        shelve()
        limited(cast)
    lead = cast.lead()
    arrive(lead, arrivals, cast.at, name=lead.pk)
    live = stored(lead)
    assert live == told(lead)
    versions.rescore(versions.active())
    assert stored(lead) == live
    assert not [line for line in invariants.broken(cast.at) if line.startswith("I6")]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9000), min_size=4, max_size=16))
def test_where_only_what_is_around_the_new_is_looked_at_nothing_is_missed(cast, minutes):
    if not BehaviourRule.objects.filter(minimum_interval=700).exists():
        limited(cast, [{"kind": "page_view", "points": 1.0, "most_per_day": 2, "minimum_interval": 700}])
    lead = cast.lead()
    arrive(lead, [("page_view", "", ago) for ago in minutes], cast.at, batch=2, name=lead.pk)
    assert stored(lead) == told(lead)


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9000), min_size=4, max_size=16, unique=True), st.integers(1, 7))
def test_a_backfill_in_one_batch_leaves_what_small_ones_leave(cast, minutes, size):
    if not BehaviourRule.objects.filter(minimum_interval=700).exists():
        limited(cast, [{"kind": "page_view", "points": 1.0, "most_per_day": 2, "minimum_interval": 700}])
    leads = cast.lead(), cast.lead()
    for lead, batch in zip(leads, (len(minutes), size), strict=True):
        arrive(lead, [("page_view", "", ago) for ago in minutes], cast.at, batch=batch, name=lead.pk)
    kept = [BehaviourEvent.objects.filter(lead=lead).order_by("occurred_at") for lead in leads]
    at_once, in_parts = (list(rows.values_list("occurred_at", "beyond")) for rows in kept)
    assert at_once == in_parts
    sums = LeadScore.objects.filter(lead__in=leads).values_list("engagement", flat=True)
    assert sums[0] == pytest.approx(sums[1], rel=1e-12)


LIMITS = st.fixed_dictionaries(
    {"points": st.sampled_from([1.0, 4.0]), "most_per_day": st.sampled_from([None, 2]),
     "minimum_interval": st.sampled_from([None, 700])}
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9000), min_size=4, max_size=12), LIMITS, LIMITS)
def test_a_new_version_says_of_each_event_what_its_rules_say(cast, minutes, old, new):
    """Also where it has the limits of the one before, and looks at points alone."""
    limited(cast, [{"kind": "page_view", **old}])
    lead = cast.lead()
    arrive(lead, [("page_view", "", ago) for ago in minutes], cast.at, batch=5, name=lead.pk)
    limited(cast, [{"kind": "page_view", **new}])
    assert stored(lead) == told(lead)
    assert not [line for line in invariants.broken(cast.at) if line.startswith("I6")]


def test_withdrawing_one_lets_the_next_count(cast):
    limited(cast)
    lead = cast.lead()
    arrive(lead, [("page_view", "", minutes) for minutes in (60, 40, 20)], cast.at)
    first = BehaviourEvent.objects.get(external_id="x-0")
    withdrawing.withdraw([first], reason="a bot", by=cast.marketer, at=cast.at)
    assert list(stored(lead).values()) == [(1, ""), (1, "")]
    assert not [line for line in invariants.broken(cast.at) if line.startswith("I6")]


def test_behaviour_without_limits_is_not_counted_anew(cast, monkeypatch):
    limited(
        cast, [{"kind": "webinar", "points": 5.0}, {"kind": "page_view", "points": 1.0, "most_per_day": 1}]
    )
    lead = cast.lead()
    counted = []
    monkeypatch.setattr(versions, "recount", lambda leads, *_rest, **_more: counted.append(leads) or [])
    arrive(lead, [("webinar", "", 0)] * 2, cast.at, name="w")
    arrive(lead, [("page_view", "", 0)] * 2, cast.at, name="p")
    assert counted == [[], [lead.pk]]


@pytest.mark.parametrize(("ago", "is_asked"), [(3 * 24 * 60, False), (24 * 60, True)])
def test_limits_are_asked_where_another_of_the_kind_is_near(cast, monkeypatch, ago, is_asked):
    limited(cast, [{"kind": "page_view", "points": 1.0, "most_per_day": 1}])
    lead = cast.lead()
    arrive(lead, [("page_view", "", ago), ("webinar", "", 0)], cast.at, batch=2)
    counted = []
    monkeypatch.setattr(versions, "recount", lambda leads, *_rest, **_more: counted.extend(leads) or [])
    arrive(lead, [("page_view", "", 0)], cast.at, name="p")
    assert counted == [lead.pk] * is_asked


def test_of_all_time_where_an_asset_has_a_limit(cast, monkeypatch):
    shelve()
    limited(cast, [{"kind": "download", "points": 1.0, "most_per_asset": 1}])
    lead = cast.lead()
    arrive(lead, [("download", "paper", 2 * 365 * 24 * 60), ("download", "paper", 0)], cast.at, batch=1)
    assert [beyond for _points, beyond in stored(lead).values()] == ["", "asset"]


# -- two batches at once --------------------------------------------------------------------------


def _two_batches(cast):
    limited(cast, [{"kind": "page_view", "points": 1.0, "most_per_day": 2}])
    lead = cast.lead()

    def batch(name):
        arrive(lead, [("page_view", "", number) for number in range(2)], cast.at, name=name)

    at_once(lambda: batch("a"), lambda: batch("b"))
    return sum(points for points, _beyond in stored(lead).values())


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_do_not_go_beyond_a_limit(cast):
    assert _two_batches(cast) == 2
    assert not [line for line in invariants.broken(cast.at) if line.startswith("I6")]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(cast, monkeypatch):
    """Negative control: each counts before it sees the other's events."""
    real = versions.recount
    monkeypatch.setattr(recording, "_RECORD", recording._RECORD.replace("FOR NO KEY UPDATE OF score", ""))
    # The sum is left alone: its lock would make the second wait for the first.
    monkeypatch.setattr("leads.events.recording._RECORD", _without_sum(recording._RECORD))
    monkeypatch.setattr(versions, "recount", lambda *args, **more: (real(*args, **more), pause(0.3))[0])
    assert _two_batches(cast) > 2


def _one_waits_for_the_other(cast):
    """The second has begun when the first, which nobody sees yet, is committed."""
    limited(cast, [{"kind": "page_view", "points": 1.0, "most_per_day": 1}])
    lead = cast.lead()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            arrive(lead, [("page_view", "", 0)], cast.at, name="a")
            second = pool.submit(_alone, lambda: arrive(lead, [("page_view", "", 10)], cast.at, name="b"))
            _until_somebody_waits()
        second.result(timeout=PATIENCE_SECONDS)
    return [beyond for _points, beyond in stored(lead).values()]


def _alone(deed):
    try:
        deed()
    finally:
        connections.close_all()


def _until_somebody_waits():
    with connection.cursor() as cursor:
        for _time in range(PATIENCE_SECONDS * 100):
            cursor.execute("SELECT count(*), pg_sleep(0.01) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits for a lock")


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_statement_did_not_see_the_one_before_asks_the_limits(cast):
    assert sorted(_one_waits_for_the_other(cast)) == ["", "day"]


@pytest.mark.django_db(transaction=True)
def test_both_would_count_if_it_trusted_what_it_saw(cast, monkeypatch):
    """Negative control: whether the score is as the statement saw it is not asked."""
    trusting = recording._RECORD.replace("OR locked.has_changed", "")
    assert trusting != recording._RECORD
    monkeypatch.setattr(recording, "_RECORD", trusting)
    assert _one_waits_for_the_other(cast) == ["", ""]


def _without_sum(statement):
    return statement.replace(
        "FROM gain WHERE gain.lead_id = score.lead_id",
        "FROM gain WHERE false AND gain.lead_id = score.lead_id",
    )


def test_scores_are_summed_of_what_counts(cast):
    limited(cast)
    lead = cast.lead()
    arrive(lead, [("page_view", "", 0)] * 5, cast.at, batch=5)
    decay = versions.in_force().decay
    assert decay.score_at(LeadScore.objects.get(lead=lead).engagement, cast.at) == pytest.approx(1)
