"""A real browser against a real server: log in, look at phone and desktop width, ask axe."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

from tests.support import machine

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
WIDE = {"width": 1680, "height": 1050}
VIEWPORTS = {"phone": PHONE, "desktop": DESKTOP, "wide": WIDE}
WIDTHS = (320, 390, 720, 820, 1024, 1280, 1680)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
ASKED = {"resultTypes": ["violations"]}
WAIT_MS = 10_000

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=machine.chromium(), args=FLAGS)


# What htmx says of a request that the next one, or the next page, cut off. A refused address is told by the CSP.
CUT_OFF = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")


class Visitor:
    """One person at one browser window. `problems` collects script errors, CSP violations and foreign requests."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.browser = browser
        self.problems: list[str] = []
        self.context: BrowserContext = browser.new_context(
            **{"viewport": DESKTOP, "locale": "en-GB", **options}
        )
        self.context.set_default_timeout(WAIT_MS)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A refused deed answers 4xx, which the browser writes to its console as well: that is no fault of the page.
        # What has no address comes from axe, which is evaluated and tries a style now and then.
        is_of_the_page = bool(message.location.get("url")) or "script" in message.text
        is_answered = "Failed to load resource" in message.text or message.text.startswith(CUT_OFF)
        if message.type == "error" and is_of_the_page and not is_answered:
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.problems.append(f"foreign request: {request.url}")

    def log_in(self, user: Any) -> "Visitor":
        """By a session cookie; `log_in_by_form` goes through the page."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        return self

    def log_in_by_form(self, username: str, password: str) -> "Visitor":
        self.open("/accounts/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.locator("form:has([name=password]) [type=submit]").click()
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return self

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def resize(self, name: str) -> None:
        """`phone` (390), `desktop` (1 280) or `wide` (1 680)."""
        self.page.set_viewport_size(VIEWPORTS[name])  # type: ignore[arg-type]

    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))

    def too_narrow(self) -> list[int]:
        """The widths of screens, small phone to large desk, on which the page as it stands scrolls sideways."""
        size = self.page.viewport_size
        assert size is not None, "a visitor has a window"
        narrow = [width for width in WIDTHS if self._scrolls_at(width)]
        self.page.set_viewport_size(size)
        return narrow

    def _scrolls_at(self, width: int) -> bool:
        self.page.set_viewport_size({"width": width, "height": 900})
        return self.scrolls_sideways()

    def violations(self) -> list[str]:
        """What axe finds on the page as it stands, as readable lines. Evaluated, not injected, because of the CSP.

        It describes every node that passes as well, unless it is told that nobody reads that.
        """
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(
            "async options => (await window.axe.run(document, options)).violations", ASKED
        )
        return [
            f"{item['id']}: {node['target']} {node['failureSummary']}"
            for item in found
            for node in item["nodes"]
        ]

    def picture(self, path: Path, *, full: bool = True) -> Path:
        self.page.screenshot(path=str(path), full_page=full)
        return path

    def close(self) -> None:
        self.context.close()


def user_named(username: str) -> Any:
    return get_user_model()._default_manager.get(username=username)
