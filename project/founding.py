"""What a new company needs before its first lead: calendar, scoring, pipeline, reasons, an agreement.

Everything here can be changed in the admin afterwards. Founding again adds what is missing and leaves
what is there.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crm.models import Calendar, User
from deals.models import DealStage, LossReason
from leads.events.mappings import ready
from leads.models import (
    BehaviourRule,
    Disqualifier,
    FitGrade,
    FitRule,
    MqlDefinition,
    Programme,
    ScoringModel,
    Segment,
    VersionStatus,
)
from leads.scoring import versions
from sla import agreements
from sla.models import Agreement, EscalationStep, ReasonRule, RejectionReason

PROGRAMMES = [
    ("timing", "Timing", "時期待ち", "Keep in touch until the time has come."),
    ("education", "Education", "課題啓発", "Explain the problem and what others did about it."),
    ("budget", "Budget", "予算化支援", "Help to make the case: ROI, cases, an approval document."),
]
# code, English, Japanese, what follows, days to wait, programme, comment?, date?
REASONS = [
    ("not-fit-company", "Not a fit: company", "対象外（企業）", "disqualify", 0, "", False, False),
    ("not-fit-role", "Not a fit: role", "対象外（役職・担当）", "recycle", 30, "education", False, False),
    ("no-budget", "No budget", "予算なし", "recycle", 120, "budget", False, False),
    ("bad-timing", "Bad timing", "時期尚早", "recycle", 90, "timing", False, True),
    ("no-need", "No need", "ニーズなし", "recycle", 60, "education", False, False),
    ("unable-to-contact", "Unable to contact", "連絡がつかない", "recycle", 14, "education", False, False),
    ("insufficient-data", "Insufficient data", "情報不足", "fix_data", 0, "", True, False),
    ("duplicate", "Duplicate", "重複", "merge", 0, "", False, False),
    ("already-customer", "Customer or open opportunity", "既存顧客・商談中", "disqualify", 0, "", False, False),
    ("wrong-territory", "Wrong territory", "担当地域外", "recycle", 0, "", True, False),
    ("competitor", "Competitor, student or vendor", "競合・学生・売り込み", "disqualify", 0, "", False, False),
    ("do-not-contact", "Do not contact", "連絡禁止", "disqualify", 0, "", False, False),
    ("other", "Other", "その他", "recycle", 30, "education", True, False),
]  # fmt: skip
# Who cannot be reached twice is not chased a third time.
MOST_TIMES = {"unable-to-contact": 2, "insufficient-data": 2}
STAGES = [
    ("discovery", "Discovery", "課題確認", 20, "open"),
    ("proposal", "Proposal", "提案", 40, "open"),
    ("evaluation", "Evaluation", "評価", 60, "open"),
    ("negotiation", "Negotiation", "交渉", 80, "open"),
    ("won", "Won", "受注", 100, "won"),
    ("lost", "Lost", "失注", 0, "lost"),
]
LOSSES = [
    ("price", "Price", "価格", True, 180, "budget"),
    ("competitor", "Competitor chosen", "競合に決定", True, 365, "education"),
    ("no-decision", "No decision", "意思決定されず", True, 90, "timing"),
    ("missing-function", "Missing function", "機能不足", True, 180, "education"),
    ("cancelled", "Project cancelled", "案件中止", True, 180, "timing"),
    ("not-serious", "Never a real need", "実需なし", False, 0, ""),
    ("unknown", "Unknown", "不明", True, 90, "education"),
]
# The article's figures: download 3, webinar 5, inquiry 10.
POINTS = [
    ("page_view", 1), ("download", 3), ("webinar_registered", 2), ("webinar", 5), ("email_open", 0.5),
    ("email_click", 1), ("form", 2), ("inquiry", 10), ("demo_request", 20),
    ("pricing_view", 4), ("room_view", 3), ("event_visit", 4),
]  # fmt: skip
# What says little however often it is done counts a few times a day at most.
LIMITS = {
    "page_view": {"most_per_day": 3, "minimum_interval": 5},
    "email_open": {"most_per_day": 1},
    "email_click": {"most_per_day": 3},
    "room_view": {"most_per_day": 3},
}
FIT = [
    (
        "industry",
        "in",
        ["Manufacturing", "製造業", "Software", "情報通信業", "Finance", "金融業", "Logistics", "運輸業"],
        10,
    ),
    ("employee_count", "between", ["100", "5000"], 15),
    ("employee_count", "at_most", ["20"], -15),
    (
        "job_title",
        "contains",
        ["director", "head", "manager", "chief", "vp", "部長", "課長", "取締役", "社長", "役員"],
        10,
    ),
    ("stakeholder_role", "in", ["executive", "it"], 5),
]
GRADES = [("A", 25, 1.5), ("B", 10, 1.2), ("C", 0, 1.0), ("D", -1000, 0.6)]
DISQUALIFIERS = [
    ("unsubscribed", []),
    ("competitor_domain", ["rival.example"]),
    ("student", ["student", "学生"]),
    ("own_company", ["baton.example"]),
]


@transaction.atomic
def found(*, by: User | None, at: datetime) -> None:
    """Lay the catalogues and put the first scoring model and agreement in force."""
    _catalogues()
    if not ScoringModel.objects.exists():
        versions.activate(_scoring_model(), by=by, at=at)
    if not Agreement.objects.exists():
        agreements.found(_agreement(), at=at)
        _enterprise_draft()


def _catalogues() -> None:
    ready.found()
    Programme.objects.bulk_create(
        [
            Programme(code=code, name=name, name_ja=name_ja, purpose=purpose)
            for code, name, name_ja, purpose in PROGRAMMES
        ],
        ignore_conflicts=True,
    )
    RejectionReason.objects.bulk_create(
        [
            RejectionReason(code=code, name=name, name_ja=name_ja, position=position)
            for position, (code, name, name_ja, *_rule) in enumerate(REASONS)
        ],
        ignore_conflicts=True,
    )
    if not DealStage.objects.exists():
        DealStage.objects.bulk_create(
            DealStage(
                code=code,
                name=name,
                name_ja=name_ja,
                position=place,
                probability=probability,
                outcome=outcome,
            )
            for place, (code, name, name_ja, probability, outcome) in enumerate(STAGES)
        )
    programmes = _programmes()
    LossReason.objects.bulk_create(
        [
            LossReason(
                code=code,
                name=name,
                name_ja=name_ja,
                recycles=recycles,
                wait_days=wait_days,
                programme=programmes.get(programme),
            )
            for code, name, name_ja, recycles, wait_days, programme in LOSSES
        ],
        ignore_conflicts=True,
    )


def _programmes() -> dict[str, Programme]:
    return Programme.objects.in_bulk(field_name="code")


def _scoring_model() -> ScoringModel:
    model = ScoringModel.objects.create(version=1, status=VersionStatus.DRAFT, note="Founding rules")
    BehaviourRule.objects.bulk_create(
        BehaviourRule(model=model, kind=kind, points=points, **LIMITS.get(kind, {}))
        for kind, points in POINTS
    )
    FitRule.objects.bulk_create(
        FitRule(model=model, attribute=attribute, operator=operator, values=values, points=points)
        for attribute, operator, values, points in FIT
    )
    FitGrade.objects.bulk_create(
        FitGrade(model=model, grade=grade, min_points=low, factor=factor) for grade, low, factor in GRADES
    )
    Disqualifier.objects.bulk_create(
        Disqualifier(model=model, kind=kind, values=values) for kind, values in DISQUALIFIERS
    )
    return model


# Promise, percent of its time, who is told.
STEPS = [
    ("response", 50, ["owner"]),
    ("response", 80, ["owner"]),
    ("response", 100, ["owner", "manager"]),
    ("response", 150, ["manager", "marketing"]),
    ("acceptance", 100, ["owner"]),
    ("feedback", 80, ["owner"]),
    ("feedback", 100, ["owner", "manager"]),
]
# A company of this size is called the same morning, by somebody who knows whom to ask.
ENTERPRISE = {
    "response_hours": 4, "attempts": 3, "channels": 2, "accept_hours": 18, "feedback_hours": 45, "expire_hours": 9,
    "sql_fields": ["authority", "need", "timing"], "monthly_mqls": 10, "acceptance_rate": 0.75, "completeness": 0.95,
}  # fmt: skip


def _agreement() -> Agreement:
    """The agreement for everybody: first contact within 24 business hours, a word on the outcome within 80."""
    definition = MqlDefinition.objects.create(
        threshold=80, required_fields=["email"], minimum_grade="D", hand_raises=["demo_request"]
    )
    agreement = Agreement.objects.create(
        version=1, title="Marketing and sales", definition=definition, calendar=_calendar()
    )
    _fill(agreement)
    return agreement


def _enterprise_draft() -> Agreement:
    """A second one, for large companies, ready to be proposed."""
    segment, _made = Segment.objects.get_or_create(
        code="enterprise", defaults={"name": "Large companies", "name_ja": "大企業", "min_employees": 1000}
    )
    definition = MqlDefinition.objects.create(
        threshold=60,
        required_fields=["email", "last_name", "job_title", "account"],
        minimum_grade="C",
        hand_raises=["demo_request", "inquiry"],
    )
    agreement = Agreement.objects.create(
        version=2,
        title="Large companies",
        segment=segment,
        definition=definition,
        calendar=_calendar(),
        **ENTERPRISE,
    )
    _fill(agreement)
    return agreement


def _calendar() -> Calendar:
    calendar, _made = Calendar.objects.get_or_create(
        name="Tokyo office", defaults={"time_zone": "Asia/Tokyo", "holiday_country": "JP"}
    )
    return calendar


def _fill(agreement: Agreement) -> None:
    """The reasons with what follows from each, and who is told when."""
    reasons, programmes = RejectionReason.objects.in_bulk(field_name="code"), _programmes()
    ReasonRule.objects.bulk_create(
        ReasonRule(
            agreement=agreement,
            reason=reasons[code],
            disposition=disposition,
            wait_days=wait_days,
            programme=programmes.get(programme),
            comment_required=comment,
            asks_date=asks_date,
            max_times=MOST_TIMES.get(code),
        )
        for code, _name, _name_ja, disposition, wait_days, programme, comment, asks_date in REASONS
    )
    EscalationStep.objects.bulk_create(
        EscalationStep(agreement=agreement, clock=clock, percent=percent, tells=tells)
        for clock, percent, tells in STEPS
    )
