"""What the API tells and takes about leads and what they do."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.answers import Answer
from crm.api.fields import Anything, Input, Moment, Text, Truth, Whole
from crm.api.serializers import AccountBrief, ContactBrief, PersonBrief, VisibleKey
from crm.models import StakeholderRole, User
from leads.capture import touches
from leads.capture.intake import LENGTHS, MOST_EMPLOYEES
from leads.models import Lead, Touch
from leads.scoring.buying_group import Group
from leads.scoring.explaining import Told
from leads.scoring.phases import Read, course, mix, pace
from leads.timeline import Item, Place


class LeadAnswer(Answer):
    """Scores are as of the call. The context gives `at` and `rules`; `read_events` are prefetched."""

    score = serializers.SerializerMethodField()
    engagement = serializers.SerializerMethodField()
    fit = serializers.FloatField(source="score.fit", read_only=True)
    fit_grade = serializers.CharField(source="score.grade", read_only=True)
    phases = serializers.SerializerMethodField()
    owner = PersonBrief(read_only=True)
    account = AccountBrief(read_only=True)
    contact = ContactBrief(read_only=True)

    class Meta:
        model = Lead
        fields = (
            "id", "stage", "stage_at", "score", "engagement", "fit", "fit_grade", "phases", "owner", "account",
            "contact", "source", "medium", "campaign", "external_id", "captured_at", "qualified_at", "waits_until",
            "rounds", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_score(self, lead: Lead) -> float:
        return self._now(lead.score.rank)

    def get_engagement(self, lead: Lead) -> float:
        return self._now(lead.score.engagement)

    def get_phases(self, lead: Lead) -> dict[str, float]:
        return mix(self._read(lead), self.context["rules"].decay, self.context["at"])

    def _read(self, lead: Lead) -> list[Read]:
        read: list[Read] = self.context["rules"].read(lead.read_events)  # type: ignore[attr-defined]
        return read

    def _now(self, stored: float) -> float:
        return round(self.context["rules"].decay.score_at(stored, self.context["at"]), 6)


class TouchAnswer(Answer):
    """One time a lead came, and by which way."""

    at = serializers.DateTimeField(source="occurred_at", read_only=True)
    form = serializers.SerializerMethodField()

    class Meta:
        model = Touch
        fields = ("at", *touches.WAYS, "form")
        read_only_fields = fields

    def get_form(self, touch: Touch) -> str | None:
        """The slug of the public form they filled in."""
        return touch.form.slug if touch.form else None


class PhasesAt(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    phases = serializers.DictField(child=serializers.FloatField())


class LeadDetail(LeadAnswer):
    """A lead by itself: also the ways it came, the newest first, and how its phases moved, by months or weeks."""

    phases_course = serializers.SerializerMethodField()
    touches = serializers.SerializerMethodField()

    class Meta(LeadAnswer.Meta):
        fields = (*LeadAnswer.Meta.fields, "phases_course", "touches")  # type: ignore[assignment]
        read_only_fields = fields

    @extend_schema_field(PhasesAt(many=True))
    def get_phases_course(self, lead: Lead) -> list[dict[str, Any]]:
        read, at = self._read(lead), self.context["at"]
        moved = course(read, self.context["rules"].decay, at, step=pace(read, at))
        return [{"at": at, "phases": shares} for at, shares in moved]

    @extend_schema_field(TouchAnswer(many=True))
    def get_touches(self, lead: Lead) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = TouchAnswer(touches.latest(lead), many=True).data
        return told


def _text(name: str) -> Text:
    """Optional: null and blank say nothing. Lengths are checked by intake, which names them."""
    return Text(required=False, allow_blank=True, allow_null=True, max_length=4 * LENGTHS.get(name, 200))


class LeadInput(Input):
    """One row of capture; the rules for its values are those of `leads.capture.intake`."""

    email, phone, external_id = _text("email"), _text("phone"), _text("external_id")
    first_name, last_name = _text("first_name"), _text("last_name")
    company, domain, corporate_number = _text("company"), _text("domain"), _text("corporate_number")
    job_title, department, stakeholder_role = (
        _text("job_title"),
        _text("department"),
        _text("stakeholder_role"),
    )
    industry, country = _text("industry"), _text("country")
    source, medium, campaign = _text("source"), _text("medium"), _text("campaign")
    term, content = _text("term"), _text("content")
    referrer, landing_page = _text("referrer"), _text("landing_page")
    employee_count = Whole(required=False, allow_null=True, max_value=MOST_EMPLOYEES)
    consent = Truth(required=False, allow_null=True)
    consent_text = Text(required=False, allow_blank=True, allow_null=True, multiline=True)
    captured_at = Moment(required=False, allow_null=True)


class LeadPatch(Input):
    owner = VisibleKey(User, required=False, allow_null=True)
    source = Text(required=False, allow_blank=True, max_length=80)
    medium = Text(required=False, allow_blank=True, max_length=80)
    campaign = Text(required=False, allow_blank=True, max_length=120)
    external_id = Text(required=False, allow_blank=True, max_length=120)
    email = Text(required=False, max_length=254)
    first_name = Text(required=False, allow_blank=True, max_length=80)
    last_name = Text(required=False, allow_blank=True, max_length=80)
    job_title = Text(required=False, allow_blank=True, max_length=160)
    department = Text(required=False, allow_blank=True, max_length=120)
    phone = Text(required=False, allow_blank=True, max_length=40)
    stakeholder_role = serializers.ChoiceField(
        choices=StakeholderRole.choices, required=False, allow_blank=True
    )


class ScoreQuery(Input):
    """Of an address, where a number is text."""

    at = Moment(required=False)
    version = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)


class ReasonInput(Input):
    reason = Text(max_length=80)
    comment = Text(required=False, allow_blank=True, multiline=True, max_length=1000)


class EventInput(Input):
    """One behaviour event; the person is named by one of the last four."""

    source = Text(max_length=80)
    external_id = Text(max_length=200)
    kind = Text(max_length=40)
    occurred_at = Moment()
    asset = Text(required=False, allow_blank=True, allow_null=True, max_length=120)
    properties = Anything(required=False, allow_null=True)
    email = Text(required=False, allow_blank=True, allow_null=True, max_length=254)
    lead_external_id = Text(required=False, allow_blank=True, allow_null=True, max_length=120)
    contact = Whole(required=False, allow_null=True)
    lead = Whole(required=False, allow_null=True)


def explained(lead: Lead, told: Told) -> dict[str, Any]:
    """A score taken apart; the values of the events sum to the total. The fit is always that of today."""
    why = told.why
    fit = why.fit
    return {
        "lead": lead.pk,
        "at": why.at,
        "model_version": told.model.version,
        "decay": {"rate": why.decay.rate, "period_days": why.decay.period_days},
        "fit": {
            "factor": fit.factor,
            "grade": fit.grade,
            "points": fit.points,
            "reasons": [
                {"rule": reason.rule.label, "value": reason.value, "points": reason.points}
                for reason in fit.reasons
            ],
            "disqualified_by": [found.kind for found in fit.disqualified_by],
        },
        "events": [_part(part, told) for part in why.parts],
        "engagement": why.behaviour,
        "total": why.total,
        "threshold": told.threshold,
        "falls_below_at": told.falls_below_at,
    }


def grouped(group: Group) -> dict[str, Any]:
    """A buying group; `phases` are shares of one, `course` the same month by month."""
    return {
        "since": group.since,
        "missing_roles": [str(role) for role in group.missing],
        "phases": group.mix,
        "course": [{"at": at, "phases": mix} for at, mix in group.course],
        "members": [
            {
                "lead": member.lead.pk,
                "contact": ContactBrief(member.lead.contact).data,
                "stakeholder_role": member.role,
                "active": member.is_active,
                "since": member.since,
                "last_at": member.last_at,
            }
            for member in group.members
        ],
    }


def _part(part: Any, told: Told) -> dict[str, Any]:
    event = part.event
    return {
        "event": event.key,
        "kind": event.kind,
        "asset": event.asset,
        "occurred_at": event.occurred_at,
        "points": part.points,
        "age_days": part.age_days,
        "decayed": part.decayed,
        "value": part.value,
        "share": part.share,
        "not_counted": told.words_of(event) or None,
    }


# -- the timeline ---------------------------------------------------------------------------------


def happened(item: Item) -> dict[str, Any]:
    kind, pk = item.subject
    return {
        "at": item.at,
        "kind": item.kind,
        "subject": {"type": kind, "id": pk},
        "actor": PersonBrief(item.actor).data if item.actor else None,
        "from_state": item.from_state,
        "to_state": item.to_state,
        "reason": item.reason,
        "data": item.data,
    }


def cursor_of(place: Place) -> str:
    at, origin, pk = place
    return urlsafe_b64encode(f"{at.isoformat()}|{origin}|{pk}".encode()).decode()


def place_of(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        at, origin, pk = urlsafe_b64decode(cursor.encode()).decode().split("|")
        return Moment().to_internal_value(at), origin, int(pk)
    except (ValueError, serializers.ValidationError) as error:
        message = _("This cursor is damaged. Start from the first page.")
        raise serializers.ValidationError({"cursor": [message]}) from error
