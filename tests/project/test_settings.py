"""The boot refuses weak settings in production, and makes the strict ones the default."""

import os
import subprocess
import sys

import pytest

from tests.support.machine import ROOT

GOOD = {"SECRET_KEY": "k7-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2, "DATABASE_URL": "postgresql:///x"}


def boot(expression: str = "1", **changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, and print an expression over them."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ} | GOOD | changes
    code = f"from project import settings as s; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_good_production_settings_boot() -> None:
    assert boot("s.DEBUG").stdout.strip() == "False"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DEBUG": "1"}, "DEBUG must be off"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": "django-insecure-" + GOOD["SECRET_KEY"]}, "SECRET_KEY is missing or weak"),
        ({"BATON_ENV": "staging"}, "not 'staging'"),
    ],
)
def test_weak_production_settings_are_refused(changes: dict[str, str], message: str) -> None:
    result = boot(**changes)
    assert result.returncode != 0
    assert message in result.stderr


def test_production_is_the_default() -> None:
    assert boot("s.ENVIRONMENT").stdout.strip() == "production"


def test_cookies_are_bound_to_the_host_over_https_in_production() -> None:
    expression = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT"
    assert boot(expression).stdout.strip() == "__Host-baton_session __Host-baton_csrf True True"


def test_cookies_work_over_plain_http_on_this_machine() -> None:
    result = boot("s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT", BATON_ENV="local")
    assert result.stdout.strip() == "baton_session False False"


def test_the_policy_allows_no_inline_code() -> None:
    policy = boot("s.CONTENT_SECURITY_POLICY").stdout
    assert "unsafe" not in policy
    assert "'script-src': [\"'self'\"]" in policy
