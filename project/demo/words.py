# tables of words, one row a line
"""What people at the demo company write: notes, comments, conclusions, names of deals."""

from __future__ import annotations

# reason code: (English, Japanese)
COMMENTS = {
    "not-fit-company": ("Too small for the team plan.", "規模が対象外です。"),
    "not-fit-role": ("Has no say in tools; asked for their manager's name.", "決裁に関わらない方でした。"),
    "no-budget": ("Budget is closed until the new fiscal year.", "今期の予算は終了とのこと。"),
    "bad-timing": ("Replaces the CRM first, wants to talk after that.", "CRM刷新後に再度話したいとのこと。"),
    "no-need": ("Only wanted the benchmark figures.", "資料の数値だけが目的でした。"),
    "unable-to-contact": ("Five attempts on three days, no answer.", "3日間で5回架電、応答なし。"),
    "insufficient-data": ("The phone number is a fax, the mail bounces.", "電話はFAX番号、メールは不達。"),
    "duplicate": ("Same person as the lead from the fair.", "展示会のリードと同一人物です。"),
    "already-customer": ("Their head office has an open deal with us.", "本社と商談中です。"),
    "wrong-territory": ("Buys through the Osaka branch.", "大阪支社の管轄です。"),
    "competitor": ("Works for another vendor.", "同業他社の方でした。"),
    "do-not-contact": ("Asked not to be called again.", "今後の連絡は不要とのこと。"),
    "other": ("Left the company last month.", "先月退職されたとのこと。"),
}
CALLS = [
    ("Spoke about their current process. They pass leads on by mail.", "現状をヒアリング。メールで引き渡しているとのこと。"),
    ("Wants to see it with their own data.", "自社データで見たいとのこと。"),
    ("Left a message with the front desk.", "受付に伝言を依頼。"),
    ("Sent the case study they asked for.", "希望の事例資料を送付。"),
]  # fmt: skip
PAUSED = ("Asked to be called next week.", "来週の連絡をご希望。")
MENDED = ("Got the direct number from the switchboard.", "代表電話で直通番号を確認。")
CONCLUSIONS = [
    "Form now asks for the size of the company.",
    "Price page counts only from the second visit on.",
    "Moved this campaign to people with a say in tools.",
    "Discussed in the monthly meeting; no change.",
]
WINS = [
    "The answer came within the hour.",
    "Audit trail decided it.",
    "稟議が通りました。",
    "Best fit with their CRM.",
]
LOSSES = ["A cheaper offer.", "Project put on hold.", "他社に決定。", "No decision this year."]
DEALS = [
    ("Handoff platform", "引き渡し基盤"),
    ("Team plan", "チームプラン"),
    ("Group roll-out", "グループ展開"),
    ("Pilot", "試験導入"),
]


def spoken(pair: tuple[str, str], language: str) -> str:
    return pair[1] if language == "ja" else pair[0]
