from collections import Counter

from mailer.sandbox.prospects import Preset
from outreach_project.demo.personas import persona

PEOPLE = [persona(f"person{n}@site{n}.example") for n in range(5000)]


def test_a_prospect_behaves_the_same_every_time():
    assert persona("a@b.example") == persona("a@b.example")


def test_every_act_is_a_preset_or_one_of_the_visitors_own():
    own = {"", "one_click", "link", "question"}
    assert {who.act for who in PEOPLE} <= own | set(Preset.values)


def test_about_one_prospect_in_four_acts():
    acting = Counter(bool(who.act) for who in PEOPLE)[True]
    assert 1000 < acting < 1400
