"""Both languages are complete: every string in code and templates has its Japanese."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

ROOT = Path(settings.BASE_DIR)
CATALOGUE = Path("locale/ja/LC_MESSAGES/django.po")
PLACES = re.compile(r"%\(\w+\)[sd]")


def _messages(folder):
    with (folder / CATALOGUE).open("rb") as handle:
        return [message for message in read_po(handle, locale="ja") if message.id]


def _words(message):
    return message.string if isinstance(message.string, str) else "".join(message.string)


def _key(message):
    return message.id if isinstance(message.id, str) else message.id[0]


def test_no_string_is_untranslated_or_fuzzy():
    assert [_key(message) for message in _messages(ROOT) if message.fuzzy or not _words(message)] == []


def test_every_translation_keeps_its_placeholders():
    wrong = [
        _key(message)
        for message in _messages(ROOT)
        if isinstance(message.id, str)
        and set(PLACES.findall(message.id)) != set(PLACES.findall(_words(message)))
    ]
    assert wrong == []


@pytest.mark.skipif(
    not shutil.which("xgettext"), reason="GNU gettext is not on this machine; .ci/run installs it"
)
def test_no_string_in_code_or_templates_is_missing_from_the_catalogue(tmp_path):
    ignored = shutil.ignore_patterns(
        "var", ".venv", ".git", "tests", "static", "node_modules", "*.pyc", "*.mo", ".mypy_cache"
    )
    shutil.copytree(ROOT, tmp_path / "tree", ignore=ignored)
    command = [
        sys.executable,
        "manage.py",
        "makemessages",
        "-l",
        "ja",
        "--no-wrap",
        "--no-location",
        "--ignore=docs",
    ]
    subprocess.run(command, cwd=tmp_path / "tree", check=True, capture_output=True)
    assert [
        _key(message) for message in _messages(tmp_path / "tree") if message.fuzzy or not _words(message)
    ] == []


def test_the_open_queue_has_one_name_in_japanese() -> None:
    """The word of the glossary is the word of the pages."""
    glossary = (ROOT / "docs/glossary.md").read_text()
    [row] = [line for line in glossary.splitlines() if line.startswith("| open queue |")]
    word = row.split("|")[2].strip()
    with translation.override("ja"):
        assert gettext("Open queue") == word
