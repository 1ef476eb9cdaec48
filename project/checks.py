"""Everything ./run check looks at. Each part prints what it found; the answer names the parts that failed."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ["crm", "content", "leads", "deals", "sla", "reports", "desk", "project"]
WARNINGS_ALLOWED = "WARNING"


def parts() -> dict[str, list[str]]:
    """The name of each check, and its command line."""
    python = sys.executable
    return {
        "format": [python, "-m", "ruff", "format", "--check", "--quiet", "."],
        "lint": [python, "-m", "ruff", "check", "--quiet", "."],
        "types": [python, "-m", "mypy", *OURS],
        "templates": [python, "-m", "djlint", "--lint", "--quiet", "templates"],
        "layers": [python, "-m", "pytest", "-q", "-p", "no:randomly", "tests/architecture"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "deploy": [python, "manage.py", "check", "--deploy", "--fail-level", WARNINGS_ALLOWED],
    }


def environments(url: str) -> dict[str, dict[str, str]]:
    """Tests run as tests; the deploy check sees what production would."""
    base = {**os.environ, "DATABASE_URL": url}
    production = {
        "BATON_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "baton.example",
    }
    return {"deploy": base | production, "": base | {"BATON_ENV": "test"}}


def run(wanted: Sequence[str], url: str) -> int:
    """Run the wanted parts, or all, a few at a time; 0 when every one passes."""
    if unknown := set(wanted) - set(parts()):
        print(f"run: check knows {', '.join(parts())}, not {', '.join(sorted(unknown))}.")
        return 2
    chosen = [name for name in parts() if not wanted or name in wanted]
    surroundings = environments(url)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda name: _passes(name, surroundings), chosen))
    failed = [name for name, fine in zip(chosen, passed, strict=True) if not fine]
    print(f"Failed: {', '.join(failed)}." if failed else "All checks pass.")
    return 1 if failed else 0


def _passes(name: str, surroundings: dict[str, dict[str, str]]) -> bool:
    """What a part says is printed when it ends, so that parts do not talk over each other."""
    started = time.monotonic()
    environment = surroundings.get(name, surroundings[""])
    done = subprocess.run(
        parts()[name], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    verdict = "ok  " if done.returncode == 0 else "FAIL"
    print(f"{done.stdout}{verdict}  {name}  ({time.monotonic() - started:.1f} s)", flush=True)
    return done.returncode == 0
