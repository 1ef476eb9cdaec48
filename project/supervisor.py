"""One parent for the web server, the worker and the scheduler: it passes signals on, and stops all when one dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

GRACE_SECONDS = 15.0
TICK_SECONDS = 0.1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Program:
    """A child to run: its name for messages, its command line, its environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def die_with_parent() -> None:
    """Linux ends the child when its parent is killed, so `kill -9` of ./run leaves nothing that holds the port."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Supervisor:
    """Runs programs until one ends or a signal comes.

    `on_tick` is called several times a second until it answers True.
    """

    def __init__(self, programs: Sequence[Program], on_tick: Callable[[], bool] = lambda: True) -> None:
        self.programs = programs
        self.on_tick = on_tick
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.asked_to_stop = False

    def run(self) -> int:
        """The exit code for the parent: 0 when it was asked to stop, 1 when a child ended by itself."""
        before = {number: signal.signal(number, self._ask_to_stop) for number in STOPPING}
        try:
            self._start()
            return self._watch()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self.asked_to_stop:
            say("\nStopping; a task in work is finished first ...")
        self.asked_to_stop = True

    def _start(self) -> None:
        for program in self.programs:
            # A session of its own: Ctrl-C in the terminal reaches the parent alone, which ends the children in order.
            self.children[program.name] = subprocess.Popen(
                program.command,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _watch(self) -> int:
        waiting = True
        while not self.asked_to_stop:
            for name, child in self.children.items():
                if child.poll() is not None:
                    say(f"{name} ended by itself ({ending(child.returncode)}); stopping everything.")
                    return 1
            waiting = waiting and not self.on_tick()
            time.sleep(TICK_SECONDS)
        return 0

    def _stop(self) -> None:
        """Ask all, give them time to finish what they do, then insist on each and its own children."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def say(text: str) -> None:
    print(text, flush=True)
