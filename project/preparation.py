"""What has to stand before the web server starts: tables, schedules, folders, static files, demo data.

One process for all of it, since each start of Django costs most of a second.
"""

import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from crm import present
from project import founding, schedules


def prepare(*, demo: bool) -> None:
    """Bring everything up to date; what already stands is left alone."""
    for folder in ("messages", "control"):
        (settings.QUEUE_DIR / folder).mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    schedules.sync()
    collect_static()
    is_new = not get_user_model()._default_manager.exists()
    if demo and is_new:
        print("Making the demo company ...", flush=True)
        call_command("demo")  # founds it a year back
    founding.found(by=None, at=present.now())
    if is_new and not demo:
        print("There is nobody yet: ./run manage createsuperuser makes the first administrator.", flush=True)


def collect_static() -> None:
    """Only when a file changed: hashing and compressing all of them takes seconds."""
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    mark = _fingerprint()
    if stamp.exists() and stamp.read_text() == mark:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(mark)


def _fingerprint() -> str:
    """Our own static files by size and age, the packages' by the lock that named them."""
    seen = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    own = [
        Path(config.path) / "static"
        for config in apps.get_app_configs()
        if settings.BASE_DIR in Path(config.path).parents
    ]
    for folder in [*map(Path, settings.STATICFILES_DIRS), *own]:
        for path in sorted(folder.rglob("*")):
            status = path.stat()
            seen.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return seen.hexdigest()
