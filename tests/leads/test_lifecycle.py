"""A lead moves along the allowed ways and no others; every move is a fact."""

import pytest

from crm.models import LedgerEntry
from crm.states import UnableToMove
from leads import lifecycle
from leads.models import MOVES, Lead, Stage


def _at_stage(cast, stage):
    lead = cast.lead()
    now = {"stage": stage, "waits_until": cast.at if stage == Stage.RECYCLED else None}
    Lead.objects.filter(pk=lead.pk).update(**now)
    return lead


@pytest.mark.parametrize("came", list(Stage))
@pytest.mark.parametrize("to", list(Stage))
def test_a_move_is_made_exactly_when_the_table_allows_it(cast, came, to):
    lead = _at_stage(cast, came)
    before = LedgerEntry.objects.count()
    if to in MOVES[came]:
        assert lifecycle.move([lead.pk], to, by=None, at=cast.at) == [lead.pk]
        assert LedgerEntry.objects.count() == before + 1
    elif to == came:
        assert lifecycle.move([lead.pk], to, by=None, at=cast.at) == []
    else:
        with pytest.raises(UnableToMove):
            lifecycle.move([lead.pk], to, by=None, at=cast.at)
        assert Lead.objects.get(pk=lead.pk).stage == came
        assert LedgerEntry.objects.count() == before
