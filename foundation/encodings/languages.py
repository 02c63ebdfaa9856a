"""How likely a word is in some language, learnt from the CLDR names Babel carries.

Used to tell legacy encodings apart: the right one turns bytes into words that some
language would write. Built once a process, on the first file that is not Unicode.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache

from babel import localedata

# Language → how much rarer its files are than English ones, in nats.
LANGUAGES = {
    "en": 0.0,
    "de": 0.0,
    "fr": 0.0,
    "es": 0.0,
    "pt": 0.0,
    "it": 0.0,
    "nl": 0.3,
    "pl": 0.3,
    "ru": 0.0,
    "sv": 0.5,
    "da": 0.5,
    "nb": 0.5,
    "fi": 0.5,
    "cs": 0.5,
    "sk": 1.0,
    "hu": 0.5,
    "ro": 0.8,
    "hr": 1.0,
    "sl": 1.5,
    "sq": 2.5,
    "lt": 1.0,
    "lv": 1.2,
    "et": 1.2,
    "tr": 0.3,
    "az": 2.5,
    "is": 2.5,
    "ca": 1.0,
    "gl": 1.5,
    "eu": 2.0,
    "ga": 2.5,
    "cy": 2.5,
    "vi": 1.0,
    "el": 0.5,
    "uk": 0.5,
    "bg": 0.8,
    "be": 2.0,
    "sr": 1.0,
    "mk": 2.0,
    "he": 0.5,
    "ar": 0.5,
    "fa": 1.5,
    "th": 0.8,
}
# Letters a language writes even where CLDR's names happen not to.
_LETTERS = {
    "de": "äöüß",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíñóúü",
    "pt": "ãáâàçéêíóôõúü",
    "it": "àèéìíòóùú",
    "nl": "éëïöü",
    "pl": "ąćęłńóśźż",
    "sv": "åäöé",
    "da": "æøåéö",
    "nb": "æøåéòô",
    "fi": "äöåšž",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșțşţ",
    "hr": "čćđšž",
    "sl": "čšž",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "et": "äõöüšž",
    "tr": "çğıöşüâîû",
    "is": "áðéíóúýþæö",
    "ca": "àçéèíïóòúü",
    "vi": "ăâđêôơư",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "el": "άέήίόύώϊϋΐΰς",
    "he": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
}
_RARE = 4e-4
_TOPICS = ("territories", "languages", "months", "days", "scripts", "currency_names")
_WORD = re.compile(r"[^\W\d_]+")
# What a letter costs that a language has never been seen to write.
_UNSEEN = math.log(1e-6)
# What a plain letter costs on the average.
_PLAIN = 2.6
# Samples are names of countries and languages: common letters may be missing by chance.
_BIGRAM_WEIGHT = 0.7


class LanguageModel:
    """Letters of one language, and which letter follows which."""

    def __init__(self, words: Iterator[str], prior: float, letters: str = "") -> None:
        self.prior = -prior
        single: Counter[str] = Counter()
        pairs: dict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            previous = "^"
            for letter in word + "$":
                pairs[previous][letter] += 1
                single[letter] += 1
                previous = letter
        total = sum(single.values()) or 1
        self._single = {letter: n / total for letter, n in single.items()}
        for letter in letters:
            self._single[letter] = max(_RARE, self._single.get(letter, 0.0))
        self._pairs = {
            first: {letter: n / sum(after.values()) for letter, n in after.items()}
            for first, after in pairs.items()
        }

    def score(self, word: str) -> float:
        """Return the log probability of a lower-case word, its plain letters for free.

        Plain letters read alike under every encoding; counting them would favour the
        readings that break a word in two.
        """
        total = 0.0
        previous = "^"
        for letter in word + "$":
            single = self._single.get(letter)
            if single is None:
                total += _UNSEEN
            else:
                pair = self._pairs.get(previous, {}).get(letter, 0.0)
                total += math.log(_BIGRAM_WEIGHT * pair + (1 - _BIGRAM_WEIGHT) * single)
            if letter.isascii():
                total += _PLAIN
            previous = letter
        return total


@cache
def language_models() -> dict[str, LanguageModel]:
    """Return a model of every language, read from CLDR once."""
    models = {
        language: LanguageModel(cldr_words(language), prior, _LETTERS.get(language, ""))
        for language, prior in LANGUAGES.items()
    }
    # Forty locales are 40 MB that nothing else here reads.
    localedata._cache.clear()  # noqa: SLF001  # Babel has no other way
    return models


def cldr_words(language: str) -> Iterator[str]:
    """Yield the lower-cased words of a language's names of places, languages and days."""
    data = localedata.load(language)
    for topic in _TOPICS:
        for text in _texts(data.get(topic, {})):
            yield from _WORD.findall(text.lower())


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from _texts(child)
