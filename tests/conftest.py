"""Fixtures every test may use: an agency, its people, and a browser session of each."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from accounts.enums import Role
from accounts.models import Agency, Membership
from tests.factories.accounts import AgencyFactory, ClientFactory, MembershipFactory


@pytest.fixture(autouse=True)
def own_cache(settings) -> None:
    """Give each test an empty cache of its own, whatever serves it."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {"default": default}


@pytest.fixture(autouse=True)
def own_sandbox(settings, tmp_path) -> None:
    """Give each test a sandbox of its own, apart from the developer's."""
    settings.SANDBOX_DIR = tmp_path / "sandbox"


@pytest.fixture(autouse=True)
def own_spool(settings, tmp_path) -> None:
    """Give each test a spool of its own, stored at once as without a broker."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.SPOOL_DRAIN_AT_ONCE = True


@pytest.fixture
def agency(db: None) -> Agency:
    return AgencyFactory.create()


@pytest.fixture
def join(agency: Agency) -> Callable[..., Membership]:
    """Make a member: `join(Role.MEMBER)`; of another agency with `agency=`."""

    def make(role: str = Role.OWNER, agency: Agency = agency) -> Membership:
        client = ClientFactory.create(agency=agency) if role == Role.CLIENT else None
        return MembershipFactory.create(role=role, agency=agency, client=client)

    return make


@pytest.fixture
def owner(join: Callable[..., Membership]) -> Membership:
    return join(Role.OWNER)


@pytest.fixture
def browser_of() -> Callable[[Membership], Browser]:
    """Return a logged-in test client of a member."""

    def login(membership: Membership) -> Browser:
        browser = Browser()
        browser.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return login


@pytest.fixture
def owner_browser(owner: Membership, browser_of: Callable[[Membership], Browser]) -> Browser:
    return browser_of(owner)


@pytest.fixture
def stranger(join: Callable[..., Membership]) -> Membership:
    """The owner of another agency."""
    return join(Role.OWNER, agency=AgencyFactory.create())
