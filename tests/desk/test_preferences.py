"""The page of one's own settings: how Baton looks, and when it may reach one."""

import re
from datetime import time

import pytest
from django.urls import reverse

from crm.models import Mails, User

PAGE = reverse("desk:preferences")
MAILS = reverse("desk:preferences-mails")
CHOSEN = {
    "mails": "digest",
    "digest_hour": "7",
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "quiet_days_off": "on",
}


@pytest.fixture
def rep(cast, client):
    client.force_login(cast.rep, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _now(cast):
    return User.objects.get(pk=cast.rep.pk)


def test_the_page_shows_what_is_chosen(cast, rep):
    User.objects.filter(pk=cast.rep.pk).update(mails=Mails.NONE, quiet_from=time(22), quiet_until=time(6, 30))
    text = rep.get(PAGE).content.decode()
    assert re.search(r'name="mails" value="none"[^>]* checked', text)
    assert 'value="22:00"' in text
    assert 'value="06:30"' in text


def test_how_one_is_told_is_kept(cast, rep):
    assert rep.post(MAILS, CHOSEN)["Location"] == PAGE
    user = _now(cast)
    assert (user.mails, user.digest_hour) == ("digest", 7)
    assert (user.quiet_from, user.quiet_until) == (time(22), time(7, 30))
    assert (user.quiet_days_off, user.urgent_always) == (True, False)


def test_empty_quiet_hours_end_them(cast, rep):
    rep.post(MAILS, CHOSEN)
    rep.post(MAILS, CHOSEN | {"quiet_from": "", "quiet_until": ""})
    assert (_now(cast).quiet_from, _now(cast).quiet_until) == (None, None)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_until": ""}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"digest_hour": "24"}, "digest_hour"),
        ({"mails": "often"}, "mails"),
    ],
)
def test_a_bad_wish_is_explained_beside_its_field_and_nothing_changes(cast, rep, changed, field):
    answer = rep.post(MAILS, CHOSEN | changed)
    assert answer.status_code == 422
    assert list(answer.context["told"].errors) == [field]
    assert _now(cast).mails == Mails.AT_ONCE


def test_how_baton_looks_is_kept_from_the_page(cast, rep):
    chosen = {"theme": "dark", "density": "comfortable", "language": "ja", "time_zone": "Europe/Berlin"}
    answer = rep.post(PAGE, chosen | {"next": PAGE}, follow=True)
    user = _now(cast)
    assert (user.theme, user.density, user.language, user.time_zone) == tuple(chosen.values())
    assert "Europe/Berlin" in answer.content.decode()


def test_the_menu_of_every_page_leads_there(cast, rep):
    assert f'href="{PAGE}"' in rep.get(reverse("desk:inbox")).content.decode()


def test_a_guest_is_asked_to_log_in(client, db):
    for address in (PAGE, MAILS):
        assert client.post(address, CHOSEN)["Location"].startswith("/accounts/login/")
