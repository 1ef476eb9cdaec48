"""Why a score is what it is: now, at any past moment, and under any version of the model.

Now and under the active version, what is beyond a limit is taken as it is kept, so the parts sum to the stored score.
Otherwise events are counted anew by the pure rules: of the events Baton had heard of by then and that were not
withdrawn by then. What is known of person and company is not kept by day: the fit is always today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.states import Refused
from leads import lifecycle
from leads.models import BehaviourEvent, Beyond, Lead, ScoringModel, VersionStatus
from leads.scoring import counting, parts, reading, versions
from leads.scoring.counting import Happened
from leads.scoring.versions import Rules

WEEK, WEEKS = timedelta(days=7), 13
TOLD_BEYOND = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A score taken apart, under which version, and until when it stays above its bar if nothing happens."""

    why: parts.Explanation
    rules: Rules
    threshold: float | None
    falls_below_at: datetime | None
    is_past: bool

    @property
    def model(self) -> ScoringModel:
        return self.rules.model

    @property
    def counted(self) -> list[parts.Part]:
        return [part for part in self.why.parts if not part.event.beyond]

    @property
    def beyond(self) -> list[parts.Part]:
        """Events beyond a limit, the newest first."""
        found = [part for part in self.why.parts if part.event.beyond]
        return sorted(found, key=lambda part: part.age_days)[:TOLD_BEYOND]

    def words_of(self, event: parts.ScoredEvent) -> str:
        """Why an event beyond its limit gives nothing."""
        return _words(event, self.rules)


def explain(lead: Lead, *, now: datetime, at: datetime | None = None, version: int | None = None) -> Told:
    """The lead's score at a moment (now when not told) under a version (the one in force then when not told)."""
    if at is not None and at > now:
        raise Refused(_("This moment has not come yet. Choose one that has passed."), field="at")
    rules = _rules_of(_model(version, at))
    is_stored = at is None and rules.model.status == VersionStatus.ACTIVE
    moment, rows = at or now, _heard(lead, at or now)
    events = [_as_stored(row, rules) for row in rows] if is_stored else _counted_anew(rows, rules)
    fit = rules.fit_for(versions.profile_of(lead, rules))
    why = parts.explain(events, fit, rules.decay, moment)
    threshold = versions.threshold_in_force(lead.score.segment_id)
    return Told(why, rules, threshold, falls_below(why, threshold), is_past=at is not None)


def falls_below(why: parts.Explanation, threshold: float | None) -> datetime | None:
    """When a score that stands above the bar goes below it, if nothing happens."""
    if threshold is None or why.total < threshold:
        return None
    return why.decay.falls_below_at(why.total * why.decay.weight(why.at), threshold)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where sales takes a lead, and when its score goes below that if nothing happens."""

    threshold: float | None
    falls_below_at: datetime | None


def bar_of(lead: Lead, *, now: datetime) -> Bar:
    """The same from the stored score alone."""
    decay, rank = lifecycle.current_decay(), lead.score.rank
    threshold = versions.threshold_in_force(lead.score.segment_id)
    if threshold is None or rank < decay.bar_at(threshold, now):
        return Bar(threshold, None)
    return Bar(threshold, decay.falls_below_at(rank, threshold))


def course(lead: Lead, *, now: datetime, weeks: int = WEEKS) -> list[tuple[datetime, float]]:
    """The score at the end of each of the last weeks, and now, each under the version then in force."""
    moments = [now - WEEK * back for back in range(weeks, -1, -1)]
    rows = list(_events(lead).filter(received_at__lte=now))
    by_version: dict[int | None, Rules] = {}
    points = []
    for at in moments:
        model = _in_force(at)
        key = model.pk if model else None
        if key not in by_version:
            by_version[key] = _rules_of(model)
        rules = by_version[key]
        fit = rules.fit_for(versions.profile_of(lead, rules))
        heard = [row for row in rows if _is_heard(row, at)]
        points.append((at, parts.explain(_counted_anew(heard, rules), fit, rules.decay, at).total))
    return points


def _rules_of(model: ScoringModel | None) -> Rules:
    return versions.rules_of(model) if model else reading.no_rules()


def _model(version: int | None, at: datetime | None) -> ScoringModel | None:
    """None where no version is in force."""
    if version is None:
        return _in_force(at) if at else _active()
    found = ScoringModel.objects.filter(version=version).first()
    if found is None:
        raise Refused(_("There is no scoring model of this version."), field="version")
    return found


def _active() -> ScoringModel | None:
    return ScoringModel.objects.filter(status=VersionStatus.ACTIVE).first()


def _in_force(at: datetime) -> ScoringModel | None:
    """The version in force at a moment; before the first, the first."""
    activated = ScoringModel.objects.filter(activated_at__isnull=False)
    then = activated.filter(activated_at__lte=at).order_by("-activated_at", "-pk").first()
    return then or activated.order_by("activated_at", "pk").first() or _active()


def _events(lead: Lead) -> Any:
    return BehaviourEvent.objects.filter(lead=lead).select_related("asset").order_by("-occurred_at", "-pk")


def _heard(lead: Lead, at: datetime) -> list[BehaviourEvent]:
    standing = Q(withdrawn_at=None) | Q(withdrawn_at__gt=at)
    return list(_events(lead).filter(standing, received_at__lte=at, occurred_at__lte=at))


def _is_heard(row: BehaviourEvent, at: datetime) -> bool:
    is_standing = row.withdrawn_at is None or row.withdrawn_at > at
    return is_standing and max(row.received_at, row.occurred_at) <= at


def _as_stored(row: BehaviourEvent, rules: Rules) -> parts.ScoredEvent:
    return parts.ScoredEvent(
        row.pk,
        row.kind,
        rules.points_of(row),
        row.occurred_at,
        _slug(row),
        beyond=row.beyond,
        phases=_phases(row),
    )


def _counted_anew(rows: Iterable[BehaviourEvent], rules: Rules) -> list[parts.ScoredEvent]:
    rows = list(rows)
    happened = [Happened(row.pk, row.kind, row.occurred_at, _slug(row), _phases(row)) for row in rows]
    counted = counting.count(happened, rules.behaviour, ZoneInfo(rules.model.time_zone))
    return [
        parts.ScoredEvent(
            row.pk,
            row.kind,
            counted[row.pk].points,
            row.occurred_at,
            _slug(row),
            beyond=counted[row.pk].beyond,
            phases=_phases(row),
        )
        for row in rows
    ]


def _slug(row: BehaviourEvent) -> str | None:
    return row.asset.slug if row.asset else None


def _phases(row: BehaviourEvent) -> tuple[str, ...]:
    return tuple(row.asset.phases) if row.asset else ()


def _words(event: parts.ScoredEvent, rules: Rules) -> str:
    rule = rules.behaviour.rule_for(event.kind, event.asset, event.phases)
    if rule is None or not event.beyond:
        return ""
    words = {
        Beyond.DAY: _("Not counted: at most %(n)s a day count.") % {"n": rule.most_per_day},
        Beyond.ASSET: _("Not counted: at most %(n)s with the same content count.")
        % {"n": rule.most_per_asset},
        Beyond.INTERVAL: _("Not counted: less than %(n)s minutes after the one before.")
        % {"n": rule.minimum_interval},
    }
    return str(words[Beyond(event.beyond)])


def known_versions() -> Sequence[ScoringModel]:
    """Every version a score can be asked under, the newest first."""
    return list(ScoringModel.objects.order_by("-version"))
