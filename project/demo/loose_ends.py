# tables of words, one row a line
"""What lies about at the end of the year: somebody known twice, gaps in a list, behaviour of strangers, a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from crm import directory, searching
from crm.models import Contact
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import waiting
from leads.events.recording import Behaviour
from leads.models import BehaviourRule, ScoringModel
from leads.quality import walking
from leads.scoring import versions
from project.demo.cast import Cast

# A company that is there already, as somebody else wrote it: name, domain.
ALSO_KNOWN_AS = [
    ("青葉ソフト", "aobasoft-hd.example.jp"),
    ("(株)みどり製薬", ""),
    ("東海化成ホールディングス株式会社", "tokai-kasei-hd.example.jp"),
    ("Brightwater Analytics", "brightwater-group.example.com"),
    ("Kestrel System", ""),
]
# A list typed at a stand, in haste: family name, given name, e-mail, company, title, phone.
TYPED = [
    ("テスト", "", "test@midori-seiyaku.example.jp", "株式会社みどり製薬", "", "03-5299-0001"),
    ("西野", "歩", "a.nishino@gmail.com", "", "営業部長", ""),
    ("inoue@kawasemi.example.jp", "", "inoue@kawasemi.example.jp", "株式会社かわせみ設計", "部長", ""),
    ("杉山", "健", "sugiyama@kodama-milk.example.jp", "株式会社こだま乳業", "", ""),
    ("Foster", "Ruth", "ruth.foster@isca-housing.example.com", "Isca Housing", "", ""),
    ("", "", "sales@greyfriars.example.com", "Greyfriars Media", "", ""),
    ("Baker", "Tom", "t.baker@example.org", "n/a", "Director", ""),
]  # fmt: skip
# Kind, asset, days ago and who: they watched or read before anybody knew them.
STRANGERS = [
    ("webinar", "trend-webinar", 6, "h.mizuno"), ("webinar", "trend-webinar", 6, "kondo"), ("page_view", "", 5, "kondo"),
    ("download", "sla-basics", 4, "l.harper"), ("webinar", "trend-webinar", 6, "l.harper"), ("email_click", "", 3, "h.mizuno"),
    ("event_visit", "", 12, "s.doyle"), ("pricing_view", "price-list", 2, "kondo"), ("download", "benchmark-report", 1, "e.ueda"),
]  # fmt: skip
# What marketing would change next: points by behaviour.
PROPOSED = {"pricing_view": 9, "webinar": 8, "room_view": 6, "email_open": 0, "page_view": 0.5}
NOTE = "Prices and webinars count more, opened mails not at all."


def leave(cast: Cast, at: datetime) -> None:
    """Leave all of it, and let the search for duplicates and the audit find what they find."""
    marketer = cast.marketers[0]
    rows = [directory.new_account(name=name, domain=domain) for name, domain in ALSO_KNOWN_AS]
    directory.add_accounts(rows, by=marketer, at=at)
    door.capture([*_again(at), *_typed(at)], by=marketer, at=at)
    waiting.receive(list(_of_strangers(at)), by=None, at=at)
    _draft(cast, at)
    searching.search(at=at, batches=None)
    walking.complete(at=at)


def _again(at: datetime) -> Iterator[Inquiry]:
    """People who are known, from another list: a private address, a slip in the name, a second desk."""
    known = Contact.objects.standing().exclude(account=None).exclude(last_name="").exclude(phone="")
    people = known.select_related("account").order_by("email_key")[:60:6]
    for number, one in enumerate(people):
        assert one.account
        email, title, phone = _told_otherwise(one, number % 3)
        yield Inquiry(
            last_name=one.last_name, first_name=one.first_name, email=email, phone=phone, job_title=title,
            company=one.account.name, source="fair", medium="event", campaign="tokyo-sales-expo",
            captured_at=at - timedelta(days=number),
        )  # fmt: skip


def _told_otherwise(one: Contact, way: int) -> tuple[str, str, str]:
    """E-mail, title and phone."""
    mailbox, _at, domain = one.email.partition("@")
    if way == 0:
        return f"{mailbox}@gmail.com", one.job_title, ""
    if way == 1:
        return f"{mailbox.partition('.')[2]}@{domain}", "", ""
    return f"{mailbox[:1]}{mailbox}@{domain}", one.job_title, one.phone


def _typed(at: datetime) -> Iterator[Inquiry]:
    for last, first, email, company, title, phone in TYPED:
        yield Inquiry(
            last_name=last, first_name=first, email=email, company=company, job_title=title, phone=phone,
            source="fair", medium="event", captured_at=at - timedelta(days=9),
        )  # fmt: skip


def _of_strangers(at: datetime) -> Iterator[Behaviour]:
    for number, (kind, asset, days, who) in enumerate(STRANGERS):
        yield Behaviour(
            source="webinar-tool", external_id=f"stranger-{number}", kind=kind, asset=asset,
            occurred_at=at - timedelta(days=days), email=f"{who}@newcomer.example.com",
        )  # fmt: skip


def _draft(cast: Cast, at: datetime) -> ScoringModel:
    draft = versions.draft_from(versions.active(), by=cast.marketers[0], at=at)
    ScoringModel.objects.filter(pk=draft.pk).update(note=NOTE)
    for kind, points in PROPOSED.items():
        BehaviourRule.objects.filter(model=draft, kind=kind).update(points=points)
    return draft
