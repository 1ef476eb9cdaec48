"""PostgreSQL's own transaction ids as expressions: what makes the ledger's feed gap-free."""

from django.db.models import BigIntegerField, Func


class CurrentTransaction(Func):
    """The 64-bit id of the transaction this statement runs in."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = BigIntegerField()


class OldestRunning(Func):
    """Every transaction with a lower id has committed or is gone."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()
