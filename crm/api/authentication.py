"""Who calls, and whether their token reaches this far.

`Authorization: Bearer <token>` (knox, stored hashed) or the web session with CSRF. A view names its scopes:
`required_scopes = {"read": "leads:read", "write": "leads:write"}`, or several of which one is enough; a session has
them all, and what its user may do is decided by the deeds.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from crm import connections, present
from crm.models import ApiToken, User


def _columns(model: type[Model]) -> list[str]:
    return [f'{model._meta.db_table}."{field.column}"' for field in model._meta.concrete_fields]


# Asked at every call, hence without the ORM: making this statement anew takes it longer than running it.
_TOKEN, _PERSON = _columns(ApiToken), _columns(User)
_FIND = f"""
    SELECT {present.CLOCK}, {", ".join([*_TOKEN, *_PERSON])}
      FROM {ApiToken._meta.db_table} JOIN {User._meta.db_table} ON {User._meta.db_table}.id = user_id
     WHERE digest = %s
"""


def names_token(request: HttpRequest | Request) -> bool:
    """Whether a token is named, be it a good one: then it alone says who calls, and a session does not."""
    return bool(_NAMED.match(request.META.get("HTTP_AUTHORIZATION", "")))


_NAMED = re.compile(r"\s*bearer(\s|$)", re.IGNORECASE | re.ASCII)


class BearerAuthentication(TokenAuthentication):
    """Knox's header and hash; the token, its person and the time of the call are one query.

    Knox would also look at every other token of the person on every call, and delete.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        if not names_token(request):
            return None
        words = request.META["HTTP_AUTHORIZATION"].split()
        if len(words) != 2:
            raise AuthenticationFailed(
                _("Send a token: “Authorization: Bearer TOKEN”. An administrator issues them.")
            )
        return self.authenticate_credentials(words[1])

    def authenticate_credentials(self, token: str) -> tuple[User, ApiToken]:
        found = connections.first(partial(_found, hash_token(token)))
        if found is None or _has_expired(found):
            raise AuthenticationFailed(_("This token is not known, or has expired. Issue another one."))
        user, auth = self.validate_user(found)
        return user, auth


def _found(digest: str) -> ApiToken | None:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    moment, *values = row
    token: ApiToken = _made(ApiToken, values[: len(_TOKEN)])
    token.user = _made(User, values[len(_TOKEN) :])
    token.read_at = moment
    return token


def _made(model: type[Model], values: list[Any]) -> Any:
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in model._meta.concrete_fields], values)


def _has_expired(token: ApiToken) -> bool:
    return token.expiry is not None and token.expiry < present.told_by(token)


class HasScope(BasePermission):
    message: Any = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return True
        scopes = getattr(view, "required_scopes", {})
        wanted = scopes.get("read" if request.method in SAFE_METHODS else "write")
        enough = {wanted} if isinstance(wanted, str) else set(wanted or ())
        if not enough or not enough.isdisjoint(request.auth.scopes):
            return True
        self.message = _lacks(enough)
        return False


def _lacks(scopes: Set[str]) -> str:
    said = _("This token lacks the scope %(scopes)s. Issue one that has it.")
    return said % {"scopes": _(" or ").join(sorted(scopes))}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
