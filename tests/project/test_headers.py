"""Every answer carries the headers that keep a browser strict; a person's language and zone win over the browser's."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone, translation

from project.middleware import PersonalSettingsMiddleware

pytestmark = pytest.mark.django_db


def plain_paths(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """The addresses that take no argument."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if any(mark in path for mark in "<(?*["):
            continue
        if isinstance(entry, URLResolver):
            yield from plain_paths(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


@pytest.fixture
def admin() -> Any:
    return get_user_model().objects.create_user("root", "root@example.com", role="admin")


def test_every_page_carries_the_strict_headers(client: Client, admin: Any) -> None:
    client.force_login(admin)
    paths = [path for path in plain_paths(get_resolver()) if "logout" not in path]
    assert len(paths) > 20
    lacking = [path for path in paths if not is_strict(client.get(path))]
    assert lacking == []


def is_strict(answer: Any) -> bool:
    policy = answer.get("Content-Security-Policy", "")
    return (
        "default-src 'none'" in policy
        and "unsafe" not in policy
        and "frame-ancestors 'none'" in policy
        and answer.get("X-Content-Type-Options") == "nosniff"
        and answer.get("Referrer-Policy") == "same-origin"
    )


def test_an_answer_without_a_policy_is_seen() -> None:
    assert not is_strict(HttpResponse())


def through_the_middleware(user: Any) -> tuple[str | None, str]:
    seen: list[tuple[str | None, str]] = []

    def page(_request: HttpRequest) -> HttpResponse:
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = user
    with translation.override("en"):
        PersonalSettingsMiddleware(page)(request)
    return seen[0]


def test_pages_speak_the_persons_language_in_their_time_zone() -> None:
    person = get_user_model()(username="x", language="ja", time_zone="Europe/Berlin")
    assert through_the_middleware(person) == ("ja", "Europe/Berlin")


def test_an_unknown_time_zone_is_no_crash() -> None:
    person = get_user_model()(username="x", language="en", time_zone="Mars/Olympus")
    assert through_the_middleware(person) == ("en", "UTC")


def test_the_next_request_starts_afresh() -> None:
    through_the_middleware(get_user_model()(username="x", language="ja", time_zone="Europe/Berlin"))
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_part_asked_for_after_the_session_ended_leads_the_whole_page_to_the_login(client: Client) -> None:
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/inbox/"}
    answer = client.get("/handoffs/1/contact/", **asked)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/accounts/login/?next=/inbox/")
    assert client.get("/inbox/")["Location"] == "/accounts/login/?next=/inbox/"
