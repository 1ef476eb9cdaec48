"""Many rows in one statement."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import AutoField

from crm import bulk
from crm.models import Account, DuplicatePair

pytestmark = pytest.mark.django_db
OURS = ("crm", "content", "leads", "deals", "sla", "reports", "desk")


def test_only_the_named_columns_of_the_given_rows_are_written():
    rows = [Account.objects.create(name=f"Firm {n}", name_key=f"firm {n}") for n in range(3)]
    for n, row in enumerate(rows[:2]):
        row.industry, row.employee_count, row.country = f"Trade {n}", n or None, "nowhere"
    bulk.update_all(rows[:2], fields=["industry", "employee_count"])
    kept = Account.objects.order_by("pk").values_list("industry", "employee_count", "country")
    assert list(kept) == [("Trade 0", None, ""), ("Trade 1", 1, ""), ("", None, "")]


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.update_all([], fields=["industry"])


def test_arrays_are_written_whole_by_every_way():
    pair = {"kind": ["contact"], "low": [1], "high": [2], "score": [50], "reasons": [["email", "name"]]}
    pair |= {"certain": [[]], "status": ["open"], "found_at": [datetime(2026, 1, 5, tzinfo=UTC)]}
    [pk] = bulk.insert_new(DuplicatePair, pair).values()
    row = DuplicatePair.objects.get(pk=pk)
    assert (row.reasons, row.certain) == (["email", "name"], [])
    row.reasons = ["phone"]
    bulk.update_all([row], fields=["reasons"])
    row.refresh_from_db()
    assert row.reasons == ["phone"]


def own_models():
    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    return [model for model in models if isinstance(model._meta.pk, AutoField)]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_a_sequence_is_named_as_the_database_names_it(model):
    asked = "SELECT pg_get_serial_sequence(%s, %s)::regclass = %s::regclass"
    named = bulk.next_key(model).removeprefix("nextval('").removesuffix("'::regclass)")
    with connection.cursor() as cursor:
        cursor.execute(asked, [model._meta.db_table, model._meta.pk.column, named])
        assert cursor.fetchone() == (True,)
