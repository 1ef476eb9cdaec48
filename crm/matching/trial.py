"""How well the rules do on files whose truth is known: precision and recall of merges and suggestions. Pure."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from crm.matching import companies, pairs, people
from crm.matching.pairs import Kind, Pair, Record

Truth = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """`merged` and `suggested` count pairs; what is certain is suggested as well."""

    name: str
    records: int
    true_pairs: int
    merged: int
    merged_right: int
    suggested: int
    suggested_right: int

    @property
    def merge_precision(self) -> float:
        return self.merged_right / self.merged if self.merged else 1.0

    @property
    def merge_recall(self) -> float:
        return self.merged_right / self.true_pairs

    @property
    def precision(self) -> float:
        return self.suggested_right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.suggested_right / self.true_pairs

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.records} records, {self.true_pairs} true pairs;"
            f" merged {self.merged}, precision {self.merge_precision:.4f}, recall {self.merge_recall:.4f};"
            f" suggested {self.suggested}, precision {self.precision:.4f}, recall {self.recall:.4f}"
        )


def run(folder: Path) -> list[Figures]:
    """The figures of every file that is in the folder, or in its folders `duplicates` and `jp_companies`."""
    return [trial(path) for name, trial in TRIALS.items() for path in sorted(folder.rglob(name))]


def _judge(name: str, records: Sequence[Record], kind: Kind, truth: Truth) -> Figures:
    found = pairs.find(records, kind)
    certain = [pair for pair in found if pair.verdict.certain]
    return Figures(
        name,
        len(records),
        len(truth),
        len(certain),
        _right(certain, truth),
        len(found),
        _right(found, truth),
    )


def _right(found: Collection[Pair], truth: Truth) -> int:
    return sum((pair.low, pair.high) in truth for pair in found)


def _truth(groups: Iterable[tuple[int, str]]) -> Truth:
    """Every two records of one group."""
    members: dict[str, list[int]] = defaultdict(list)
    for pk, group in groups:
        members[group].append(pk)
    return {pair for group in members.values() for pair in combinations(sorted(group), 2)}


def _splink(path: Path) -> Figures:
    """Invented people with typing errors and gaps; `cluster` says who is who."""
    rows = _rows(path)
    records = [
        people.person(
            int(row["unique_id"]),
            last=row["surname"],
            first=row["first_name"],
            email=row["email"].strip().lower(),
            day=row["dob"].replace("-", ""),
            town=row["city"].strip().lower(),
        )
        for row in rows
    ]
    truth = _truth((int(row["unique_id"]), row["cluster"]) for row in rows)
    return _judge("splink fake_1000", records, pairs.PEOPLE, truth)


def _febrl(path: Path) -> Figures:
    """Invented Australians; `rec-7-org` and `rec-7-dup-0` are one person."""
    rows = _rows(path)
    records = [
        people.person(
            pk,
            last=row["surname"],
            first=row["given_name"],
            number=row["soc_sec_id"],
            day=row["date_of_birth"],
            postcode=row["postcode"],
            town=row["suburb"],
            address=" ".join(filter(None, (row["street_number"], row["address_1"], row["address_2"]))),
        )
        for pk, row in enumerate(rows)
    ]
    truth = _truth((pk, row["rec_id"].split("-")[1]) for pk, row in enumerate(rows))
    return _judge("Febrl dataset1", records, pairs.PEOPLE, truth)


def _corporations(path: Path) -> Figures:
    """Real corporations; only records of one corporate number are one company."""
    rows = _corporation_rows(path)
    records = [
        companies.company(pk, name=row["提出者名"], corporate_number=row["提出者法人番号"])
        for pk, row in enumerate(rows)
    ]
    truth = _truth((pk, row["提出者法人番号"]) for pk, row in enumerate(rows))
    return _judge("EDINET corporations", records, pairs.COMPANIES, truth)


def names_alone(path: Path, column: str) -> list[tuple[str, str, pairs.Pair]]:
    """What would be suggested of the corporations, were nothing known but their names in that column."""
    names = [row[column] for row in _corporation_rows(path)]
    found = pairs.find([companies.company(pk, name=name) for pk, name in enumerate(names)], pairs.COMPANIES)
    return [(names[pair.low], names[pair.high], pair) for pair in found]


def _corporation_rows(path: Path) -> list[dict[str, str]]:
    """CP932 (髙 and 﨑 are not in plain Shift_JIS); the header may stand below a line that says what the file is."""
    with path.open(encoding="cp932", newline="") as file:
        lines = [row for row in csv.reader(file) if len(row) > 3]
    header = next(row for row in lines if "提出者名" in row)
    return [dict(zip(header, row, strict=True)) for row in lines[lines.index(header) + 1 :]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


TRIALS: Mapping[str, Callable[[Path], Figures]] = {
    "fake_1000_from_splink_demos.csv": _splink,
    "dataset1.csv": _febrl,
    "companies_only_20240721_cp932.csv": _corporations,
}
