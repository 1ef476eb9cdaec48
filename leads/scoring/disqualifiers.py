"""What keeps a lead from sales, whatever its score. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.domains import is_free_mail, within_domain
from leads.scoring.profile import InvalidRule, Profile, contains, folded, one_of

STUDENT_TITLES = ("student", "学生", "院生", "生徒")


@dataclass(frozen=True)
class DisqualifierRule:
    """What makes a score 0.

    kind: unsubscribed · competitor_domain, own_company (values: domains, subdomains included; for own_company
    company names too) · student (values: domains and words of a title; without values the usual titles) ·
    free_mail (values: further domains) · existing_customer (somebody else of the
    company is one) · job_title_contains · attribute (`attribute` is one of the values).
    """

    kind: str
    values: tuple[str, ...] = ()
    attribute: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(value for value in self.values if folded(value)))
        if self.kind not in _DISQUALIFIERS:
            raise InvalidRule(_("%s is not a kind of disqualifier.") % self.kind)

    def matched_by(self, profile: Profile) -> str:
        """What in the profile meets the rule; '' when nothing does."""
        return _DISQUALIFIERS[self.kind](self, profile)


@dataclass(frozen=True)
class Disqualification:
    """A disqualifier that applies, and what in the profile met it; its kind where there is nothing more to say."""

    kind: str
    label: str
    value: str


def _unsubscribed(rule: DisqualifierRule, profile: Profile) -> str:
    return rule.kind if profile.unsubscribed else ""


def _domain_in(rule: DisqualifierRule, profile: Profile) -> str:
    return profile.email_domain if within_domain(profile.email_domain, rule.values) else ""


def _student(rule: DisqualifierRule, profile: Profile) -> str:
    titles = tuple(value for value in rule.values if "." not in value)
    title = folded(profile.job_title)
    is_student = any(_ends_with_word(title, folded(word)) for word in titles or STUDENT_TITLES)
    return profile.job_title if is_student else _domain_in(rule, profile)


def _ends_with_word(title: str, word: str) -> bool:
    """'MBA student' and '大学院生' are students; 'Student affairs manager' and '学生課長' are not."""
    before = title.removesuffix(word)[-1:] if title.endswith(word) else None
    return before is not None and not (word.isascii() and before.isalnum())


def _free_mail(rule: DisqualifierRule, profile: Profile) -> str:
    return profile.email_domain if is_free_mail(profile.email_domain) else _domain_in(rule, profile)


def _existing_customer(rule: DisqualifierRule, profile: Profile) -> str:
    return profile.company or rule.kind if profile.is_customer else ""


def _own_company(rule: DisqualifierRule, profile: Profile) -> str:
    is_named = bool(profile.company) and one_of(profile.company, rule.values)
    return profile.company if is_named else _domain_in(rule, profile)


def _job_title(rule: DisqualifierRule, profile: Profile) -> str:
    return profile.job_title if contains(profile.job_title, rule.values) else ""


def _attribute(rule: DisqualifierRule, profile: Profile) -> str:
    value = profile.value_of(rule.attribute)
    return str(value) if value is not None and one_of(value, rule.values) else ""


_DISQUALIFIERS: dict[str, Callable[[DisqualifierRule, Profile], str]] = {
    "unsubscribed": _unsubscribed,
    "competitor_domain": _domain_in,
    "student": _student,
    "free_mail": _free_mail,
    "existing_customer": _existing_customer,
    "own_company": _own_company,
    "job_title_contains": _job_title,
    "attribute": _attribute,
}
