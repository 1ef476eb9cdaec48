"""Columns kept under a name: offered to the next file that has them, shared, renamed, dropped."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from crm import imports
from crm.imports import saving
from crm.models import Contact, SavedMapping
from crm.states import Refused
from tests.support.files import checked, received, table

pytestmark = pytest.mark.django_db
ODD = table(["E", "N"], [("a@x.example", "Abe")])
LATER = table(["E", "N", "Extra"], [("b@x.example", "Bando", "")])


@pytest.fixture
def run(cast):
    return checked(ODD, cast.marketer, cast.at, "contacts", mapping={"email": "E", "last_name": "N"})


def saved(run, cast, name="Fair", **more) -> SavedMapping:
    return saving.keep(run, name=name, by=cast.marketer, at=cast.at, **more)


def test_the_next_file_with_these_columns_is_read_alike(run, cast):
    saved(run, cast)
    later = received(LATER, cast.marketer, cast.at, "contacts")
    assert imports.remembered(later, by=cast.marketer).mapping == {"email": "E", "last_name": "N"}


def test_a_file_without_one_of_the_columns_is_not_offered_them(run, cast):
    saved(run, cast)
    other = received(table(["E"], [("c@x.example",)]), cast.marketer, cast.at, "contacts")
    assert saving.fitting(other, by=cast.marketer) == []


def test_others_see_only_what_is_shared(run, cast):
    saved(run, cast)
    later = received(LATER, cast.manager, cast.at, "contacts")
    assert saving.fitting(later, by=cast.manager) == []
    saved(run, cast, is_shared=True)
    assert [str(one) for one in saving.fitting(later, by=cast.manager)] == ["Fair"]


def test_the_same_name_again_takes_the_place_of_the_first(run, cast):
    assert saved(run, cast) == saved(run, cast, name=" Fair ")
    assert SavedMapping.objects.count() == 1


def test_only_their_owner_and_an_administrator_change_them(run, cast):
    one = saved(run, cast, is_shared=True)
    wish = {"name": "Mine", "is_shared": False, "at": cast.at}
    with pytest.raises(PermissionDenied):
        saving.change(one, **wish, by=cast.manager)
    with pytest.raises(PermissionDenied):
        saving.drop(one, by=cast.manager, at=cast.at)
    assert str(saving.change(one, **wish, by=cast.admin)) == "Mine"
    saving.drop(one, by=cast.marketer, at=cast.at)
    assert not SavedMapping.objects.exists()


def test_two_cannot_have_one_name(run, cast):
    saved(run, cast)
    other = saved(run, cast, name="Other")
    with pytest.raises(Refused, match="already"):
        saving.change(other, name="Fair", is_shared=False, by=cast.marketer, at=cast.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedMapping.objects.filter(pk=other.pk).update(name="Fair")


def test_a_command_reads_a_file_as_it_is_saved(run, cast, tmp_path):
    saved(run, cast)
    path = tmp_path / "later.csv"
    path.write_bytes(LATER)
    call_command("import_csv", "contacts", path, "--mapping", "Fair")
    assert Contact.objects.get(email="b@x.example").last_name == "Bando"
    with pytest.raises(CommandError, match="There are: Fair"):
        call_command("import_csv", "contacts", path, "--mapping", "Show")
