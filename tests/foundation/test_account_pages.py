"""The pages for logging in, in our clothes; what they do is allauth's and accounts' business."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.test import Client

PASSWORD = "correct horse battery staple"

PUBLIC = (
    "login",
    "signup",
    "password/reset",
    "password/reset/done",
    "password/reset/key/done",
    "confirm-email",
    "inactive",
)
PRIVATE = ("logout", "email", "password/change", "reauthenticate", "2fa", "2fa/totp/activate")


def dressed(response) -> bool:
    body = response.content.decode()
    return response.status_code == 200 and "bundle/app.css" in body and "Menu:" not in body


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_public_account_pages_are_ours(client, path):
    assert dressed(client.get(f"/accounts/{path}/"))


@pytest.mark.parametrize("path", PRIVATE)
def test_account_pages_of_a_member_are_ours(owner_browser, path):
    assert dressed(owner_browser.get(f"/accounts/{path}/", follow=True))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["confirm-email/nope/", "password/reset/key/1-nope/"])
def test_used_up_links_say_so(client, path):
    response = client.get(f"/accounts/{path}", follow=True)

    assert "This link no longer works" in response.content.decode()


@pytest.fixture
def careful(owner):
    """An owner with a password, an authenticator app and recovery codes; and the app's secret."""
    owner.user.set_password(PASSWORD)
    owner.user.save()
    EmailAddress.objects.create(
        user=owner.user, email=owner.user.email, primary=True, verified=True
    )
    secret = generate_totp_secret()
    TOTP.activate(owner.user, secret)
    RecoveryCodes.activate(owner.user)
    return owner.user, secret


@pytest.fixture
def halfway(careful):
    """A browser that has given its password and is asked for the code."""
    browser = Client()
    browser.post("/accounts/login/", {"login": careful[0].email, "password": PASSWORD})
    return browser


@pytest.fixture
def inside(halfway, careful):
    """A browser logged in with password and code, which has just confirmed who it is."""
    code = f"{hotp_value(careful[1], next(iter(counters()))):06d}"
    halfway.post("/accounts/2fa/authenticate/", {"code": code})
    halfway.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return halfway


def test_the_code_is_asked_on_our_page(halfway):
    response = halfway.get("/accounts/2fa/authenticate/")

    assert dressed(response)
    assert "Two-factor login" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"]
)
def test_two_factor_pages_in_use_are_ours(inside, path):
    response = inside.get(f"/accounts/2fa/{path}", follow=True)

    assert dressed(response)
    assert response.request["PATH_INFO"] == f"/accounts/2fa/{path}"


def test_recovery_codes_are_listed(inside, careful):
    body = inside.get("/accounts/2fa/recovery-codes/").content.decode()

    assert body.count("<li>") == 10
