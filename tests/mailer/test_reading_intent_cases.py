"""What people write in thirteen languages, and what must not suppress anyone."""

import json

import pytest

from benchmarks.reading import OWN
from mailer.enums import Intent
from mailer.reading.intents import wants

_ALL = json.loads((OWN / "intents.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", _ALL["cases"], ids=lambda case: case["text"][:40])
def test_intent_of_a_short_answer(case):
    assert wants(case["text"], "erin@blog.example").intent == case["intent"]


@pytest.mark.parametrize("text", _ALL["safe"])
def test_half_a_refusal_or_none_suppresses_nobody(text):
    assert wants(text, "erin@blog.example").intent not in {
        Intent.UNSUBSCRIBE,
        Intent.NOT_INTERESTED,
    }
