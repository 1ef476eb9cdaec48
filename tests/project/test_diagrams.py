"""The drawn states are the states the code obeys."""

from pathlib import Path

from django.conf import settings

from project import diagrams


def test_the_documented_diagrams_are_current():
    assert (Path(settings.BASE_DIR) / "docs" / "states.md").read_text(encoding="utf-8") == diagrams.page()
