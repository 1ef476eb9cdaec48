"""`./run serve`, whole: up, answering, working in the background, and gone without a trace."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import embedded
from tests.support import services
from tests.support.machine import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = Path(tempfile.mkdtemp(prefix="baton-var-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def serve(var: Path, port: int, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("BATON_ENV", "DATABASE_URL")
    }
    command = [sys.executable, "-m", "project.runner", "serve", "--port", str(port), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment | {"BATON_VAR": str(var)}, stdout=subprocess.PIPE, text=True
    )


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_it_comes_up_works_and_goes(var: Path) -> None:
    port = services.free_port()
    started = serve(var, port)
    try:
        services.until(lambda: ask(port, "/healthz")[0] == 200, seconds=60)
        services.until(lambda: ask(port, "/readyz")[0] == 200, seconds=30)
        assert json.loads(ask(port, "/readyz")[1])["checks"]["sweep"] == "ok"
        second = serve(var, port)
        said, _ = second.communicate(timeout=30)
        assert (second.returncode, "is in use" in said) == (1, True)
        assert embedded.local_server(var).is_up()
    finally:
        started.send_signal(signal.SIGINT)
        said, _ = started.communicate(timeout=30)
    assert started.returncode == 0
    assert f"Baton is up: http://127.0.0.1:{port}/" in said
    assert not embedded.local_server(var).is_up()
    assert ask(port, "/healthz")[0] == 0
