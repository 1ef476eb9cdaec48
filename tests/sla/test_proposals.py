"""Who hears that an agreement waits for their signature."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.models import Mails, Notification, OutboxMessage
from sla import agreements
from sla.models import Agreement
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> Agreement:
    return agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=cast.at)


def told() -> list[Any]:
    return [line.user for line in Notification.objects.filter(kind="agreement.proposed").order_by("pk")]


@pytest.mark.parametrize(
    ("who", "hearing"),
    [("marketer", ["manager"]), ("manager", ["marketer"]), ("admin", ["manager", "marketer"])],
)
def test_those_who_may_sign_for_the_other_side_hear_of_it(
    cast: Cast, draft: Agreement, who: str, hearing: list[str]
) -> None:
    agreements.propose(draft, by=getattr(cast, who), at=cast.at)
    assert sorted(user.username for user in told()) == hearing


def test_they_are_mailed_as_they_prefer(cast: Cast, draft: Agreement) -> None:
    cast.manager.mails = Mails.NONE
    cast.manager.save()
    agreements.propose(draft, by=cast.marketer, at=cast.at)
    assert told() == [cast.manager]
    assert not OutboxMessage.objects.filter(topic="agreement.proposed", kind="mail").exists()


def test_the_letter_names_the_agreement_and_leads_to_it(cast: Cast, draft: Agreement) -> None:
    agreements.propose(draft, by=cast.marketer, at=cast.at)
    letter = OutboxMessage.objects.get(topic="agreement.proposed", kind="mail")
    assert letter.payload["to"] == cast.manager.email
    assert f"/sla/agreements/{draft.pk}/" in letter.payload["body"]


def test_proposed_once_more_it_is_told_once_more(cast: Cast, draft: Agreement) -> None:
    agreements.propose(draft, by=cast.marketer, at=cast.at)
    agreements.return_to_draft(draft, by=cast.marketer, at=cast.at)
    agreements.propose(draft, by=cast.marketer, at=cast.at + timedelta(hours=1))
    assert told() == [cast.manager, cast.manager]


def test_the_line_in_the_bell_leads_to_the_agreement(cast: Cast, draft: Agreement, client: Any) -> None:
    agreements.propose(draft, by=cast.marketer, at=cast.at)
    client.force_login(cast.manager)
    text = client.get("/notifications/").content.decode()
    assert f'href="/sla/agreements/{draft.pk}/"' in text
    assert "your side may sign it" in text
