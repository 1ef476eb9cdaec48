"""Consent texts, version by version: what somebody has read and agreed to never changes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from crm import access
from crm.models import Role, User
from leads.models import ConsentText


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


def is_fixed(text: ConsentText) -> bool:
    """Whether people may have read it: agreed to, or on a form that is published."""
    return text.used_at is not None or text.captureform_set.filter(is_active=True).exists()
