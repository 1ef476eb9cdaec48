"""Both sides at the same instant, and two beats at once: an agreement binds once and begins once."""

from datetime import timedelta

import pytest

from crm.models import LedgerEntry
from sla import agreements
from sla.models import Agreement, AgreementStatus, Signature
from tests.support.agreeing import DAY, HOUR, proposed, signed
from tests.support.cast import gather
from tests.support.clock import START
from tests.support.threads import at_once, pause

ROUNDS = 4
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company():
    return gather(START)


def facts(row, kind):
    return LedgerEntry.objects.about("agreement", row.pk).filter(kind=f"agreement.{kind}").count()


def sign_together(cast, row, at):
    at_once(
        lambda: agreements.sign(row, by=cast.marketer, at=at),
        lambda: agreements.sign(row, by=cast.manager, at=at),
    )


def test_two_sides_signing_at_once_bind_it_exactly_once(company):
    for turn in range(ROUNDS):
        at = company.at + turn * DAY + HOUR
        row = proposed(company, at=at)
        sign_together(company, row, at + HOUR)
        assert Agreement.objects.get(pk=row.pk).status == AgreementStatus.IN_FORCE
        assert (facts(row, "signed"), facts(row, "in_force"), facts(row, "side_signed")) == (1, 1, 2)


def test_without_the_lock_neither_side_sees_the_other_and_nobody_binds_it(company, monkeypatch):
    """The negative control: it is the lock that lets the second signer see the first."""

    def unlocked(agreement):
        row = Agreement.objects.select_related("segment", "definition", "calendar").get(pk=agreement.pk)
        pause(0.2)
        return row

    row = proposed(company)
    monkeypatch.setattr(agreements, "lock", unlocked)
    monkeypatch.setattr(agreements, "_insist_may_sign", lambda *_facts: pause(0.3))
    sign_together(company, row, company.at + 2 * HOUR)
    assert Signature.objects.filter(agreement=row).count() == 2
    assert Agreement.objects.get(pk=row.pk).status == AgreementStatus.PROPOSED


def test_the_same_side_signs_once_however_many_hands_there_are(company):
    row, at = proposed(company), company.at + 2 * HOUR
    hands = [lambda: agreements.sign(row, by=company.admin, at=at, side="sales")]
    hands += [lambda: agreements.sign(row, by=company.manager, at=at)] * 3
    at_once(*hands)
    assert Signature.objects.filter(agreement=row, side="sales").count() == 1


def test_beats_at_once_begin_it_once(company):
    row = signed(company, proposed(company, start=company.at + 3 * DAY))
    later = company.at + 3 * DAY + timedelta(minutes=1)
    at_once(*[lambda: agreements.begin_due(at=later)] * 4)
    assert Agreement.objects.get(pk=row.pk).status == AgreementStatus.IN_FORCE
    assert facts(row, "in_force") == 1


def test_taking_back_and_signing_at_once_leave_one_truth(company):
    for turn in range(ROUNDS):
        at = company.at + turn * DAY + HOUR
        row = proposed(company, at=at)
        agreements.sign(row, by=company.marketer, at=at)
        at_once(
            lambda row=row, at=at: agreements.sign(row, by=company.manager, at=at + HOUR),
            lambda row=row, at=at: agreements.return_to_draft(row, by=company.marketer, at=at + HOUR),
        )
        found = Agreement.objects.get(pk=row.pk)
        names = Signature.objects.filter(agreement=row).count()
        assert (found.status, names) in ((AgreementStatus.IN_FORCE, 2), (AgreementStatus.DRAFT, 0))
