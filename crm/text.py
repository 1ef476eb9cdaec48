"""Text from outside, made safe to keep: what is stored can be shown, mailed and exported. Pure."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls but tab, line ends and NEL
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BREAKS = re.compile(r"[ \t]*[\t\n\r\x0b\x0c\x85\u2028\u2029]\s*")
# macOS writes が as か and a mark; only such pairs are composed, because NFC of the whole would replace 隆.
_MARKED = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")


class InvalidText(ValueError):
    """Text that cannot be stored; the message says what to change."""


def clean_text(value: str, *, multiline: bool = False, max_length: int | None = None) -> str:
    """The text without what no person typed on purpose, letters otherwise unchanged.

    NUL and other control characters, zero-width and direction marks go; letters with separate accents are
    composed; the ends are stripped. On a single line, line ends and tabs become one space (so that no header
    of a mail can be forged); in a multi-line text line ends become LF. Raises InvalidText for half of a
    surrogate pair and for more than `max_length` characters.
    """
    # What is printable has nothing to take out; most texts are, and looking once is ten times as fast.
    text = (value if value.isprintable() else _printable(value, multiline=multiline)).strip()
    if not text.isascii():
        text = _MARKED.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
    if max_length is not None and len(text) > max_length:
        message = _("This text has %(length)s characters; at most %(most)s fit.")
        raise InvalidText(message % {"length": len(text), "most": max_length})
    return text


def _printable(value: str, *, multiline: bool) -> str:
    if _SURROGATES.search(value):
        raise InvalidText(_("This text is damaged (half a character). Copy it again from its source."))
    text = _INVISIBLE.sub("", value)
    return _LINE_END.sub("\n", text) if multiline else _BREAKS.sub(" ", text)


def shown(value: str, *, most: int = 80) -> str:
    """A value from outside as it may stand in a message: one line, nothing invisible, shortened."""
    text = _BREAKS.sub(" ", _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", value[: most * 2]))).strip()
    return text if len(text) <= most else f"{text[: most - 1]}…"
