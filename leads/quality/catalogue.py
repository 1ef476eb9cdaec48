"""Every rule of the audit, in the order it is shown. A new rule is one entry of its group's module."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from crm.components.faces import Words
from leads.models import Confirmation
from leads.quality import contradicting, duplicates, invalid, missing, stale
from leads.quality.rule import (
    COLUMNS,
    CONTRADICTING,
    DUPLICATE,
    INVALID,
    MISSING,
    STALE,
    Look,
    Rule,
)

GROUPS: dict[str, Words] = {
    MISSING: pgettext_lazy("data", "Missing"),
    INVALID: pgettext_lazy("data", "Invalid"),
    STALE: pgettext_lazy("data", "Stale"),
    CONTRADICTING: pgettext_lazy("data", "Contradicting"),
    DUPLICATE: pgettext_lazy("data", "Duplicate"),
}
RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *missing.RULES,
        *invalid.RULES,
        *stale.RULES,
        *contradicting.RULES,
        *duplicates.RULES,
    )
}


def of_group(group: str) -> list[Rule]:
    return [rule for rule in RULES.values() if rule.group == group]


def found(rule: Rule, look: Look) -> Q:
    """The leads a rule finds, without the records somebody confirmed to be right as they are."""
    condition = rule.applies(look)
    if rule.code not in look.settled:
        return condition
    right = Confirmation.objects.filter(rule=rule.code).values("record_id")
    return condition & ~Q(**{f"{COLUMNS[rule.subject]}__in": right})


# Leads that lack a detail their MQL definition asks for, or hold one that cannot be right, are not sound.
UNSOUND_RULES = frozenset({missing.INCOMPLETE.code, *(rule.code for rule in of_group(INVALID))})
