"""Webhooks that are signed: what the tool signed a short while ago is taken, everything else is refused."""

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.exceptions import PermissionDenied
from django.test import Client

from leads.events.mappings import p256
from leads.events.mappings.signatures import Posted, insist_on_signature
from leads.models import EventMapping
from tests.support.clock import START
from tests.support.rest import Rest

NOW = int(START.timestamp())
# RFC 6979, A.2.5: the key, and its signatures of "sample" and "test" with SHA-256.
KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1"
    "+n1F3o8KU1EYimQ=="
)
SAMPLE = b64decode(
    "MEYCIQDv1IsqrLao/RFA3ZzUXoHWnSyHe1aq+ZHDTQ6oTq83FgIhAPfLHJQtZXxB1DbHobbin2Xz6QDbua/0Bk3Eqy+EOs2o"
)
TEST = bytes.fromhex(
    "3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
    "0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
)
PRIVATE = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721


# -- the curve ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "signature"), [(b"sample", SAMPLE), (b"test", TEST)])
def test_published_signatures_fit(message, signature):
    assert p256.is_signed(message, signature, p256.public_key(KEY))


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        (b"sampled", SAMPLE),
        (b"sample", TEST),
        (b"sample", SAMPLE[:-1]),
        (b"sample", SAMPLE + b"\0"),
        (b"sample", b""),
        (b"sample", bytes.fromhex("3006020100020100")),
        (b"sample", bytes.fromhex("3006020101020101")),
    ],
)
def test_anything_else_does_not(message, signature):
    assert not p256.is_signed(message, signature, p256.public_key(KEY))


@pytest.mark.parametrize("text", ["", "no key", KEY[:-8], KEY.replace("YP7", "YP8"), "%%%"])
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(ValueError):
        p256.public_key(text)


# -- what each tool signs -------------------------------------------------------------------------


def sign(message: bytes) -> str:
    """As SendGrid does."""
    key = ec.derive_private_key(PRIVATE, ec.SECP256R1())
    return b64encode(key.sign(message, ec.ECDSA(SHA256()))).decode()


def of_sendgrid(body=b"[]", at=NOW, signed=b"[]"):
    name = "X-Twilio-Email-Event-Webhook-"
    headers = {f"{name}Signature": sign(str(at).encode() + signed), f"{name}Timestamp": str(at)}
    return "sendgrid", KEY, Posted(headers, body, json.loads(body), "")


def of_mailgun(at=NOW, key="secret"):
    signature = hmac.new(key.encode(), f"{at}token".encode(), sha256).hexdigest()
    told = {"signature": {"timestamp": str(at), "token": "token", "signature": signature}}
    return "mailgun", "secret", Posted({}, b"", told, "")


def of_hubspot(at=NOW, body=b"[]", signed=b"[]", url="https://baton.example/x"):
    source = b"POSThttps://baton.example/x" + signed + f"{at}000".encode()
    signature = b64encode(hmac.new(b"secret", source, sha256).digest()).decode()
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": f"{at}000"}
    return "hubspot", "secret", Posted(headers, body, [], url)


def of_typeform(body=b"{}", signed=b"{}"):
    signature = b64encode(hmac.new(b"secret", signed, sha256).digest()).decode()
    return "typeform", "secret", Posted({"Typeform-Signature": f"sha256={signature}"}, body, {}, "")


