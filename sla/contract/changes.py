"""What changed between two contracts, clause by clause and word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sla.contract.phrases import Clause, Sentence

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
# What is taken as one word: numbers, Latin words, runs of one Japanese script, and anything else by itself.
_WORD = re.compile(r"[\d.,:%–]*\d%?|[A-Za-z'-]+|[一-龥々]+|[ァ-ヶー]+|[ぁ-ん]+|\s+|.")
# With fewer words in common than this share both sentences are shown whole.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: in both, only in the new text, or only in the old."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    state: str
    pieces: tuple[Piece, ...]

    @property
    def is_rewritten(self) -> bool:
        """Whether the old sentence stands whole before the new one."""
        return [piece.state for piece in self.pieces] == [REMOVED, ADDED]


@dataclass(frozen=True, slots=True)
class ClauseChange:
    key: str
    title: str
    state: str
    lines: tuple[Line, ...]


def diff(old: Sequence[Clause], new: Sequence[Clause]) -> list[ClauseChange]:
    """Every clause of both, in the order of the new one; what was dropped stands where it stood."""
    before, after = {clause.key: clause for clause in old}, {clause.key: clause for clause in new}
    return [_clause(before.get(key), after.get(key)) for key in _merged(list(before), list(after))]


def _clause(old: Clause | None, new: Clause | None) -> ClauseChange:
    shown = new or old
    assert shown
    before = {sentence.key: sentence for sentence in old.sentences} if old else {}
    after = {sentence.key: sentence for sentence in new.sentences} if new else {}
    lines = tuple(_line(before.get(key), after.get(key)) for key in _merged(list(before), list(after)))
    return ClauseChange(shown.key, shown.title, _state(old, new, lines), lines)


def _state(old: Clause | None, new: Clause | None, lines: Sequence[Line]) -> str:
    if old is None:
        return ADDED
    if new is None:
        return REMOVED
    return SAME if all(line.state == SAME for line in lines) else CHANGED


def _line(old: Sentence | None, new: Sentence | None) -> Line:
    if old and new:
        pieces = tuple(_pieces(old.text, new.text))
        return Line(new.key, SAME if old.text == new.text else CHANGED, pieces)
    only = new or old
    assert only
    state = ADDED if new else REMOVED
    return Line(only.key, state, (Piece(only.text, state),))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if _likeness(before, after, matcher) < _ALIKE:
        yield from (Piece(old, REMOVED), Piece(new, ADDED))
        return
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("".join(before[a:b]), SAME)
            continue
        if b > a:
            yield Piece("".join(before[a:b]), REMOVED)
        if d > c:
            yield Piece("".join(after[c:d]), ADDED)


def _likeness(before: Sequence[str], after: Sequence[str], matcher: SequenceMatcher[str]) -> float:
    """Share of the words that both have; spaces are none."""
    kept = [
        word for a, _b, size in matcher.get_matching_blocks() for word in before[a : a + size] if word.strip()
    ]
    total = sum(bool(word.strip()) for word in (*before, *after))
    return 2 * len(kept) / total if total else 1.0


def _merged(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """All keys in the new order, with the dropped ones after whatever they followed."""
    keys = list(new)
    for place, key in enumerate(old):
        if key not in new:
            neighbour = next((other for other in reversed(old[:place]) if other in keys), None)
            keys.insert(keys.index(neighbour) + 1 if neighbour else 0, key)
    return keys
