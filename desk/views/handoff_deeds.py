"""The deeds with a handoff: each asks on a page or in a dialog, calls one deed, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import present
from crm.components import formats
from crm.models import Outcome
from desk import next_steps, presenting
from desk.forms import AcceptForm, ContactForm, ConvertForm, ReassignForm, RejectForm, opening_values
from desk.forms_answers import FINDINGS
from desk.views.answers import person
from desk.views.clock_deeds import CLOCK_DEEDS
from desk.views.deeds import Deed, Subject, data_of, perform
from desk.views.handoffs import find, page
from desk.views.talk_deeds import TALK_DEEDS
from leads.models import Programme
from sla import handoffs
from sla.handoffs import Opportunity, bant
from sla.models import Handoff, RejectionReason


def _contact(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    found = {name: said.pop(name) for name in FINDINGS}
    return next_steps.contact(row, by=person(request), at=present.now(), found=found, **said)


def _accept(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.accept(row, by=person(request), at=present.now())


def _claim(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.claim(row, by=person(request), at=present.now())


def _reject(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.reject(row, by=person(request), at=present.now(), **said)


def _convert(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    found = {name: said.pop(name) for name in FINDINGS if name in said}
    return handoffs.convert(row, Opportunity(**said), by=person(request), at=present.now(), found=found)


def _reassign(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.reassign(
        row, to=said["assignee"], note=said["note"], by=person(request), at=present.now()
    )


def _contact_form(request: HttpRequest, row: Handoff) -> forms.Form:
    known = getattr(row, "bant", None)
    findings = {name: getattr(known, name, "") for name in FINDINGS}
    suggested = {"next_on": next_steps.suggested_day(present.now())}
    return ContactForm(data_of(request), initial=findings | suggested)


def _was_reached(said: Mapping[str, Any]) -> bool:
    """After a talk comes the verdict on this person; after an attempt comes somebody else."""
    return bool(said["outcome"] == Outcome.REACHED)


def _asked(row: Handoff) -> dict[str, Any]:
    """What the agreement asks for is asked at once; otherwise it waits to be opened."""
    return {"is_asked": bool(row.terms.body["sql_fields"])}


def _reject_form(request: HttpRequest, row: Handoff) -> forms.Form:
    offered = RejectionReason.objects.filter(code__in=row.rules).order_by("position", "code")
    asks = any(rule.get("comment_required") for rule in row.rules.values())
    return RejectForm(data_of(request), reasons=list(offered), asks_for_comment=asks)


def _consequences(row: Handoff) -> dict[str, Any]:
    programmes = {programme.code: str(programme) for programme in Programme.objects.all()}
    is_last = row.round >= row.terms.body["max_rounds"]
    said = {
        code: presenting.consequence(rule, programmes, is_last=is_last) for code, rule in row.rules.items()
    }
    return {"notes": said}


def _convert_form(request: HttpRequest, row: Handoff) -> forms.Form:
    opening = opening_values(row, formats.local(present.now()).date())
    return ConvertForm(data_of(request), asked=bant.missing(row), initial=opening)


DEEDS = {
    "contact": Deed(
        gettext_lazy("Log a contact"),
        gettext_lazy("Log"),
        gettext_lazy("Logged. What you found is kept with %(person)s."),
        _contact_form,
        _contact,
        template="desk/_deed_contact.html",
        more=_asked,
        stays=_was_reached,
    ),
    "accept": Deed(
        gettext_lazy("Accept"),
        gettext_lazy("Accept"),
        gettext_lazy("Accepted. %(person)s is yours."),
        lambda request, row: AcceptForm(data_of(request)),
        _accept,
    ),
    "claim": Deed(
        gettext_lazy("Claim"),
        gettext_lazy("Claim"),
        gettext_lazy("Claimed. %(person)s is yours."),
        lambda request, row: AcceptForm(data_of(request)),
        _claim,
    ),
    "reject": Deed(
        gettext_lazy("Reject with a reason"),
        gettext_lazy("Reject"),
        gettext_lazy("Rejected. Marketing hears why %(person)s came back."),
        _reject_form,
        _reject,
        template="desk/_deed_reject.html",
        more=_consequences,
        is_grave=True,
    ),
    "convert": Deed(
        gettext_lazy("Convert into a deal"),
        gettext_lazy("Open the deal"),
        gettext_lazy("The deal with %(person)s is open."),
        _convert_form,
        _convert,
        template="desk/_deed_convert.html",
    ),
    "reassign": Deed(
        gettext_lazy("Give to somebody else"),
        gettext_lazy("Reassign"),
        gettext_lazy("%(person)s has a new owner."),
        lambda request, row: ReassignForm(data_of(request), viewer=person(request)),
        _reassign,
    ),
    **CLOCK_DEEDS,
    **TALK_DEEDS,
}


def _whom(row: Handoff) -> str:
    return presenting.whom(row.contact, row.account)


def _stale(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk), status=409)


HANDOFF = Subject("handoff", find, _whom, lambda row: {"person": row.contact}, "desk:handoff", _stale)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    return perform(request, HANDOFF, pk, name, DEEDS)
