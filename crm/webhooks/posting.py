"""One POST to somebody else's machine: at most 15 seconds, no redirects, public addresses only, and little is read.

`requests-hardened` resolves the name once, refuses inner addresses and connects to the very address it judged. What
it lets through is judged again here, before the connection and on the connected socket. Its timeouts count per read,
so that a receiver that says a byte every ten seconds would hold us for ever: a timer ends the whole call by shutting
its socket.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from crm.models import Trouble
from crm.webhooks import addresses

TIME_LIMIT = 15.0
MOST_READ = 64 * 1024
USER_AGENT = "Baton-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. `trouble` is empty when the receiver took the message."""

    status_code: int | None
    milliseconds: int
    trouble: str = ""
    retry_after: str = ""

    @property
    def is_gone(self) -> bool:
        return self.status_code == requests.codes.gone


class ForbiddenAddress(Exception):
    """The connection leads where no webhook may."""


def post(url: str, *, headers: dict[str, str], body: str) -> Answer:
    """Send a message; whatever happens is an answer, and it comes within the time limit."""
    call, started = _Call(), time.monotonic()
    timer = threading.Timer(TIME_LIMIT, call.give_up)
    timer.daemon = True
    timer.start()
    try:
        status_code, retry_after, trouble = _sent(call, url, headers, body)
    finally:
        timer.cancel()
        call.close()
    return Answer(status_code, round((time.monotonic() - started) * 1000), trouble, retry_after)


def _sent(call: _Call, url: str, headers: dict[str, str], body: str) -> tuple[int | None, str, str]:
    try:
        with _session(call) as session:
            answer = session.post(url, data=body.encode(), headers=headers, stream=True)
            call.insist_on_time()  # headers that the timer cut off look whole
            _read_a_little(answer)
    except Exception as error:  # a receiver can break HTTP in any way it likes
        return None, "", Trouble.TOO_SLOW if call.gave_up else _named(error)
    return answer.status_code, answer.headers.get("Retry-After", "")[:100], _judged(answer)


def _read_a_little(answer: requests.Response) -> None:
    """Let the receiver finish a short answer. What it says does not matter, nor whether it ends."""
    try:
        answer.raw.read(MOST_READ, decode_content=False)
    except Exception:  # noqa: S110  # the status was told already
        pass
    finally:
        answer.close()


def _judged(answer: requests.Response) -> str:
    if 200 <= answer.status_code < 300:
        return ""
    return Trouble.REDIRECT if 300 <= answer.status_code < 400 else Trouble.ANSWER


def _named(error: Exception) -> str:
    if isinstance(error, (ForbiddenAddress, InvalidIPAddress)):
        return Trouble.FORBIDDEN_ADDRESS
    if isinstance(error, requests.exceptions.SSLError):
        return Trouble.BAD_CERTIFICATE
    if isinstance(error, requests.exceptions.Timeout):
        return Trouble.TOO_SLOW
    return Trouble.NO_CONNECTION


class _Call:
    """The socket of one call, so that another thread can end it."""

    def __init__(self) -> None:
        self.gave_up = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def watch(self, connected: socket.socket) -> None:
        """A copy of the descriptor stays ours when TLS takes the socket over."""
        with self._lock:
            self.insist_on_time()
            self._socket = connected.dup()

    def insist_on_time(self) -> None:
        if self.gave_up:
            raise TimeoutError

    def give_up(self) -> None:
        with self._lock:
            self.gave_up = True
            if self._socket is not None:
                _shut(self._socket)

    def close(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None


def _shut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended by itself


class _Adapter(IPFilterAdapter):
    def __init__(self, call: _Call, **options: Any) -> None:
        self.call = call
        super().__init__(**options)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        _insist_on_allowed(host["host"].strip("[]"))
        return host, pool

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self.call)
        return pool


def _watched(connection: type[Any], call: _Call) -> type[Any]:
    class Watched(connection):  # type: ignore[misc]
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            try:
                _insist_on_allowed(connected.getpeername()[0])
                call.watch(connected)
            except BaseException:
                connected.close()
                raise
            return connected

    return Watched


def _insist_on_allowed(ip: str) -> None:
    if not addresses.is_allowed(ip, loopback=settings.WEBHOOKS_TO_LOOPBACK):
        raise ForbiddenAddress(ip)


def _session(call: _Call) -> HTTPSession:
    """A session for one call, without the proxies, cookies and passwords of this machine's environment."""
    loopback: bool = settings.WEBHOOKS_TO_LOOPBACK
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=loopback,
        never_redirect=True,
        default_timeout=(TIME_LIMIT, TIME_LIMIT),
        user_agent_override=USER_AGENT,
    )
    session = HTTPSession(config)
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", _Adapter(call, is_https_proto=True, allow_loopback=loopback))
    if loopback:
        session.mount("http://", _Adapter(call, is_https_proto=False, allow_loopback=True))
    return session
