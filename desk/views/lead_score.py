"""A lead's score taken apart: today, on any past day, and under any version of the model."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import present
from crm.states import Refused
from desk import score_page
from desk.forms import DayInput
from desk.views import lead_page
from desk.views.answers import explain
from leads.models import Lead
from leads.scoring import explaining


class AskForm(forms.Form):
    """Which day and which version a score is asked for."""

    at = forms.DateField(label=gettext_lazy("On the day"), required=False, widget=DayInput)
    version = forms.TypedChoiceField(
        label=gettext_lazy("Under version"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(row.version, f"{row} · {row.get_status_display()}") for row in explaining.known_versions()]
        self.fields["version"].choices = [("", _("Whichever was in force")), *named]  # type: ignore[attr-defined]


@login_required
@require_safe
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """The score taken apart: every part, and their sum."""
    lead, now = lead_page.find(request, pk), present.now()
    form = AskForm(request.GET or None)
    told = _told(lead, form, now)
    counted = told.counted
    context = {
        "title": _("How %(name)s scores") % {"name": lead},
        "lead": lead,
        "form": form,
        "told": told,
        "asked_day": _asked_day(form, now),
        "why": told.why,
        "parts": score_page.parts_of(counted[: score_page.EXPLAINED]),
        "rest": score_page.rest_of(counted[score_page.EXPLAINED :]),
        "beyond": score_page.beyond_of(told),
        "reasons": score_page.reasons_of(told.why.fit),
        "against": score_page.against_of(told.why.fit),
        "threshold": told.threshold,
        "course": score_page.course_picture(explaining.course(lead, now=now), told.threshold),
        "now": now,
    }
    return render(request, "desk/lead_score.html", context, status=422 if form.errors else 200)


def _told(lead: Lead, form: AskForm, now: datetime) -> explaining.Told:
    """What was asked for; where that makes no sense the form says so, and the score is that of now."""
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            return explaining.explain(lead, now=now, at=_end_of(said["at"], now), version=said["version"])
        except Refused as refused:
            explain(form, refused)
    return explaining.explain(lead, now=now)


def _asked_day(form: AskForm, now: datetime) -> date | None:
    """The past day whose end is shown."""
    day: date | None = form.cleaned_data.get("at") if form.is_bound and form.is_valid() else None
    return day if _end_of(day, now) else None


def _end_of(day: Any, now: datetime) -> datetime | None:
    """The end of a day on the reader's calendar; None for today, which has not ended."""
    if day is None or day == timezone.localtime(now).date():
        return None
    return timezone.make_aware(datetime.combine(day, time())) + timedelta(days=1)
