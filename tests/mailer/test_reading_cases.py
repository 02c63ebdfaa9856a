"""The project's own mails, read and scored as the benchmark does."""

import pytest

from benchmarks.reading import OWN, Clock, score_automatic, score_bounces, score_replies


@pytest.mark.parametrize(
    ("score", "folder"),
    [
        (score_bounces, "bounces"),
        (score_replies, "replies"),
        (score_automatic, "autoscore_replies"),
    ],
)
def test_own_cases_hold_the_bars(score, folder):
    scores = score(OWN / folder, Clock())

    missed = {one.name: one.missed for one in scores if not one.passes}

    assert missed == {}
