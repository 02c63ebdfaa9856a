"""The front door under attack: guessing, proxies, second factors, sessions left behind."""

import json
import os
import subprocess
import sys

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from tests.accounts.test_signup import PASSWORD, log_in, person, sign_up

pytestmark = pytest.mark.django_db
NEW = "another horse battery staple"


@pytest.fixture(autouse=True)
def quick(settings) -> None:
    settings.SITE_URL = "https://desk.example"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def is_in(browser: Browser) -> bool:
    return "_auth_user_id" in browser.session


def test_forged_forwarding_header_opens_no_new_tries(client: Browser) -> None:
    person()
    for turn in range(10):
        name = f"someone{turn}@fieldstone.example"
        log_in(client, "wrong", name, HTTP_X_FORWARDED_FOR=f"198.51.100.{turn}")

    log_in(client, HTTP_X_FORWARDED_FOR="198.51.100.99")

    assert not is_in(client)


def test_behind_a_proxy_each_visitor_has_tries_of_their_own(client: Browser, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person()
    for turn in range(10):
        log_in(client, "wrong", f"some{turn}@x.example", HTTP_X_FORWARDED_FOR="198.51.100.1")

    log_in(client, HTTP_X_FORWARDED_FOR="198.51.100.2")

    assert is_in(client)


def test_behind_a_proxy_a_forged_hop_opens_no_new_tries(client: Browser, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person()
    for turn in range(10):
        hops = f"203.0.113.{turn}, 198.51.100.1"
        log_in(client, "wrong", f"some{turn}@x.example", HTTP_X_FORWARDED_FOR=hops)

    log_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99, 198.51.100.1")

    assert not is_in(client)


def test_spelling_of_the_address_opens_no_new_tries(client: Browser) -> None:
    person()
    for turn in range(10):
        shout = "Ann@Fieldstone.Example" if turn % 2 else " ann@fieldstone.example"
        log_in(client, "wrong", shout, REMOTE_ADDR=f"192.0.2.{turn}")

    log_in(client, REMOTE_ADDR="192.0.2.200")

    assert not is_in(client)


def test_ten_wrong_codes_close_the_second_factor(client: Browser) -> None:
    secret = generate_totp_secret()
    TOTP.activate(person(), secret)
    log_in(client)
    for _ in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    page = client.post(reverse("mfa_authenticate"), {"code": "000001"})

    assert "Too many" in page.content.decode()
    assert not is_in(client)


def test_logging_in_again_opens_no_new_codes() -> None:
    TOTP.activate(person(), generate_totp_secret())
    pages = []
    for turn in range(11):
        browser = Browser(REMOTE_ADDR=f"192.0.2.{turn}")
        log_in(browser)
        pages.append(browser.post(reverse("mfa_authenticate"), {"code": "000000"}))

    assert "Too many" in pages[-1].content.decode()


def test_password_asked_again_is_limited_too(client: Browser) -> None:
    person()
    log_in(client)

    codes = [
        client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code
        for _ in range(11)
    ]

    assert codes[-1] == 429


def test_old_password_of_a_change_is_limited_too(client: Browser) -> None:
    person()
    log_in(client)
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}

    codes = [client.post(reverse("account_change_password"), fields).status_code for _ in range(11)]

    assert codes[-1] == 429


def test_asking_for_resets_is_limited(client: Browser) -> None:
    person()
    url, fields = reverse("account_reset_password"), {"email": "ann@fieldstone.example"}

    for _ in range(11):
        client.post(url, fields)

    assert len(mail.outbox) <= 10


def test_sign_up_says_the_same_to_old_and_new(client: Browser) -> None:
    person()

    old, new = sign_up(client), sign_up(Browser(), email="new@fieldstone.example")

    assert (old.status_code, old["Location"]) == (new.status_code, new["Location"])


def test_wrong_password_says_the_same_as_an_unknown_address(client: Browser) -> None:
    person()

    wrong = log_in(client, "wrong").content.decode()
    unknown = log_in(client, "wrong", "nobody@fieldstone.example").content.decode()

    assert _told(wrong) == _told(unknown) != ""


def _told(page: str) -> str:
    start = page.find("The email address")
    return page[start : start + 60] if start >= 0 else page[page.find('role="alert"') :][:200]


def test_logging_out_ends_the_session(client: Browser) -> None:
    person()
    log_in(client)
    before = client.session.session_key

    client.post(reverse("account_logout"))

    assert client.session.session_key != before
    assert before
    assert not client.session.exists(before)


def test_changing_the_password_renews_this_session_and_ends_the_others() -> None:
    person()
    here, there = Browser(), Browser()
    log_in(here)
    log_in(there)
    before = here.session.session_key

    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert here.session.session_key != before
    assert here.get(reverse("agencies")).status_code == 200
    assert there.get(reverse("agencies")).status_code == 302


def test_secure_settings_hold_in_production() -> None:
    """Read anew as production would, in a process of its own."""

    names = (
        "SECURE_SSL_REDIRECT",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "ALLOW_PRIVATE_MAIL_HOSTS",
        "SANDBOX",
    )
    code = (
        "import json, outreach_project.settings as s;"
        f"print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    )
    keys = {"DEBUG": "0", "SECRET_KEY": "k" * 60, "SALT_KEY": "s", "ALLOWED_HOSTS": "desk.example"}

    done = subprocess.run(  # noqa: S603  # our own settings
        [sys.executable, "-c", code],
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "ALLOW_PRIVATE_MAIL_HOSTS": False,
        "SANDBOX": False,
    }
