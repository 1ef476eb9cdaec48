"""What sales confirms before a lead becomes an SQL: budget, authority, need, timing."""

from decimal import Decimal

import pytest

from crm.models import LedgerEntry
from crm.states import Refused
from leads.models import Lead
from sla import handoffs
from sla.handoffs import Opportunity
from sla.handoffs import bant as confirming
from sla.models import Agreement, Bant

ASKED = ["authority", "timing"]


@pytest.fixture
def row(cast):
    Agreement.objects.in_force().update(sql_fields=ASKED)
    return cast.handoff()


def talk(cast, row, **found):
    return handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at, found=found)


def convert(cast, row, **found):
    return handoffs.convert(row, Opportunity("Deal", Decimal(1)), by=cast.rep, at=cast.at, found=found)


def test_it_is_filled_while_contacting_and_blanks_erase_nothing(cast, row):
    talk(cast, row, authority="decides", problem="Too many spreadsheets")
    talk(cast, row, authority="", timing="half")
    bant = Bant.objects.get()
    assert (bant.authority, bant.timing, bant.problem) == ("decides", "half", "Too many spreadsheets")


def test_what_the_agreement_asks_for_has_to_be_known_before_converting(cast, row):
    talk(cast, row, authority="decides")
    with pytest.raises(Refused) as refused:
        convert(cast, row)
    assert refused.value.field == "timing"
    assert Lead.objects.get(pk=row.lead_id).stage == "mql"


def test_it_may_be_told_with_the_conversion_itself(cast, row):
    talk(cast, row, authority="decides")
    assert convert(cast, row, timing="quarter").status == "converted"
    assert confirming.missing(row) == []


def test_a_value_nobody_knows_is_refused_by_name_and_nothing_is_kept(cast, row):
    with pytest.raises(Refused) as refused:
        talk(cast, row, authority="the boss")
    assert refused.value.field == "authority"
    assert not Bant.objects.exists()
    assert not LedgerEntry.objects.filter(kind="activity.logged").exists()


def test_without_such_a_clause_nothing_is_asked(cast):
    row = cast.handoff()
    talk(cast, row)
    assert convert(cast, row).status == "converted"


def test_every_finding_is_recorded_once(cast, row):
    for _ in range(2):
        confirming.confirm(row, {"need": "urgent"}, by=cast.rep, at=cast.at)
    assert LedgerEntry.objects.get(kind="handoff.bant").data == {"need": "urgent"}
