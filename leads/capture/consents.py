"""Consent texts, version by version: what somebody has read and agreed to never changes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from crm import access
from crm.models import Role, User
from leads.models import CaptureForm, ConsentText


def draft_next(text: ConsentText, *, by: User) -> ConsentText:
    """The next version of a text, to be edited before a form uses it."""
    access.require_role(by, Role.MARKETER)
    with transaction.atomic():
        versions = ConsentText.objects.filter(name=text.name, language=text.language)
        list(versions.order_by("pk").select_for_update().values_list("pk"))
        last = versions.aggregate(last=Max("version"))["last"]
        return ConsentText.objects.create(
            name=text.name, language=text.language, text=text.text, version=last + 1
        )


def as_pasted(form: CaptureForm, told: str) -> ConsentText | None:
    """The words that stand on a form pasted into another site: those of now, or a version before them.

    A form that was pasted once is not pasted anew the day its words change: who agrees there has read the old ones, and
    has agreed to these.
    """
    now = form.consent
    if now is None or not (told.isascii() and told.isdecimal() and len(told) < 10):
        return None
    versions = ConsentText.objects.filter(name=now.name, language=now.language, version__lte=now.version)
    return versions.filter(pk=int(told)).first()


def is_fixed(text: ConsentText) -> bool:
    """Whether people may have read it: agreed to, or on a form that is published."""
    return text.used_at is not None or text.captureform_set.filter(is_active=True).exists()
