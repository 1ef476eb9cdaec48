"""What the admin's deeds on feedback still need to know."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReviewForm(forms.Form):
    conclusion = forms.CharField(
        label=_("Conclusion"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What marketing will do about it. Everybody who may see this feedback reads it."),
    )
