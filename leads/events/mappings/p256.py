"""ECDSA signatures over SHA-256 on the curve P-256, as SendGrid makes them, verified by `cryptography`."""

from __future__ import annotations

from base64 import b64decode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """A public key as tools show it: DER in base64. Raises ValueError where it is none."""
    try:
        key = load_der_public_key(b64decode("".join(text.split()), validate=True))
    except UnsupportedAlgorithm as error:
        raise ValueError("no key we know") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("no P-256 key")
    return key


def is_signed(message: bytes, signature: bytes, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether the DER signature of a message was made with the private key to this one."""
    try:
        key.verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
