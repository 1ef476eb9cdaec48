"""The demo company, small: everything the product knows happens in it."""

from collections import Counter
from datetime import datetime
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command

from crm.models import DuplicatePair, Notification, OutboxMessage, RecordKind, User
from deals.models import Deal
from leads.models import (
    BehaviourEvent,
    FormSubmission,
    Lead,
    ScoringModel,
    Stage,
    VersionStatus,
    WaitingEvent,
)
from project.demo import cast, luck, story
from sla.models import Escalation, Feedback, Handoff, RejectionReason, Status

pytestmark = pytest.mark.django_db
SMALL = 0.2


def _counts() -> dict[str, object]:
    return {
        "leads": Counter(Lead.objects.values_list("stage", flat=True)),
        "events": BehaviourEvent.objects.count(),
        "handoffs": Counter(Handoff.objects.values_list("status", "assignee__username")),
        "reasons": Counter(Feedback.objects.values_list("reason__code", flat=True)),
        "deals": Counter(Deal.objects.values_list("stage__code", flat=True)),
    }


def test_the_year_holds_everything(at: datetime) -> None:
    story.play(at=at, scale=SMALL)
    assert set(Handoff.objects.values_list("status", flat=True)) == set(Status.values)
    refused = set(Feedback.objects.exclude(reason=None).values_list("reason__code", flat=True))
    assert refused == set(RejectionReason.objects.values_list("code", flat=True))
    assert Handoff.objects.filter(round__gt=1, lead__handoffs__status=Status.REJECTED).exists()
    assert set(Deal.objects.values_list("stage__outcome", flat=True)) == {"open", "won", "lost"}
    assert set(Lead.objects.values_list("stage", flat=True)) == set(Stage.values)
    levels = set(Escalation.objects.values_list("level", flat=True))
    assert {"response-80", "response-100", "acceptance-100", "feedback-100"} <= levels
    _has_a_lively_inbox(at)
    _is_quiet(at)
    _has_loose_ends()
    assert "admin" in "".join(cast.login_lines())


def _has_a_lively_inbox(at: datetime) -> None:
    mine = Handoff.objects.running().filter(assignee__username="sato")
    waiting = mine.filter(first_contact_at=None)
    assert waiting.filter(respond_by__lt=at).count() >= 2
    assert waiting.filter(warn_at__lt=at, respond_by__gt=at).count() >= 2
    assert waiting.filter(warn_at__gt=at).count() >= 3
    assert {"contacted", "accepted"} <= set(mine.values_list("status", flat=True))
    assert Handoff.objects.queued().count() >= 2


def _is_quiet(at: datetime) -> None:
    assert not OutboxMessage.objects.filter(delivered_at=None).exists()
    assert Notification.objects.count() < 150
    assert not Notification.objects.filter(kind__startswith="handoff.", created_at__gt=at).exists()


def _has_loose_ends() -> None:
    assert set(DuplicatePair.objects.open().values_list("kind", flat=True)) == set(RecordKind.values)
    assert DuplicatePair.objects.exact().exists()
    assert WaitingEvent.objects.exists()
    assert FormSubmission.objects.filter(status="held").exists()
    assert ScoringModel.objects.filter(status=VersionStatus.DRAFT).exists()
    assert Lead.objects.filter(contact__last_name="テスト").exists()


def test_who_is_worth_more_draws_the_better_cards_and_all_are_played() -> None:
    chance, drawn = Random(1), []
    hand = luck.Hand(iter(["lost", "won"] * 200), ["lost", "won"], chance)
    for _ in range(390):
        worth = chance.random()
        drawn.append((worth, hand.draw(worth)))
    won = [worth for worth, card in drawn if card == "won"]
    lost = [worth for worth, card in drawn if card == "lost"]
    assert abs(len(won) - len(lost)) <= 2 * luck.HELD
    assert sum(won) / len(won) > sum(lost) / len(lost) + 0.05


def test_a_ranking_tells_how_many_are_beaten() -> None:
    ranking = luck.Ranking()
    assert [ranking.place(number) for number in (5, 9, 1, 6)] == [0.5, 1.0, 0.0, 2 / 3]


made: list[dict[str, object]] = []


@pytest.mark.parametrize("time", ["first", "again"])
def test_one_seed_makes_one_company(at: datetime, time: str) -> None:
    story.play(at=at, scale=0.02, seed=7)
    made.append(_counts())
    assert made[0] == made[-1]


def test_the_command_leaves_a_company_alone(at: datetime) -> None:
    User.objects.create_user("somebody")
    said = StringIO()
    call_command("demo", stdout=said)
    assert "already" in said.getvalue()
    assert not Lead.objects.exists()
    call_command("demo", "--logins", stdout=said)
    assert "sato" not in said.getvalue()
