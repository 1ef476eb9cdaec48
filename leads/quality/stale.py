"""What nobody has heard of or confirmed for long."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Activity, LedgerEntry
from leads.models import OPEN_STAGES, Stage
from leads.quality.rule import CONTACT, LEAD, STALE, Look, Rule


def _silent(look: Look) -> Q:
    """The person did nothing, nobody spoke to them, and nobody changed what is known."""
    spoken = Activity.objects.filter(contact=OuterRef("contact"), occurred_at__gt=look.since)
    known = LedgerEntry.objects.filter(contact=OuterRef("contact"), kind="contact.edited", at__gt=look.since)
    idle = Q(score__active_at=None) | Q(score__active_at__lte=look.since)
    unasked = Q(contact__consent_at=None) | Q(contact__consent_at__lte=look.since)
    return Q(captured_at__lte=look.since) & idle & unasked & ~Q(Exists(spoken)) & ~Q(Exists(known))


def _undecided(look: Look) -> Q:
    return Q(stage=Stage.INQUIRY, stage_at__lte=look.since)


def _consent_is_old(look: Look) -> Q:
    return Q(
        contact__consent="granted",
        contact__consent_at__lte=look.since,
        stage__in=[str(s) for s in OPEN_STAGES],
    )


RULES = (
    Rule(
        "silent",
        STALE,
        CONTACT,
        _("Nothing heard or changed"),
        _("Ask whether the person still works there; any change or contact counts as news."),
        _silent,
    ),
    Rule(
        "undecided",
        STALE,
        LEAD,
        _("Inquiry nobody decided on"),
        _("Take the lead into nurture, hand it over, or disqualify it."),
        _undecided,
    ),
    Rule(
        "old-consent",
        STALE,
        CONTACT,
        _("Consent is old"),
        _("Ask the person to confirm it."),
        _consent_is_old,
    ),
)
