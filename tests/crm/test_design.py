"""The design holds what it promises: contrast, no inline script or style, every name that is used exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory

ROOT = Path(settings.BASE_DIR)
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
THEMES = {"light": 0, "dark": 1}


def tokens(theme: str) -> dict[str, str]:
    text = (CSS / "tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    single = re.findall(r"--([\w-]+): (#\w{6});", text)
    return {name: (light, dark)[THEMES[theme]] for name, light, dark in pairs} | dict(single)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("canvas", "surface", "raised", "hover", "sunken", "press", "accent-soft")
TEXTS = [(text, ground) for text in ("text", "text-soft", "text-faint", "accent") for ground in GROUNDS]
TEXTS += [
    (tone, ground)
    for tone in ("ok", "warn", "late", "hold")
    for ground in ("surface", "raised", "hover", "accent-soft")
]
TEXTS += [(tone, f"{tone}-soft") for tone in ("ok", "warn", "late", "hold")]
TEXTS += [("text-soft", f"{tone}-soft") for tone in ("ok", "warn", "late", "hold")]
TEXTS += [("on-primary", "primary"), ("on-primary", "primary-strong")]
SHAPES = [("line-control", "raised"), ("focus", "surface"), ("focus", "canvas")]
SHAPES += [(f"{tone}-solid", "surface") for tone in ("ok", "late", "hold")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_controls_can_be_seen(theme: str, shape: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[shape], colours[ground]) >= 3


def test_weak_contrast_would_be_seen() -> None:
    assert contrast("#999999", "#ffffff") < 4.5 < contrast("#000000", "#ffffff")


def test_no_token_is_used_that_does_not_exist() -> None:
    text = "\n".join(path.read_text() for path in CSS.glob("*.css"))
    defined = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    markup = re.sub(r"{%.*?%}", "", text)  # a tag's own words, such as `with one=row`, are not attributes
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", markup)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    source = "\n".join(path.read_text() for path in (ROOT / "crm" / "components").rglob("*.py"))
    named |= set(re.findall(r'Face\(.*, "([\w-]+)"\)', source))
    assert named <= drawn


@pytest.mark.parametrize("code", [400, 403, 404, 500])
def test_an_error_page_needs_no_context(code: int) -> None:
    html = render_to_string(f"{code}.html")
    assert f">{code}</p>" in html
    assert "<h1>" in html


def test_the_frame_renders_without_its_context() -> None:
    html = render_to_string("base.html", request=RequestFactory().get("/"))
    assert 'id="main"' in html
    assert 'href="#main"' in html
