"""The demo company's public forms: a white paper, a webinar in Japanese, a demo request; and its web site."""

from __future__ import annotations

from datetime import datetime

from content.models import Asset
from leads.capture import asking, submissions
from leads.capture.asking import Ticket
from leads.capture.submissions import Sent
from leads.models import CaptureForm, ConsentText, FormField, PathRule, Site

CONSENTS = {
    "en": "Baton may write to me about its products and events. I can take this back at any time.",
    "ja": "製品やイベントのご案内をメールで受け取ることに同意します。同意はいつでも取り消せます。",
}
# slug, title, introduction, language, what it counts as, asset behind it, words of thanks, questions (! required)
FORMS = [
    (
        "sla-guide", "What an SLA between marketing and sales is", "Twelve pages, with a template you can sign.", "en", "form", "sla-basics",
        "Here is your copy. It is a short read.", "last_name first_name company! job_title industry employee_count phone",
    ),
    (
        "handoff-webinar", "ウェビナー「取りこぼさない引き渡し」", "毎月第2木曜日 14:00〜15:00、オンラインで開催しています。", "ja", "webinar_registered",
        "handoff-webinar", "お申し込みを受け付けました。参加方法は開催前日までにメールでお送りします。", "last_name! first_name company! job_title stakeholder_role phone",
    ),
    (
        "demo", "See Baton with your own funnel", "Thirty minutes, online. Tell us where your leads get lost.", "en", "demo_request", "",
        "Somebody from our team will call you within one working day.", "last_name! company! phone message* job_title employee_count",
    ),
]  # fmt: skip
RULES = [
    ("/pricing", "pricing_view", "price-list"),
    ("/tour", "page_view", "product-tour"),
    ("/blog/*", "page_view", ""),
]


def publish() -> None:
    """Lay the forms, each leading to the next, and the site that tells what its visitors do."""
    consents = {
        language: ConsentText.objects.create(name="Marketing", language=language, text=text)
        for language, text in CONSENTS.items()
    }
    assets = Asset.objects.in_bulk(field_name="slug")
    made = {entry[0]: _form(entry, consents, assets) for entry in FORMS}
    CaptureForm.objects.filter(slug="sla-guide").update(next_form=made["demo"])
    site = Site.objects.create(code="www", name="www.baton.example", origins=["https://www.baton.example"])
    PathRule.objects.bulk_create(
        PathRule(site=site, position=place, path=path, kind=kind, asset=assets.get(slug))
        for place, (path, kind, slug) in enumerate(RULES)
    )


def _form(entry: tuple[str, ...], consents: dict[str, ConsentText], assets: dict[str, Asset]) -> CaptureForm:
    slug, title, intro, language, kind, asset, thanks, questions = entry
    form = CaptureForm.objects.create(
        slug=slug, title=title, intro=intro, language=language, kind=kind, asset=assets.get(asset), thanks=thanks,
        consent=consents[language], source="website", medium="form", is_active=True, most_fields=4,
        origins=["https://www.baton.example"],
    )  # fmt: skip
    FormField.objects.bulk_create(
        FormField(
            form=form, name=name.strip("!*"), position=place, is_required="!" in name,
            asked="always" if "*" in name else "unknown",
        )
        for place, name in enumerate(questions.split())
    )  # fmt: skip
    return form


def hold_one(at: datetime) -> None:
    """A post that somebody in marketing should look at."""
    form = CaptureForm.objects.get(slug="demo")
    said = {
        "email": "promo@links.example",
        "company": "Links",
        "message": "www.a.example www.b.example www.c.example",
    }
    asked = tuple(said)
    ticket: Ticket = asking.ticket_without_page(form, "promo", asked, at=at)
    submissions.submit(form, Sent(answers=said, ticket=ticket, is_from_page=False), at=at)
