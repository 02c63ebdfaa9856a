"""Prices people name in a mail."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MAX_TEXT = 6_000
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f"), " ")
_CURRENCY = (
    r"(us\$|au\$|ca\$|nz\$|a\$|c\$|r\$|s\$|hk\$|\$|€|£|₹|₽|₺|₪|₴|¥|usdt?|eur|euros?|eura|euroa"
    r"|gbp|chf|aud|cad|nzd|sgd|hkd|sek|nok|dkk|isk|pln|zł(?:otych|ote)?|zlot(?:y|ych|ys)|czk|kč|huf"
    r"|ron|rub|rubles?|roubles?|uah|inr|rs\.?|aed|zar|jpy|brl|reais|dollars?|dólares"
    r"|dollari|pounds?|quid|bucks|franken|kr(?:onor|oner|onen|\.)?|kron)"
)
_NUMBER = r"\d{1,3}(?:[.,' ]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?"
_AMOUNT = rf"({_NUMBER})(k?)"
# The lower end of "100-150 €" and "between 100 and 150 euros".
_FROM = rf"(?:({_NUMBER})(k?)\s?(?:-|–|—|to|and|bis|und|à|et|tot|do|till|og|och)\s?)?"
_TAIL = r"(?:[.,][-–—])?\s?"
_BEFORE = re.compile(
    rf"(?<![\w$€£]){_CURRENCY}\s?{_AMOUNT}(?![\d%]|\s?(?:million|billion|m\b|bn\b))"
)
_AFTER = re.compile(rf"(?<![\w.,$€£]){_FROM}{_AMOUNT}{_TAIL}{_CURRENCY}(?!\w)")
_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "usdt": "USD", "dollar": "USD", "dollars": "USD",
    "bucks": "USD", "dólares": "USD", "dollari": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "eura": "EUR",
    "euroa": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "s$": "SGD",
    "hk$": "HKD", "r$": "BRL", "reais": "BRL", "franken": "CHF",
    "kr": "SEK", "kron": "SEK", "kronor": "SEK", "kroner": "DKK", "kronen": "NOK",
    "zł": "PLN", "złotych": "PLN", "złote": "PLN", "zloty": "PLN", "zlotys": "PLN",
    "zlotych": "PLN", "kč": "CZK", "₽": "RUB", "ruble": "RUB",
    "rubles": "RUB", "rouble": "RUB", "roubles": "RUB", "₴": "UAH", "₺": "TRY",
    "₹": "INR", "rs": "INR", "¥": "JPY", "₪": "ILS",
}  # fmt: skip
# What "$" and "kr" mean at home.
_AT_HOME = {
    "dk": {"SEK": "DKK"}, "no": {"SEK": "NOK", "DKK": "NOK"}, "is": {"SEK": "ISK"},
    "au": {"USD": "AUD"}, "nz": {"USD": "NZD"}, "ca": {"USD": "CAD"}, "sg": {"USD": "SGD"},
}  # fmt: skip
_VAGUE = frozenset(("$", "dollar", "dollars", "bucks", "kr", "kroner", "kronor"))


@dataclass(frozen=True)
class Price:
    """A price somebody named."""

    amount: Decimal
    currency: str


def price_in(text: str, sender: str = "") -> Price | None:
    """Return the price named first in a text, the lower end of a range, if any.

    Args:
        text: what somebody wrote.
        sender: their address; its country says which "$" or "kr" is meant.
    """
    low = text[:MAX_TEXT].lower().translate(_SPACES)
    found: list[tuple[int, Price]] = []
    for pattern, currency, amounts in ((_BEFORE, 1, (2,)), (_AFTER, 5, (1, 3))):
        for match in pattern.finditer(low):
            number = next(one for one in amounts if match.group(one) is not None)
            value = _amount(match.group(number), thousands=bool(match.group(number + 1)))
            if value:
                name = match.group(currency).rstrip(".")
                found.append((match.start(), Price(value, _currency(name, sender))))
                break
    return min(found, key=lambda one: one[0])[1] if found else None


def _currency(name: str, sender: str) -> str:
    code = _CURRENCIES.get(name, name.upper())
    home = _AT_HOME.get(sender.rpartition(".")[2], {})
    return home.get(code, code) if name in _VAGUE else code


def _amount(text: str, *, thousands: bool) -> Decimal | None:
    """Return "1,200", "1.200,50", "1'200" or "1.2" (k) as a number."""
    bare = text.replace(" ", "").replace("'", "")
    decimals = re.search(r"[.,](\d{1,2})$", bare)
    whole = bare[: decimals.start()] if decimals else bare
    digits = whole.replace(".", "").replace(",", "")
    try:
        value = Decimal(f"{digits}.{decimals.group(1)}" if decimals else digits)
    except InvalidOperation:
        return None
    return value * 1000 if thousands else value
