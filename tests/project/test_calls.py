"""A call with a token goes straight to its view, and is answered as any other."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from crm import tokens
from crm.api.authentication import names_token
from leads.api import Leads

pytestmark = pytest.mark.django_db
LEADS = "/api/v1/leads/"
PROBLEM = "application/problem+json"


@pytest.fixture
def admin() -> Any:
    return get_user_model().objects.create_user("root", "root@example.com", role="admin")


@pytest.fixture
def caller(admin: Any) -> Client:
    _, secret = tokens.issue(admin, scopes=["leads:read"], at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_call_carries_the_strict_headers(caller: Client) -> None:
    answer = caller.get(LEADS)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert int(answer["Content-Length"]) == len(answer.content)


def test_a_call_has_no_session(caller: Client) -> None:
    request = caller.get(LEADS).wsgi_request
    assert not hasattr(request, "session")
    assert request.user.username == "root"


def test_a_call_is_answered_in_the_language_it_asks_for(caller: Client) -> None:
    answers = [caller.get(f"{LEADS}?ordering=x", headers={"Accept-Language": name}) for name in ("ja", "en")]
    assert [answer["Content-Language"] for answer in answers] == ["ja", "en"]
    assert answers[0].json()["detail"] != answers[1].json()["detail"]


def test_a_bad_token_is_refused_although_somebody_is_logged_in(client: Client, admin: Any) -> None:
    client.force_login(admin)
    assert client.get(LEADS).status_code == 200
    assert client.get(LEADS, headers={"Authorization": "bearer nonsense"}).status_code == 401
    assert client.get(LEADS, headers={"Authorization": "Bearer"}).status_code == 401


def test_who_is_logged_in_still_has_to_prove_that_a_post_is_theirs(admin: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(LEADS, {}, content_type="application/json").status_code == 403


def test_an_address_that_is_not_there_is_a_problem(caller: Client) -> None:
    answer = caller.get("/api/v1/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


def test_a_fault_of_ours_is_a_problem(caller: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Leads, "list", lambda *_args, **_kwargs: 1 / 0)
    caller.raise_request_exception = False
    answer = caller.get(LEADS)
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)


def test_the_description_of_the_api_is_a_page_also_with_a_token(caller: Client) -> None:
    answer = caller.get("/api/v1/docs/")
    assert (answer.status_code, "<html" in answer.content.decode()) == (200, True)


@pytest.mark.parametrize(
    ("header", "named"),
    [("Bearer x", True), ("bearer x", True), ("Bearer", True), ("Basic x", False), ("Bearers x", False), ("", False)],
)  # fmt: skip
def test_a_token_is_named_by_its_word(rf: Any, header: str, named: bool) -> None:
    assert names_token(rf.get(LEADS, headers={"Authorization": header})) is named
