"""Mail that could not be read: seen, tried again, dismissed."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from mailer.enums import SET_ASIDE_MOVES, SetAsideStatus
from mailer.models import SetAsideMail
from mailer.services import set_aside
from tests.factories.accounts import MembershipFactory
from tests.factories.mailer import MailboxFactory

pytestmark = pytest.mark.django_db

WHERE = {"folder": "INBOX", "uidvalidity": 7, "uid": 3}


@pytest.fixture
def box(agency):
    return MailboxFactory.create(agency=agency)


@pytest.fixture
def mail(box):
    raw = b"From: Erin <erin@site.example>\r\nSubject: Re: a\x00 link\r\n\r\nHello"
    return set_aside.note(box, WHERE, "ValueError: bad\x00 date", tries=3, raw=raw)


@pytest.fixture
def visitor(client, agency):
    client.force_login(MembershipFactory.create(agency=agency, role=Role.MEMBER).user)
    return client


def test_a_note_keeps_what_can_be_told(mail):
    assert (mail.sender, mail.subject) == ("Erin <erin@site.example>", "Re: a link")
    assert (mail.reason, mail.tries) == ("ValueError: bad date", 3)


def test_the_same_mail_is_noted_once(box, mail):
    set_aside.note(box, WHERE, "another reason", tries=3)

    assert SetAsideMail.objects.get().reason == "another reason"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (old, new)
        for old in SetAsideStatus
        for new in SetAsideStatus
        if new not in SET_ASIDE_MOVES[old]
    ],
)
def test_other_moves_are_refused(mail, old, new):
    SetAsideMail.objects.update(status=old)
    mail.refresh_from_db()

    with pytest.raises(Exception, match="cannot move"):
        set_aside.move(mail, new)


def test_the_page_lists_mails_with_their_reasons(visitor, mail, box):
    page = visitor.get(reverse("mailer:set_aside", args=[box.agency.slug, box.pk]))

    assert "ValueError: bad date" in page.content.decode()
    assert "erin@site.example" in page.content.decode()


def test_the_mailbox_page_and_the_overview_point_to_them(visitor, mail, box):
    page = visitor.get(reverse("mailer:mailbox", args=[box.agency.slug, box.pk]))
    overview = visitor.get(reverse("overview", args=[box.agency.slug]))

    assert "1 mail could not be read" in page.content.decode()
    assert "some mail could not be read" in overview.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("mailer:set_aside_again", SetAsideStatus.AGAIN),
        ("mailer:set_aside_dismiss", SetAsideStatus.DISMISSED),
    ],
)
def test_a_person_decides_once(visitor, mail, box, name, status):
    url = reverse(name, args=[box.agency.slug, mail.pk])
    visitor.post(url)
    second = visitor.post(url, follow=True)

    mail.refresh_from_db()
    assert mail.status == status
    assert "settled already" in second.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_needs_as_many_queries_for_three_as_for_one(
    visitor, box, number, django_assert_num_queries
):
    for uid in range(number):
        set_aside.note(box, {**WHERE, "uid": uid}, "no", tries=3)
    url = reverse("mailer:set_aside", args=[box.agency.slug, box.pk])
    visitor.get(url)

    with django_assert_num_queries(6):
        visitor.get(url)


def test_what_waits_is_listed_before_what_is_settled(visitor, box):
    waiting = set_aside.note(box, {**WHERE, "uid": 1}, "no", tries=3)
    set_aside.dismiss(set_aside.note(box, {**WHERE, "uid": 2}, "no", tries=3))

    page = visitor.get(reverse("mailer:set_aside", args=[box.agency.slug, box.pk]))

    assert page.context["mails"][0] == waiting
