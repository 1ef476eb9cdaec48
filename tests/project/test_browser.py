"""The browser of the suite itself: it logs in, and it sees what it has to see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Any]


@pytest.fixture
def person() -> Any:
    return get_user_model().objects.create_user("kenji", "kenji@example.com", "a long enough password")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_a_person_logs_in_by_the_form(visit: Visit, person: Any, width: str) -> None:
    visitor = visit()
    visitor.resize(width)
    visitor.open("/accounts/login/")
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()
    visitor.log_in_by_form("kenji", "a long enough password")
    assert visitor.context.cookies()


def test_a_wrong_password_is_told(visit: Visit, person: Any) -> None:
    visitor = visit()
    visitor.open("/accounts/login/")
    visitor.page.fill("[name=username]", "kenji")
    visitor.page.fill("[name=password]", "wrong")
    visitor.page.locator("form:has([name=password]) [type=submit]").click()
    assert visitor.page.locator("[role=alert]").count() == 1


def test_without_javascript_the_form_works(visit: Visit, person: Any) -> None:
    visit(java_script_enabled=False).log_in_by_form("kenji", "a long enough password")


def test_inline_script_and_foreign_requests_are_seen(visit: Visit) -> None:
    """The negative control of every other browser test."""
    visitor = visit()
    visitor.open("/accounts/login/")
    visitor.page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    visitor.page.evaluate("fetch('https://elsewhere.example/').catch(() => 0)")
    visitor.page.wait_for_timeout(200)
    seen = " ".join(visitor.problems)
    visitor.problems.clear()
    assert "Content Security Policy" in seen
