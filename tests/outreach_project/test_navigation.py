import re

import pytest
from django.urls import reverse

from accounts.enums import ApprovalMode, Role
from campaigns.enums import CampaignStatus, Review
from mailer.enums import ThreadStatus
from mailer.models import Thread
from outreach_project import navigation
from tests.factories.accounts import AgencyFactory, ClientFactory, MembershipFactory
from tests.factories.campaigns import CampaignFactory, EnrolmentFactory, VariantFactory
from tests.factories.mailer import MailboxFactory, ThreadFactory


@pytest.fixture
def frame(browser_of):
    """Return the overview's HTML as a member sees it."""

    def see(membership, path=""):
        response = browser_of(membership).get(f"/w/{membership.agency.slug}/{path}", follow=True)
        assert response.status_code == 200
        return response.content.decode()

    return see


def nav_words(html: str) -> list[str]:
    links = re.findall(r'<a class="nav-link"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", link).strip() for link in links]


def test_a_member_is_shown_no_admin(join, frame):
    assert "Admin" not in nav_words(frame(join(Role.MEMBER)))


def test_a_superadmin_is_shown_the_admin(join, frame):
    member = join(Role.MEMBER)
    member.user.is_staff = True
    member.user.save()

    assert "Admin" in nav_words(frame(member))


def test_a_client_is_shown_the_portal_only(join, frame):
    html = frame(join(Role.CLIENT))

    assert nav_words(html) == ["Overview", "Opportunities"]
    assert 'id="palette"' not in html


def test_settings_list_only_what_the_role_reaches(join, frame):
    preferences = frame(join(Role.MEMBER), "settings/preferences/")

    assert ("Preferences" in preferences, ">Audit log<" in preferences) == (True, False)


def test_the_current_page_is_marked_once_in_the_sidebar(join, frame):
    sidebar = frame(join(Role.OWNER)).partition('class="sidebar-foot"')[0]

    assert sidebar.count('aria-current="page"') == 1


def test_single_key_shortcuts_can_be_off(join, frame):
    member = join(Role.MEMBER)
    member.user.single_key_shortcuts = False
    member.user.save()

    assert 'data-keys="off"' in frame(member)


def test_go_keys_are_unique(join, frame):
    keys = re.findall(r'data-go="(\w)"', frame(join(Role.OWNER)))

    assert keys
    assert len(keys) == len(set(keys))


def test_switcher_lists_own_agencies_and_clients_only(owner, stranger, owner_browser):
    mine = MembershipFactory.create(user=owner.user, agency=AgencyFactory.create(name="Second"))
    ClientFactory.create(agency=owner.agency, name="Ours")
    ClientFactory.create(agency=stranger.agency, name="Theirs")

    html = owner_browser.get(f"/w/{owner.agency.slug}/switch/").content.decode()

    assert reverse("overview", args=[mine.agency.slug]) in html
    assert reverse("overview", args=[stranger.agency.slug]) not in html
    assert ("Ours" in html, "Theirs" in html) == (True, False)


def test_switcher_offers_a_client_role_no_clients(join, browser_of):
    member = join(Role.CLIENT)

    html = browser_of(member).get(f"/w/{member.agency.slug}/switch/").content.decode()

    assert "Show the work for" not in html


def test_the_chosen_client_is_named_in_the_sidebar(owner, owner_browser):
    client = ClientFactory.create(agency=owner.agency, name="Ridge & Kitchen")
    choose = reverse("accounts:client_choose", args=[owner.agency.slug])
    owner_browser.post(choose, {"client": client.pk})

    html = owner_browser.get(f"/w/{owner.agency.slug}/").content.decode()

    assert "<small>Ridge &amp; Kitchen</small>" in html


@pytest.fixture
def waiting(agency):
    """A sequence in review, and two e-mails of a running campaign that wait one by one."""
    review = {"status": CampaignStatus.IN_REVIEW, "approval_mode": ApprovalMode.SEQUENCE}
    CampaignFactory.create(agency=agency, **review)
    each = CampaignFactory.create(
        agency=agency, status=CampaignStatus.RUNNING, approval_mode=ApprovalMode.EACH_EMAIL
    )
    variant = VariantFactory.create(step__campaign=each)
    for _ in range(2):
        enrolment = EnrolmentFactory.create(campaign=each)
        enrolment.emails.create(
            agency=agency, campaign=each, step=variant.step, variant=variant, review=Review.DRAFTED
        )


def test_a_manager_is_told_how_much_waits_for_approval(join, waiting, rf):
    assert navigation.Shell(rf.get("/"), join(Role.MANAGER)).counts["approvals"] == "3"


def test_counts_are_one_query_each_and_capped(join, rf, agency, django_assert_num_queries):
    mailbox = MailboxFactory.create(agency=agency)
    unread = {"agency": agency, "mailbox": mailbox, "status": ThreadStatus.OPEN, "is_unread": True}
    Thread.objects.bulk_create(
        Thread(counterpart=f"a{number}@x.example", **unread) for number in range(101)
    )
    shell = navigation.Shell(rf.get("/"), join(Role.MANAGER))

    with django_assert_num_queries(2):
        assert shell.counts == {"approvals": "", "inbox": "99+"}


def test_a_member_who_cannot_approve_is_not_counted_for(join, waiting, rf):
    assert navigation.Shell(rf.get("/"), join(Role.MEMBER)).counts["approvals"] == ""


def test_unread_open_conversations_are_counted(join, rf, agency):
    ThreadFactory.create(mailbox__agency=agency, status=ThreadStatus.OPEN, is_unread=True)
    ThreadFactory.create(mailbox__agency=agency, status=ThreadStatus.DONE, is_unread=True)
    ThreadFactory.create(status=ThreadStatus.OPEN, is_unread=True)

    assert navigation.Shell(rf.get("/"), join(Role.MEMBER)).counts["inbox"] == "1"
