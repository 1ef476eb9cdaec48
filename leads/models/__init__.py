"""Leads, what they did, how they are scored, and how they are nurtured."""

from leads.models.capturing import (
    FORM_KINDS,
    Asked,
    CaptureForm,
    ConsentText,
    Fate,
    FieldName,
    FormField,
    FormSubmission,
)
from leads.models.engagement import BehaviourEvent, Beyond, EventKind
from leads.models.lead import MOVES, OPEN_STAGES, Lead, LeadScore, Stage
from leads.models.mappings import EventMapping, Signer
from leads.models.nurture import Enrolment, Programme
from leads.models.quality import AuditWalk, Confirmation, Findings, QualityFigure, QualityTally
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
from leads.models.visits import PathRule, Site, Tally, Touch, Visit, Visitor
from leads.models.waiting import WaitingEvent

__all__ = [
    "EPOCH",
    "FORM_KINDS",
    "MOVES",
    "OPEN_STAGES",
    "Asked",
    "AuditWalk",
    "BehaviourEvent",
    "BehaviourRule",
    "Beyond",
    "CaptureForm",
    "Confirmation",
    "ConsentText",
    "Disqualifier",
    "DisqualifierKind",
    "Enrolment",
    "EventKind",
    "EventMapping",
    "Fate",
    "FieldName",
    "Findings",
    "FitAttribute",
    "FitGrade",
    "FitOperator",
    "FitRule",
    "FormField",
    "FormSubmission",
    "Lead",
    "LeadScore",
    "MqlDefinition",
    "PathRule",
    "Programme",
    "QualityFigure",
    "QualityTally",
    "RequiredField",
    "ScoringModel",
    "Segment",
    "Signer",
    "Site",
    "Stage",
    "Tally",
    "Touch",
    "VersionStatus",
    "Visit",
    "Visitor",
    "WaitingEvent",
]
