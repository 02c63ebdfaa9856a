"""Telling the encodings before Unicode apart, by what their readings look like."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from foundation.encodings.east_asian import east_asian_models
from foundation.encodings.languages import language_models
from foundation.words import word_set

_WESTERN = word_set("en de fr es pt it nl sv da nb fi ca gl eu ga cy is sq")
_CENTRAL = word_set("pl cs sk hu ro hr sl sq sr de")
_BALTIC = word_set("lt lv et pl")
_CYRILLIC = word_set("ru uk bg be sr mk")
_ARABIC = frozenset(("ar", "fa"))
_TURKIC = frozenset(("tr", "az"))
_GREEK, _HEBREW, _THAI = frozenset(("el",)), frozenset(("he",)), frozenset(("th",))
# Codec → how much rarer its files are than Windows-1252 ones, in nats, and who writes them.
_SINGLE = {
    "cp1252": (0.0, _WESTERN),
    "iso8859-15": (1.0, _WESTERN),
    "mac_roman": (1.5, _WESTERN),
    "cp850": (2.0, _WESTERN),
    "cp437": (3.0, _WESTERN),
    "cp865": (4.0, frozenset(("da", "nb"))),
    "cp861": (4.0, frozenset(("is",))),
    "mac_iceland": (4.0, frozenset(("is",))),
    "cp1250": (0.5, _CENTRAL),
    "iso8859-2": (1.0, _CENTRAL),
    "cp852": (2.0, _CENTRAL),
    "mac_latin2": (2.5, _CENTRAL | _BALTIC),
    "iso8859-16": (4.0, _CENTRAL),
    "mac_croatian": (4.0, frozenset(("hr", "sl"))),
    "mac_romanian": (4.0, frozenset(("ro",))),
    "cp1251": (0.5, _CYRILLIC),
    "koi8_r": (1.5, frozenset(("ru", "bg"))),
    "koi8_u": (1.8, frozenset(("uk", "ru"))),
    "cp866": (1.5, _CYRILLIC),
    "iso8859-5": (2.0, _CYRILLIC),
    "mac_cyrillic": (2.0, _CYRILLIC),
    "cp855": (4.0, _CYRILLIC),
    "cp1253": (0.5, _GREEK),
    "iso8859-7": (1.0, _GREEK),
    "cp737": (2.5, _GREEK),
    "mac_greek": (2.5, _GREEK),
    "cp869": (4.0, _GREEK),
    "cp1254": (0.5, _TURKIC),
    "iso8859-9": (1.0, _TURKIC),
    "mac_turkish": (2.5, _TURKIC),
    "cp857": (2.5, _TURKIC),
    "cp1255": (0.5, _HEBREW),
    "iso8859-8": (1.0, _HEBREW),
    "cp862": (2.5, _HEBREW),
    "cp1256": (0.5, _ARABIC),
    "iso8859-6": (1.5, _ARABIC),
    "cp720": (4.0, _ARABIC),
    "cp1257": (0.5, _BALTIC),
    "iso8859-13": (1.5, _BALTIC),
    "iso8859-4": (3.0, _BALTIC),
    "cp775": (3.0, _BALTIC),
    "cp1258": (1.5, frozenset(("vi",))),
    "cp874": (0.5, _THAI),
}
_DOUBLE = {
    "cp932": 0.5,
    "euc_jp": 1.0,
    "gb18030": 0.5,
    "big5": 1.0,
    "big5hkscs": 2.0,
    "cp949": 0.5,
    "johab": 4.0,
}
_WORD = re.compile(r"[^\W\d_]+")
# Latin and East Asian letters side by side: mostly a European letter misread.
_MIXED = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_COST_MIXED = 5.0
_TYPOGRAPHIC = frozenset("“”‘’„‚–—…•€£©®™°«»·¿¡§\u00a0‹›")
_AFTER_LETTERS = frozenset("”»’›™®…•—–·\u00a0¬")
_BEFORE_LETTERS = frozenset("“„«‹‘¿¡—–’·…\u00a0")
_COST_TYPOGRAPHIC = 6.0
_COST_SYMBOL = 11.0
_COST_MISPLACED = 6.0
_COST_CONTROL = 25.0
_COST_CASE = 4.0
_COST_SCRIPT = 9.0
_COST_UNREADABLE = 25.0
_COST_OTHER_WRITER = 7.0
_COST_FOREIGN_NAME = 4.0
_WORDS_READ = 1500


def likeliest(sample: bytes) -> str:
    """Return the codec under which `sample` reads most like what people write."""
    scores = {
        codec: _rate(sample, codec, prior, writers) for codec, (prior, writers) in _SINGLE.items()
    }
    scores |= {codec: _rate(sample, codec, prior, None) for codec, prior in _DOUBLE.items()}
    return max(scores, key=lambda codec: scores[codec])


def _rate(sample: bytes, codec: str, prior: float, writers: frozenset[str] | None) -> float:
    text, broken = _read(sample, codec)
    if broken * 20 > len(sample):
        return float("-inf")
    return _score(text, writers) - prior - broken * _COST_UNREADABLE


def _read(sample: bytes, codec: str) -> tuple[str, int]:
    text = sample.decode(codec, "replace")
    return text, text.count("\ufffd")


def _score(text: str, writers: frozenset[str] | None) -> float:
    """Return roughly the log probability of the foreign parts of `text`.

    `writers` are the languages a single-byte codec was made for; None is East Asian.
    """
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    some = sorted(words)[:: max(1, len(words) // _WORDS_READ)]
    scale = len(words) / len(some) if some else 1.0
    total = -_symbols(text)
    if writers is None:
        return total - _COST_MIXED * len(set(_MIXED.findall(text))) + scale * _east_asian(some)
    total -= scale * sum(_shape(word) for word in some)
    return total + scale * _best_language(some, writers)


def _symbols(text: str) -> float:
    cost = 0.0
    seen = set()
    for found in re.finditer(r"[^\x00-\x7f]", text):
        letter = found.group()
        if letter.isalpha() or letter == "\ufffd":
            continue
        start = found.start()
        around = (text[start - 1] if start else " ") + text[start : start + 2].ljust(2)
        if around in seen:
            continue
        seen.add(around)
        cost += _symbol(letter, around)
    return cost


def _symbol(letter: str, around: str) -> float:
    kind = unicodedata.category(letter)
    before, after = around[0], around[-1]
    if kind in {"Cc", "Co", "Cn"}:
        return _COST_CONTROL
    if kind in {"Mn", "Mc"}:
        return _mark(letter, before)
    if "\u3000" <= letter <= "\u30ff" or "\uff00" <= letter <= "\uffef":
        return _COST_TYPOGRAPHIC / 2
    cost = _COST_TYPOGRAPHIC if letter in _TYPOGRAPHIC else _COST_SYMBOL
    if before.isalpha() and letter not in _AFTER_LETTERS:
        cost += _COST_MISPLACED
    if after.isalpha() and letter not in _BEFORE_LETTERS:
        cost += _COST_MISPLACED
    return cost


def _mark(mark: str, before: str) -> float:
    """A mark belongs on a letter of its own script, or it is a misread letter."""
    script = _script(mark)
    if script == _script(before):
        return _COST_TYPOGRAPHIC / 2
    if script == "COMBINING" and before.isalpha():
        return _COST_SYMBOL
    return _COST_SYMBOL + _COST_SCRIPT


def _best_language(words: list[str], writers: frozenset[str]) -> float:
    """Score by the language most of a file is in; single names may be another's."""
    lowered = [unicodedata.normalize("NFC", word).lower() for word in words]
    scores = {
        language: [model.score(word) for word in lowered]
        for language, model in language_models().items()
    }
    foreign = [
        max(scores[language][n] for language in writers) - _COST_FOREIGN_NAME
        for n in range(len(words))
    ]
    return max(
        language_models()[language].prior
        - (0.0 if language in writers else _COST_OTHER_WRITER)
        + sum(map(max, mine, foreign))
        for language, mine in scores.items()
    )


def _shape(word: str) -> float:
    """What it costs a word to change its case or script half way."""
    cost = 0.0
    for first, second in pairwise(word):
        if first.islower() and second.isupper():
            cost += _COST_CASE
        if _script(first) != _script(second):
            cost += _COST_SCRIPT
    if len(word) > 2 and word[:2].isupper() and word[2:].islower():  # noqa: PLR2004  # "MŸller"
        cost += _COST_CASE
    return cost


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]


def _east_asian(words: list[str]) -> float:
    """The best of the four: one file is written in one of them."""
    letters = "".join(words)
    return max(
        sum(_east_asian_letter(letter, language) for letter in letters)
        for language in east_asian_models()
    )


@lru_cache(maxsize=65536)
def _east_asian_letter(letter: str, language: str) -> float:
    if letter.isascii():
        return 0.0
    return east_asian_models()[language](letter)
