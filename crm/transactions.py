"""PostgreSQL's own transaction ids as expressions: what makes the ledger's feed gap-free; and its advisory locks."""

from zlib import crc32

from django.db import connection
from django.db.models import BigIntegerField, Func


class CurrentTransaction(Func):
    """The 64-bit id of the transaction this statement runs in."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = BigIntegerField()


class OldestRunning(Func):
    """Every transaction with a lower id has committed or is gone."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()


def share(what: str, *, plans: str = "auto") -> None:
    """Until this transaction ends nobody has `what` to themselves; waits for who has it.

    In passing it says how the plans of this transaction are chosen: see `crm.statements.plans_for`.
    """
    _lock("pg_advisory_xact_lock_shared(%s, 0), set_config('plan_cache_mode', %s, true)", what, plans)


def have_alone(what: str) -> None:
    """Waits for all who share it; who comes later waits until this transaction ends, and then sees what it did."""
    _lock("pg_advisory_xact_lock(%s, 0)", what)


def _lock(how: str, what: str, *more: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {how}", [key_of(what), *more])


def key_of(what: str) -> int:
    """By which number the database knows the lock of this name."""
    return _signed(crc32(what.encode()))


def claimed(what: str, key: int) -> bool:
    """Whether this transaction, and no other, now works on something; a process that dies lets go of it.

    Unlike a lock of the row it does not keep others from changing the row, such as to stop the work.
    """
    with connection.cursor() as cursor:
        # Two 32-bit halves make the lock's name; two keys that share one would only wait for each other.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [key_of(what), _signed(key)])
        return bool(cursor.fetchone()[0])


def _signed(number: int) -> int:
    return (number & 0xFFFFFFFF) - (1 << 32) * (number >> 31 & 1)
