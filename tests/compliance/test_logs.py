"""Audit entries, security events, redaction, retention."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from compliance import audit, security
from compliance.models import AuditEntry, PolicyDecision, SecurityEvent, SendCounter
from compliance.redaction import HIDDEN, redact, redact_text
from compliance.services import authorise
from compliance.tasks import prune
from tests.factories.compliance import SuppressionFactory, send_request


def url(name, agency, *args):
    return reverse(f"compliance:{name}", args=[agency.slug, *args])


def test_state_changing_request_is_recorded(agency, owner, owner_browser):
    owner_browser.post(
        url("suppression_add", agency),
        {"values": "ann@site.example", "reason": "manual", "source": "phone"},
        REMOTE_ADDR="192.0.2.7",
    )

    entry = AuditEntry.objects.get()
    assert (entry.agency, entry.actor, entry.action, entry.address, entry.status) == (
        agency,
        owner.user,
        "compliance:suppression_add",
        "192.0.2.7",
        302,
    )
    assert entry.changes == {"values": "ann@site.example", "reason": "manual", "source": "phone"}
    assert len(entry.request_id) == 36


def test_entry_names_the_object_of_the_url(agency, owner_browser):
    owner_browser.post(url("consent_withdraw", agency, 12345))

    entry = AuditEntry.objects.get()
    assert (entry.object_type, entry.object_id, entry.status) == ("compliance", "12345", 404)


def test_reading_is_not_recorded(agency, owner_browser):
    owner_browser.get(url("suppressions", agency))

    assert not AuditEntry.objects.exists()


def test_login_is_recorded_without_the_password(owner, db):
    owner.user.set_password("correct horse battery")
    owner.user.save()
    EmailAddress.objects.create(
        user=owner.user, email=owner.user.email, verified=True, primary=True
    )

    Browser().post(
        reverse("account_login"), {"login": owner.user.email, "password": "correct horse battery"}
    )

    entry = AuditEntry.objects.get(action="account_login")
    assert entry.changes["password"] == HIDDEN
    assert "correct horse" not in str(entry.changes)


def test_failed_login_is_a_security_event_without_the_password(owner):
    Browser().post(
        reverse("account_login"), {"login": owner.user.email, "password": "wrong-secret-7"}
    )

    event = SecurityEvent.objects.get()
    assert (event.kind, event.detail) == ("login_failed", {"email": owner.user.email})


def test_role_too_low_is_a_security_event(agency, join, browser_of):
    member = join(Role.MEMBER)

    browser_of(member).get(url("audit", agency))

    event = SecurityEvent.objects.get()
    assert (event.kind, event.agency, event.actor) == ("permission_denied", agency, member.user)


def test_knock_at_another_agencys_door_is_a_security_event(agency, stranger, browser_of):
    response = browser_of(stranger).get(url("suppressions", agency))

    event = SecurityEvent.objects.get()
    assert response.status_code == 404
    assert (event.kind, event.agency, event.actor) == ("cross_agency", agency, stranger.user)


def test_agency_that_does_not_exist_is_no_event(owner_browser):
    owner_browser.get("/w/no-such-agency/settings/compliance/suppressions/")

    assert not SecurityEvent.objects.exists()


def test_missing_object_of_ones_own_agency_is_no_event(agency, owner_browser):
    owner_browser.get(url("decision", agency, 999))

    assert not SecurityEvent.objects.exists()


def test_form_from_elsewhere_is_a_security_event_and_no_entry(agency, owner):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(owner.user, backend="django.contrib.auth.backends.ModelBackend")

    response = browser.post(url("suppression_add", agency), {"values": "ann@site.example"})

    assert response.status_code == 403
    assert [event.kind for event in SecurityEvent.objects.all()] == ["csrf_failed"]
    assert not AuditEntry.objects.exists()


def test_forged_token_is_recorded_by_whoever_finds_it(rf, db):
    security.record(
        "forged_token", request=rf.get("/t/x", REMOTE_ADDR="192.0.2.9"), detail={"token": "abc"}
    )

    event = SecurityEvent.objects.get()
    assert (event.address, event.detail) == ("192.0.2.9", {"token": HIDDEN})


@pytest.mark.parametrize(
    "name",
    [
        "password", "password1", "new_password", "smtp_password", "imapPassword", "api_key",
        "apiKey", "secret", "client_secret", "access_token", "Authorization", "sessionid", "code",
        "recovery_codes", "csrfmiddlewaretoken", "private-key",
    ],
)  # fmt: skip
def test_secrets_are_hidden_by_name(name):
    assert redact({name: "s3cret"}) == {name: HIDDEN}


@pytest.mark.parametrize(
    "name",
    ["keyword", "monkey", "country_code", "campaign_key", "passenger", "tokenised_at_x", "author",
     "passport_country"],
)  # fmt: skip
def test_ordinary_names_are_kept(name):
    expected = HIDDEN if "token" in name else "plain"

    assert redact({name: "plain"}) == {name: expected}


def test_secrets_are_hidden_at_any_depth_and_long_text_is_cut():
    found = redact({"rows": [{"password": "x", "note": "y" * 500}], "n": 3, "none": None})

    assert found == {
        "rows": [{"password": HIDDEN, "note": "y" * 300 + "…"}],
        "n": 3,
        "none": None,
    }


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://x.example/?token=abc&y=1", f"https://x.example/?token={HIDDEN}&y=1"),
        ("Authorization: Bearer abcdefghijkl", f"Authorization: Bearer {HIDDEN}"),
        ("postgres://user:hunter2@db/x", f"postgres://user:{HIDDEN}@db/x"),
        ("password: hunter2", f"password: {HIDDEN}"),
        ("the key to success", "the key to success"),
    ],
)
def test_secrets_are_hidden_in_text(text, clean):
    assert redact_text(text) == clean


def test_record_redacts_whoever_calls(agency, owner):
    entry = audit.record(
        agency=agency, actor=owner.user, action="mailbox saved", changes={"smtp_password": "x"}
    )

    assert entry.changes == {"smtp_password": HIDDEN}


def test_pruning_keeps_at_least_ninety_days_and_runs_twice(agency, owner, settings):
    settings.LOG_DAYS = 1
    now = timezone.now()
    for days in (89, 91):
        at = now - dt.timedelta(days=days)
        AuditEntry.objects.create(agency=agency, actor=owner.user, action="x", at=at)
        SecurityEvent.objects.create(kind="login_failed", at=at)
        SendCounter.objects.create(scope="user", key=str(days), period=at, used=1, cap=1)
        authorise(agency, [send_request()], stage="asked", now=at)

    first, second = prune(), prune()

    assert first == {"audit_entries": 1, "security_events": 1, "decisions": 1, "counters": 2}
    assert set(second.values()) == {0}
    assert PolicyDecision.objects.count() == 1


def test_pruning_is_scheduled(db):
    from django_celery_beat.models import PeriodicTask  # noqa: PLC0415  # untyped

    assert PeriodicTask.objects.get(task="compliance.prune").crontab is not None


def test_suppression_list_is_untouched_by_pruning(agency):
    SuppressionFactory.create(agency=agency, created_at=timezone.now() - dt.timedelta(days=4000))

    prune()

    assert agency.pk in SuppressionFactory._meta.model.objects.values_list("agency", flat=True)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("mailer:mailbox_edit", "Mailbox changed"),
        ("campaigns:rename", "Campaign renamed"),
        ("campaigns:move", "Campaign moved on"),
        ("campaigns:approval_sequence_approve", "Sequence approved"),
        ("accounts:agency", "Agency saved"),
        ("campaign.in_review", "Campaign in review"),
        ("person erased", "Person erased"),
        ("account_login", "Account login"),
    ],
)
def test_an_action_is_told_in_words(action, words):
    assert AuditEntry(action=action).words == words


def test_what_no_database_stores_is_kept_as_a_mark(owner_browser, agency):
    owner_browser.post(reverse("appearance"), {"theme": "dark", "na\x00me": "a\x00b"})

    entry = AuditEntry.objects.latest("pk")
    assert entry.changes["na\ufffdme"] == "a\ufffdb"
