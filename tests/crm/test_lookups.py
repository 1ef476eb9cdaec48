import pytest
from django.db import connection

from crm.models import Contact

pytestmark = pytest.mark.django_db


def _contacts(count: int) -> list[str]:
    rows = [Contact(email=f"p{n}@a.jp", email_key=f"p{n}@a.jp") for n in range(count)]
    Contact.objects.bulk_create([*rows, Contact(external_id="nameless")])
    return [row.email_key for row in rows]


def test_among_finds_what_in_finds() -> None:
    keys = _contacts(5)
    wanted = [*keys[:2], "nobody@a.jp"]
    found = Contact.objects.filter(email_key__among=wanted)
    assert set(found) == set(Contact.objects.filter(email_key__in=wanted))
    assert len(found) == 2
    assert Contact.objects.filter(email_key__among=["", keys[0]]).count() == 2
    assert not Contact.objects.filter(email_key__among=[]).exists()


def test_among_follows_relations_and_keys() -> None:
    _contacts(1)
    [person] = Contact.objects.filter(email_key="p0@a.jp")
    assert list(Contact.objects.filter(pk__among={person.pk})) == [person]
    assert not Contact.objects.filter(account__among=[1, 2]).exists()


def test_many_addresses_are_looked_up_by_the_index_of_those_that_are_not_blank() -> None:
    keys = _contacts(3000)[:150]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_contact")
        cursor.execute("SET LOCAL enable_seqscan = off")
    standing = Contact.objects.filter(merged_into=None)
    assert "contact_email_unique" in standing.filter(email_key__among=keys).explain()
    assert "contact_email_unique" not in standing.filter(email_key__in=keys).explain()


def test_among_none_no_statement_is_sent(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert list(Contact.objects.filter(email_key__among=set())) == []
