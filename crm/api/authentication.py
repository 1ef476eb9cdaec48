"""Who calls, and whether their token reaches this far.

`Authorization: Bearer <token>` (knox, stored hashed) or the web session with CSRF. A view names its scopes:
`required_scopes = {"read": "leads:read", "write": "leads:write"}`, or several of which one is enough; a session has
them all, and what its user may do is decided by the deeds.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from crm import present
from crm.models import ApiToken


class BearerAuthentication(TokenAuthentication):
    """Knox's, under a name the settings and the schema can point to."""

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        """Whether it has expired. Knox would look at every other token of the person on every call, and delete."""
        return auth_token.expiry is not None and auth_token.expiry < present.now()


class HasScope(BasePermission):
    message = _("This token lacks the scope for the call. Issue one with that scope.")

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return True
        scopes = getattr(view, "required_scopes", {})
        wanted = scopes.get("read" if request.method in SAFE_METHODS else "write")
        enough = {wanted} if isinstance(wanted, str) else set(wanted or ())
        return not enough or not enough.isdisjoint(request.auth.scopes)


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
