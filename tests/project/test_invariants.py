"""The invariants hold after the loop, and see the damage when somebody goes around the deeds."""

import pytest

from crm.models import LedgerEntry, OutboxMessage
from crm.tasks import KEPT_FOR
from leads.models import LeadScore, QualityTally
from project import invariants
from sla import handoffs
from sla.models import Handoff, Terms
from tests.support import audit


def _worked(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    handoffs.reject(row, reason="no-budget", by=cast.rep, at=cast.at)
    audit.look(cast.at)
    return row


def test_all_hold_after_honest_work(cast):
    _worked(cast)
    assert invariants.broken(cast.at) == []


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        (lambda row: Handoff.objects.filter(pk=row.pk).update(responded_in_time=False), "I11"),
        (lambda row: Handoff.objects.filter(pk=row.pk).update(status="expired"), "I3"),
        (lambda row: Terms.objects.filter(pk=row.terms_id).update(body={}), "I10"),
        (lambda row: LeadScore.objects.filter(lead=row.lead_id).update(engagement=5), "I6"),
        (
            lambda row: LedgerEntry.objects.filter(contact=row.lead.contact_id).update(contact=0),
            "I3 the ledger names",
        ),
        (lambda row: OutboxMessage.objects.filter(topic="handoff.offered").delete(), "I3 every transition"),
        (lambda row: QualityTally.objects.filter(mark="no-phone").update(count=7), "I13"),
        (lambda row: QualityTally.objects.filter(mark="").delete(), "I13"),
    ],
)
def test_damage_is_seen(cast, damage, promise):
    damage(_worked(cast))
    assert any(line.startswith(promise) for line in invariants.broken(cast.at))


def test_news_that_was_delivered_long_ago_need_not_be_kept(cast):
    _worked(cast)
    OutboxMessage.objects.all().delete()
    LedgerEntry.objects.update(recorded_at=cast.at - KEPT_FOR)
    assert invariants.broken(cast.at) == []
