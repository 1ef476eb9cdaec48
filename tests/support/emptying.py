"""After a test that committed: delete the rows it left, where Django would truncate every table there is.

A truncation writes each table and each index anew, near a thousand files for the few rows of a test, and takes the
permissions with it, which then have to be laid again.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.support.founded import filled, quoted, tables


def empty(_case: object = None) -> None:
    """Wait for whoever still writes, then delete. Keys and triggers are not asked: nothing is to stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(map(quoted, tables()))} IN EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled():
            cursor.execute(f"DELETE FROM {quoted(name)}")


def install() -> None:
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
