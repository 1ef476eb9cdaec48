# tables of words, one row a line
"""The companies the demo company sells to, and the words their people are made of. All of it is invented."""

from __future__ import annotations

# name, web name, industry, employees
JAPANESE = [
    ("大和精機株式会社", "yamato-seiki", "製造業", 1200), ("北斗電子工業株式会社", "hokuto-denshi", "製造業", 860),
    ("株式会社みどり製薬", "midori-seiyaku", "製造業", 2400), ("東海化成株式会社", "tokai-kasei", "製造業", 640),
    ("三峰鉄工株式会社", "mitsumine", "製造業", 180), ("株式会社青葉ソフト", "aoba-soft", "情報通信業", 320),
    ("あけぼのシステムズ株式会社", "akebono-sys", "情報通信業", 150), ("株式会社クラウド庵", "cloud-an", "情報通信業", 18),
    ("日の出データ株式会社", "hinode-data", "情報通信業", 480), ("株式会社ネクサス企画", "nexus-kikaku", "情報通信業", 12),
    ("さくら信用リース株式会社", "sakura-lease", "金融業", 900), ("朝日野銀行", "asahino-bank", "金融業", 3100),
    ("株式会社つばめ証券", "tsubame-sec", "金融業", 700), ("みなと海運株式会社", "minato-kaiun", "運輸業", 540),
    ("中央陸送株式会社", "chuo-rikuso", "運輸業", 1900), ("株式会社はやぶさ便", "hayabusa-bin", "運輸業", 260),
    ("富士見建設株式会社", "fujimi-kensetsu", "建設業", 820), ("株式会社大樹工務店", "taiju-koumuten", "建設業", 45),
    ("さざなみ食品株式会社", "sazanami-foods", "食品製造業", 1100), ("株式会社こだま乳業", "kodama-milk", "食品製造業", 430),
    ("丸井屋百貨店", "maruiya", "小売業", 2600), ("株式会社すみれ堂", "sumiredo", "小売業", 90),
    ("ひまわり薬局株式会社", "himawari-ph", "小売業", 1500), ("株式会社あおぞら人材", "aozora-jinzai", "人材サービス", 210),
    ("千代田教育出版株式会社", "chiyoda-edu", "出版業", 170), ("株式会社ゆきぐに旅行", "yukiguni", "観光業", 75),
    ("南風ホテルズ株式会社", "nanpu-hotels", "観光業", 980), ("瀬戸内電力サービス株式会社", "setouchi-power", "電気業", 1400),
    ("株式会社かわせみ設計", "kawasemi", "建設業", 28), ("白鷺医療機器株式会社", "shirasagi-med", "製造業", 390),
    ("株式会社むさし測器", "musashi-sokki", "製造業", 220), ("金沢繊維株式会社", "kanazawa-tex", "製造業", 310),
    ("株式会社つくばロボティクス", "tsukuba-robo", "製造業", 60), ("九州農機株式会社", "kyushu-nouki", "製造業", 750),
    ("株式会社しののめ広告", "shinonome-ad", "広告業", 130),
]  # fmt: skip
ENGLISH = [
    ("Brightwater Analytics Ltd", "brightwater", "Software", 240), ("Northgate Logistics plc", "northgate-log", "Logistics", 1800),
    ("Calder & Finch", "calderfinch", "Finance", 150), ("Ashworth Precision", "ashworth-precision", "Manufacturing", 420),
    ("Kestrel Systems", "kestrel-systems", "Software", 95), ("Penrose Foods", "penrose-foods", "Manufacturing", 1300),
    ("Hollybank Insurance", "hollybank", "Finance", 2100), ("Tamar Shipping", "tamar-shipping", "Logistics", 610),
    ("Greyfriars Media", "greyfriars", "Media", 70), ("Orchard Clinics", "orchard-clinics", "Healthcare", 340),
    ("Pinewood Robotics", "pinewood-robotics", "Manufacturing", 55), ("Lindisfarne Energy", "lindisfarne", "Energy", 890),
    ("Marlow Retail Group", "marlow-retail", "Retail", 2700), ("Quayside Software", "quayside-soft", "Software", 16),
    ("Redfern Motors", "redfern-motors", "Manufacturing", 980), ("Silverdale Bank", "silverdale", "Finance", 4200),
    ("Thornbury Textiles", "thornbury", "Manufacturing", 130), ("Umber Design Studio", "umber-studio", "Media", 9),
    ("Vale Freight", "vale-freight", "Logistics", 280), ("Westmere College", "westmere", "Education", 360),
    ("Yarrow Pharma", "yarrow-pharma", "Manufacturing", 1600), ("Zephyr Telecom", "zephyr-tel", "Software", 740),
    ("Harrow Instruments", "harrow-inst", "Manufacturing", 210), ("Isca Housing", "isca-housing", "Property", 190),
    ("Juniper Travel", "juniper-travel", "Travel", 48),
]  # fmt: skip

SURNAMES = [
    ("高橋", "takahashi"), ("伊藤", "ito"), ("渡辺", "watanabe"), ("山本", "yamamoto"), ("中村", "nakamura"), ("加藤", "kato"),
    ("吉田", "yoshida"), ("山田", "yamada"), ("佐々木", "sasaki"), ("松本", "matsumoto"), ("井上", "inoue"), ("木村", "kimura"),
    ("林", "hayashi"), ("清水", "shimizu"), ("山崎", "yamazaki"), ("阿部", "abe"), ("池田", "ikeda"), ("橋本", "hashimoto"),
    ("石川", "ishikawa"), ("前田", "maeda"), ("藤田", "fujita"), ("岡田", "okada"), ("後藤", "goto"), ("長谷川", "hasegawa"),
]  # fmt: skip
GIVEN = [
    ("翔太", "shota"), ("陽子", "yoko"), ("誠", "makoto"), ("恵子", "keiko"), ("拓也", "takuya"), ("由美", "yumi"), ("直樹", "naoki"),
    ("真由美", "mayumi"), ("浩二", "koji"), ("彩", "aya"), ("隆", "takashi"), ("久美子", "kumiko"), ("亮", "ryo"), ("千尋", "chihiro"),
]  # fmt: skip
# title, stakeholder role
TITLES_JA = [
    ("営業企画部長", "executive"), ("情報システム部課長", "it"), ("取締役", "executive"), ("購買課 主任", "procurement"),
    ("法務部 担当", "legal"), ("マーケティング担当", "end_user"), ("営業部", "end_user"), ("経営企画室長", "executive"),
]  # fmt: skip
TITLES_EN = [
    ("Head of Sales", "executive"), ("IT Manager", "it"), ("Chief Operating Officer", "executive"),
    ("Procurement Specialist", "procurement"), ("Legal Counsel", "legal"), ("Marketing Executive", "end_user"),
    ("Sales Operations Analyst", "end_user"), ("IT Director", "it"),
]  # fmt: skip
# source, medium, campaign
CHANNELS = [
    ("website", "organic", ""), ("website", "organic", ""), ("google", "cpc", "spring-search"), ("webinar", "event", "webinar-handoff"),
    ("fair", "event", "tokyo-sales-expo"), ("linkedin", "social", "always-on"), ("newsletter", "email", "monthly-letter"),
    ("partner", "referral", "partner-programme"), ("whitepaper", "content", "benchmark-report"),
]  # fmt: skip
