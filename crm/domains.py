"""Web and mail domains: which company a person writes from. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

import idna
from django.utils.translation import gettext as _

from crm.text import shown

FREE_MAIL_DOMAINS = frozenset(
    {
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "outlook.jp",
            "hotmail.com",
            "hotmail.co.jp",
            "live.com",
        ),
        *(
            "live.jp",
            "msn.com",
            "yahoo.com",
            "yahoo.co.jp",
            "ymail.ne.jp",
            "ymail.com",
            "icloud.com",
            "me.com",
        ),
        *("mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "gmx.com", "web.de"),
        *("mail.com", "mail.ru", "yandex.ru", "qq.com", "163.com", "126.com", "naver.com", "zoho.com"),
        *(
            "hotmail.co.uk",
            "yahoo.co.uk",
            "orange.fr",
            "free.fr",
            "t-online.de",
            "tutanota.com",
            "fastmail.com",
        ),
        *("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp"),
        *(
            "excite.co.jp",
            "infoseek.jp",
            "nifty.com",
            "biglobe.ne.jp",
            "ocn.ne.jp",
            "so-net.ne.jp",
            "plala.or.jp",
        ),
    }
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class InvalidDomain(ValueError):
    """Not the name of a host on the public net; the message says what is expected."""


def domain_of(value: str) -> str:
    """The host of an e-mail address, a URL or a bare host name, in lower-case ASCII, without 'www.'.

    '' for blank. Raises InvalidDomain for an address with a user part in its URL (`http://good@evil/`), an IP
    address, a port out of range or anything that is not a host name.
    """
    text = unicodedata.normalize("NFKC", value).replace("。", ".").strip()
    if not text:
        return ""
    host = _host_of(text).rstrip(".").lower().removeprefix("www.")
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise _invalid(value) from error
    labels = ascii_host.split(".")
    if len(labels) < 2 or len(ascii_host) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
        raise _invalid(value)
    if labels[-1].isdigit():
        raise _invalid(value)
    return ascii_host


def is_free_mail(domain: str) -> bool:
    """Whether anyone can have an address there, so that it says nothing about a company."""
    return domain.strip().lower() in FREE_MAIL_DOMAINS


def within_domain(domain: str, parents: Iterable[str]) -> bool:
    """Whether a domain is one of the parents or below one; parents may be written '.x', '@x' or '*.x'."""
    host = domain.strip().lower()
    bare = (parent.strip().lower().lstrip("@*.") for parent in parents)
    return bool(host) and any(host == parent or host.endswith("." + parent) for parent in bare if parent)


def _host_of(text: str) -> str:
    if "://" not in text and "@" in text and "/" not in text:
        return text.rpartition("@")[2]
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = parts.port
    except ValueError as error:
        raise _invalid(text) from error
    if parts.scheme not in ("", "http", "https") or parts.username is not None or port == 0:
        raise _invalid(text)
    return parts.hostname or ""


def _invalid(value: str) -> InvalidDomain:
    message = _("%(value)s is not a web domain. Write one such as example.co.jp.")
    return InvalidDomain(message % {"value": shown(value)})
