"""The editor of a draft: sections as in the contract, and beside them what the contract says by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import access, present
from crm.components.faces import Words
from crm.pages import explain, is_htmx, person
from crm.states import Refused, UnableToMove
from sla import agreements, contract, reading, terms
from sla.drafts import EDITORS
from sla.forms_draft import Draft
from sla.models import Agreement, AgreementStatus
from sla.views.agreements import find, page

# Clause by clause what is typed there; reasons and steps have rows of their own.
SECTIONS: dict[str, tuple[str, ...]] = {
    "scope": ("title", "segment"),
    "mql": (
        "mql-threshold",
        "mql-minimum_grade",
        "mql-required_fields",
        "mql-hand_raises",
        "mql-consent_required",
    ),
    "marketing": ("monthly_mqls", "acceptance_rate", "completeness"),
    "response": ("response_hours", "response_counts", "attempts", "channels"),
    "answer": ("accept_hours", "feedback_hours"),
    "expiry": ("expire_hours", "after_expiry"),
    "routing": ("routing",),
    "pauses": ("max_pauses", "pause_days"),
    "time": ("business_hours", "calendar", "leave_stops_clock"),
    "told": (),
    "sql": ("sql_fields",),
    "reasons": (),
    "rounds": ("max_rounds",),
    "note": ("note",),
}


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    heading: Words
    fields: list[BoundField] = field(default_factory=list)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the forms, POST saves them; htmx asks the same address what the contract would say."""
    row = find(request, pk)
    access.require_role(request.user, *EDITORS)
    if row.status != AgreementStatus.DRAFT:
        late = UnableToMove("agreement", str(row.get_status_display()), _("changed"), state=row.status)
        return _too_late(request, row, late)
    if request.method != "POST":
        return _shown(request, row, Draft(row), terms.contract_body(row))
    if is_htmx(request):
        return render(request, "sla/_preview.html", _preview(request, row, Draft(row, request.POST).body()))
    if {"more", "preview"} & set(request.POST):
        draft = Draft(row, _with_more_steps(request))
        return _shown(request, row, draft, draft.body())
    return _save(request, row, Draft(row, request.POST))


def _save(request: HttpRequest, row: Agreement, draft: Draft) -> HttpResponse:
    if not draft.is_valid():
        return _shown(request, row, draft, draft.body(), status=422)
    rules, steps = draft.rows()
    try:
        agreements.revise(
            row,
            by=person(request),
            at=present.now(),
            seen=draft.terms.cleaned_data["seen"],
            definition=draft.definition.instance,
            rules=rules,
            steps=steps,
            **draft.terms.changes(),
        )
    except UnableToMove as late:
        return _too_late(request, row, late)
    except Refused as refused:
        explain(draft.terms, refused)
        return _shown(request, row, draft, draft.body(), status=422)
    messages.success(request, _("The draft is saved."))
    return HttpResponseRedirect(reverse("sla:agreement", args=[row.pk]))


def _too_late(request: HttpRequest, row: Agreement, late: UnableToMove) -> HttpResponse:
    messages.error(request, str(late))
    return page(request, find(request, row.pk), status=409)


def _with_more_steps(request: HttpRequest) -> Any:
    """One more empty row, for those who have filled the last and use no script."""
    data, total = request.POST.copy(), request.POST.get("step-TOTAL_FORMS", "")
    if "more" in data and total.isascii() and total.isdigit():
        data["step-TOTAL_FORMS"] = str(int(total) + 1)
    return data


def _shown(
    request: HttpRequest, row: Agreement, draft: Draft, body: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Edit version %(version)s") % {"version": row.version},
        "lede": _("Write what both sides should promise; beside it stands what the contract says by then."),
        "agreement": row,
        "draft": draft,
        "sections": _sections(draft),
        "back": reverse("sla:agreement", args=[row.pk]),
        "is_refused": status == 422,
        **_preview(request, row, body),
    }
    return render(request, "sla/agreement_edit.html", context, status=status)


def _sections(draft: Draft) -> list[Section]:
    made = []
    for number, (key, names) in enumerate(SECTIONS.items(), start=1):
        heading = _("%(number)d. %(heading)s") % {"number": number, "heading": contract.HEADINGS[key]}
        made.append(Section(key, heading, [_bound(draft, name) for name in names]))
    return made


def _bound(draft: Draft, name: str) -> BoundField:
    form: forms.BaseForm = draft.definition if name.startswith("mql-") else draft.terms
    return form[name.removeprefix("mql-")]


def _preview(request: HttpRequest, row: Agreement, body: dict[str, Any]) -> dict[str, Any]:
    """What the draft says otherwise than the agreement in force for the same leads; without one, what it says."""
    known = reading.names()
    clauses = contract.clauses(body, known)
    in_force = Agreement.objects.visible_to(person(request)).in_force().exclude(pk=row.pk)
    base = in_force.filter(segment=row.segment_id).first() or in_force.filter(segment=None).first()
    changes = contract.diff(contract.clauses(reading.text_of(base), known), clauses) if base else []
    return {
        "against": base,
        "clauses": clauses,
        "changes": changes,
        "differing": sum(change.state != contract.SAME for change in changes),
    }
