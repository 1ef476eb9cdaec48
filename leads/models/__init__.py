"""Leads, what they did, how they are scored, and how they are nurtured."""

from leads.models.engagement import BehaviourEvent, EventKind
from leads.models.lead import MOVES, OPEN_STAGES, Lead, LeadScore, Stage
from leads.models.mappings import EventMapping
from leads.models.nurture import Enrolment, Programme
from leads.models.scoring import (
    EPOCH,
    BehaviourRule,
    Disqualifier,
    DisqualifierKind,
    FitAttribute,
    FitGrade,
    FitOperator,
    FitRule,
    MqlDefinition,
    RequiredField,
    ScoringModel,
    VersionStatus,
)
from leads.models.segments import Segment
from leads.models.waiting import WaitingEvent

__all__ = [
    "EPOCH",
    "MOVES",
    "OPEN_STAGES",
    "BehaviourEvent",
    "BehaviourRule",
    "Disqualifier",
    "DisqualifierKind",
    "Enrolment",
    "EventKind",
    "EventMapping",
    "FitAttribute",
    "FitGrade",
    "FitOperator",
    "FitRule",
    "Lead",
    "LeadScore",
    "MqlDefinition",
    "Programme",
    "RequiredField",
    "ScoringModel",
    "Segment",
    "Stage",
    "VersionStatus",
    "WaitingEvent",
]
