"""Where a webhook may lead: https to the public internet, and nowhere inside. Pure.

An address is judged twice: as it is written when it is entered, and as it resolves when a connection stands.
`loopback` is for tests and one's own machine: it also allows this machine, there by plain http as well.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

LONGEST = 500
_UNUSUAL = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
_NUMERIC_LABEL = re.compile(r"0x[0-9a-f]*|\d+", re.IGNORECASE)


class InvalidAddress(ValueError):
    """An address no webhook may have; the message says what to write instead."""


def is_allowed(ip: str, *, loopback: bool = False) -> bool:
    """Whether a connection may lead to this IP address: a public host's, or this machine where that is allowed."""
    try:
        found = _plain(ip_address(ip.partition("%")[0]))
    except ValueError:
        return False
    if found.is_loopback:
        return loopback
    inner = found.is_multicast or found.is_reserved or getattr(found, "is_site_local", False)
    return found.is_global and not inner and not _carries_ipv4(found)


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address dressed as IPv6 is what it means."""
    return getattr(ip, "ipv4_mapped", None) or ip


def _carries_ipv4(ip: IPv4Address | IPv6Address) -> bool:
    """Tunnels (6to4, Teredo) lead to an IPv4 address that nobody judged."""
    return bool(getattr(ip, "sixtofour", None) or getattr(ip, "teredo", None))


def checked(url: str, *, loopback: bool = False) -> str:
    """The address as it is kept. Raises InvalidAddress."""
    if len(url) > LONGEST:
        raise InvalidAddress(
            _("This address is too long; at most %(most)d characters fit.") % {"most": LONGEST}
        )
    if _UNUSUAL.search(url):
        raise InvalidAddress(_("Write the address in plain letters, without spaces, as a browser copies it."))
    parts = _parts(url)
    if parts.username is not None or parts.password is not None:
        raise InvalidAddress(_("Leave the user name out of the address; messages are signed instead."))
    if parts.fragment:
        raise InvalidAddress(_("Leave out what follows the #; it is never sent."))
    _insist_on_scheme(parts, loopback)
    _insist_on_host((parts.hostname or "").rstrip("."), loopback)
    return url


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidAddress(_("This address cannot be read.")) from error
    if not parts.hostname or port == 0:
        raise InvalidAddress(_("Write a whole address, such as https://example.com/hooks."))
    return parts


def _insist_on_scheme(parts: SplitResult, loopback: bool) -> None:
    if parts.scheme == "https" or (
        parts.scheme == "http" and loopback and _is_this_machine(parts.hostname or "")
    ):
        return
    raise InvalidAddress(_("The address has to begin with https://."))


def _insist_on_host(host: str, loopback: bool) -> None:
    if _is_this_machine(host):
        allowed = loopback
    elif ":" in host or _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        allowed = is_allowed(host)
    else:
        allowed = "." in host
    if not allowed:
        raise InvalidAddress(_("The receiver has to be on the public internet; this address is not."))


def _is_this_machine(host: str) -> bool:
    try:
        return _plain(ip_address(host)).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
