"""The deeds with a handoff's clock: let it stand still, let it run on, put it under the agreement in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm import present
from crm.components import formats
from desk import promises
from desk.forms import AcceptForm
from desk.forms_answers import PAUSE_REASONS, PauseForm, RebaseForm
from desk.views.answers import person
from desk.views.deeds import Deed, data_of
from sla import handoffs
from sla.handoffs import rebasing
from sla.models import Handoff


def _pause(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.pause(row, by=person(request), at=present.now(), **said)


def _resume(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.resume(row, by=person(request), at=present.now())


def _rebase(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.rebase(row, by=person(request), at=present.now(), **said)


def _pause_form(request: HttpRequest, row: Handoff) -> forms.Form:
    return PauseForm(data_of(request))


def _rebase_form(request: HttpRequest, row: Handoff) -> forms.Form:
    return RebaseForm(data_of(request))


def _nothing_to_ask(request: HttpRequest, row: Handoff) -> forms.Form:
    return AcceptForm(data_of(request))


def _pausing(row: Handoff) -> dict[str, Any]:
    return {
        "suggestions": PAUSE_REASONS,
        "until": formats.exact(present.now() + timedelta(days=row.terms.body["pause_days"])),
        "left": promises.pauses_left(row),
        "agreed": row.terms.body["max_pauses"],
    }


def _rebasing(row: Handoff) -> dict[str, Any]:
    return {"handoff": row, "in_force": rebasing.agreement_for(row)}


CLOCK_DEEDS = {
    "pause": Deed(
        gettext_lazy("Pause the clock"),
        gettext_lazy("Pause"),
        gettext_lazy("The clock of %(person)s stands still."),
        _pause_form,
        _pause,
        template="desk/_deed_pause.html",
        more=_pausing,
    ),
    "resume": Deed(
        gettext_lazy("Let the clock run on"),
        gettext_lazy("Run on"),
        gettext_lazy("The clock of %(person)s runs on."),
        _nothing_to_ask,
        _resume,
    ),
    "rebase": Deed(
        gettext_lazy("Put under the agreement in force"),
        gettext_lazy("Put under it"),
        gettext_lazy("%(person)s is under the agreement in force now."),
        _rebase_form,
        _rebase,
        template="desk/_deed_rebase.html",
        more=_rebasing,
    ),
}
