"""Parts of the SLA that pages of higher apps show."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from sla import explaining
from sla.models import Handoff

register = template.Library()


@register.inclusion_tag("sla/_routed.html", takes_context=True)
def routed(context: Context, handoff: Handoff) -> dict[str, Any]:
    """`{% routed handoff %}`: why it is with whoever has it, in words."""
    return {"why": explaining.of(handoff, context["request"].user)}
