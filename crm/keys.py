"""Keys by which names of companies and people are compared, in Latin and Japanese script. Pure.

A key is for finding candidates, never for showing. Equal keys mean "written alike", which is not yet "the
same": two companies may share a name (see `crm.identity.compare_companies`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import jaconv

# The same name is typed with either form: variants of one character only, not different family names.
_VARIANTS = str.maketrans(
    "髙﨑濵濱德邊邉齋齊澤廣國眞槗𣘺栁𠮷桒惠榮櫻瀧黑緖髮濟學會圓實寶豐與萬壽靜龝峯淸曾",
    "高崎浜浜徳辺辺斎斉沢広国真橋橋柳吉桑恵栄桜滝黒緒髪済学会円実宝豊与万寿静秋峰清曽",
)
_JAPANESE_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|\((?:株|有|同|資|名|相)\)|"
    r"カブシキ(?:ガイシャ|カイシャ)|ユウゲン(?:ガイシャ|カイシャ)|ゴウドウ(?:ガイシャ|カイシャ)"
)
_LATIN_FORMS = frozenset(
    {
        *(
            "inc",
            "incorporated",
            "corp",
            "corporation",
            "co",
            "company",
            "ltd",
            "limited",
            "llc",
            "llp",
            "lp",
        ),
        *("plc", "pllc", "gmbh", "mbh", "ag", "kg", "kgaa", "ug", "ohg", "se", "sa", "sas", "sarl", "srl"),
        *("spa", "sl", "bv", "nv", "oy", "oyj", "ab", "as", "asa", "aps", "kk", "gk", "yk", "pte", "pty"),
        *("pvt", "sdn", "bhd", "and"),
    }
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "mx"})
_HONORIFICS = re.compile(r"\s*(?:様|殿|さん|先生|氏)\s*$")
_DASHES = re.compile(r"[‐‑‒–—―−－ｰ─━〜～]")
# A dash after a kana that can be lengthened is a mistyped ー; elsewhere it divides.
_LONG_VOWEL = re.compile(r"(?<=[ァ-ヴ])(?<![ッンー])-(?=[ァ-ヴ]|\s|$)")
_LATIN_MARK = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")


@lru_cache(maxsize=4096)  # a file names the same company in many rows, and each row asks more than once
def company_key(name: str) -> str:
    """The name of a company without its legal form, spaces, punctuation, case and width; '' for blank.

    Hiragana and katakana count as equal, and so do variants of one character (髙, 高). A name that is nothing
    but a legal form keeps it.
    """
    text = _folded(name)
    bare = _JAPANESE_FORMS.sub(" ", text)
    words = _words(bare)
    while len(words) > 1 and words[-1] in _LATIN_FORMS:
        words.pop()
    if len(words) > 1 and words[0] in ("the", "kk"):
        words = words[1:]
    return "".join(words) or "".join(_words(text))


def person_key(*, last: str = "", first: str = "") -> str:
    """A person's name for comparing; '' for blank. Latin names in either order have one key.

    Titles, honorifics, spaces, case, width, Latin accents and the kind of kana do not count. A full name may
    be given in either part.
    """
    words = person_words(f"{_HONORIFICS.sub('', last)} {first}")
    if all(word.isascii() for word in words):
        return " ".join(sorted(words))
    return "".join(words)


def person_words(name: str, *, variants: bool = True) -> list[str]:
    """The words of a name without titles and honorifics; variants of one character (髙, 高) unified or not."""
    return list(_person_words(name, variants))


@lru_cache(maxsize=16_384)  # people share family names and given names
def _person_words(name: str, variants: bool) -> tuple[str, ...]:
    words = _words(_folded(_HONORIFICS.sub("", name), variants=variants))
    return tuple(word for word in words if word not in _TITLES)


def company_spelling(name: str) -> str:
    """The name without width, case, spaces and punctuation, with legal form and variants of characters as written."""
    return "".join(_words(_folded(name, variants=False)))


def _folded(name: str, *, variants: bool = True) -> str:
    """NFKC, one kind of dash, no case, variants and Latin accents unified, hiragana as katakana."""
    text = unicodedata.normalize("NFKC", _DASHES.sub("-", unicodedata.normalize("NFKC", name)))
    text = _LATIN_MARK.sub("", unicodedata.normalize("NFD", text.casefold()))
    text = unicodedata.normalize("NFC", text).translate(_VARIANTS if variants else {})
    return _LONG_VOWEL.sub("ー", str(jaconv.hira2kata(text)))


def _words(text: str) -> list[str]:
    """Letters and digits in runs; 'S.A.' is one word, an apostrophe divides nothing, '&' is 'and'."""
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), text)
    text = re.sub(r"['’`]", "", text).replace("&", " and ")
    return re.findall(r"[^\W_]+(?:ー[^\W_]*)*", text)
