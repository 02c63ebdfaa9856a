"""Prices in the ways people write them."""

from decimal import Decimal

import pytest

from mailer.reading.prices import Price, price_in


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1 200 €", "1200", "EUR"),
        ("1\u00a0200 €", "1200", "EUR"),
        ("1.200,50 €", "1200.50", "EUR"),
        ("€ 1.000,-", "1000", "EUR"),
        ("$150/post", "150", "USD"),
        ("150 bucks", "150", "USD"),
        ("$100-$200", "100", "USD"),
        ("100–150 €", "100", "EUR"),
        ("between 100 and 150 euros", "100", "EUR"),
        ("1.5k USD", "1500", "USD"),
        ("120,- Kč", "120", "CZK"),
        ("CHF 200.-", "200", "CHF"),
        ("300 zloty", "300", "PLN"),
        ("R$ 1.500,00", "1500.00", "BRL"),
        ("2 000 kr", "2000", "SEK"),
        ("10 000 visitors, 80 EUR", "80", "EUR"),
    ],
)
def test_price_is_read(text, amount, currency):
    assert price_in(text) == Price(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["$1 million", "DR 50", "20 ft", "3 try again", "50 % off"])
def test_other_figures_are_no_prices(text):
    assert price_in(text) is None


@pytest.mark.parametrize(
    ("text", "sender", "currency"),
    [
        ("500 kr", "a@blog.dk", "DKK"),
        ("500 kr", "a@blog.no", "NOK"),
        ("$80", "a@blog.com.au", "AUD"),
        ("US$ 80", "a@blog.com.au", "USD"),
    ],
)
def test_vague_currency_is_that_of_the_senders_country(text, sender, currency):
    price = price_in(text, sender)

    assert price is not None
    assert price.currency == currency
