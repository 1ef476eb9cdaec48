"""A caller of the REST API: a user's token and a JSON client."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.test import Client

from crm import tokens
from crm.models import User


class Rest:
    """`Rest(user, at)` has every scope; name some to have only those."""

    def __init__(self, user: User, at: datetime, *scopes: str) -> None:
        _token, secret = tokens.issue(user, scopes=scopes or tokens.SCOPES, at=at)
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, address: str, **query: Any) -> Any:
        return self.client.get(address, query or None, headers=self.headers)

    def post(self, address: str, body: Any = None, *, key: str = "") -> Any:
        extra = {"Idempotency-Key": key} if key else {}
        return self.send("post", address, json.dumps({} if body is None else body).encode(), headers=extra)

    def patch(self, address: str, body: Any, *, match: str = "") -> Any:
        extra = {"If-Match": match} if match else {}
        return self.send("patch", address, json.dumps(body).encode(), headers=extra)

    def send(
        self,
        method: str,
        address: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Any:
        call = getattr(self.client, method)
        return call(address, body, content_type=content_type, headers=self.headers | (headers or {}))
