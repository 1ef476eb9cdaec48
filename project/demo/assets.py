# tables of words, one row a line
"""The content library of the demo company: forty pieces over six phases, in both languages."""

from __future__ import annotations

from datetime import date, timedelta

from content.models import Asset, AssetKind, Phase

ALL = "executive end_user it procurement legal"
# slug, kind, English, Japanese, phases, roles
ASSETS = [
    ("state-of-handoffs", "survey_report", "The state of lead handoffs", "リード引き渡し実態調査", "awareness", "executive end_user"),
    ("five-leaks", "article", "Five places where leads leak", "リードが漏れる5つの場所", "awareness", "end_user"),
    ("sla-basics", "white_paper", "What an SLA between marketing and sales is", "マーケと営業のSLA入門", "awareness interest", "executive end_user"),
    ("mql-glossary", "guide", "MQL, SAL, SQL: the words explained", "MQL・SAL・SQL用語集", "awareness", ALL),
    ("cost-of-silence", "article", "What an unanswered inquiry costs", "放置された問い合わせの代償", "awareness", "executive"),
    ("trend-webinar", "webinar", "B2B buying this year", "今年のBtoB購買動向", "awareness interest", "executive end_user"),
    ("trend-webinar-archive", "webinar_archive", "B2B buying this year (on demand)", "今年のBtoB購買動向（録画）", "awareness", "end_user"),
    ("benchmark-report", "survey_report", "Response time benchmark", "初回対応時間ベンチマーク", "awareness interest", "executive"),
    ("scoring-guide", "white_paper", "Lead scoring that sales believes in", "営業が信じるスコアリング", "interest", "end_user it"),
    ("nurture-playbook", "white_paper", "The nurture playbook", "ナーチャリング実践集", "interest", "end_user"),
    ("feedback-loop", "article", "Closing the feedback loop", "フィードバックを回す", "interest", "end_user"),
    ("first-call-script", "guide", "The first call: a script", "初回架電スクリプト", "interest", "end_user"),
    ("handoff-webinar", "webinar", "Handoffs without losses", "取りこぼさない引き渡し", "interest comparison", "executive end_user"),
    ("handoff-archive", "webinar_archive", "Handoffs without losses (on demand)", "取りこぼさない引き渡し（録画）", "interest", "end_user"),
    ("recycling-guide", "guide", "When to recycle a lead", "リードを戻す判断", "interest", "end_user"),
    ("case-manufacturer", "case_study", "A manufacturer answers in four hours", "製造業：4時間で初回対応", "comparison", "executive end_user"),
    ("case-software", "case_study", "A software firm doubles acceptance", "ソフト企業：受け入れ率が倍に", "comparison", "executive it"),
    ("case-bank", "case_study", "A bank and its audit trail", "銀行：監査証跡の整備", "comparison consideration", "legal it"),
    ("case-logistics", "case_study", "A carrier across three time zones", "物流：3つの時間帯をまたぐ", "comparison", "end_user"),
    ("comparison-table", "comparison_table", "Baton beside spreadsheets and CRM add-ons", "表計算・CRM追加機能との比較", "comparison", "end_user procurement"),
    ("checklist", "guide", "Choosing a tool: 30 questions", "ツール選定30の質問", "comparison", "it procurement"),
    ("product-tour", "page", "Product tour", "製品ツアー", "comparison", "end_user it"),
    ("integration-guide", "guide", "Connecting your CRM and mail tool", "CRM・メール連携ガイド", "comparison consideration", "it"),
    ("tour-webinar", "webinar", "Baton live", "Baton ライブ紹介", "comparison consideration", "end_user executive"),
    ("roi-simulator", "roi_simulator", "ROI simulator", "ROIシミュレーター", "consideration", "executive procurement"),
    ("demo-environment", "demo", "Try the demo", "デモ環境", "consideration", "end_user it"),
    ("security-sheet", "security_sheet", "Security check sheet", "セキュリティチェックシート", "consideration", "it legal"),
    ("proposal-template", "proposal", "Proposal for your management", "稟議書テンプレート", "consideration purchase", "executive end_user"),
    ("rollout-plan", "proposal", "A rollout in six weeks", "6週間導入計画", "consideration", "it end_user"),
    ("data-protection", "security_sheet", "Data protection in short", "個人情報保護の要点", "consideration", "legal"),
    ("architecture", "white_paper", "Architecture and operations", "構成と運用", "consideration", "it"),
    ("price-list", "price_list", "Price list", "料金表", "consideration purchase", "procurement executive"),
    ("contract-sample", "contract_sample", "Sample contract", "契約書ひな形", "purchase", "legal procurement"),
    ("service-levels", "sla_document", "Our service levels", "サービスレベル合意書", "purchase", "legal it"),
    ("order-guide", "guide", "How to order", "ご発注の手引き", "purchase", "procurement"),
    ("onboarding-kit", "guide", "Onboarding kit", "導入キット", "purchase retention", "end_user it"),
    ("admin-course", "webinar_archive", "Course for administrators", "管理者講座", "retention", "it"),
    ("review-template", "guide", "The quarterly review", "四半期レビューの型", "retention", "executive end_user"),
    ("user-group", "webinar", "User group meeting", "ユーザー会", "retention", "end_user"),
    ("release-notes", "page", "What is new", "新着情報", "retention", ALL),
]  # fmt: skip
# What each kind of behaviour is about.
READ_BY = {
    "download": {AssetKind.WHITE_PAPER, AssetKind.SURVEY_REPORT, AssetKind.CASE_STUDY, AssetKind.SECURITY_SHEET, AssetKind.PROPOSAL},
    "webinar": {AssetKind.WEBINAR, AssetKind.WEBINAR_ARCHIVE},
    "webinar_registered": {AssetKind.WEBINAR},
    "page_view": {AssetKind.ARTICLE, AssetKind.PAGE, AssetKind.GUIDE, AssetKind.COMPARISON_TABLE},
    "pricing_view": {AssetKind.PRICE_LIST},
    "room_view": {AssetKind.PROPOSAL, AssetKind.ROI_SIMULATOR, AssetKind.DEMO},
}  # fmt: skip


def publish(on: date) -> dict[str, list[str]]:
    """Fill the library; returns which slugs each kind of behaviour may be about."""
    Asset.objects.bulk_create([_asset(entry, on) for entry in ASSETS])
    return {
        kind: [slug for slug, of_kind, *_rest in ASSETS if of_kind in kinds]
        for kind, kinds in READ_BY.items()
    }


def _asset(entry: tuple[str, str, str, str, str, str], on: date) -> Asset:
    slug, kind, title, title_ja, phases, roles = entry
    return Asset(
        slug=slug,
        kind=kind,
        title=title,
        title_ja=title_ja,
        url=f"https://baton.example/library/{slug}",
        phases=[str(Phase(phase)) for phase in phases.split()],
        stakeholder_roles=roles.split(),
        published_on=on - timedelta(days=30),
        reviewed_on=on,
    )
