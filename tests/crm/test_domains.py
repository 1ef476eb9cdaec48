import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domains import InvalidDomain, domain_of, is_free_mail, within_domain


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("https://www.Example.co.jp/a?b#c", "example.co.jp"),
        ("http://example.com:8080", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("example.com.", "example.com"),
        ("example.com/path@x", "example.com"),
        ("taro@Example.co.jp", "example.co.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "example.co.jp"),
        ("www.例え.jp", "xn--r8jz45g.jp"),
        ("例え。jp", "xn--r8jz45g.jp"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_the_domain_is_found(value: str, domain: str) -> None:
    assert domain_of(value) == domain


@pytest.mark.parametrize(
    "value",
    [
        "http://good@evil.com/",
        "http://good:x@evil.com/",
        "ftp://example.com",
        "javascript://example.com/%0aalert(1)",
        "localhost",
        "192.168.0.1",
        "http://[::1]/",
        "http://[::1",
        "a b.com",
        "-a.com",
        "a-.com",
        "a..com",
        "example.com:99999",
        "x" * 64 + ".com",
        ".".join(["abcdefgh"] * 30),
        "ex_ample.com",
        "@",
        "\ud800.com",
        "例" * 80 + ".jp",
    ],
)
def test_what_is_no_domain_is_refused(value: str) -> None:
    with pytest.raises(InvalidDomain) as refusal:
        domain_of(value)
    str(refusal.value).encode()


@given(st.text())
def test_any_text_has_a_domain_or_is_refused(value: str) -> None:
    try:
        domain = domain_of(value)
    except InvalidDomain:
        return
    assert domain == domain_of(domain)
    assert domain.isascii()


def test_free_mail_says_nothing_about_a_company() -> None:
    assert is_free_mail("GMAIL.com ")
    assert not is_free_mail("example.co.jp")
    assert not is_free_mail("")


def test_a_domain_lies_within_its_parents() -> None:
    assert within_domain("a.example.com", ["rival.com", "@Example.com"])
    assert not within_domain("notexample.com", ["example.com"])
    assert not within_domain("", ["example.com", ""])
