"""What happened to a record, in sentences: ledger entries and behaviour, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm.components.faces import Words, face
from crm.components.happenings import Happening
from crm.models import Account, Channel, Contact, LedgerEntry, Outcome, User
from deals.models import Deal, DealStage
from leads.events import withdrawing
from leads.models import BehaviourEvent, EventKind, Lead, Touch

SHOWN = 60
EVENT_ICONS = {
    "page_view": "eye", "pricing_view": "eye", "room_view": "eye", "download": "download", "webinar": "webinar",
    "webinar_registered": "webinar", "email_open": "mail", "email_click": "mail", "form": "document",
    "inquiry": "document", "demo_request": "document", "event_visit": "meeting",
}  # fmt: skip
CHANNEL_ICONS = {"call": "phone", "email": "mail", "meeting": "meeting", "message": "send", "note": "note"}
IN_OWN_WORDS = {"handoff.paused", "handoff.rebased", "handoff.reassigned", "data_task.done"}
# kind of a ledger entry → words, icon, tone
SENTENCES: dict[str, tuple[Words, str, str]] = {
    "lead.captured": (gettext_lazy("Came in as a lead"), "lead", "plain"),
    "lead.imported": (gettext_lazy("Imported as a lead"), "upload", "plain"),
    "lead.qualified": (gettext_lazy("Reached the threshold and became an MQL"), "spark", "accent"),
    "lead.handpicked": (gettext_lazy("Chosen by hand as an MQL"), "spark", "accent"),
    "lead.merged": (gettext_lazy("Merged into another lead"), "merge", "plain"),
    "lead.absorbed": (
        gettext_lazy("Another lead of the same person was merged into this one"),
        "merge",
        "plain",
    ),
    "form_post.accepted": (gettext_lazy("A form post that was held back was taken in"), "check", "plain"),
    "contact.merged": (gettext_lazy("Two records of one person became one"), "merge", "plain"),
    "lead.edited": (gettext_lazy("Lead changed"), "pencil", "plain"),
    "lead.released": (gettext_lazy("The wait is over; back in nurture"), "nurture", "plain"),
    "lead.events_withdrawn": (gettext_lazy("Some behaviour was taken back"), "undo", "plain"),
    "lead.events_restored": (gettext_lazy("Behaviour that was taken back counts again"), "undo", "plain"),
    "contact.readdressed": (gettext_lazy("The e-mail address changed"), "mail", "plain"),
    "handoff.offered": (gettext_lazy("Handed over to sales"), "handoff", "accent"),
    "handoff.recorded": (gettext_lazy("An earlier handoff was recorded"), "handoff", "plain"),
    "handoff.claimed": (gettext_lazy("Claimed from the queue"), "handoff", "accent"),
    "handoff.reassigned": (gettext_lazy("Handed to somebody else"), "people", "plain"),
    "handoff.contacted": (gettext_lazy("First contact made"), "contact", "ok"),
    "handoff.accepted": (gettext_lazy("Accepted by sales"), "accept", "ok"),
    "handoff.converted": (gettext_lazy("Became a deal"), "convert", "ok"),
    "handoff.rejected": (gettext_lazy("Rejected by sales"), "reject", "hold"),
    "handoff.expired": (gettext_lazy("The handoff ran out of time"), "breached", "late"),
    "handoff.withdrawn": (gettext_lazy("The handoff was withdrawn"), "undo", "plain"),
    "handoff.paused": (gettext_lazy("The clock was paused"), "paused", "hold"),
    "handoff.resumed": (gettext_lazy("The clock ran on"), "clock", "plain"),
    "handoff.rebased": (gettext_lazy("Put under the agreement in force"), "sla", "plain"),
    "handoff.reopened": (gettext_lazy("The contact did not arrive; the clock runs on"), "undo", "warn"),
    "handoff.bant": (gettext_lazy("Found out what the customer needs"), "note", "plain"),
    "handoff.escalated": (gettext_lazy("Still no answer; somebody was told"), "breached", "late"),
    "activity.bounced": (gettext_lazy("A mail bounced"), "undo", "late"),
    "data_task.done": (gettext_lazy("Marketing completed the data"), "check", "ok"),
    "handoff.warning": (gettext_lazy("Time for the first contact is short"), "at-risk", "warn"),
    "handoff.breach": (gettext_lazy("The first contact is late"), "breached", "late"),
    "handoff.feedback": (gettext_lazy("Feedback is late"), "breached", "late"),
    "feedback.reviewed": (gettext_lazy("Marketing read the feedback"), "check", "plain"),
    "followup.planned": (gettext_lazy("Follow-up planned"), "task", "plain"),
    "followup.done": (gettext_lazy("Follow-up done"), "task", "ok"),
    "followup.reopened": (gettext_lazy("Follow-up taken up again"), "task", "plain"),
    "deal.opened": (gettext_lazy("Deal opened"), "deal", "accent"),
    "deal.imported": (gettext_lazy("Deal imported"), "upload", "plain"),
    "deal.edited": (gettext_lazy("Deal changed"), "pencil", "plain"),
    "deal.won": (gettext_lazy("Deal won"), "trophy", "ok"),
    "deal.lost": (gettext_lazy("Deal lost"), "reject", "hold"),
    "deal.reopened": (gettext_lazy("Deal taken up again"), "undo", "plain"),
    "deal.seated": (gettext_lazy("Somebody joined the buying committee"), "people", "plain"),
    "contact.added": (gettext_lazy("Contact added"), "contact", "plain"),
    "contact.edited": (gettext_lazy("Contact changed"), "pencil", "plain"),
    "account.added": (gettext_lazy("Company added"), "account", "plain"),
    "account.edited": (gettext_lazy("Company changed"), "pencil", "plain"),
    "account.merged": (gettext_lazy("Two records of one company became one"), "merge", "plain"),
    "account.unmerged": (gettext_lazy("A merge of companies was undone"), "undo", "plain"),
    "contact.unmerged": (gettext_lazy("A merge of people was undone"), "undo", "plain"),
}
# The same for the promises after the first contact.
OTHER_CLOCKS: dict[tuple[str, str], Words] = {
    ("handoff.warning", "acceptance"): gettext_lazy("Time to accept or reject is short"),
    ("handoff.breach", "acceptance"): gettext_lazy("Accept or reject is late"),
    ("handoff.escalated", "acceptance"): gettext_lazy("Accept or reject is still late; somebody was told"),
    ("handoff.warning", "feedback"): gettext_lazy("Time to tell the outcome is short"),
    ("handoff.breach", "feedback"): gettext_lazy("Feedback is late"),
    ("handoff.escalated", "feedback"): gettext_lazy("Feedback is still late; somebody was told"),
}


def of_lead(lead: Lead, user: User) -> list[Happening]:
    """The lead's own entries (whoever sees the lead sees those), the person's as far as visible, and behaviour."""
    journeys, people = Lead.objects.known_as(lead.pk), Contact.objects.known_as(lead.contact_id)
    own = _newest(LedgerEntry.objects.filter(subject_type="lead", subject_id__in=journeys))
    around = LedgerEntry.objects.visible_to(user).filter(contact__in=people).exclude(subject_type="lead")
    behaviour = _events(lead, is_marketing=withdrawing.may_withdraw(user))[:SHOWN]
    entries = sorted([*own, *_newest(around)], key=lambda entry: (entry.at, entry.pk), reverse=True)
    ways = Touch.objects.filter(lead=lead).select_related("form").order_by("-occurred_at", "-pk")[:SHOWN]
    shown = [_behaviour(event, is_marketing=withdrawing.may_withdraw(user)) for event in behaviour]
    return _merged(told(entries), shown, [_way(touch) for touch in ways])


def _events(lead: Lead, *, is_marketing: bool) -> Any:
    """What was taken back is seen by who may bring it back."""
    rows = BehaviourEvent.objects.all() if is_marketing else BehaviourEvent.objects.counted()
    return rows.filter(lead=lead).select_related("asset").order_by("-occurred_at", "-pk")


def of_account(account: Account, user: User) -> list[Happening]:
    """What happened at the company, and to whom there."""
    names = Account.objects.known_as(account.pk)
    entries = LedgerEntry.objects.visible_to(user).filter(account__in=names).select_related("contact")
    rows = _newest(entries)
    return [
        replace(one, whom=str(entry.contact) if entry.contact else "")
        for entry, one in zip(rows, told(rows), strict=True)
    ]


def of_deal(deal: Deal) -> list[Happening]:
    """Whoever sees the deal sees what happened to it."""
    return told(_newest(LedgerEntry.objects.about("deal", deal.pk)))


def entered(lead: Lead) -> dict[str, datetime]:
    """When the lead last came into each stage."""
    moves = LedgerEntry.objects.about("lead", lead.pk).exclude(to_state="").order_by("at", "pk")
    return dict(moves.values_list("to_state", "at"))


def _newest(entries: Any) -> list[LedgerEntry]:
    return list(entries.select_related("actor").newest_first()[:SHOWN])


def _merged(*lists: Iterable[Happening]) -> list[Happening]:
    rows = [row for rows in lists for row in rows]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:SHOWN]


def told(entries: Iterable[LedgerEntry]) -> list[Happening]:
    stages = {stage.code: str(stage) for stage in DealStage.objects.all()}
    return [_told(entry, stages) for entry in entries]


def _told(entry: LedgerEntry, stages: dict[str, str]) -> Happening:
    words, icon, tone = _sentence(entry, stages)
    data = entry.data or {}
    body = str(data.get("note") or data.get("comment") or _stated(entry))
    return Happening(at=entry.at, text=words, icon=icon, tone=tone, by=_by(entry), body=body)


def _stated(entry: LedgerEntry) -> str:
    """What somebody gave as the reason, in their own words; elsewhere a reason is a code."""
    return entry.reason if entry.kind in IN_OWN_WORDS else ""


def _by(entry: LedgerEntry) -> str:
    return _("by %(name)s") % {"name": entry.actor} if entry.actor else ""


def _sentence(entry: LedgerEntry, stages: dict[str, str]) -> tuple[Words, str, str]:
    if entry.kind == "activity.logged":
        return _activity(entry)
    if other := OTHER_CLOCKS.get((entry.kind, str((entry.data or {}).get("clock")))):
        return other, *SENTENCES[entry.kind][1:]
    if entry.kind in SENTENCES:
        return SENTENCES[entry.kind]
    if entry.kind == "deal.moved":
        stage = stages.get(entry.to_state, entry.to_state)
        return _("Moved to “%(stage)s”") % {"stage": stage}, "deal", "plain"
    look = face(entry.to_state)
    if look.label:
        return _("Now: %(state)s") % {"state": look.label}, look.icon, look.tone
    return _("Something was recorded"), "note", "plain"


def _activity(entry: LedgerEntry) -> tuple[Words, str, str]:
    channel, outcome = entry.data.get("channel", ""), entry.data.get("outcome", "")
    words = str(dict(Channel.choices).get(channel, channel))
    if outcome and outcome != Outcome.NONE:
        words = f"{words}: {dict(Outcome.choices).get(outcome, outcome)}"
    tone = "ok" if outcome == Outcome.REACHED else "plain"
    return words, CHANNEL_ICONS.get(channel, "contact"), tone


def _behaviour(event: BehaviourEvent, *, is_marketing: bool) -> Happening:
    icon, tone, text = EVENT_ICONS.get(event.kind, "spark"), "accent", event_words(event)
    deed: dict[str, Any] = _back_and_forth(event) if is_marketing else {}
    if event.withdrawn_at:
        icon, tone, text = "undo", "plain", _("%(what)s (does not count)") % {"what": text}
    said = str((event.properties or {}).get("message") or "")
    return Happening(at=event.occurred_at, text=text, icon=icon, tone=tone, body=said, **deed)


def _back_and_forth(event: BehaviourEvent) -> dict[str, Any]:
    name, words = ("restore", _("Count again")) if event.withdrawn_at else ("withdraw", _("Do not count"))
    url = reverse(f"desk:lead-{name}", args=[event.lead_id])
    return {"deed": words, "deed_url": f"{url}?event={event.pk}"}


def _way(touch: Touch) -> Happening:
    """Which way somebody came: campaign, referring page, form."""
    text = _("Came by %(way)s") % {"way": touch}
    places = (
        touch.form.title if touch.form else "",
        touch.referrer and f"{touch.referrer} → {touch.landing_page}",
    )
    return Happening(at=touch.occurred_at, text=text, icon="globe", by=" · ".join(filter(None, places)))


def event_words(event: BehaviourEvent) -> str:
    """What was done, and with what: “Document download: TCO guide”."""
    kind = str(dict(EventKind.choices).get(event.kind, event.kind))
    return f"{kind}: {_title(event.asset)}" if event.asset else kind


def _title(asset: Any) -> str:
    in_japanese = (get_language() or "").startswith("ja")
    return asset.title_ja if in_japanese and asset.title_ja else asset.title
