"""The verbs of ./run, once the environment stands. Each gets the services it needs, and nothing stays behind."""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from project import catalogues, checks, embedded, postgres, testing
from project.supervisor import Program, Supervisor, say

ROOT = Path(__file__).resolve().parent.parent
PORT = 8000
HOST = "127.0.0.1"


def var_dir() -> Path:
    return Path(os.environ.get("BATON_VAR", ROOT / "var"))


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python("manage.py", *arguments)


# The surroundings every verb starts from --------------------------------------------------------------------


def local_environment(url: str) -> dict[str, str]:
    """What the children see: this machine's database and key, unless the caller's environment says otherwise."""
    return {"BATON_ENV": "local", **os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


def make_key(var: Path) -> None:
    key = var / "secret.key"
    var.mkdir(parents=True, exist_ok=True)
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(64))


def call(command: Sequence[str], environment: dict[str, str]) -> int:
    return subprocess.run(command, env=environment, cwd=ROOT).returncode


# demo and serve ---------------------------------------------------------------------------------------------


def serve(arguments: Sequence[str], *, demo: bool = False) -> int:
    options = _serve_options(arguments, demo)
    var = var_dir()
    if not _is_free(options.port):
        say(f"Port {options.port} is in use: choose another with --port, or stop what runs there.")
        return 1
    if options.reset:
        reset(var)
    make_key(var)
    catalogues.compile_all(ROOT / "locale")
    with embedded.running(var) as url:
        environment = {"BASE_URL": f"http://{HOST}:{options.port}", **local_environment(url)}
        if code := call(manage("prepare", *(["--demo"] if demo else [])), environment):
            return code
        return Supervisor(
            _programs(options.port, environment), _Welcome(options.port, environment, demo)
        ).run()


def _serve_options(arguments: Sequence[str], demo: bool) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run demo" if demo else "./run serve")
    parser.add_argument("--port", type=int, default=PORT, help=f"the web server's port (default {PORT})")
    parser.add_argument("--reset", action="store_true", help="throw the data away and start over")
    return parser.parse_args(arguments)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def reset(var: Path) -> None:
    """Start over: the database, the queue and what people uploaded. The key stays.

    The database of a DATABASE_URL is not ours to empty.
    """
    if "DATABASE_URL" in os.environ:
        sys.exit("run: --reset empties only the embedded database; DATABASE_URL names another one.")
    embedded.erase(var)
    for name in ("queue", "media", "mail"):
        shutil.rmtree(var / name, ignore_errors=True)


def _programs(port: int, environment: dict[str, str]) -> list[Program]:
    web = [
        "gunicorn",
        "project.wsgi",
        f"--bind={HOST}:{port}",
        "--workers=2",
        "--threads=4",
        "--log-level=warning",
    ]
    celery = ["celery", "--quiet", "-A", "project"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle"]
    commands = {
        "web": web,
        "worker": [*worker, "--concurrency=1", "--queues=celery"],
        # It waits for other people's machines, and keeps nobody else waiting.
        "webhooks": [*worker, "--pool=solo", "--queues=webhooks", "--hostname=webhooks@%h"],
        "beat": [*celery, "beat", "--pidfile="],
    }
    return [Program(name, python("-m", *command), environment) for name, command in commands.items()]


class _Welcome:
    """Waits for the web server to answer, then says once where it is and who can log in."""

    def __init__(self, port: int, environment: dict[str, str], demo: bool) -> None:
        self.address = f"http://{HOST}:{port}/"
        self.environment = environment
        self.demo = demo

    def __call__(self) -> bool:
        if not self._answers():
            return False
        say(f"\nBaton is up: {self.address}   (Ctrl-C stops everything)")
        if self.demo:
            call(manage("demo", "--logins"), self.environment)
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


# The other verbs --------------------------------------------------------------------------------------------


def run_manage(arguments: Sequence[str]) -> int:
    make_key(var_dir())
    catalogues.compile_all(ROOT / "locale")
    with embedded.running(var_dir()) as url:
        return call(manage(*arguments), local_environment(url))


def run_test(arguments: Sequence[str]) -> int:
    catalogues.compile_all(ROOT / "locale")
    with embedded.throwaway(var_dir()) as url:
        environment = {**os.environ, "DATABASE_URL": url, "BATON_ENV": "test"}
        return call(python("-m", "pytest", *testing.with_defaults(arguments)), environment)


def run_check(arguments: Sequence[str]) -> int:
    catalogues.compile_all(ROOT / "locale")
    with embedded.throwaway(var_dir()) as url:
        return checks.run(arguments, url)


def run_bench(arguments: Sequence[str]) -> int:
    make_key(var_dir())
    with embedded.throwaway(var_dir(), postgres.generous_tuning()) as url:
        environment = local_environment(url) | {"LOG_LEVEL": "ERROR"}
        # The pages that are measured name their static files by content.
        if code := call(manage("collectstatic", "--noinput", "--verbosity=0"), environment):
            return code
        return call(python("-m", "benchmarks", *arguments), environment)


def run_messages(_arguments: Sequence[str]) -> int:
    make_key(var_dir())
    folders = [f"--ignore={name}" for name in ("var", ".venv", "tests", "benchmarks", "docs")]
    command = ["makemessages", "-l", "ja", "--no-wrap", "--no-location", *folders]
    return call(manage(*command), local_environment(embedded.recorded_url(var_dir())))


VERBS = {
    "demo": lambda arguments: serve(arguments, demo=True),
    "serve": serve,
    "manage": run_manage,
    "test": run_test,
    "check": run_check,
    "bench": run_bench,
    "messages": run_messages,
}


def main() -> int:
    verb, *arguments = sys.argv[1:]
    try:
        return VERBS[verb](arguments)
    except embedded.NoDatabase as problem:
        say(f"run: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
