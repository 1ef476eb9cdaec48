"""The change feed in tests: wait until nothing holds it back."""

from __future__ import annotations

from crm.models import LedgerEntry
from tests.support.services import until

# The other process of the suite may be in the middle of its longest test, which is one transaction.
PATIENCE_SECONDS = 600.0


def settle() -> None:
    """Wait until every entry may be read: transactions of tests in other processes hold the feed back too."""
    entries = LedgerEntry.objects
    until(lambda: entries.settled().count() == entries.count(), seconds=PATIENCE_SECONDS)
