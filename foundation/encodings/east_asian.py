"""How likely a character is in Chinese, Japanese or Korean text.

The first levels of the national standards are the common characters; CLDR names and
the characters of the commonest personal names say which of those are the commonest.
"""

import math
from collections import Counter
from collections.abc import Callable
from functools import cache

from foundation.encodings.languages import cldr_words

_COMMON = {
    "zh": (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
        "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红建国文华志玉海燕的一是不了在人有我他这"
        "为之大来以个中上们到说时地也子就道要出会可你生能自着那年得公司网站博客新闻科技有限"
    ),
    "zh_Hant": (
        "王李張劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅梁宋鄭謝韓唐馮于董程曹袁鄧許傅沈曾彭呂蘇盧蔣蔡"
        "偉芳娜秀英敏靜麗強磊軍洋勇艷傑娟濤明超蘭霞平剛桂紅建國文華志玉海燕的一是不了在人有我他這"
        "為之大來以個中上們到說時地也子就道要出會可你生能自著那年得公司網站部落格新聞科技有限"
    ),
    "ja": (
        "田中山本佐藤鈴木高橋渡辺伊小林加吉松井清水崎森池石川村上野原島大阪東京日一二三四五太郎子美"
        "香恵優翔健誠人大会社株式年月国出学生事自地行方分前間長内手場作部者名気体電話営業記"
    ),
    "ko": (
        "김이박최정강조윤장임한오서신권황안송류홍민수지영현준은경미선희진성동상재우호철주원연유나"
        "하아의가을를에는도로다고기사자시인해한국대전회구부제주식회블로그뉴스서울"
    ),
}
# Language → codec whose rows say how common a character is, rows of the common ones, their number.
_LEVELS = {
    "zh": ("gb2312", range(0xB0, 0xD8), 3755),
    "zh_Hant": ("big5", range(0xA4, 0xC7), 5401),
    "ja": ("euc_jp", range(0xB0, 0xD0), 2965),
    "ko": ("euc_kr", range(0xB0, 0xC9), 2350),
}
_NAMED_WEIGHT = 30


@cache
def east_asian_models() -> dict[str, Callable[[str], float]]:
    """Return, per language, a function from a character to its log probability."""
    return {language: _model(language) for language in _LEVELS}


def _model(language: str) -> Callable[[str], float]:
    codec, rows, size = _LEVELS[language]
    seen: Counter[str] = Counter()
    for word in cldr_words(language):
        seen.update(word)
    seen.update(dict.fromkeys(_COMMON[language], _NAMED_WEIGHT))
    total = sum(seen.values())

    def score(letter: str) -> float:
        known = seen.get(letter, 0) / total
        row = _row(letter, codec)
        level = 0.0
        if row in rows:
            level = 1 / size
        elif row:
            level = 0.02 / size
        return math.log(0.5 * known + 0.5 * level + 1e-7)

    return score


def _row(letter: str, codec: str) -> int:
    try:
        encoded = letter.encode(codec)
    except UnicodeEncodeError:
        return 0
    return encoded[0] if len(encoded) == 2 else 0  # noqa: PLR2004  # double-byte rows only
