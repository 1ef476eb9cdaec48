"""`./run bench`: every goal as a ratio with its floor and its aim. See docs/performance.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from benchmarks import captures, databases, duplicates, files, ingest, pages, scores, searching, sweeps  # noqa: E402
from benchmarks.measuring import Figure  # noqa: E402
from benchmarks.sizes import Sizes, label  # noqa: E402
from crm import present  # noqa: E402

GOALS = {
    "P1": ingest.bulk,
    "P2": ingest.backfill,
    "P3": ingest.over_http,
    "P4": ingest.single,
    "P5": ingest.side_by_side,
    "P6": scores.exact,
    "P7": scores.anew,
    "P8": pages.inbox,
    "P9": pages.api_list,
    "P10": captures.both,
    "P11": sweeps.sweep,
    "P14": searching.words,
    "P15": pages.deep,
    "P16": files.bring_in,
    "P17": sweeps.assign,
    "D1": duplicates.search,
}


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    sizes, at = Sizes(options.size), present.now()
    print(f"Making a company of {', '.join(map(label, sizes.sizes))} leads ...", flush=True)
    home = databases.current()
    try:
        sizes.prepare(at)
        figures = [figure for name in options.only for figure in _measured(name, sizes, at)]
    finally:
        databases.use(home)
        sizes.drop(keep=options.keep)
    missed = [figure for figure in figures if figure.verdict == "missed"]
    print(f"\n{len(figures)} figures, {len(missed)} below the floor.")
    return 1 if missed and options.strict else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("--size", type=_sizes, default=[10_000, 100_000], help="numbers of leads (10k,100k)")
    parser.add_argument("--only", type=_names, default=list(GOALS), help=f"goals, of {','.join(GOALS)}")
    parser.add_argument(
        "--keep", action="store_true",
        help="leave the companies for the next run, on a server named by DATABASE_URL",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="fail when a figure is below its floor")
    return parser.parse_args(arguments)


def _sizes(text: str) -> list[int]:
    factors = {"k": 1_000, "m": 1_000_000}
    return [int(word.rstrip("kmKM")) * factors.get(word[-1].lower(), 1) for word in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.upper().split(",")
    if unknown := set(names) - set(GOALS):
        raise argparse.ArgumentTypeError(f"no such goal: {', '.join(sorted(unknown))}")
    return names


def _measured(name: str, sizes: Sizes, at: object) -> list[Figure]:
    figures = []
    sizes.begin_anew()
    for figure in GOALS[name](sizes, at):  # type: ignore[arg-type]
        print(figure.line() + f"   [load {os.getloadavg()[0]:.1f}]", flush=True)
        figures.append(figure)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
