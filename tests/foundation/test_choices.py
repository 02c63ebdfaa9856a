import pytest

from foundation.choices import MoveError, Moves, TonedChoices, check_move, tone_of


class Light(TonedChoices):
    RED = "red", "bad", "Stop"
    GREEN = "green", "ok", "Go"


MOVES: Moves = {Light.RED: frozenset({Light.GREEN})}


def test_toned_choices_declare_value_label_and_tone():
    assert (Light.RED.value, Light.RED.label, Light.RED.tone) == ("red", "Stop", "bad")


def test_tone_of_finds_the_tone_by_the_choices_of_a_field():
    assert tone_of(Light.choices, "green") == "ok"


def test_tone_of_an_unknown_value_is_neutral():
    assert tone_of(Light.choices, "blue") == ""


def test_tone_of_choices_without_tones_is_neutral():
    assert tone_of([("a", "A")], "a") == ""


def test_check_move_allows_what_the_table_names():
    check_move("light", MOVES, Light.RED, Light.GREEN)


@pytest.mark.parametrize(
    ("old", "new"), [(Light.GREEN, Light.RED), (Light.RED, Light.RED), (Light.GREEN, Light.GREEN)]
)
def test_check_move_refuses_everything_else(old, new):
    with pytest.raises(MoveError, match=f"A light cannot move from {old} to {new}."):
        check_move("light", MOVES, old, new)
