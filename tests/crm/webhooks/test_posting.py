"""One POST to a stranger: whatever the stranger does, it ends in time and reaches nothing inside."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from django.conf import LazySettings

from crm.models import Trouble
from crm.webhooks import posting
from tests.support import receiver
from tests.support.receiver import Receiver, answer, dripping, hanging_up, silent

Resolve = Callable[..., Any]


@pytest.fixture
def stranger() -> Iterator[Receiver]:
    with receiver.receiving() as one:
        yield one


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """A time limit that a test can wait for."""
    monkeypatch.setattr(posting, "TIME_LIMIT", 0.6)
    return 0.6


def _post(url: str) -> posting.Answer:
    return posting.post(url, headers={"webhook-id": "fact_1"}, body='{"a":"値"}')


# -- what receivers answer ------------------------------------------------------------------------------------


def test_a_message_arrives_with_its_headers_and_body(stranger: Receiver) -> None:
    told = _post(stranger.url)
    assert (told.status_code, told.trouble) == (200, "")
    [got] = stranger.received
    assert got.line == "POST /hook HTTP/1.1"
    assert (got.id, got.headers["user-agent"]) == ("fact_1", posting.USER_AGENT)
    assert got.body == '{"a":"値"}'.encode()


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_answer_of_the_two_hundreds_is_success(stranger: Receiver, code: int) -> None:
    stranger.behaviour = answer(code)
    assert _post(stranger.url).trouble == ""


@pytest.mark.parametrize("code", [400, 404, 410, 429, 500, 503])
def test_an_error_is_trouble_and_tells_its_code(stranger: Receiver, code: int) -> None:
    stranger.behaviour = answer(code, retry_after="120")
    told = _post(stranger.url)
    assert (told.trouble, told.status_code, told.retry_after) == (Trouble.ANSWER, code, "120")
    assert told.is_gone is (code == 410)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(stranger: Receiver, code: int) -> None:
    with receiver.receiving() as inner:
        stranger.behaviour = answer(code, location=inner.url)
        assert _post(stranger.url).trouble == Trouble.REDIRECT
        assert inner.received == []


def test_an_endless_answer_is_read_for_64_kilobytes_and_left(stranger: Receiver) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    stranger.behaviour = dripping(start, b"x" * 65536, stranger.closing, every=0)
    assert _post(stranger.url).status_code == 200


@pytest.mark.usefixtures("impatient")
def test_a_body_said_drop_by_drop_costs_no_more_than_the_limit(stranger: Receiver) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    stranger.behaviour = dripping(start, b"x", stranger.closing)
    told = _post(stranger.url)
    assert (told.status_code, told.trouble) == (200, "")


@pytest.mark.usefixtures("impatient")
def test_headers_said_drop_by_drop_end_at_the_limit(stranger: Receiver) -> None:
    stranger.behaviour = dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", stranger.closing)
    assert _post(stranger.url).trouble == Trouble.TOO_SLOW


@pytest.mark.usefixtures("impatient")
def test_go_on_said_for_ever_ends_at_the_limit(stranger: Receiver) -> None:
    stranger.behaviour = dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", stranger.closing, every=0.01)
    assert _post(stranger.url).trouble == Trouble.TOO_SLOW


@pytest.mark.usefixtures("impatient")
def test_a_silent_receiver_is_given_up_at_the_limit(stranger: Receiver) -> None:
    stranger.behaviour = silent(stranger.closing)
    assert _post(stranger.url).trouble == Trouble.TOO_SLOW


def test_a_limit_per_read_alone_would_wait_for_the_drops(
    stranger: Receiver, impatient: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without the timer the same receiver holds us until it ends by itself."""
    monkeypatch.setattr(posting._Call, "give_up", lambda _self: None)
    stranger.behaviour = dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 3000, stranger.closing, every=0.15)
    started = time.monotonic()
    assert _post(stranger.url).trouble == Trouble.NO_CONNECTION  # the header became too long at last
    assert time.monotonic() - started > impatient + 1


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"\x16\x03\x01",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500,
    ],
)
def test_what_is_no_http_is_trouble_and_no_fault(stranger: Receiver, said: bytes) -> None:
    stranger.behaviour = lambda caller, _received: caller.sendall(said)
    assert _post(stranger.url).trouble in (Trouble.NO_CONNECTION, Trouble.ANSWER)


def test_a_receiver_that_hangs_up_or_is_not_there_is_trouble(stranger: Receiver) -> None:
    stranger.behaviour = hanging_up
    assert _post(stranger.url).trouble == Trouble.NO_CONNECTION
    assert _post("http://127.0.0.1:9/").trouble == Trouble.NO_CONNECTION


