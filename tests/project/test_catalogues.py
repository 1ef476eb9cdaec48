"""Translations are compiled where they are needed, and only then."""

import gettext
import os
from pathlib import Path

import pytest

from project import catalogues

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Accept"\nmsgstr "{word}"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "ja" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO.format(word="受諾"))
    return path


def translated(source: Path) -> str:
    with source.with_suffix(".mo").open("rb") as handle:
        return gettext.GNUTranslations(handle).gettext("Accept")


def test_a_catalogue_is_compiled(source: Path, tmp_path: Path) -> None:
    assert catalogues.compile_all(tmp_path) == [source]
    assert translated(source) == "受諾"


def test_one_that_is_compiled_is_left_alone(source: Path, tmp_path: Path) -> None:
    catalogues.compile_all(tmp_path)
    assert catalogues.compile_all(tmp_path) == []


def test_a_newer_catalogue_is_compiled_again(source: Path, tmp_path: Path) -> None:
    catalogues.compile_all(tmp_path)
    source.write_text(PO.format(word="受ける"))
    later = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (later, later))
    catalogues.compile_all(tmp_path)
    assert translated(source) == "受ける"
