"""Prices people name in a mail."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MAX_TEXT = 6_000
_CURRENCY = (
    r"(us\$|au\$|ca\$|a\$|c\$|r\$|\$|€|£|usd|eur|euros?|gbp|chf|aud|cad|nzd|sek|nok|dkk|pln|zł"
    r"|czk|kč|inr|₹|rs\.?|dollars?|pounds?|bucks|kr(?:onor|oner|\.)?)"
)
_AMOUNT = r"(\d{1,3}(?:[.,' ]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?)(k?)"
_BEFORE = re.compile(
    rf"(?<![\w$€£]){_CURRENCY}\s?{_AMOUNT}(?![\d%]|\s?(?:million|billion|m\b|bn\b))"
)
_AFTER = re.compile(rf"(?<![\w.,$€£]){_AMOUNT}\s?{_CURRENCY}(?!\w)")
_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "c$": "CAD", "ca$": "CAD", "cad": "CAD",
    "nzd": "NZD", "chf": "CHF", "r$": "BRL", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "kr": "SEK", "kronor": "SEK", "kroner": "DKK", "pln": "PLN", "zł": "PLN",
    "czk": "CZK", "kč": "CZK", "inr": "INR", "₹": "INR", "rs": "INR",
}  # fmt: skip


@dataclass(frozen=True)
class Price:
    """A price somebody named."""

    amount: Decimal
    currency: str


def price_in(text: str) -> Price | None:
    """Return the first price named in a text, if any."""
    low = text[:MAX_TEXT].lower()
    for pattern, currency, amount in ((_BEFORE, 1, 2), (_AFTER, 3, 1)):
        for match in pattern.finditer(low):
            value = _amount(match.group(amount), thousands=bool(match.group(amount + 1)))
            if value:
                name = match.group(currency).rstrip(".")
                return Price(value, _CURRENCIES.get(name, name.upper()))
    return None


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
