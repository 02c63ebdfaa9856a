"""What the new text of a human reply wants, by rules, with the reasons."""

import re
from dataclasses import dataclass

from mailer.enums import Intent
from mailer.reading.addresses import addresses_in
from mailer.reading.phrases import pattern
from mailer.reading.prices import Price, price_in

MAX_TEXT = 6_000
MAX_SENTENCES = 60
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n\s*\n|\n(?=\s*[-*•])")
_UNSUBSCRIBE = pattern("unsubscribe")
_NOT_INTERESTED = pattern("not_interested")
# Takes a refusal back, or narrows it: nobody is suppressed for half a no.
_HEDGE = pattern("hedge")
_FOR_NOW = pattern("for_now")
_INTERESTED = pattern("interested")
_NEGATION = pattern("negation")
_WRONG_PERSON = pattern("wrong_person")
_PRICE_WORDS = pattern("price_words")
_QUESTION = re.compile(r"\?(?:\s|$)")
_RHETORICAL = re.compile(
    r"(?:how are you|how'?s it going|ok|okay|right|really|wie geht(?:'s| es)|ça va|cómo est[áa]s?)"
)
_NOTICE = pattern("notice")
_NAME = re.compile(
    r"(?:contact|reach out to|speak (?:to|with)|talk to|e-?mail|ask|write to|get in touch with"
    r"|wenden sie sich (?:bitte )?an|contacter|contacte (?:con|a))\s+"
    r"(?:my colleague |our (?:editor|colleague) |mr\.? |ms\.? |mrs\.? |herrn? |frau )?"
    r"((?:[A-ZÀ-Ž][\w'-]{1,30} ){0,2}[A-ZÀ-Ž][\w'-]{1,30})"
)


@dataclass(frozen=True)
class Wants:
    """The intent of a text, the sentences that decided it, and what it names."""

    intent: str
    reasons: tuple[str, ...]
    price: Price | None = None
    right_address: str = ""
    right_name: str = ""


def wants(text: str, sender: str = "") -> Wants:
    """Return what a reply wants.

    Args:
        text: its new text, without quotes.
        sender: who wrote it; their own address is never "the right one".
    """
    sentences = _sentences(text)
    low = [sentence.lower() for sentence in sentences]
    asked_out = _first(low, _UNSUBSCRIBE)
    if asked_out and not asked_out.rstrip().endswith("?"):
        return Wants(Intent.UNSUBSCRIBE, (_because("asks not to be written to", asked_out),))
    return _wrong_person(sentences, low, sender) or _by_tone(low, sender)


def _wrong_person(sentences: list[str], low: list[str], sender: str) -> Wants | None:
    wrong = _first(low, _WRONG_PERSON)
    if not wrong:
        return None
    text = " ".join(sentences)
    others = [address for address in addresses_in(text) if address != sender]
    named = _NAME.search(text)
    return Wants(
        Intent.WRONG_PERSON,
        (_because("names somebody else", wrong),),
        right_address=others[0] if others else "",
        right_name=named.group(1) if named else "",
    )


def _by_tone(low: list[str], sender: str) -> Wants:
    text = " ".join(low)
    price = price_in(text, sender)
    if price and _quotes(text, low):
        reason = f"names a price: {price.amount} {price.currency}"
        return Wants(Intent.PRICE, (reason,), price=price)
    refusal, wish, question = _first(low, _NOT_INTERESTED), _wish(low), _question(low)
    if refusal and not wish:
        return _refused(refusal, low, question)
    if wish:
        return Wants(Intent.INTERESTED, (_because("shows interest", wish),))
    asked = (_because("asks", question),) if question else ()
    return Wants(Intent.QUESTION if question else Intent.OTHER, asked)


def _refused(refusal: str, low: list[str], question: str) -> Wants:
    """Return a refusal, unless the same or the next sentence takes half of it back."""
    place = low.index(refusal)
    following = low[place + 1] if place + 1 < len(low) else ""
    refused = _NOT_INTERESTED.search(refusal)
    after = f"{refusal[refused.end() :] if refused else refusal} {following}"
    hedge = _HEDGE.search(after) or _FOR_NOW.search(refusal)
    if hedge is None and not question:
        return Wants(Intent.NOT_INTERESTED, (_because("declines", refusal),))
    why = f"declines, yet not altogether (“{hedge.group(0)}”)" if hedge else "declines, and asks"
    intent = Intent.QUESTION if question else Intent.OTHER
    return Wants(intent, (_because(why, refusal),))


def _wish(low: list[str]) -> str:
    """Return the first sentence that shows interest and does not negate it."""
    return next((sentence for sentence in low if _wishes(sentence)), "")


def _wishes(sentence: str) -> bool:
    match = _INTERESTED.search(sentence)
    if match is None:
        return False
    if _NOT_INTERESTED.search(sentence[: match.end() + 40]):
        rest = _after_hedge(sentence)
        return bool(rest and _INTERESTED.search(rest)) and not _NOT_INTERESTED.search(rest)
    before = sentence[max(0, match.start() - 25) : match.start()]
    return _NEGATION.search(before) is None


def _after_hedge(sentence: str) -> str:
    hedge = _HEDGE.search(sentence)
    return sentence[hedge.end() :] if hedge else ""


def _question(low: list[str]) -> str:
    return next(
        (
            sentence
            for sentence in low
            if "?" in sentence and _QUESTION.search(sentence) and not _RHETORICAL.match(sentence)
        ),
        "",
    )


def _quotes(text: str, low: list[str]) -> bool:
    """Return whether an amount is a price quoted, not any figure."""
    return _PRICE_WORDS.search(text) is not None or (
        sum(len(sentence.split()) for sentence in low) <= 25  # noqa: PLR2004  # a short answer
    )


def _first(low: list[str], pattern: re.Pattern[str]) -> str:
    return next((sentence for sentence in low if pattern.search(sentence)), "")


def _because(why: str, sentence: str) -> str:
    return f"{why}: “{sentence[:140]}”"


def _sentences(text: str) -> list[str]:
    found = []
    for paragraph in _SENTENCE.split(text[:MAX_TEXT].replace("’", "'")):
        sentence = " ".join(paragraph.split()).strip(" -*•")
        if _NOTICE.match(sentence.lower()):
            break
        if sentence:
            found.append(sentence[:600])
    return found[:MAX_SENTENCES]
