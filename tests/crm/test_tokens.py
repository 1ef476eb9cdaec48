"""API tokens: one secret, shown once, kept as a hash."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from knox.crypto import hash_token

from crm import tokens
from crm.models import ApiToken, User
from crm.states import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration() -> User:
    return User.objects.create_user("integration", "integration@example.com")


def test_the_secret_is_kept_as_a_hash_only(integration: User, at: datetime) -> None:
    token, secret = tokens.issue(integration, scopes=["leads:read"], at=at, name="web site")
    assert token.digest == hash_token(secret)
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())
    assert secret.startswith("baton_")
    assert len(secret) >= 64, "at least 256 bits"


def test_it_never_expires_unless_asked_to(integration: User, at: datetime) -> None:
    forever, _ = tokens.issue(integration, scopes=["leads:read"], at=at)
    month, _ = tokens.issue(integration, scopes=["leads:read"], at=at, days=30)
    assert forever.expiry is None
    assert month.expiry == at + timedelta(days=30)


def test_an_unknown_scope_is_refused_and_nothing_is_issued(integration: User, at: datetime) -> None:
    with pytest.raises(Refused, match="leads:steal"):
        tokens.issue(integration, scopes=["leads:read", "leads:steal"], at=at)
    assert not ApiToken.objects.exists()


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_token_alone_on_the_last_line(integration: User) -> None:
    lines = printed("integration", "--scopes", "leads:read, events:write").splitlines()
    token = ApiToken.objects.get(digest=hash_token(lines[-1]))
    assert (token.user, token.scopes, token.expiry) == (integration, ["events:write", "leads:read"], None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody-here", "--scopes", "leads:read"), "no active person"),
        (("integration", "--scopes", "everything"), "no such scope: everything"),
        (("integration", "--scopes", ","), "no such scope"),
    ],
)
def test_the_command_says_what_is_wrong(integration: User, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        printed(*arguments)
