"""Two records of people: what is compared, where candidates are looked for, and what each comparison says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm.keys import person_words
from crm.matching import likeness
from crm.matching.likeness import Likeness


@dataclass(frozen=True, slots=True)
class Person:
    """A person as compared: keys, not what was typed. '' where nothing is known.

    `words` are the family and the given name, as far as they are known, `day` is the birth date as digits, `number`
    one that belongs to one person alone, `spelling` the name with variants of one character still apart (髙, 高).
    """

    pk: int
    words: tuple[str, ...] = ()
    spelling: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    number: str = ""
    day: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""


def person(pk: int, *, last: str = "", first: str = "", **known: str) -> Person:
    """A record from what was typed; the keys of e-mail and phone come ready made."""
    lasts, firsts = person_words(last), person_words(first)
    if not firsts and len(lasts) == 2:
        lasts, firsts = lasts[:1], lasts[1:]
    elif not lasts and len(firsts) == 2:
        lasts, firsts = firsts[1:], firsts[:1]
    spelling = "".join(sorted("".join(person_words(f"{last} {first}", variants=False))))
    words = tuple(filter(None, ("".join(lasts), "".join(firsts))))
    return Person(pk, words, spelling, **known)


def of_names(one: Person, other: Person) -> Likeness | None:
    """Family and given name in either order; a part that is missing leaves half."""
    mine, theirs = one.words, other.words
    if not mine or not theirs:
        return None
    if mine in (theirs, theirs[::-1]) or "".join(mine) == "".join(theirs):
        return Likeness.SAME if len(mine) == 2 or "".join(mine) != mine[0] else Likeness.HALF
    alike = max(_alike(mine, theirs), _alike(mine, theirs[::-1]))
    if alike == 2:
        return Likeness.ALMOST
    if alike == 1:
        return Likeness.HALF
    return Likeness.DIFFERENT


def _alike(mine: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    return sum(map(likeness.of_words, mine, theirs))


def compare(one: Person, other: Person) -> dict[str, Likeness]:
    """Every field that both know, with how alike it is."""
    names = of_names(one, other)
    found = {
        "email": likeness.of_emails(one.email, other.email),
        "phone": likeness.of_texts(one.phone, other.phone),
        "number": likeness.of_texts(one.number, other.number),
        "name": names,
        "day": likeness.of_days(one.day, other.day),
        "address": likeness.of_addresses(one.address, other.address),
        "postcode": likeness.of_texts(one.postcode, other.postcode),
        "town": likeness.of_texts(one.town, other.town),
        "company": likeness.of_companies(one.company, other.company),
        # The same name, but for variants of one character: 髙橋 and 高橋 may be two people.
        "spelling": Likeness.ALMOST if names == Likeness.SAME and one.spelling != other.spelling else None,
    }
    return {field: alike for field, alike in found.items() if alike is not None}


def blocks(one: Person) -> Iterator[str]:
    """The keys under which a record is looked for; records that share none are never compared."""
    if one.email:
        yield f"e:{one.email}"
        mailbox = likeness.mailbox(one.email)
        yield f"m:{mailbox}"
        if len(mailbox) > 5:
            yield f"f:{mailbox[:5]}"
            yield f"l:{mailbox[-5:]}"
    if one.phone:
        yield f"p:{one.phone}"
    if one.number:
        yield f"n:{one.number}"
    words = sorted(one.words)
    if len(words) == 2:
        yield f"w:{words[0]}|{words[1]}"
        yield f"i:{words[0][:3]}|{words[1][:3]}"
        if one.company:  # where a family name alone is a crowd
            yield f"b:{one.company}|{words[0]}|{words[1]}"
    yield from _beside(one, words)


def _beside(one: Person, words: list[str]) -> Iterator[str]:
    """A part of the name together with something else that is known."""
    for word in words:
        if one.company:
            yield f"c:{one.company}|{word}"
        if one.postcode:
            yield f"z:{one.postcode}|{word[:3]}"
        if one.town:
            yield f"t:{one.town}|{word[:4]}"
    if one.day:
        yield f"d:{one.day}"
        for word in words:
            yield f"y:{one.day[:4]}|{word[:3]}"
            yield f"k:{one.day[4:]}|{word[:3]}"
    if one.address and one.postcode:
        yield f"a:{one.postcode}|{one.address[:6]}"
