"""Whether a webhook comes from the tool it says it does: what each tool signs, and how. Pure.

SendGrid: ECDSA over its timestamp and the body. Mailgun: HMAC over a timestamp and a token inside the body. HubSpot
(version 3): HMAC over method, address, body and timestamp. Typeform: HMAC over the body alone.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from leads.events.mappings import p256
from leads.models import Signer


@dataclass(frozen=True, slots=True)
class Posted:
    """A call as it came: `url` is the address the tool was given, `payload` the body as it was read."""

    headers: Mapping[str, str]
    body: bytes
    payload: Any
    url: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where a tool puts its signature and the moment of it, whether both fit, and how long one is good for.

    None: it signs no moment. What is sent again then counts nothing all the same, by the id of the event.
    """

    told: Callable[[Posted], tuple[str, str]]
    fits: Callable[[Posted, str, str, str], bool]
    seconds: float = 1.0  # what its timestamps count
    lasts: timedelta | None = timedelta(minutes=10)


def insist_on_signature(signer: str, key: str, posted: Posted, *, at: datetime) -> None:
    """Raises PermissionDenied, with what to look after, unless the tool signed this call a short while ago."""
    scheme = SCHEMES[signer]
    signature, stamp = scheme.told(posted)
    if not signature or not (stamp or scheme.lasts is None):
        raise PermissionDenied(_("This call is not signed. Switch the signature on where the tool sends it."))
    if scheme.lasts and not _is_fresh(stamp, scheme.seconds, scheme.lasts, at):
        raise PermissionDenied(_("The signature of this call is too old, or from the future."))
    if not scheme.fits(posted, signature, stamp, key):
        message = _(
            "The signature of this call does not fit. Compare the key of the mapping with the tool's."
        )
        raise PermissionDenied(message)


def _is_fresh(stamp: str, seconds: float, lasts: timedelta, at: datetime) -> bool:
    try:
        age = at.timestamp() - float(stamp) * seconds
    except ValueError:
        return False
    return abs(age) <= lasts.total_seconds()


def _of_sendgrid(posted: Posted) -> tuple[str, str]:
    name = "X-Twilio-Email-Event-Webhook-"
    return posted.headers.get(f"{name}Signature", ""), posted.headers.get(f"{name}Timestamp", "")


def _fits_sendgrid(posted: Posted, signature: str, stamp: str, key: str) -> bool:
    try:
        der = b64decode(signature, validate=True)
    except ValueError:
        return False
    return p256.is_signed(stamp.encode() + posted.body, der, p256.public_key(key))


def _of_mailgun(posted: Posted) -> tuple[str, str]:
    signed = posted.payload.get("signature") if isinstance(posted.payload, dict) else None
    told = signed if isinstance(signed, dict) else {}
    return str(told.get("signature", "")), str(told.get("timestamp", ""))


def _fits_mailgun(posted: Posted, signature: str, stamp: str, key: str) -> bool:
    token = str(posted.payload["signature"].get("token", ""))
    return _same(_mac(key, (stamp + token).encode()).hex(), signature)


def _of_hubspot(posted: Posted) -> tuple[str, str]:
    headers = posted.headers
    return headers.get("X-HubSpot-Signature-v3", ""), headers.get("X-HubSpot-Request-Timestamp", "")


def _fits_hubspot(posted: Posted, signature: str, stamp: str, key: str) -> bool:
    source = b"POST" + posted.url.encode() + posted.body + stamp.encode()
    return _same(b64encode(_mac(key, source)).decode(), signature)


def _of_typeform(posted: Posted) -> tuple[str, str]:
    return posted.headers.get("Typeform-Signature", ""), ""


def _fits_typeform(posted: Posted, signature: str, _stamp: str, key: str) -> bool:
    return _same("sha256=" + b64encode(_mac(key, posted.body)).decode(), signature)


def _mac(key: str, message: bytes) -> bytes:
    return hmac.new(key.encode(), message, sha256).digest()


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())


SCHEMES: dict[str, Scheme] = {
    Signer.SENDGRID: Scheme(_of_sendgrid, _fits_sendgrid),
    # It tries again for eight hours, and says that its calls may be late; a repetition counts nothing anyway.
    Signer.MAILGUN: Scheme(_of_mailgun, _fits_mailgun, lasts=timedelta(hours=9)),
    Signer.HUBSPOT: Scheme(_of_hubspot, _fits_hubspot, seconds=0.001, lasts=timedelta(minutes=5)),
    Signer.TYPEFORM: Scheme(_of_typeform, _fits_typeform, lasts=None),
}
