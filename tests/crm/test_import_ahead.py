"""The next batch is made while the last is in use; nothing else is different."""

import threading

import pytest
from django.utils import translation
from django.utils.translation import gettext

from crm.imports.ahead import ahead


def test_everything_comes_in_its_order():
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter([]))) == []


def test_the_next_is_made_while_one_is_in_use():
    made = [threading.Event() for _number in range(3)]

    def making():
        for number, event in enumerate(made):
            event.set()
            yield number

    in_use = ahead(making())
    assert next(in_use) == 0
    assert made[1].wait(20)
    assert list(in_use) == [1, 2]


def test_what_goes_wrong_is_told_when_its_turn_comes():
    def making():
        yield 1
        raise ValueError("broken")

    in_use = ahead(making())
    assert next(in_use) == 1
    with pytest.raises(ValueError, match="broken"):
        next(in_use)


def test_it_is_made_in_the_language_of_who_asks():
    with translation.override("ja"):
        assert list(ahead(gettext("country") for _time in range(2))) == ["国", "国"]


def test_who_stops_early_leaves_nothing_running():
    in_use = ahead(iter(range(100)))
    next(in_use)
    in_use.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]
