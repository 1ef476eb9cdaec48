"""What pages do with any question that takes seconds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm import present
from crm.pages import go, person
from crm.states import UnableToMove
from sla import runs
from sla.models import Run


def cancelled(request: HttpRequest, run: Run, page: str) -> HttpResponse:
    """Give the run up, and go back to its page with a word on what came of that."""
    try:
        runs.cancel(run, by=person(request), at=present.now())
        messages.success(request, _("Cancelled. Nothing was kept."))
    except UnableToMove as late:
        messages.error(request, str(late))
    return go(request, page)
