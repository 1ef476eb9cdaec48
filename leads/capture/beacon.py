"""What visitors do on our web sites: kept for a while, counted as behaviour once they tell who they are.

One visit of a page counts once in half an hour, however often it is told, so that nobody can raise a score by
loading a page again, and no number that a browser makes up has to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.db import transaction

from content.models import Asset
from crm.bulk import insert_missing
from crm.models import Contact
from crm.text import InvalidText, clean_text
from leads.capture import visitors
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import EventKind, PathRule, Site, Visit, Visitor

KEPT = timedelta(days=180)
SAME_VISIT = timedelta(minutes=30)
MOST_VISITS = 300  # of one visitor who has not told who they are
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was seen, or with an asset's slug a marked link that was clicked."""

    visitor_id: str
    path: str
    asset: str = ""
    mail_key: str = ""


def site_of(origin: str) -> Site | None:
    """The site that a browser says it is on."""
    if not origin:
        return None
    return Site.objects.filter(is_active=True, origins__contains=[origin.lower()]).order_by("pk").first()


def note(site: Site, seen: Seen, *, at: datetime) -> None:
    """Keep what somebody did; at once as behaviour where we know who it is."""
    kind, asset = _meaning(site, seen)
    path = _clean_path(seen.path)
    if kind is None or not path or not ID.fullmatch(seen.visitor_id):
        return
    person = visitors.person_of(seen.mail_key, at=at) if seen.mail_key else None
    with transaction.atomic():
        visitor = _visitor(seen.visitor_id, at)
        if visitor.visits.count() < MOST_VISITS:
            _keep(
                Visit(visitor=visitor, site=site, kind=kind, path=path, asset=asset, occurred_at=at, mark="")
            )
        contact = person or visitor.contact
        if contact is not None:
            _attach(visitor, contact, at)


def attach(visitor_id: str, contact: Contact, *, at: datetime) -> None:
    """A visitor has told who they are: what they did before is theirs."""
    visitor = Visitor.objects.filter(key=visitors.key_of(visitor_id)).first()
    if visitor is not None and ID.fullmatch(visitor_id):
        _attach(visitor, contact, at)


def forget(*, at: datetime) -> None:
    """Visits nobody claimed in time."""
    Visit.objects.filter(occurred_at__lt=at - KEPT).delete()


def rule_for(path: str, rules: Iterable[PathRule]) -> PathRule | None:
    """The first rule whose path fits; a closing slash makes no difference."""
    plain = path.rstrip("/") or "/"
    return next((rule for rule in rules if fnmatchcase(plain, rule.path.rstrip("/") or "/")), None)


def _meaning(site: Site, seen: Seen) -> tuple[str | None, Asset | None]:
    if seen.asset:
        asset = Asset.objects.filter(slug=seen.asset[:120]).first()
        return (EventKind.DOWNLOAD.value, asset) if asset else (None, None)
    rules = site.rules.select_related("asset").order_by("position", "pk")
    rule = rule_for(_clean_path(seen.path), rules)
    return (rule.kind, rule.asset) if rule else (EventKind.PAGE_VIEW.value, None)


def _clean_path(path: str) -> str:
    try:
        cleaned = clean_text(path.partition("?")[0].partition("#")[0])
    except InvalidText:
        return ""
    return cleaned[:300] if cleaned.startswith("/") else ""


def _visitor(visitor_id: str, at: datetime) -> Visitor:
    row, _made = Visitor.objects.get_or_create(key=visitors.key_of(visitor_id), defaults={"seen_at": at})
    Visitor.objects.filter(pk=row.pk, seen_at__lt=at - timedelta(hours=1)).update(seen_at=at)
    return Visitor.objects.select_related("contact").select_for_update(of=("self",)).get(pk=row.pk)


_KEPT_FIELDS = ("visitor", "site", "mark", "kind", "path", "asset", "occurred_at")


def _keep(visit: Visit) -> None:
    half_hour = int(visit.occurred_at.timestamp() // SAME_VISIT.total_seconds())
    told = f"{visit.site_id}\0{visit.kind}\0{visit.path}\0{visit.asset_id}\0{half_hour}"
    visit.mark = visitors.key_of(told)
    insert_missing([visit], fields=_KEPT_FIELDS, returning=("id",))


def _attach(visitor: Visitor, contact: Contact, at: datetime) -> None:
    rows = list(visitor.visits.select_related("site", "asset").order_by("pk"))
    if visitor.contact_id != contact.pk:
        Visitor.objects.filter(pk=visitor.pk).update(contact=contact, seen_at=at)
    recording.record(_behaviours(visitor, rows, contact), by=None, at=at)
    Visit.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _behaviours(visitor: Visitor, rows: Sequence[Visit], contact: Contact) -> list[Behaviour]:
    return [
        Behaviour(
            source=f"web:{row.site.code}",
            external_id=f"{visitor.pk}:{row.mark}",
            kind=row.kind,
            occurred_at=row.occurred_at,
            asset=row.asset.slug if row.asset else "",
            properties={"path": row.path},
            contact=contact.pk,
        )
        for row in rows
    ]
