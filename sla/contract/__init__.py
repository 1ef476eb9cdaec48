"""The contract in words: clauses from values, and what changed between two of them. Pure.

Japanese is written as a contract is: 第1条（…） and the plain style である・とする, not です・ます.
"""

from sla.contract.changes import ADDED, CHANGED, REMOVED, SAME, ClauseChange, Line, Piece, diff
from sla.contract.clauses import HEADINGS, clauses
from sla.contract.phrases import Clause, Names, Sentence

__all__ = [
    "ADDED",
    "CHANGED",
    "HEADINGS",
    "REMOVED",
    "SAME",
    "Clause",
    "ClauseChange",
    "Line",
    "Names",
    "Piece",
    "Sentence",
    "clauses",
    "diff",
]
