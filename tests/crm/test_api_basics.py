"""What every REST call shares: tokens, problems, strict JSON, paging, retries, ETags, limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from crm import tokens
from crm.models import Account, LedgerEntry
from tests.support.cast import Cast
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"


@pytest.fixture
def api(cast: Cast) -> Rest:
    return Rest(cast.marketer, cast.at)


def test_without_a_token_the_answer_is_401_as_a_problem() -> None:
    answer = Client().get(ACCOUNTS)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["status"] == 401
    assert answer["RateLimit-Limit"]


def test_a_token_reaches_only_its_scopes(cast: Cast) -> None:
    reading = Rest(cast.marketer, cast.at, "leads:read")
    assert reading.get(ACCOUNTS).status_code == 200
    assert reading.post(ACCOUNTS, {"name": "東都工業"}).status_code == 403
    assert Rest(cast.marketer, cast.at, "deals:read").get(ACCOUNTS).status_code == 403
    assert not Account.objects.exists()


def test_the_web_session_works_too_but_writes_need_its_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.marketer)
    assert client.get(ACCOUNTS).status_code == 200
    assert client.post(ACCOUNTS, {"name": "x"}, content_type="application/json").status_code == 403


def test_a_foreign_record_is_missing(cast: Cast) -> None:
    made = Rest(cast.rep, cast.at).post(ACCOUNTS, {"name": "東都工業"}).json()
    address = f"{ACCOUNTS}{made['id']}/"
    assert Rest(cast.rep, cast.at).get(address).status_code == 200
    assert Rest(cast.manager, cast.at).get(address).status_code == 200
    assert Rest(cast.stranger, cast.at).get(address).status_code == 404
    assert Rest(cast.stranger, cast.at).patch(address, {"name": "x"}).status_code == 404


def test_validation_names_each_field_with_a_pointer(api: Rest) -> None:
    answer = api.post(ACCOUNTS, {"employee_count": "5", "nonsense": 1})
    assert answer.status_code == 400
    assert {"/nonsense"} == {error["pointer"] for error in answer.json()["errors"]}
    answer = api.post(ACCOUNTS, {"employee_count": "5"})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/name", "/employee_count"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a", "name": "b"}',
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "employee_count": NaN}',
        b'{"name": "a", "employee_count": 1e999}',
        b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}",
        '{"name": "東京"}'.encode("cp932"),
        b'{"name": "a"',
        b"[]",
        b"null",
        b'"text"',
        b"",
        b'{"name": "\\u200b"}',
        b'{"name": "a", "domain": "http://good@evil/"}',
        b'{"name": "a", "employee_count": 99999999999999999999999}',
        b'{"name": "a", "owner": 99999999999999999999999}',
        b'{"name": "a", "owner": true}',
    ],
)
def test_what_cannot_be_read_or_kept_is_a_problem_and_leaves_nothing(api: Rest, body: bytes) -> None:
    answer = api.send("post", ACCOUNTS, body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Account.objects.exists()


def test_another_charset_or_media_type_is_refused(api: Rest) -> None:
    body = json.dumps({"name": "a"}).encode()
    assert (
        api.send("post", ACCOUNTS, body, content_type="application/json; charset=shift_jis").status_code
        == 400
    )
    assert api.send("post", ACCOUNTS, body, content_type="text/plain").status_code == 415


def test_pages_stay_stable_while_rows_are_added(api: Rest) -> None:
    names = [api.post(ACCOUNTS, {"name": f"会社{number}"}).json()["name"] for number in range(5)]
    first = api.get(ACCOUNTS, page_size=2).json()
    api.post(ACCOUNTS, {"name": "新しい"})
    second = api.client.get(first["next"], headers=api.headers).json()
    third = api.client.get(second["next"], headers=api.headers).json()
    seen = [row["name"] for page in (first, second, third) for row in page["results"]]
    assert seen == names[::-1]
    assert third["next"] is None
    assert second["previous"]


@pytest.mark.parametrize(
    "query",
    [
        {"nonsense": "1"},
        {"page_size": "501"},
        {"page_size": "0"},
        {"page_size": "x"},
        {"ordering": "password"},
        {"updated_since": "2026-01-01T00:00:00"},
        {"updated_since": "yesterday"},
        {"updated_since": "99999-01-01T00:00:00Z"},
        {"cursor": "rubbish"},
        {"cursor": "cD1hYmM="},
        {"name": "a\x00b"},
    ],
)
def test_a_bad_question_is_refused_not_ignored(api: Rest, query: dict[str, str]) -> None:
    answer = api.get(ACCOUNTS, **query)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"]


def test_updated_since_and_ordering(api: Rest) -> None:
    api.post(ACCOUNTS, {"name": "A"})
    [row] = api.get(ACCOUNTS).json()["results"]
    assert api.get(ACCOUNTS, updated_since=row["updated_at"], ordering="-updated_at").json()["results"]
    assert not api.get(ACCOUNTS, updated_since="2190-01-01T00:00:00Z").json()["results"]


def test_the_same_key_with_the_same_body_gives_the_first_answer(api: Rest) -> None:
    first = api.post(ACCOUNTS, {"name": "東都工業"}, key="k1")
    again = api.post(ACCOUNTS, {"name": "東都工業"}, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Account.objects.count() == LedgerEntry.objects.filter(kind="account.added").count() == 1
    assert api.post(ACCOUNTS, {"name": "別"}, key="k1").status_code == 422


def test_a_refused_call_keeps_no_answer(api: Rest) -> None:
    assert api.post(ACCOUNTS, {}, key="k2").status_code == 400
    assert api.post(ACCOUNTS, {"name": "東都工業"}, key="k2").status_code == 201
    assert api.post(ACCOUNTS, {"name": "東都工業"}, key="x" * 201).status_code == 400


def test_a_stale_change_is_refused(api: Rest) -> None:
    made = api.post(ACCOUNTS, {"name": "東都工業"})
    address, tag = f"{ACCOUNTS}{made.json()['id']}/", made["ETag"]
    assert api.get(address)["ETag"] == tag
    changed = api.patch(address, {"industry": "製造業"}, match=tag)
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    assert api.patch(address, {"industry": "卸売業"}, match=tag).status_code == 412
    assert api.get(address).json()["industry"] == "製造業"


def test_too_many_calls_are_told_when_to_come_back(api: Rest, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 2
    answers = [api.get(ACCOUNTS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_a_used_token_says_when(cast: Cast) -> None:
    token, secret = tokens.issue(cast.rep, scopes=["leads:read"], at=cast.at)
    Client().get(ACCOUNTS, headers={"Authorization": f"Bearer {secret}"})
    token.refresh_from_db()
    assert token.last_used_at


def test_an_absurd_id_is_missing(api: Rest) -> None:
    assert api.get(f"{ACCOUNTS}{10**30}/").status_code == 404


def test_the_schema_is_3_1_and_the_docs_load_nothing_from_outside(api: Rest) -> None:
    schema = api.get("/api/v1/schema/")
    assert schema.status_code == 200
    assert b"openapi: 3.1.0" in schema.content
    docs = api.get("/api/v1/docs/")
    assert docs.status_code == 200
    assert b"http://" not in docs.content
    assert b"https://" not in docs.content
    assert b"<style" not in docs.content