@pytest.mark.parametrize(
    "call", [of_sendgrid(), of_mailgun(), of_hubspot(), of_mailgun(at=NOW - 8 * 3600), of_typeform()]
)
def test_what_the_tool_signed_is_taken(call):
    insist_on_signature(*call, at=START)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (of_sendgrid(body=b"[1]"), "does not fit"),
        (of_sendgrid(at=NOW - 601), "too old"),
        (of_sendgrid(at=NOW + 601), "too old"),
        (("sendgrid", KEY, Posted({}, b"[]", [], "")), "not signed"),
        (of_mailgun(key="other"), "does not fit"),
        (of_mailgun(at=NOW - 10 * 3600), "too old"),
        (("mailgun", "secret", Posted({}, b"[]", [], "")), "not signed"),
        (("mailgun", "secret", Posted({}, b"", {"signature": "x"}, "")), "not signed"),
        (of_hubspot(body=b"[1]"), "does not fit"),
        (of_hubspot(url="https://elsewhere.example/x"), "does not fit"),
        (of_hubspot(at=NOW - 301), "too old"),
        (of_typeform(body=b"{ }"), "does not fit"),
        (("typeform", "secret", Posted({}, b"{}", {}, "")), "not signed"),
    ],
)
def test_what_it_did_not_sign_is_refused_in_words(call, words):
    with pytest.raises(PermissionDenied, match=words):
        insist_on_signature(*call, at=START)


@pytest.mark.parametrize("stamp", ["soon", "nan", "inf", "-1"])
def test_a_moment_that_is_none_is_refused(stamp):
    told = {"signature": {"timestamp": stamp, "token": "token", "signature": "x"}}
    with pytest.raises(PermissionDenied, match="too old"):
        insist_on_signature("mailgun", "secret", Posted({}, b"", told, ""), at=START)


# -- at a mapping ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_unsigned_call_is_refused_and_counts_nothing(cast, clock):
    EventMapping.objects.filter(code="mailgun-webhook").update(signer="mailgun", signing_key="secret")
    api, url = Rest(cast.marketer, cast.at, "events:write"), "/api/v1/events/from/mailgun-webhook/"
    refused = api.post(url, {"event-data": []})
    assert (refused.status_code, "not signed" in refused.json()["detail"]) == (403, True)
    assert api.post(url, {"event-data": []} | of_mailgun()[2].payload).status_code == 200


@pytest.mark.django_db
def test_sendgrid_signs_the_bytes_it_sends(cast, clock):
    EventMapping.objects.filter(code="sendgrid-webhook").update(signer="sendgrid", signing_key=KEY)
    api, url = Rest(cast.marketer, cast.at, "events:write"), "/api/v1/events/from/sendgrid-webhook/"
    body = b'[ {"event": "delivered"} ]'
    headers = of_sendgrid(signed=body)[2].headers
    assert api.send("post", url, body, content_type="application/json", headers=headers).status_code == 200
    assert (
        api.send("post", url, body + b" ", content_type="application/json", headers=headers).status_code
        == 403
    )


def signed_by_mailgun(url, event, *, at=NOW, **headers):
    """As Mailgun calls: it can be given an address, and nothing else."""
    body = {"event-data": event} | of_mailgun(at=at)[2].payload
    return Client().post(url, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_what_the_tool_signed_needs_no_token(cast, clock):
    EventMapping.objects.filter(code="mailgun-webhook").update(signer="mailgun", signing_key="secret")
    lead, url = cast.lead(), "/api/v1/events/from/mailgun-webhook/"
    event = {"event": "clicked", "id": "m1", "timestamp": NOW - 60, "recipient": lead.contact.email}
    answer = signed_by_mailgun(url, event, **{"Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert lead.events.get().kind == "email_click"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signer", "signed_at", "headers", "status"),
    [
        ("", NOW, {}, 401),
        ("mailgun", NOW - 10 * 3600, {}, 403),
        ("mailgun", NOW, {"Authorization": "Bearer nonsense"}, 401),
    ],
    ids=["a mapping that asks for no signature", "an old signature", "a token that is none"],
)
def test_who_neither_signed_nor_has_a_token_is_refused(cast, clock, signer, signed_at, headers, status):
    key = "secret" if signer else ""
    EventMapping.objects.filter(code="mailgun-webhook").update(signer=signer, signing_key=key)
    url = "/api/v1/events/from/mailgun-webhook/"
    answer = signed_by_mailgun(url, {"event": "clicked"}, at=signed_at, **headers)
    assert answer.status_code == status
