"""Signing up, confirming, logging in, resetting, all through the pages."""

import datetime as dt
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Agency, Invitation, Membership, User
from accounts.services.invitations import invite
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ANN = {
    "name": "Ann Lee",
    "agency_name": "Fieldstone Agency",
    "email": "ann@fieldstone.example",
    "password1": PASSWORD,
}


@pytest.fixture(autouse=True)
def own_address(settings) -> None:
    settings.SITE_URL = "https://desk.example"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def sign_up(browser: Browser, **changes: str):
    return browser.post(reverse("account_signup"), ANN | changes)


def link_in(message) -> str:
    """Return the path of the first link of a mail."""
    found = re.search(r"https://desk\.example(/\S+)", message.body)
    assert found, message.body
    return found.group(1)


def person(email: str = "ann@fieldstone.example") -> User:
    user = UserFactory.create(email=email)
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def log_in(
    browser: Browser, password: str = PASSWORD, email: str = "ann@fieldstone.example", **headers
):
    data = {"login": email, "password": password}
    return browser.post(reverse("account_login"), data, **headers)


def test_sign_up_asks_name_agency_address_and_password(client: Browser) -> None:
    page = client.get(reverse("account_signup"))

    assert list(page.context["form"].fields) == ["name", "agency_name", "email", "password1"]


def test_no_agency_before_the_address_is_confirmed(client: Browser) -> None:
    sign_up(client)

    assert not Agency.objects.exists()


def test_confirming_founds_the_agency(client: Browser) -> None:
    sign_up(client)

    client.post(link_in(mail.outbox[0]))

    seat = Membership.objects.get()
    assert (str(seat.user), seat.agency.name, seat.role) == (
        "Ann Lee",
        "Fieldstone Agency",
        Role.OWNER,
    )


def test_opening_the_link_confirms_nothing(client: Browser) -> None:
    sign_up(client)

    client.get(link_in(mail.outbox[0]))

    assert not EmailAddress.objects.get().verified


def test_unconfirmed_person_cannot_log_in(client: Browser) -> None:
    sign_up(client)

    log_in(client)

    assert "_auth_user_id" not in client.session


def test_confirmation_mail_is_ours(client: Browser) -> None:
    sign_up(client)

    sent: Any = mail.outbox[0]
    html = sent.alternatives[0].content
    assert sent.subject == "Confirm your address to open Outreach Desk"
    assert "https://desk.example/accounts/confirm-email/" in html
    assert not re.search(r"example\.com|testserver", sent.body + html)


