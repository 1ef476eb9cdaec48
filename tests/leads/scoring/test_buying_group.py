"""The people of a company: who is active, which roles are missing, and where their attention moves."""

from datetime import timedelta

import pytest
from django.urls import reverse

from content.models import Asset
from leads.events import recording
from leads.events.recording import Behaviour
from leads.scoring import buying_group

DAY = timedelta(days=1)


@pytest.fixture
def library(db):
    for slug, phase in (("case", "interest"), ("table", "comparison")):
        Asset.objects.create(slug=slug, title=slug, kind="guide", phases=[phase])


@pytest.fixture
def people(cast, library):
    """An executive who read long ago, somebody from IT who reads now."""
    boss, tech = (
        cast.lead(company="Acme", email=f"{role}@acme.jp", stakeholder_role=role)
        for role in ("executive", "it")
    )
    read(boss, "case", cast.at - 120 * DAY, cast.at)
    read(tech, "case", cast.at - 40 * DAY, cast.at)
    read(tech, "table", cast.at - DAY, cast.at)
    return boss, tech


def read(lead, slug, at, heard):
    name = f"{lead.pk}-{slug}-{at}"
    recording.record([Behaviour("ma", name, "download", at, slug, lead=lead.pk)], by=None, at=heard)


def group(cast, people):
    return buying_group.group_of(people[0].account, seen_by=cast.marketer, at=cast.at)


def test_who_did_nothing_for_a_quarter_is_not_active(cast, people):
    found = group(cast, people)
    assert [(one.lead.pk, one.is_active) for one in found.members] == [
        (people[1].pk, True),
        (people[0].pk, False),
    ]
    assert found.since == cast.at - 40 * DAY


def test_roles_of_which_nobody_is_active_are_missing(cast, people):
    assert [str(role) for role in group(cast, people).missing] == [
        "executive",
        "end_user",
        "procurement",
        "legal",
    ]


def test_attention_moves_on_and_back(cast, people):
    read(people[0], "case", cast.at - timedelta(hours=1), cast.at)
    shares = [mix.get("comparison", 0) for _at, mix in group(cast, people).course]
    assert shares[-2] == 0 < shares[-1] < 0.5


def test_only_people_one_may_see_are_in_the_group(cast, people):
    assert buying_group.group_of(people[0].account, seen_by=cast.stranger, at=cast.at).members == []


def test_the_account_page_shows_the_group(client, cast, people, clock):
    client.force_login(cast.marketer)
    page = client.get(reverse("desk:account-detail", args=[people[0].account_id])).content.decode()
    assert "Buying group" in page
    assert "1 active" in page
