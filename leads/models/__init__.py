"""Leads, what they did, how they are scored, and how they are nurtured."""

from leads.models.engagement import BehaviourEvent, Beyond, EventKind
from leads.models.lead import MOVES, OPEN_STAGES, Lead, LeadScore, Stage
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

__all__ = [
    "EPOCH",
    "MOVES",
    "OPEN_STAGES",
    "BehaviourEvent",
    "BehaviourRule",
    "Beyond",
    "Disqualifier",
    "DisqualifierKind",
    "Enrolment",
    "EventKind",
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
]
