"""Which rules are in force, and where, changes only between transactions that count by them, or say what counts.

Both are asked before any lead or score is locked, so that neither waits for what the other holds.
"""

from __future__ import annotations

from crm import statements, transactions

RULES = "scoring rules in force"  # the lock's name
LOCK = transactions.key_of(RULES)


def stay(rows: int = statements.FEW) -> None:
    """No other rules take force until this transaction, about so many leads or events, ends.

    The rules are read after this, or they may be old; `reading.held` does both.
    """
    transactions.share(RULES, plans=statements.plans_for(rows))


def change() -> None:
    """Other rules take force: waits for all who count, and who comes later counts by the new ones."""
    transactions.have_alone(RULES)
