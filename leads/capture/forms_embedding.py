"""What is pasted into other sites: a form as plain HTML, the same in a frame, and the beacon."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from leads.capture import asking
from leads.capture.forms import AnswersForm
from leads.models import CaptureForm, Site


def address(form: CaptureForm) -> str:
    return settings.BASE_URL + reverse("capture-page", args=[form.slug])


def as_html(form: CaptureForm, *, at: datetime) -> str:
    """The questions an unknown visitor is asked, as a form that needs no script."""
    with translation.override(form.language):
        asked = tuple(one.name for one in asking.questions_for(form, set()))
        answers = AnswersForm(form, asked, at=at)
        answers.auto_id = False  # another site has ids of its own
        suggestions = asking.suggestions(form.language) if "industry" in asked else []
        context = {
            "form": form,
            "answers": answers,
            "address": address(form),
            "suggestions": suggestions,
        }
        return render_to_string("capture/_snippet.html", context).strip()


def as_frame(form: CaptureForm) -> str:
    """Asks a returning visitor the next questions only where the frame is on the same site as Baton."""
    size = 'width="100%" height="720" style="border:0"'
    return f'<iframe src="{escape(address(form))}" title="{escape(form.title)}" {size}></iframe>'


def beacon(_site: Site) -> str:
    return f'<script src="{escape(settings.BASE_URL + reverse("beacon-script"))}" defer></script>'
