"""API tokens: issued once in the clear, kept as a hash, refused outside their scopes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from crm.models import ApiToken, User
from crm.states import Refused

SCOPES = (
    "leads:read",
    "leads:write",
    "events:write",
    "handoffs:read",
    "handoffs:write",
    "deals:read",
    "deals:write",
    "content:read",
    "content:write",
    "reports:read",
    "admin",
)


def issue(
    user: User, *, scopes: Sequence[str], at: datetime, name: str = "", days: int | None = None
) -> tuple[ApiToken, str]:
    """A new token of this person, and its secret, which is shown now and never again.

    Without `days` it never expires. Raises Refused for a scope that does not exist.
    """
    _insist_on_scopes(scopes)
    digest, secret = get_digest_token()
    token = ApiToken(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        digest=digest,
        token_key=secret[: CONSTANTS.TOKEN_KEY_LENGTH],
        expiry=at + timedelta(days=days) if days else None,
    )
    token.save(force_insert=True)
    return token, secret


def _insist_on_scopes(scopes: Sequence[str]) -> None:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        wrong = ", ".join(unknown) or "–"
        message = _("There is no such scope: %(wrong)s. Choose from: %(known)s.")
        raise Refused(
            message % {"wrong": wrong, "known": ", ".join(SCOPES)}, field="scopes", code="unknown_scope"
        )


def note_use(token: ApiToken, *, at: datetime) -> None:
    """Remember that the token is in use, to the hour: a row written at every call would be a hot spot."""
    if token.last_used_at is None or at - token.last_used_at >= timedelta(hours=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
