"""Who may do what."""

import pytest

from accounts.enums import Role
from accounts.roles import grantable, includes, may_change

OWNER, MANAGER, MEMBER, CLIENT = Role.OWNER, Role.MANAGER, Role.MEMBER, Role.CLIENT


@pytest.mark.parametrize(
    ("role", "included"),
    [
        (OWNER, {OWNER, MANAGER, MEMBER, CLIENT}),
        (MANAGER, {MANAGER, MEMBER, CLIENT}),
        (MEMBER, {MEMBER, CLIENT}),
        (CLIENT, {CLIENT}),
    ],
)
def test_role_includes_those_below_it(role: str, included: set[str]) -> None:
    assert {needed for needed in Role if includes(role, needed)} == included


@pytest.mark.parametrize(
    ("role", "given"),
    [
        (OWNER, [OWNER, MANAGER, MEMBER, CLIENT]),
        (MANAGER, [MANAGER, MEMBER, CLIENT]),
        (MEMBER, []),
        (CLIENT, []),
    ],
)
def test_role_gives_only_what_it_may(role: str, given: list[Role]) -> None:
    assert grantable(role) == given


def test_manager_cannot_touch_an_owner() -> None:
    assert not may_change(MANAGER, OWNER)
