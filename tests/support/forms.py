"""Public forms in tests: one that gives a white paper away, and a person who fills it in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from content.models import Asset, AssetKind
from leads.models import CaptureForm, ConsentText, FormField

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en-GB",
}
SITE = "https://www.customer.example"


def make_form(
    slug: str = "paper", *, fields: str = "last_name company job_title phone", **values: Any
) -> CaptureForm:
    """An active form; a name with a ! is required, one with a * is asked always."""
    asset, _made = Asset.objects.get_or_create(
        slug=f"{slug}-asset",
        defaults={
            "kind": AssetKind.WHITE_PAPER,
            "title": "The paper",
            "url": "https://files.example/paper.pdf",
        },
    )
    consent, _made = ConsentText.objects.get_or_create(
        name="Marketing",
        version=1,
        language=values.get("language", "en"),
        defaults={"text": "You may write to me."},
    )
    chosen = {
        "asset": asset,
        "consent": consent,
        "is_active": True,
        "title": "Get the paper",
        "most_fields": 4,
    }
    form = CaptureForm.objects.create(slug=slug, **(chosen | values))
    for place, name in enumerate(fields.split()):
        FormField.objects.create(
            form=form,
            name=name.strip("!*"),
            is_required="!" in name,
            asked="always" if "*" in name else "unknown",
            position=place,
        )
    return form


class Person:
    """Somebody at a browser of their own, who opens a form, waits a little, and sends it."""

    def __init__(self, clock: Any, **headers: str) -> None:
        self.client, self.clock = Client(), clock
        self.headers = BROWSER | headers

    def open(self, slug: str = "paper", query: str = "", **headers: str) -> Any:
        self.page = self.client.get(f"/f/{slug}/{query}", headers=self.headers | headers)
        return self.page

    @property
    def hidden(self) -> dict[str, str]:
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page.content.decode())
        return {name: unescape(value) for name, value in found}

    @property
    def asked(self) -> list[str]:
        return list(self.page.context["answers"].asked)

    def send(
        self, slug: str = "paper", *, seconds: float = 20, again: dict[str, str] | None = None, **said: str
    ) -> Any:
        self.clock.move(seconds=seconds)
        self.sent = again or {**self.hidden, **said}
        return self.client.post(f"/f/{slug}/", self.sent, headers=self.headers)

    def fill_in(self, slug: str = "paper", query: str = "", **said: str) -> Any:
        self.open(slug, query)
        return self.send(slug, **said)
