"""Days off: who may note them, and that they are noted once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from crm import leaves
from crm.models import Leave, LedgerEntry
from crm.states import Refused

DAYS = {"starts_on": date(2026, 6, 2), "ends_on": date(2026, 6, 5)}


def test_a_manager_notes_the_days_off_of_the_team_once(cast):
    first, again = (leaves.add(cast.rep, **DAYS, by=cast.manager, at=cast.at) for _ in range(2))
    assert first == again
    assert LedgerEntry.objects.filter(kind="leave.added").count() == 1


def test_taking_them_back_twice_is_taking_them_back_once(cast):
    leave = leaves.add(cast.rep, **DAYS, by=cast.manager, at=cast.at)
    for _ in range(2):
        leaves.remove(Leave(pk=leave.pk, user=cast.rep, **DAYS), by=cast.manager, at=cast.at)
    assert not Leave.objects.exists()
    assert LedgerEntry.objects.filter(kind="leave.removed").count() == 1


@pytest.mark.parametrize("who", ["colleague", "stranger", "marketer"])
def test_others_may_not(cast, who):
    with pytest.raises(PermissionDenied):
        leaves.add(cast.rep, **DAYS, by=getattr(cast, who), at=cast.at)
    assert not Leave.objects.exists()


@pytest.mark.parametrize("ends_on", [date(2026, 6, 1), date(2030, 1, 1)])
def test_days_that_make_no_sense_are_refused_by_field(cast, ends_on):
    with pytest.raises(Refused) as refused:
        leaves.add(cast.rep, starts_on=DAYS["starts_on"], ends_on=ends_on, by=cast.manager, at=cast.at)
    assert refused.value.field == "ends_on"


def test_who_sees_them(cast):
    leaves.add(cast.rep, **DAYS, by=cast.manager, at=cast.at)
    seeing = ("rep", "manager", "marketer", "admin")
    seen = {who: Leave.objects.visible_to(getattr(cast, who)).count() for who in (*seeing, "stranger")}
    assert seen == dict.fromkeys(seeing, 1) | {"stranger": 0}


@pytest.mark.parametrize(("day", "away"), [(1, 0), (2, 1), (5, 1), (6, 0)])
def test_both_ends_are_days_off(cast, day, away):
    leaves.add(cast.rep, **DAYS, by=cast.manager, at=cast.at)
    assert Leave.objects.touching(date(2026, 6, day), date(2026, 6, day)).count() == away
