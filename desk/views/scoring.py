"""The versions of the scoring model: draft, compare with the one in force, activate."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import access, present
from crm.components import charts
from crm.models import User
from crm.states import UnableToMove
from desk.context import url_of
from desk.views.answers import person
from leads.models import ScoringModel, VersionStatus
from leads.scoring import comparing, versions, wording


class ActivateForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


def keeper(request: HttpRequest) -> User:
    """The signed-in marketer or administrator; scoring is theirs."""
    user = person(request)
    access.require_role(user, access.MARKETER)
    return user


@login_required
@require_safe
def version_list(request: HttpRequest) -> HttpResponse:
    keeper(request)
    rows = ScoringModel.objects.select_related("author").order_by("-version")
    context = {
        "title": _("Scoring"),
        "lede": _(
            "What behaviour and fit are worth. A draft is compared with the version in force before it counts."
        ),
        "versions": [(row, _edit_url(row)) for row in rows],
        "report_url": url_of("reports:scoring"),
    }
    return render(request, "desk/scoring.html", context)


def _edit_url(row: ScoringModel) -> str:
    return url_of("admin:leads_scoringmodel_change", row.pk)


def _tested_url(row: ScoringModel) -> str:
    """The report that holds a version, beside the one in force, against what became of the handoffs."""
    versions_asked = dict.fromkeys([versions.active().version, row.version])
    return f"{url_of('reports:scoring')}?{urlencode({'version': [*versions_asked]}, doseq=True)}"


@login_required
@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    return _compared(request, _find(request, pk), ActivateForm())


def _find(request: HttpRequest, pk: int) -> ScoringModel:
    keeper(request)
    found: ScoringModel = get_object_or_404(ScoringModel.objects.select_related("author"), pk=pk)
    return found


def _compared(request: HttpRequest, row: ScoringModel, form: ActivateForm, status: int = 200) -> HttpResponse:
    now, is_active = present.now(), row.status == VersionStatus.ACTIVE
    found = None if is_active else comparing.compare(row, seen_by=person(request), at=now)
    rules = wording.beside(versions.active(), row)
    context = {
        "title": (
            _("Version %(version)s, in force")
            if is_active
            else _("Version %(version)s beside the one in force")
        )
        % {"version": row.version},
        "is_active": is_active,
        "row": row,
        "edit_url": _edit_url(row),
        "tested_url": _tested_url(row),
        "is_draft": row.status == VersionStatus.DRAFT,
        "form": form,
        "found": found,
        "rules": rules,
        "changes": wording.differing(rules),
        "picture": _bands(found) if found else None,
        "now": now,
    }
    return render(request, "desk/scoring_compare.html", context, status=status)


def _bands(found: comparing.Comparison) -> charts.Picture:
    """How many leads stand in each band of scores, now and under the draft."""
    return charts.line_chart(
        _("Leads by score"),
        [f"{low}–{high}" if high else f"{low}+" for low, high, _before, _after in found.bands],
        [
            charts.Series(_("In force"), [before for _low, _high, before, _after in found.bands]),
            charts.Series(_("This version"), [after for _low, _high, _before, after in found.bands], "2"),
        ],
        head=_("Score"),
    )


@login_required
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    made = versions.draft_from(versions.active(), by=keeper(request), at=present.now())
    messages.success(
        request,
        _("Version %(version)s is drafted. Change its rules, then compare.") % {"version": made.version},
    )
    return redirect("desk:scoring-compare", made.pk)


@login_required
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    row, form = _find(request, pk), ActivateForm(request.POST)
    if not form.is_valid():
        return _compared(request, row, form, status=422)
    note: Any = form.cleaned_data["note"]
    try:
        made = versions.activate(row, by=keeper(request), at=present.now(), note=note)
    except UnableToMove as refused:
        messages.error(request, str(refused))
        return _compared(request, row, form, status=409)
    said = ngettext(
        "Version %(version)s is in force; it made %(count)s new MQL.",
        "Version %(version)s is in force; it made %(count)s new MQLs.",
        len(made),
    )
    messages.success(request, said % {"version": row.version, "count": len(made)})
    return redirect("desk:scoring")