def test_tls_with_somebody_who_speaks_none_is_a_bad_certificate(stranger: Receiver) -> None:
    stranger.behaviour = answer(200)
    assert _post(stranger.url.replace("http:", "https:")).trouble in (
        Trouble.BAD_CERTIFICATE,
        Trouble.NO_CONNECTION,
    )


def test_the_proxy_of_the_environment_is_not_used(
    stranger: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver.receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert _post(stranger.url).trouble == ""
        assert proxy.received == []


# -- where names lead -----------------------------------------------------------------------------------------


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """`names["hooks.example"] = ["10.0.0.1", …]`: what each question for a name is answered, in turn."""
    told: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **named: Any) -> Any:
        if host in told:
            ip = told[host].pop(0) if len(told[host]) > 1 else told[host][0]
            return real(ip, port, *args, **named)
        return real(host, port, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return told


@pytest.fixture
def public_only(settings: LazySettings) -> None:
    """As in production."""
    settings.WEBHOOKS_TO_LOOPBACK = False


@pytest.mark.usefixtures("public_only")
@pytest.mark.parametrize(
    "ip", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "::1", "fe80::1",
           "::ffff:127.0.0.1", "fc00::1", "fec0::1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_called(
    names: dict[str, list[str]], ip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: called.append(address))
    names["hooks.example"] = [ip]
    assert _post("https://hooks.example/").trouble == Trouble.FORBIDDEN_ADDRESS
    assert called == []


@pytest.mark.usefixtures("public_only")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "[::1]", "localhost"]
)
def test_this_machine_is_not_called_however_it_is_written(host: str) -> None:
    assert _post(f"https://{host}/").trouble == Trouble.FORBIDDEN_ADDRESS


@pytest.mark.usefixtures("public_only")
def test_plain_http_is_not_spoken(stranger: Receiver) -> None:
    assert _post(stranger.url).trouble == Trouble.NO_CONNECTION
    assert stranger.received == []


def test_a_name_is_asked_once_and_the_answer_kept_for_the_connection(
    names: dict[str, list[str]], stranger: Receiver
) -> None:
    """Rebinding: the second answer, which leads inside, is never asked for."""
    names["hooks.example"] = ["127.0.0.1", "10.0.0.1"]
    assert _post(f"http://hooks.example:{stranger.port}/").trouble == ""
    assert names["hooks.example"] == ["10.0.0.1"]
    assert stranger.received[0].headers["host"] == f"hooks.example:{stranger.port}"


def test_a_socket_that_stands_with_an_inner_machine_is_dropped_before_a_word_is_said(
    names: dict[str, list[str]], stranger: Receiver, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the first fence let an address through: the connected socket is judged again."""
    settings.WEBHOOKS_TO_LOOPBACK = False
    names["hooks.example"] = ["127.0.0.1"]
    monkeypatch.setattr("requests_hardened.ip_filter_adapter.filter_host", lambda host, _port, **_named: host)
    assert _post(f"https://hooks.example:{stranger.port}/").trouble == Trouble.FORBIDDEN_ADDRESS
    assert stranger.received == []


# -- TLS ------------------------------------------------------------------------------------------------------

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl on this machine")


@pytest.fixture
def secured(
    names: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """hooks.example, with a certificate that this machine trusts."""
    names["hooks.example"] = names["other.example"] = ["127.0.0.1"]
    certificate = receiver.certified("hooks.example", tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "public.pem"))
    with receiver.receiving(certificate=certificate) as one:
        yield one


@needs_openssl
def test_the_certificate_of_the_name_is_accepted_though_the_address_is_pinned(secured: Receiver) -> None:
    assert _post(f"https://hooks.example:{secured.port}/").trouble == ""
    assert len(secured.received) == 1


@needs_openssl
def test_the_certificate_of_another_name_is_not(secured: Receiver) -> None:
    assert _post(f"https://other.example:{secured.port}/").trouble == Trouble.BAD_CERTIFICATE
    assert secured.received == []


@needs_openssl
def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    secured: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", certifi.where())
    assert _post(f"https://hooks.example:{secured.port}/").trouble == Trouble.BAD_CERTIFICATE


@needs_openssl
@pytest.mark.usefixtures("impatient")
def test_drops_over_tls_end_at_the_limit_too(secured: Receiver) -> None:
    secured.behaviour = dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", secured.closing)
    assert _post(f"https://hooks.example:{secured.port}/").trouble == Trouble.TOO_SLOW
