"""What people write above a column, in English and Japanese, and which field they mean by it. Pure."""

from __future__ import annotations

import re
import unicodedata

_COMPANY = """company, company name, account, account name, organization, organisation, firm, customer,
    会社名, 会社, 企業名, 企業, 法人名, 社名, 商号, 貴社名, 勤務先, 所属企業, 取引先, 取引先名, 顧客名, 提出者名"""
# Field, or kind.field where the same name means something else, to the words for it.
_WORDS = {
    "accounts.name": _COMPANY,
    "contacts.company": _COMPANY,
    "leads.company": _COMPANY,
    "deals.account": _COMPANY,
    "deals.name": "deal, deal name, opportunity, opportunity name, 商談名, 商談, 案件名, 案件, 件名",
    "products.name": "product, product name, 商品名, 製品名, 商品, 製品",
    "users.name": "full name, sales agent, 氏名, 名前",
    "full_name": "name, contact name, person name, lead name, 氏名, 名前, お名前, ご氏名, 姓名",
    "accounts.external_id": """account id, company id, customer id, 企業id, 会社id, 顧客id, 取引先id, 顧客番号,
        edinetコード""",
    "contacts.external_id": "contact id, person id, コンタクトid, 連絡先id",
    "leads.external_id": "lead id, lead number, prospect id, mql id, リードid, 見込み客id, 見込客id",
    "deals.external_id": "deal id, opportunity id, 商談id, 案件id, 案件番号, 商談番号, mql id, lead id, リードid",
    "external_id": "id, record id, 管理番号, 外部id",
    "email": "mail, email address, mail address, メール, メールアドレス, eメール",
    "phone": "tel, telephone, phone number, mobile, 電話, 電話番号, 携帯電話, 携帯番号",
    "first_name": "given name, forename, 名, 下の名前",
    "last_name": "surname, family name, 姓, 苗字, 名字",
    "department": "dept, division, 部署, 部署名, 所属, 所属部署, 部門",
    "job_title": "title, position, job, 役職, 役職名, 肩書, 肩書き",
    "stakeholder_role": "stakeholder, buying role, 関係者の役割",
    "industry": "sector, business segment, gics sector, 業種, 業界, 提出者業種, 産業",
    "employee_count": "employees, number of employees, headcount, company size, 従業員数, 社員数, 従業員規模",
    "country": "country region, hq country, headquarters country, office location, 国, 国名, 国・地域",
    "address": """street address, company address, headquarters, postal address,
        住所, 所在地, 本社所在地, 会社住所, 会社所在地""",
    "domain": "website, url, homepage, web domain, ドメイン, webサイト, ホームページ, サイトurl",
    "corporate_number": "corporate no, 法人番号, 提出者法人番号",
    "source": "lead source, origin, channel, 流入元, 獲得経路, 流入経路, リードソース, チャネル",
    "medium": "utm medium, メディア, 媒体",
    "campaign": "utm campaign, campaign name, キャンペーン, キャンペーン名, 施策名",
    "consent": "opt in, permission, marketing consent, 同意, メール配信同意, 配信許諾, オプトイン",
    "consent_text": "consent wording, 同意文, 同意文言",
    "captured_at": """captured, created, created at, created date, first contact date, date,
        獲得日, 登録日, 登録日時, 作成日, 問い合わせ日""",
    "leads.stage": "lead stage, ステージ",
    "deals.stage": "deal stage, stage name, フェーズ, ステージ, 商談ステージ, 案件ステージ, 商談フェーズ",
    "events.kind": "event, event type, activity, activity type, action, 種別, 行動, 行動種別, アクション",
    "events.asset": "content, asset slug, コンテンツ",
    "lead_external_id": "lead id, prospect id, リードid, 見込み客id",
    "occurred_at": "timestamp, time, date, datetime, event time, activity date, 日時, 行動日時, 発生日時",
    "owner": "sales agent, sales rep, rep, sr id, 担当, 担当者, 営業担当, 商談担当者, 所有者",
    "product": "product name, 商品, 商品名, 製品, 製品名",
    "lead": "lead id, mql id, リードid, 外部リードid",
    "amount": "value, close value, deal value, price, 金額, 商談金額, 案件金額, 受注金額, 見込金額",
    "price": "sales price, list price, 単価, 定価, 価格",
    "currency": "currency code, 通貨, 通貨コード",
    "engaged_at": """engage date, engaged, opened, open date, start date,
        開始日, 商談開始日, 商談発生日, 案件発生日""",
    "closed_at": "close date, closed, won date, closing date, 完了日, 受注日, 成約日, クローズ日, 失注日",
}
_SIGNS = re.compile(r"[\s_\-./:・*]+|[(\[].*?[)\]]")


def normal(heading: str) -> str:
    """A heading for comparing: without case, width, spaces, signs, and what stands in brackets."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return _SIGNS.sub("", text) or text.strip()


def words_for(kind: str, field: str) -> list[str]:
    """What a column of this field may be called, the surest first, as `normal` has it."""
    listed = [_WORDS[name].split(",") for name in (f"{kind}.{field}", field) if name in _WORDS]
    return [normal(word) for word in (field, *(word for words in listed for word in words))]
