"""Programs and people told apart, on our own stories of how each of them fetches."""

import random

import pytest

from mailer.enums import AgentClass
from mailer.fetchers import Fetch, is_data_centre, network_of, tell_apart
from tests.mailer.fetch_stories import CHROME, HOME, STORIES, Step, Story


def machines(story: Story) -> list[bool]:
    verdicts = tell_apart([step.fetch() for step in story])
    return [verdict.agent == AgentClass.MACHINE for verdict in verdicts]


STEPS = [
    (name, step, machine)
    for name, story in STORIES.items()
    for step, machine in zip(story, machines(story), strict=True)
]


def test_there_are_enough_stories_of_both():
    people = {name for name, step, _ in STEPS if step.human}
    programs = {name for name, step, _ in STEPS if not step.human}

    assert len(STORIES) >= 120
    assert min(len(people), len(programs)) >= 50


def test_at_least_95_in_100_fetches_are_told_apart():
    wrong = [(name, step.agent) for name, step, machine in STEPS if machine == step.human]

    assert len(wrong) <= 0.05 * len(STEPS), wrong


def test_at_most_2_in_100_people_are_taken_for_machines():
    people = [(name, machine) for name, step, machine in STEPS if step.human]

    assert sum(machine for _, machine in people) <= 0.02 * len(people), [n for n, m in people if m]


@pytest.mark.parametrize("name", sorted(STORIES))
def test_order_of_hearing_changes_no_verdict(name: str):
    story = STORIES[name]
    shuffled = random.Random(name).sample(range(len(story)), len(story))  # noqa: S311  # repeatable

    told = machines([story[number] for number in shuffled])

    assert [told[shuffled.index(n)] for n in range(len(story))] == machines(story)


def test_every_verdict_has_a_reason():
    for story in STORIES.values():
        assert all(verdict.reasons for verdict in tell_apart([step.fetch() for step in story]))


def test_a_browser_is_a_person_and_an_unknown_program_unknown():
    fetches = [
        Fetch(kind="clicked", at=900, agent=CHROME, hints="lms", network="84.112.7.0/24"),
        Fetch(kind="opened", at=950, agent="SomeMail/2.1", network="84.112.7.0/24"),
    ]

    assert [one.agent for one in tell_apart(fetches)] == [AgentClass.HUMAN, AgentClass.UNKNOWN]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2a02:3030:80:1:2:3:4:5", "2a02:3030:80::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("127.0.0.1", ""),
        ("10.3.2.1", ""),
        ("fe80::1%eth0", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_network_is_kept_and_the_address_is_not(address: str, network: str):
    assert network_of(address) == network


@pytest.mark.parametrize(("address", "known"), [("54.72.1.9", True), (HOME, False), ("", False)])
def test_data_centres_are_known_by_their_blocks(address: str, *, known: bool):
    assert is_data_centre(network_of(address)) is known


def test_three_hundred_fetches_are_read_in_one_go():
    story = [Step(100.0 + n, "clicked", CHROME, HOME, "lms", link=n % 2) for n in range(300)]

    assert len(machines(story)) == 300
