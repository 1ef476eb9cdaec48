"""A mail server on this machine that speaks enough SMTP for smtplib, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class MailServer:
    """`refuse` are addresses it knows nobody at."""

    port: int = 0
    refuse: set[str] = field(default_factory=set)
    letters: list[EmailMessage] = field(default_factory=list)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, kept: MailServer) -> None:
        self.kept = kept
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 mail.test ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].decode().upper().strip()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._say(self._data() if verb == "DATA" else self._answer(verb, line.decode()))

    def _answer(self, verb: str, line: str) -> str:
        if verb == "RCPT" and any(address in line for address in self.server.kept.refuse):
            return "550 nobody of that name"
        return "250 fine"

    def _data(self) -> str:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.kept.letters.append(message)
        return "250 taken"

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextlib.contextmanager
def serving_mail() -> Iterator[MailServer]:
    kept = MailServer()
    with _Server(kept) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
