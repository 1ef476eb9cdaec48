"""The mappings every company starts with. They are rows: marketing changes them in the admin, or copies one."""

from __future__ import annotations

from typing import Any

from leads.models import EventKind, EventMapping

_MAIL = {"opened": EventKind.EMAIL_OPEN, "open": EventKind.EMAIL_OPEN} | {
    "clicked": EventKind.EMAIL_CLICK,
    "click": EventKind.EMAIL_CLICK,
}
# What happens to a mail without its reader doing anything.
_ON_ITS_WAY = (
    "accepted", "rejected", "delivered", "processed", "deferred", "dropped", "bounce", "failed", "complained",
    "spamreport", "unsubscribe", "unsubscribed", "group_unsubscribe", "group_resubscribe", "stored",
)  # fmt: skip
_MAIL_KINDS = {name: str(kind) for name, kind in _MAIL.items()} | dict.fromkeys(_ON_ITS_WAY, "-")

READY: tuple[dict[str, Any], ...] = (
    {
        "code": "generic",
        "name": "Any tool",
        "source": "generic",
        "kind_at": "kind",
        "email_at": "email",
        "person_at": "lead_external_id",
        "time_at": "occurred_at",
        "id_at": "external_id | id",
        "asset_at": "asset",
        "keeps": ["url", "title", "campaign"],
        "refuses_scanners": True,
        "agent_at": "user_agent",
        "machine_at": "is_bot",
        "delivered_at": "delivered_at",
    },
    {
        "code": "hubspot-engagements",
        "name": "Engagement export (HubSpot-like)",
        "source": "hubspot",
        "rows_at": "results",
        "kind_at": "eventType | type",
        "kinds": {
            "PAGE_VIEW": "page_view", "VISITED_PAGE": "page_view", "PRICING_PAGE_VIEW": "pricing_view",
            "FORM_SUBMISSION": "form", "DOCUMENT_DOWNLOAD": "download", "EMAIL_OPEN": "email_open",
            "EMAIL_CLICK": "email_click", "WEBINAR_REGISTRATION": "webinar_registered",
            "WEBINAR_ATTENDANCE": "webinar", "DEMO_REQUEST": "demo_request", "EMAIL_DELIVERED": "-", "NOTE": "-",
            "TASK": "-", "CALL": "-", "MEETING": "-",
        },
        "email_at": "contact.email | email",
        "person_at": "contact.id | contactId",
        "time_at": "occurredAt | timestamp",
        "id_at": "id",
        "asset_at": "properties.content_id",
        "keeps": ["properties.url", "properties.title"],
        "refuses_scanners": True,
        "agent_at": "properties.user_agent",
        "machine_at": "properties.bot",
    },
    {
        "code": "marketo-activities",
        "name": "Activity export (Marketo-like)",
        "source": "marketo",
        "kind_at": "Activity Type",
        "kinds": {
            "Visit Webpage": "page_view", "Click Link": "page_view", "Fill Out Form": "form",
            "Open Email": "email_open", "Click Email": "email_click", "Download Asset": "download",
            "Register for Webinar": "webinar_registered",
            "Attend Webinar": "webinar", "Visit Tradeshow": "event_visit", "Request Demo": "demo_request",
            "Send Email": "-", "Email Delivered": "-", "Change Data Value": "-", "Change Score": "-", "New Lead": "-",
        },
        "email_at": "Email Address",
        "person_at": "Lead ID",
        "time_at": "Activity Date",
        "zone": "UTC",
        "id_at": "marketoGUID | Activity ID",
        "keeps": ["Primary Attribute Value", "Campaign"],
        "refuses_scanners": True,
        "agent_at": "User Agent",
        "machine_at": "Is Bot Activity",
    },
    {
        "code": "zoom-registrations",
        "name": "Webinar registrations (Zoom-like)",
        "source": "zoom-registration",
        "kind_otherwise": "webinar_registered",
        "email_at": "Email | メール | メールアドレス",
        "time_at": "Registration Time | 登録日時",
        "time_format": "%b %d, %Y %H:%M:%S | %m/%d/%Y %I:%M:%S %p | yyyy/mm/dd | yyyy-mm-dd",
        "keeps": ["Topic", "Webinar ID"],
    },
    {
        "code": "zoom-attendees",
        "name": "Webinar attendance (Zoom-like)",
        "source": "zoom-attendance",
        "kind_at": "Attended | 出席済み | 参加済み",
        "kinds": {"Yes": "webinar", "はい": "webinar", "No": "-", "いいえ": "-"},
        "email_at": "Email | メール | メールアドレス",
        "time_at": "Join Time | 参加時間 | 参加時刻",
        "time_format": "%b %d, %Y %H:%M:%S | %m/%d/%Y %I:%M:%S %p | yyyy/mm/dd | yyyy-mm-dd",
        "keeps": ["Topic", "Webinar ID", "Time in Session (minutes)", "セッションの長さ（分）"],
    },
    {
        "code": "form-webhook",
        "name": "Form webhook (Typeform- or Google Forms-like)",
        "source": "form",
        "rows_at": "responses",
        "kind_at": "form_response.hidden.kind | kind",
        "kinds": {"form": "form", "inquiry": "inquiry", "demo_request": "demo_request", "download": "download"},
        "kind_otherwise": "form",
        "email_at": "form_response.answers[type=email].email | form_response.hidden.email | respondentEmail | email",
        "time_at": "form_response.submitted_at | lastSubmittedTime | createTime | timestamp",
        "id_at": "form_response.token | responseId | event_id",
        "asset_at": "form_response.hidden.asset",
        "keeps": ["form_response.form_id", "formId", "form_response.definition.title"],
    },
    {
        "code": "sendgrid-webhook",
        "name": "Mail events (SendGrid-like)",
        "source": "sendgrid",
        "kind_at": "event",
        "kinds": _MAIL_KINDS,
        "email_at": "email",
        "time_at": "timestamp",
        "id_at": "sg_event_id",
        "keeps": ["url", "sg_message_id"],
        "refuses_scanners": True,
        "agent_at": "useragent",
        "machine_at": "sg_machine_open",
        "delivered_at": "delivered_at",
    },
    {
        "code": "mailgun-webhook",
        "name": "Mail events (Mailgun-like)",
        "source": "mailgun",
        "rows_at": "event-data | items",
        "kind_at": "event",
        "kinds": _MAIL_KINDS,
        "email_at": "recipient",
        "time_at": "timestamp",
        "id_at": "id",
        "keeps": ["url", "message.headers.message-id"],
        "refuses_scanners": True,
        "agent_at": "client-info.user-agent",
        "machine_at": "client-info.bot",
        "delivered_at": "user-variables.delivered_at",
    },
    {
        "code": "japanese-ma",
        "name": "MA行動履歴（SATORI・BowNow形式）",
        "source": "ma-ja",
        "kind_at": "行動種別 | アクション | 行動内容 | 種別",
        "kinds": {
            "ページ閲覧": "page_view", "Web訪問": "page_view", "サイト訪問": "page_view",
            "料金ページ閲覧": "pricing_view", "資料ダウンロード": "download", "ホワイトペーパーDL": "download",
            "セミナー申込": "webinar_registered",
            "ウェビナー申込": "webinar_registered", "セミナー参加": "webinar", "ウェビナー参加": "webinar",
            "メール開封": "email_open", "メールクリック": "email_click", "フォーム送信": "form",
            "問い合わせ": "inquiry",
            "お問い合わせ": "inquiry", "デモ依頼": "demo_request", "展示会来場": "event_visit", "メール配信": "-",
            "セミナー欠席": "-",
        },
        "email_at": "メールアドレス | メール | Eメール",
        "person_at": "リードID | 顧客ID",
        "time_at": "行動日時 | 日時 | アクション日時",
        "id_at": "行動ID | 履歴ID",
        "asset_at": "コンテンツID",
        "keeps": ["ページURL", "ページタイトル", "コンテンツ名"],
        "refuses_scanners": True,
        "agent_at": "ユーザーエージェント",
    },
)  # fmt: skip


def missing() -> list[str]:
    """Codes of those this company does not have, as after an update that brought new ones."""
    known = set(EventMapping.objects.values_list("code", flat=True))
    return [values["code"] for values in READY if values["code"] not in known]


def found() -> list[str]:
    """Add those that are missing, and say which; what marketing changed stays."""
    codes = missing()
    rows = [EventMapping(**values) for values in READY if values["code"] in codes]
    EventMapping.objects.bulk_create(rows, ignore_conflicts=True)
    return codes
