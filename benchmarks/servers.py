"""Real web servers, as production runs them, and a client that costs little."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.measuring import seconds

WORKERS = 2
PATIENCE_SECONDS = 60


@contextlib.contextmanager
def web(database_url: str, application: str = "project.wsgi") -> Iterator[int]:
    """The port of a gunicorn on this database."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        f"--bind=127.0.0.1:{port}",
        f"--workers={WORKERS}",
        "--keep-alive=75",  # longer than what is measured between two calls
    ]
    surroundings = {**os.environ, "DATABASE_URL": database_url, "API_RATE_PER_MINUTE": "1000000"}
    server = subprocess.Popen([*command, "--log-level=error", "--threads=4"], env=surroundings)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The web server did not come up within {PATIENCE_SECONDS} s.")


class Client:
    """One kept connection; `ask` raises when the answer is not a success."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = headers

    def timed(self, path: str) -> float:
        return seconds(lambda: self.ask(path))

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        method = "GET" if body is None else "POST"
        headers = self.headers | ({"Content-Type": "application/json"} if body is not None else {})
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return text
