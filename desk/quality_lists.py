"""The leads behind a figure of the audit, and what can be mended in each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.components.faces import Words
from crm.components.tables import Filter, Option
from crm.models import DuplicatePair, StakeholderRole, User
from desk.record_lists import COUNTED
from leads.models import Lead
from leads.quality import details, figures, mending
from leads.quality.catalogue import GROUPS, RULES
from leads.quality.details import DETAILS, Detail
from leads.quality.rule import ACCOUNT, COLUMNS, DUPLICATE, Rule
from reports import filters
from reports.facets import NO, YES
from reports.quality import Asked
from reports.quality_tables import EVERY

# What an address asks to be found.
FOUND = ("rule", "group", "sound")
SUGGESTED = 20
# What others have there is looked up in so many of the newest leads.
ASKED = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A lead, what is wrong with it, and of the rule looked at what is there now, or the pair that may be one.

    `said` is what was just done.
    """

    lead: Lead
    rules: list[Rule]
    may_mend: bool
    known: str = ""
    said: Words = ""
    complaint: str = ""
    is_settled: bool = False
    pair: int | None = None


def found(asked: Asked, query: QueryDict) -> Any:
    if query.get("leads") == EVERY and not any(query.get(name) for name in FOUND):
        return asked.leads()
    return figures.narrowed(
        asked.leads(),
        months=asked.months,
        rule=query.get("rule", ""),
        group=query.get("group", ""),
        sound=query.get("sound", ""),
    )


def companies(leads: Any, rule: Rule | None) -> int | None:
    """At how many companies the leads of a rule about companies are; nothing where that is too much to count."""
    if rule is None or rule.subject != ACCOUNT:
        return None
    theirs = list(leads.order_by().values_list("account", flat=True)[: COUNTED + 1])
    return len(set(theirs)) if len(theirs) <= COUNTED else None


def rows_of(leads: Sequence[Lead], asked: Asked, rule: Rule | None, *, user: User) -> list[Row]:
    problems = figures.problems([lead.pk for lead in leads], months=asked.months)
    workable, pairs = mending.workable(leads, user), _pairs(rule, leads, user)
    return [
        Row(
            lead,
            problems.get(lead.pk, []),
            lead.pk in workable,
            known_of(rule, lead),
            pair=pairs.get(lead.pk),
        )
        for lead in leads
    ]


def _pairs(rule: Rule | None, leads: Sequence[Lead], user: User) -> dict[int, int]:
    """Of a rule about duplicates the likeliest pair that each lead's record is in."""
    if rule is None or rule.group != DUPLICATE:
        return {}
    records = {lead.pk: getattr(lead, f"{COLUMNS[rule.subject]}_id") for lead in leads}
    told = DuplicatePair.objects.visible_to(user).open().likely().touching(rule.subject, *records.values())
    of: dict[int, int] = {}
    for pair, *both in told.likeliest_first().values_list("pk", "low", "high"):
        for record in both:
            of.setdefault(record, pair)
    return {lead: of[record] for lead, record in records.items() if record in of}


def known_of(rule: Rule | None, lead: Lead) -> str:
    return details.known(rule.detail, lead) if rule and rule.detail else ""


def detail_of(rule: Rule | None) -> Detail | None:
    return DETAILS.get(rule.detail) if rule else None


def choices_of(rule: Rule | None) -> list[tuple[str, Any]]:
    """What can only be chosen; nothing where it is typed."""
    return list(StakeholderRole.choices) if rule and rule.detail == "stakeholder_role" else []


def suggested(rule: Rule | None, user: User) -> list[str]:
    """What others have there most often, for a detail with few answers."""
    detail = detail_of(rule)
    if rule is None or detail is None or rule.detail not in ("industry", "country", "source"):
        return []
    column = f"account__{rule.detail}" if detail.subject == ACCOUNT else rule.detail
    newest = Lead.objects.visible_to(user).standing().order_by("-pk").values_list(column, flat=True)[:ASKED]
    told = Counter(said for said in newest if said)
    return sorted(told, key=lambda said: (-told[said], said))[:SUGGESTED]


def of_list(asked: Asked, query: QueryDict) -> list[Filter]:
    rules = [Option(rule.code, f"{GROUPS[rule.group]}: {rule.label}") for rule in RULES.values()]
    sound = [Option(YES, _("Yes")), Option(NO, _("No"))]
    return [
        Filter("rule", _("Rule"), rules),
        Filter("group", _("Kind"), [Option(code, label) for code, label in GROUPS.items()]),
        Filter("sound", _("Complete and valid"), sound),
        *_also(query),
        *filters.of_audit(asked),
    ]


def _also(query: QueryDict) -> list[Filter]:
    """Who asks for no finding may see those without any as well."""
    if any(query.get(name) for name in FOUND):
        return []
    return [Filter("leads", _("Also"), [Option(EVERY, _("Leads with nothing found"))])]


def words(query: QueryDict) -> tuple[Words, Words]:
    """The title of the list, and what to do with it."""
    rule, group = RULES.get(query.get("rule", "")), query.get("group", "")
    if rule:
        return f"{GROUPS[rule.group]}: {rule.label}", rule.mend
    if group in GROUPS:
        return GROUPS[group], _("What the rules of this kind found. Choose a rule to mend it in the row.")
    if query.get("sound") == NO:
        return _("Not complete and valid"), _("A detail is lacking or cannot be right.")
    if query.get("sound") == YES:
        return _("Complete and valid"), _(
            "Nothing is lacking that is asked for, and nothing cannot be right."
        )
    if query.get("leads") == EVERY:
        return _("Leads of the audit"), _("All that were looked at, with what was found in each.")
    return _("Leads with something to mend"), _(
        "What is wrong with each. Choose a rule to mend it in the row."
    )


def cells(row: Row) -> list[object]:
    lead = row.lead
    company = lead.account.name if lead.account else ""
    found = "; ".join(f"{GROUPS[rule.group]}: {rule.label}" for rule in row.rules)
    return [
        lead.pk,
        lead.contact.full_name,
        lead.contact.email,
        company,
        lead.source,
        lead.captured_at,
        found,
    ]
