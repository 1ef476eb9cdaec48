"""The same new people come by several ways at once. On real commits."""

from __future__ import annotations

import pytest

from crm.models import Account, Contact
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.models import Lead, LeadScore
from project import invariants
from tests.support.cast import gather
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 12


def test_the_same_batch_at_once_makes_each_person_once(at):
    gather(at)
    rows = [
        Inquiry(email=f"p{n}@firm{n % 3}.example", company=f"Firm {n % 3}", industry="IT")
        for n in range(PEOPLE)
    ]
    at_once(*[lambda: door.capture(rows, by=None, at=at)] * 4)
    found = (
        Account.objects.count(),
        Contact.objects.count(),
        Lead.objects.count(),
        LeadScore.objects.count(),
    )
    assert found == (3, PEOPLE, PEOPLE, PEOPLE)
    assert invariants.broken(at) == []
