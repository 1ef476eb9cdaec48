"""Logs carry no personal data and no secrets."""

import io
import json
import logging.config

import pytest
import structlog

from project import logs


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail to mika.sato@example.co.jp failed", "mail to [e-mail] failed"),
        ("Authorization: Bearer baton_0123456789abcdef", "Authorization: Bearer [removed]"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_addresses_and_tokens_are_blanked(text: str, clean: str) -> None:
    assert logs.scrub(text) == clean


def test_a_logged_url_ends_before_its_query() -> None:
    event = {"request": "GET /search?q=Sato+Mika", "user_agent": "Firefox", "password": "x"}
    assert logs.without_personal_data(None, "", event) == {"request": "GET /search", "password": "[removed]"}


def test_both_kinds_of_loggers_write_json() -> None:
    stream = io.StringIO()
    before = structlog.get_config()
    try:
        logging.config.dictConfig(logs.configuration(level="INFO", stream=stream))
        logging.getLogger("plain").warning("to %s", "a@example.com")
        structlog.get_logger("rich").warning("said", name="x")
    finally:
        structlog.configure(**before)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["level"]) == ("to [e-mail]", "warning")
    assert (second["event"], second["name"]) == ("said", "x")
