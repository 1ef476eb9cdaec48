"""The secret of a webhook, and the headers of a message, as Standard Webhooks asks.

A secret is derived from SECRET_KEY and a random salt: the salt alone, which is what the database holds, signs nothing.
While an old secret is still valid (a rotation, or a SECRET_KEY_FALLBACKS) a message carries a signature by each.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook as Signer

from crm.models import Webhook

OLD_SECRET_VALID_FOR = timedelta(hours=24)
_PURPOSE = "crm.webhooks.secret"


def new_salt() -> str:
    return token_urlsafe(32)


def secret_of(salt: str, key: str | None = None) -> str:
    """The secret as it is shown, once, to who receives the messages."""
    digest = salted_hmac(_PURPOSE, salt, secret=key, algorithm="sha256").digest()
    return f"whsec_{b64encode(digest).decode()}"


def headers(webhook: Webhook, message_id: str, body: str, *, at: datetime) -> dict[str, str]:
    signatures = [
        Signer(secret).sign(msg_id=message_id, timestamp=at, data=body) for secret in _valid(webhook, at)
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _valid(webhook: Webhook, at: datetime) -> Iterator[str]:
    salts = [webhook.salt]
    if webhook.previous_salt and webhook.previous_until and at < webhook.previous_until:
        salts.append(webhook.previous_salt)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield from (secret_of(salt, key) for salt in salts)
