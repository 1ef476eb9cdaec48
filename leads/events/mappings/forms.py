"""Keeping a mapping up, and trying it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.values import DATE_FORMATS
from leads.events.mappings import p256
from leads.events.mappings.places import is_place
from leads.events.mappings.reading import NO_BEHAVIOUR
from leads.events.recording import KINDS
from leads.models import EventMapping, Signer

PLACES = (
    "rows_at", "kind_at", "email_at", "person_at", "time_at", "id_at", "asset_at", "agent_at", "machine_at",
    "delivered_at",
)  # fmt: skip
MOST_BYTES = 5 * 1024 * 1024


class MappingForm(forms.ModelForm):
    class Meta:
        model = EventMapping
        fields = (
            "name", "code", "source", "rows_at", "kind_at", "kinds", "kind_otherwise", "asset_at", "assets", "email_at",
            "person_at", "time_at", "time_format", "zone", "id_at", "keeps", "refuses_scanners", "agent_at",
            "machine_at", "delivered_at", "scanner_seconds", "signer", "signing_key",
        )  # fmt: skip
        # Shown to nobody again, and kept where nothing new is typed.
        widgets = {"signing_key": forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"})}
        help_texts = {
            "signing_key": gettext_lazy(
                "SendGrid: the verification key. Mailgun: the webhook signing key."
                " HubSpot: the client secret of the app. Typeform: the secret of the webhook."
            )
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in PLACES:
            if values.get(name) and not is_place(values[name]):
                self.add_error(
                    name, _("This is no place. Write one such as contact.email or answers[0].text.")
                )
        return values

    def clean_signing_key(self) -> str:
        typed: str = self.cleaned_data["signing_key"].strip()
        key = typed or self.instance.signing_key
        if key and self.cleaned_data.get("signer") == Signer.SENDGRID:
            try:
                p256.public_key(key)
            except ValueError:
                message = _("This is no key of SendGrid's. Copy the verification key as it is shown there.")
                raise forms.ValidationError(message) from None
        return key

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            message = _("“%(name)s” is not a time zone. Write it like Asia/Tokyo.")
            raise forms.ValidationError(message % {"name": zone}) from None
        return zone

    def clean_time_format(self) -> str:
        said: str = self.cleaned_data["time_format"]
        for one in filter(None, (part.strip() for part in said.split("|"))):
            if "%" not in one and one not in DATE_FORMATS:
                raise forms.ValidationError(
                    _("Choose one of: %s.") % ", ".join((*DATE_FORMATS, "%d %b %Y %H:%M"))
                )
        return said

    def clean_kinds(self) -> dict[str, str]:
        table = _table(self.cleaned_data["kinds"])
        wrong = sorted(set(table.values()) - KINDS - {NO_BEHAVIOUR})
        if wrong:
            told = {"wrong": ", ".join(wrong), "listed": ", ".join(sorted(KINDS))}
            raise forms.ValidationError(_("%(wrong)s is no kind. Choose from: %(listed)s, or “-”.") % told)
        return table

    def clean_assets(self) -> dict[str, str]:
        return _table(self.cleaned_data["assets"])

    def clean_keeps(self) -> list[str]:
        listed = self.cleaned_data["keeps"] or []
        if not isinstance(listed, list) or not all(isinstance(one, str) and is_place(one) for one in listed):
            raise forms.ValidationError(_('Write a list of places, such as ["url", "title"].'))
        return listed


def _table(value: Any) -> dict[str, str]:
    table = value or {}
    if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
        raise forms.ValidationError(_('Write pairs, such as {"their word": "ours"}.'))
    return table


class TryForm(forms.Form):
    """What a tool sends or exports, pasted or as a file."""

    payload = forms.CharField(
        label=gettext_lazy("Pasted"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=gettext_lazy("JSON, one JSON object per line, or a table with its headings."),
    )
    file = forms.FileField(label=gettext_lazy("or a file"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        file = values.get("file")
        if file is not None and file.size > MOST_BYTES:
            message = _(
                "This file has more than %(most)s MB. Split it, or have an administrator use import_events."
            )
            self.add_error("file", message % {"most": MOST_BYTES // 1024**2})
        elif file is None and not values.get("payload"):
            self.add_error("payload", _("Paste something, or choose a file."))
        return values

    def content(self) -> bytes:
        file = self.cleaned_data["file"]
        return file.read() if file is not None else self.cleaned_data["payload"].encode()  # type: ignore[no-any-return]
