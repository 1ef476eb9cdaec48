"""What this machine has for tests to use, and what is missing."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def chromium() -> str | None:
    """The system's Chromium: CHROMIUM names another one."""
    names = (
        os.environ.get("CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    return next((path for path in map(shutil.which, filter(None, names)) if path), None)


def redis() -> str | None:
    return shutil.which("redis-server")


NEEDS = {"browser": chromium, "redis": redis}
WORDS = {"browser": "Chromium", "redis": "a Redis server"}


def required() -> set[str]:
    """What must be there: BATON_REQUIRE=browser,redis turns leaving tests out into a failure."""
    return {word.strip() for word in os.environ.get("BATON_REQUIRE", "").split(",") if word.strip()}


def missing() -> list[str]:
    return [need for need, find in NEEDS.items() if find() is None]


def real_data_dir() -> Path:
    return Path(os.environ.get("REAL_DATA_DIR", ROOT.parent / "shared" / "data"))


def times(name: str, default: int) -> int:
    """How often to repeat what a long run repeats more often, such as BATON_RACE_ROUNDS=200."""
    return int(os.environ.get(name, default))
