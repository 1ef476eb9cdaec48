"""A receiver of webhooks on this machine that behaves as a test wants: well, badly, or not at all."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Behaviour = Callable[[socket.socket, "Received"], None]


@dataclass(frozen=True)
class Received:
    """One request, as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`url` is where it listens; `behaviour` may be changed while it runs."""

    behaviour: Behaviour
    port: int = 0
    received: list[Received] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, receiver: Receiver, certificate: Path | None) -> None:
        self.receiver = receiver
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
        if self.tls and certificate:
            self.tls.load_cert_chain(certificate)
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[Any, Any]:
        caller, address = super().get_request()
        if self.tls is None:
            return caller, address
        return self.tls.wrap_socket(caller, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, _request: object, _address: object) -> None:
        """A caller that goes away in the middle is what these tests are about."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline().decode().strip()
        if not line:
            return
        headers = dict(self._headers())
        received = Received(line, headers, self.rfile.read(int(headers.get("content-length", 0))))
        self.server.receiver.received.append(received)
        self.server.receiver.behaviour(self.connection, received)

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self.rfile.readline().decode().strip():
            name, _colon, value = line.partition(":")
            yield name.lower(), value.strip()


@contextlib.contextmanager
def receiving(behaviour: Behaviour | None = None, certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver that runs as long as the block; with a certificate it speaks TLS."""
    receiver = Receiver(behaviour or answer(200))
    with _Server(receiver, certificate) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            server.shutdown()
            thread.join()


def certified(host: str, folder: Path) -> Path:
    """A certificate for a name, with its key, signed by itself."""
    file = folder / f"{host}.pem"
    subject = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    made = ["-keyout", str(file), "-out", str(folder / "public.pem"), "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *made]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + (folder / "public.pem").read_text())
    return file


# Behaviours --------------------------------------------------------------------------------------------------


def answer(code: int, **headers: str) -> Behaviour:
    """A short answer, such as `answer(429, retry_after="120")`."""
    lines = [f"HTTP/1.1 {code} X", "Content-Length: 2", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    text = "\r\n".join([*lines, "", "ok"]).encode()
    return lambda caller, _received: caller.sendall(text)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One after the other; the last one stays."""
    left = list(behaviours)

    def behave(caller: socket.socket, received: Received) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(caller, received)

    return behave


def silent(until: threading.Event) -> Behaviour:
    """Takes the request and says nothing."""
    return lambda _caller, _received: bool(until.wait(30)) and None


def dripping(start: bytes, drop: bytes, until: threading.Event, every: float = 0.05) -> Behaviour:
    """Says `start`, and then a little now and then, so that no single read times out; half a minute at most."""

    def behave(caller: socket.socket, _received: Received) -> None:
        caller.sendall(start)
        ends_at = time.monotonic() + 30
        while not until.wait(every) and time.monotonic() < ends_at:
            caller.sendall(drop)

    return behave


def hanging_up(_caller: socket.socket, _received: Received) -> None:
    """Ends the connection without a word."""