def test_host_header_does_not_reach_the_mail(client: Browser, settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    person()

    client.post(
        reverse("account_reset_password"),
        {"email": "ann@fieldstone.example"},
        headers={"host": "evil.example"},
    )

    assert "evil.example" not in mail.outbox[0].body


def test_reset_link_sets_a_new_password(client: Browser) -> None:
    person()
    client.post(reverse("account_reset_password"), {"email": "ann@fieldstone.example"})

    page = client.get(link_in(mail.outbox[0]), follow=True)
    client.post(
        page.request["PATH_INFO"],
        {"password1": "another long phrase", "password2": "another long phrase"},
    )
    log_in(client, "another long phrase")

    assert "_auth_user_id" in client.session


def test_reset_for_an_unknown_address_answers_the_same(client: Browser) -> None:
    person()

    known = client.post(reverse("account_reset_password"), {"email": "ann@fieldstone.example"})
    unknown = client.post(reverse("account_reset_password"), {"email": "no@fieldstone.example"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_signing_up_twice_answers_the_same_and_tells_by_mail(client: Browser) -> None:
    fresh = sign_up(Browser(), email="new@fieldstone.example")
    person()
    mail.outbox.clear()

    again = sign_up(client)

    assert (again.status_code, again["Location"]) == (fresh.status_code, fresh["Location"])
    assert mail.outbox[0].subject == "You already have an account"
    assert User.objects.filter(email="ann@fieldstone.example").count() == 1


def test_weak_password_is_refused(client: Browser) -> None:
    page = sign_up(client, password1="password")

    assert "password1" in page.context["form"].errors


def test_mail_server_away_does_not_break_sign_up(client: Browser, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    response = sign_up(client)

    assert response.status_code == 302
    assert User.objects.count() == 1


def test_session_changes_at_login(client: Browser) -> None:
    person()
    session = client.session
    session["mark"] = 1
    session.save()
    before = session.session_key

    log_in(client)

    assert client.session.session_key != before


def test_session_cookie_is_kept_from_scripts_and_other_sites(client: Browser) -> None:
    person()

    cookie = log_in(client).cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_login_leads_nowhere_else(client: Browser, target: str) -> None:
    person()

    response = client.post(
        reverse("account_login"),
        {"login": "ann@fieldstone.example", "password": PASSWORD, "next": target},
    )

    assert response["Location"] == "/"


def test_account_is_closed_after_ten_wrong_passwords(client: Browser) -> None:
    person()
    for turn in range(10):
        log_in(client, "wrong", REMOTE_ADDR=f"192.0.2.{turn}")

    page = log_in(client, REMOTE_ADDR="192.0.2.200")

    assert "_auth_user_id" not in client.session
    assert "Too many" in page.content.decode()


def test_address_is_closed_after_ten_wrong_passwords(client: Browser) -> None:
    person()
    for turn in range(10):
        log_in(client, "wrong", email=f"someone{turn}@fieldstone.example")

    log_in(client)

    assert "_auth_user_id" not in client.session


def test_login_opens_again_after_fifteen_minutes(client: Browser, time_machine) -> None:
    time_machine.move_to("2026-05-01T12:00:00Z")
    person()
    for _ in range(10):
        log_in(client, "wrong")
    time_machine.shift(dt.timedelta(minutes=15, seconds=1))
    log_in(client)

    assert "_auth_user_id" in client.session


def test_logging_in_does_not_count_as_a_failure() -> None:
    person()
    for _ in range(11):
        browser = Browser()
        log_in(browser)

    assert "_auth_user_id" in browser.session


def test_second_factor_is_asked_before_the_login(client: Browser) -> None:
    user = person()
    TOTP.activate(user, generate_totp_secret())

    response = log_in(client)

    assert response["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_right_code_completes_the_login(client: Browser) -> None:
    user = person()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    log_in(client)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    client.post(reverse("mfa_authenticate"), {"code": code})

    assert client.session["_auth_user_id"] == str(user.pk)


# Through an invitation ---------------------------------------------------------


def test_invited_person_is_asked_for_no_agency(client: Browser, owner: Membership) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MANAGER)
    client.post(offer.mailed_link.removeprefix("https://desk.example"))

    form = client.get(reverse("account_signup")).context["form"]

    assert list(form.fields) == ["name", "email", "password1"]


def test_mailed_invitation_needs_no_confirmation(client: Browser, owner: Membership) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MANAGER)
    client.post(offer.mailed_link.removeprefix("https://desk.example"))

    sign_up(client, email="new@agency.example")

    seat = Membership.objects.get(user__email="new@agency.example")
    assert (seat.agency, seat.role) == (owner.agency, Role.MANAGER)
    assert "_auth_user_id" in client.session
    assert mail.outbox == []


def test_invited_person_cannot_sign_up_with_another_address(
    client: Browser, owner: Membership
) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MANAGER)
    client.post(offer.mailed_link.removeprefix("https://desk.example"))

    sign_up(client, email="other@agency.example")

    assert not User.objects.filter(email="other@agency.example").exists()


def test_copied_invitation_still_needs_a_confirmation(client: Browser, owner: Membership) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    client.post(offer.link.removeprefix("https://desk.example"))

    sign_up(client)

    assert not EmailAddress.objects.get(email="new@agency.example").verified
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.filter(user__email="new@agency.example").exists()


def test_invitation_waits_on_the_start_page_after_confirming(
    client: Browser, owner: Membership
) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    client.post(offer.link.removeprefix("https://desk.example"))
    sign_up(client)
    client.post(link_in(mail.outbox[0]))
    log_in(client, email="new@agency.example")

    page = client.get("/", follow=True)

    assert [found.pk for found in page.context["invitations"]] == [Invitation.objects.get().pk]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("account_signup", ["Your name", "Agency name", "E-mail address", "Password"]),
        ("account_login", ["E-mail address", "Password"]),
        ("account_reset_password", ["E-mail address"]),
    ],
)
def test_fields_are_named_in_our_words(client: Browser, name: str, labels: list[str]) -> None:
    form = client.get(reverse(name)).context["form"]

    assert [str(field.label) for field in form.visible_fields()] == labels
