"""What the deeds on feedback and data tasks still need to know, and which leads a dry run takes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from leads import segments
from leads.models import Lead, Segment, Stage

# Of how many leads those in a segment are picked out.
LOOKED_AT = 5000


class ReviewForm(forms.Form):
    conclusion = forms.CharField(
        label=_("Conclusion"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What marketing will do about it. Everybody who may see this feedback reads it."),
    )


class FinishForm(forms.Form):
    """What marketing mended before a lead is offered again, or goes back to nurture."""

    result = forms.CharField(
        label=_("What was mended"),
        max_length=200,
        help_text=_("A few words; whoever gets the lead reads them in its history."),
    )


class SampleForm(forms.Form):
    """Which leads a dry run of routing takes."""

    QUALIFIED = "qualified"
    SIZES = (10, 25, 50, 100, 200)

    stage = forms.ChoiceField(
        label=_("Leads"), choices=[(QUALIFIED, _("The last MQLs")), *Stage.choices], initial=QUALIFIED
    )
    segment = forms.ModelChoiceField(
        label=_("Segment"),
        queryset=Segment.objects.order_by("position", "pk"),
        required=False,
        empty_label=_("Any"),
    )
    source = forms.CharField(label=_("Source"), max_length=120, required=False)
    size = forms.TypedChoiceField(
        label=_("How many"), choices=[(size, str(size)) for size in SIZES], coerce=int, initial=25
    )

    def sample(self, user: User) -> list[Lead]:
        """The newest of the leads the person may see."""
        asked = self.cleaned_data
        rows = Lead.objects.visible_to(user).standing().with_people()
        if asked["stage"] == self.QUALIFIED:
            rows = rows.filter(qualified_at__isnull=False).order_by("-qualified_at", "-pk")
        else:
            rows = rows.filter(stage=asked["stage"]).order_by("-stage_at", "-pk")
        if asked["source"]:
            rows = rows.filter(source=asked["source"])
        return _inside(rows, asked["segment"], asked["size"])


def _inside(rows: Any, segment: Segment | None, size: int) -> list[Lead]:
    if segment is None:
        return list(rows[:size])
    looked_at = list(rows[:LOOKED_AT].values_list("pk", flat=True))
    inside = segments.matching(looked_at, [segment.pk])
    return list(rows.filter(pk__in=[lead for lead, place in inside.items() if place])[:size])
