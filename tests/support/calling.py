"""Calling the REST API as somebody: `Caller(user).get("/deals/", outcome="open")`, with a token of every scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework.test import APIClient

from crm import tokens
from crm.models import User

ISSUED = datetime(2026, 1, 1, tzinfo=UTC)


class Caller:
    """`user=None` calls without a token; `scopes` narrows the token."""

    def __init__(self, user: User | None, *scopes: str) -> None:
        self.client = APIClient()
        if user is not None:
            _, secret = tokens.issue(user, scopes=scopes or tokens.SCOPES, at=ISSUED)
            self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    def get(self, path: str, **filters: Any) -> Any:
        return self.client.get(f"/api/v1{path}", filters)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(f"/api/v1{path}", body or {}, format="json", headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(f"/api/v1{path}", body, format="json", headers=headers)

    def listed(self, path: str, **filters: Any) -> list[Any]:
        """The ids (or slugs) of a list's first page."""
        answer = self.get(path, **filters)
        assert answer.status_code == 200, answer.json()
        return [row.get("id", row.get("slug")) for row in answer.json()["results"]]


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]
