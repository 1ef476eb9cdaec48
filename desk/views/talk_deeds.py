"""The deeds of talking with the person of a handoff: write a mail, say it came back, keep what they said."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm import correspondence, present
from desk import letters
from desk.forms import AcceptForm
from desk.forms_answers import FINDINGS, FindingsForm, LetterForm
from desk.views.answers import person
from desk.views.deeds import Deed, data_of
from sla import handoffs
from sla.handoffs import bant
from sla.models import Handoff


def _mail(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.write(row, by=person(request), at=present.now(), **said)


def _returned(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.returned(row, by=person(request), at=present.now())


def _keep(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> None:
    bant.confirm(row, said, by=person(request), at=present.now())


def _letter_form(request: HttpRequest, row: Handoff) -> forms.Form:
    draft = letters.draft(row, by=person(request))
    first = {"subject": draft.subject, "body": draft.body, "slip": uuid4().hex}
    return LetterForm(data_of(request), initial=first)


def _barred(row: Handoff) -> dict[str, Any]:
    return {"barred": correspondence.unreachable(row.contact), "to": row.contact.email}


def _findings_form(request: HttpRequest, row: Handoff) -> forms.Form:
    known = getattr(row, "bant", None)
    return FindingsForm(data_of(request), initial={name: getattr(known, name, "") for name in FINDINGS})


TALK_DEEDS = {
    "mail": Deed(
        gettext_lazy("Write a mail"),
        gettext_lazy("Send"),
        gettext_lazy("The mail to %(person)s is on its way, and logged."),
        _letter_form,
        _mail,
        template="desk/_deed_mail.html",
        more=_barred,
    ),
    "returned": Deed(
        gettext_lazy("The mail came back"),
        gettext_lazy("It did not arrive"),
        gettext_lazy("Noted. The clock of %(person)s runs on as if it had not been sent."),
        lambda request, row: AcceptForm(data_of(request)),
        _returned,
        template="desk/_deed_returned.html",
        is_grave=True,
    ),
    "bant": Deed(
        gettext_lazy("What the customer said"),
        gettext_lazy("Keep"),
        gettext_lazy("Kept with %(person)s."),
        _findings_form,
        _keep,
        template="desk/_deed_bant.html",
    ),
}
