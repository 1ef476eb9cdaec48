"""The suite's own broom: after a test that commits nothing of it is left, and the permissions are."""

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from crm.models import LedgerEntry
from tests.support import emptying, founded
from tests.support.cast import gather
from tests.support.threads import at_once, pause

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_left_although_keys_point_to_it_and_the_ledger_keeps_its_entries(at: datetime) -> None:
    gather(at).handoff()
    assert LedgerEntry.objects.exists()
    emptying.empty()
    assert founded.filled() == []


def test_what_migrations_lay_stays() -> None:
    laid = set(Permission.objects.values_list("pk", flat=True))
    emptying.empty()
    assert set(Permission.objects.values_list("pk", flat=True)) == laid != set()


def test_keys_and_triggers_are_asked_again_afterwards() -> None:
    emptying.empty()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


def test_it_waits_for_one_that_still_writes(at: datetime) -> None:
    company = gather(at)

    def writes_and_takes_its_time() -> None:
        with transaction.atomic():
            company.lead()
            pause(0.2)

    def empties_a_moment_later() -> None:
        pause(0.1)
        emptying.empty()

    at_once(writes_and_takes_its_time, empties_a_moment_later)
    assert founded.filled() == []
