"""Where a webhook may lead: the public internet by https, and nothing inside."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.webhooks import addresses

INSIDE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "fc00::1", "fd12:3456::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", INSIDE)
def test_an_inner_address_is_not_allowed(ip: str) -> None:
    assert not addresses.is_allowed(ip)


@pytest.mark.parametrize("ip", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_allowed(ip: str) -> None:
    assert addresses.is_allowed(ip)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_however_it_is_dressed(ip: IPv4Address) -> None:
    assert addresses.is_allowed(str(ip)) == addresses.is_allowed(f"::ffff:{ip}")


@given(st.ip_addresses(v=6))
def test_nothing_outside_global_unicast_is_allowed(ip: IPv6Address) -> None:
    if addresses.is_allowed(str(ip)) and ip.ipv4_mapped is None:
        assert int(ip) >> 125 == 0b001


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_allowed_only_where_asked_for(ip: str) -> None:
    assert addresses.is_allowed(ip, loopback=True)
    assert not addresses.is_allowed(ip)


def test_asking_for_this_machine_allows_no_other_inner_one() -> None:
    allowed = [ip for ip in INSIDE if addresses.is_allowed(ip, loopback=True)]
    assert allowed == ["127.0.0.1", "::1", "::ffff:127.0.0.1"]


GOOD = [
    "https://example.com/hooks", "https://example.com:8443/a?b=c", "https://xn--wgv71a119e.jp/", "https://1.1.1.1/",
    "https://[2606:4700:4700::1111]/", "https://hooks.example.co.jp.",
]  # fmt: skip
BAD = [
    "", "example.com", "//example.com/", "http://example.com/", "ftp://example.com/", "file:///etc/passwd",
    "gopher://example.com/", "javascript:alert(1)", "https://", "https:///path", "https://good@evil.example/",
    "https://user:word@example.com/", "https://example.com/#part", "https://example.com:0/", "https://example.com:99999/",
    "https://example.com:x/", "https://exa mple.com/", "https://example.com\\@evil.example/",
    "https://example.com/\r\nX: y",
    "https://example.com/\x00", "https://日本.jp/", "https://localhost/", "https://LOCALHOST./", "https://intranet/",
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://10.0.0.1/", "https://10.0.0.1./", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/",
    "https://[::1", "https://169.254.169.254/latest/meta-data", "https://example.com/" + "a" * 500,
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_public_https_address_is_kept_as_written(url: str) -> None:
    assert addresses.checked(url) == url


@pytest.mark.parametrize("url", BAD)
def test_any_other_address_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(addresses.InvalidAddress, match=r"\."):
        addresses.checked(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/", "http://localhost/x", "http://[::1]/", "https://127.0.0.1/"]
)
def test_plain_http_leads_to_this_machine_only_where_asked_for(url: str) -> None:
    assert addresses.checked(url, loopback=True) == url
    with pytest.raises(addresses.InvalidAddress):
        addresses.checked(url)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://10.0.0.1/", "https://10.0.0.1/", "https://intranet/"]
)
def test_asking_for_this_machine_opens_nothing_else(url: str) -> None:
    with pytest.raises(addresses.InvalidAddress):
        addresses.checked(url, loopback=True)
