"""Compiled translations, made where they are needed: a fresh machine has no gettext.

The .mo files are not committed.
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_all(folder: Path) -> list[Path]:
    """Compile each catalogue that is newer than its .mo; answer which."""
    stale = [source for source in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _is_stale(source)]
    for source in stale:
        _compile(source)
    return stale


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def _compile(source: Path) -> None:
    with source.open("rb") as handle:
        catalogue = read_po(handle)
    # By way of a file of our own: another process may be reading the old one, or writing the same.
    with NamedTemporaryFile(dir=source.parent, suffix=".mo.new", delete=False) as own:
        write_mo(own, catalogue)
    fresh = Path(own.name)
    fresh.chmod(0o644)
    fresh.replace(source.with_suffix(".mo"))
