"""Names as SQL makes them for a company of any size: Japanese and Latin ones, the common ones often, as in life.

Each is an expression over `n`. The square of an even chance lets the first of a list come far oftener than the last.
"""

from __future__ import annotations

_FAMILY = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水
Smith Müller Tanaka Sato García 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川
前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 Suzuki Johnson Novák Lindqvist
福田 太田 西村 藤井 金子 岡本 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村 中山 和田 石田 李 王
Okafor O'Brien Dijkstra 上田 森田 原 柴田 酒井 工藤 横山 宮崎 宮本 内田 高木 安藤 谷口
大野 丸山 今井 河野 藤本 村田 武田 上野 杉山 増田 平野 大塚 千葉 久保 松井 小島 岩崎 桜井 野口 松尾 野村
木下 菊地 佐野 大西 杉本 新井 東海林 勅使河原 四十物 鴨志田 Szczepański Wójcik
Nakamura-Brown
"""
_GIVEN = """
太郎 花子 健 翔 大輔 美咲 陽菜 結衣 葵 悠真 蓮 恵 直樹 誠 由美子 裕子 智子 和也 浩 隆 修 明 学 茂
幸子 久美子 陽子 さくら ひかり アンナ Taro Hanako Anna James Maria Ken Yuki 拓也
翼 亮 彩 愛 舞 麻衣 遥 七海 凛 大翔 颯太 陸 湊 莉子 Björn Zoë Ling Priya
Oluwaseun 龍之介 真理子 左近
"""
_STEMS = """
東洋 日本 大和 富士 朝日 三星 中央 北陸 関東 九州 信濃 瀬戸 青葉 若葉 光洋 新生 共立 明和 永和 昭栄 丸善
大栄 双葉 第一 協和 日新 東亜 平和 千代田 武蔵 さくら みらい ひかり アルファ オリオン サンライズ ネクスト
グローバル テクノ Acme Northwind Contoso Globex Initech Vertex Nimbus
Lumen Borealis Kestrel 飛鳥 出雲 駿河 薩摩 琉球 摂津 丹波 ヴァルカン メイプル シリウス 八咫
"""
_TRADES = """
商事 工業 電機 製作所 システムズ 物流 建設 食品 化学 薬品 印刷 運輸 精機 ソリューションズ ホールディングス
技研 製薬 不動産 Systems Labs Works Trading 鉄工 水産
"""


def _one_of(text: str, salt: int) -> str:
    words = text.split()
    told = ", ".join("'{}'".format(word.replace("'", "''")) for word in words)
    chance = f"(hashint8extended(n, {salt}) & 1048575) / 1048576::float8"
    return f"(ARRAY[{told}])[1 + floor({len(words)} * power({chance}, 2))::int]"


FAMILY, GIVEN = _one_of(_FAMILY, 1), _one_of(_GIVEN, 2)
_STEM = f"{_one_of(_STEMS, 3)} || {_one_of(_STEMS, 4)} || {_one_of(_TRADES, 5)}"
COMPANY, COMPANY_KEY = f"'株式会社' || {_STEM}", f"lower({_STEM})"
