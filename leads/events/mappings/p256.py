"""Verifying ECDSA signatures over SHA-256 on the curve P-256, as SendGrid makes them. Pure.

No library among the requirements does it. Only public values are worked with, so the time it takes tells nothing
to anybody; nothing is ever signed here. Formulas: SEC 1 (version 2.0), section 4.1.4.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256

Point = tuple[int, int] | None  # None is the point at infinity

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
# A SubjectPublicKeyInfo of this curve up to the two coordinates of its uncompressed point.
_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def public_key(text: str) -> tuple[int, int]:
    """The point of a public key as tools show it: DER in base64. Raises ValueError where it is none."""
    der = b64decode("".join(text.split()), validate=True)
    if len(der) != len(_PREFIX) + 64 or not der.startswith(_PREFIX):
        raise ValueError("no uncompressed P-256 key")
    x, y = int.from_bytes(der[-64:-32]), int.from_bytes(der[-32:])
    if max(x, y) >= P or (y * y - x**3 + 3 * x - B) % P:
        raise ValueError("not on the curve")
    return x, y


def is_signed(message: bytes, signature: bytes, key: tuple[int, int]) -> bool:
    """Whether the DER signature of a message was made with the private key to this one."""
    try:
        r, s = _integers(signature)
    except (ValueError, IndexError):
        return False
    if not (0 < r < N and 0 < s < N):
        return False
    digest, inverse = int.from_bytes(sha256(message).digest()), pow(s, -1, N)
    found = _add(_times(digest * inverse % N, G), _times(r * inverse % N, key))
    return found is not None and found[0] % N == r


def _integers(der: bytes) -> Iterator[int]:
    """The two integers of a DER sequence; anything else in it is refused."""
    length = der[3]
    first, second = der[4 : 4 + length], der[6 + length :]
    if der != _tagged(0x30, _tagged(0x02, first) + _tagged(0x02, second)):
        raise ValueError("no signature")
    return iter((int.from_bytes(first, signed=True), int.from_bytes(second, signed=True)))


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def _times(factor: int, point: Point) -> Point:
    total: Point = None
    while factor:
        if factor & 1:
            total = _add(total, point)
        point, factor = _add(point, point), factor >> 1
    return total


def _add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    rise, run = (3 * one[0] ** 2 - 3, 2 * one[1]) if one == other else (other[1] - one[1], other[0] - one[0])
    slope = rise * pow(run, -1, P) % P
    x = (slope**2 - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P
