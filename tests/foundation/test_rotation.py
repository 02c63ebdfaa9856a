import io
import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from django.core.management import CommandError, call_command
from django.db import connection

from foundation import rotation
from foundation.rotation import rotate_column, secret_columns
from foundation.secrets import SecretField, is_current
from mailer.models import Mailbox
from tests.factories.accounts import UserFactory
from tests.factories.mailer import MailboxFactory
from tests.foundation.test_secrets import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_and_new(settings):
    """Rows sealed with an old salt; a new one is the newest now."""
    settings.SALT_KEY = ["old"]
    MailboxFactory.create_batch(5, smtp_password="hush", imap_password="")
    user = UserFactory.create()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    settings.SALT_KEY = ["new", "old"]


def run(*arguments: str) -> dict[str, dict[str, int]]:
    out = io.StringIO()
    call_command("rotate_secrets", *arguments, "--json", stdout=out)
    return {tally.pop("name"): tally for tally in json.loads(out.getvalue())}


def test_every_secret_column_is_found():
    names = {f"{model._meta.label}.{name}" for model, name in secret_columns()}

    assert {"mailer.Mailbox.smtp_password", "mailer.Mailbox.imap_password"} <= names


def test_after_rotation_the_old_key_can_go(old_and_new, settings):
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()

    run()
    settings.SALT_KEY = ["new"]

    totp = Authenticator.objects.get(type="totp")
    assert set(Mailbox.objects.values_list("smtp_password", flat=True)) == {"hush"}
    assert decrypt(totp.data["secret"]) == "JBSWY3DPEHPK3PXP"
    again = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()
    assert again == codes


def test_a_second_run_finds_nothing_to_do(old_and_new):
    first, second = run(), run()

    assert first["mailer.Mailbox.smtp_password"]["rotated"] == 5
    assert {name: tally["rotated"] for name, tally in second.items()} == dict.fromkeys(second, 0)


def test_dry_run_counts_and_changes_nothing(old_and_new):
    run("--dry-run")

    assert not any(is_current(stored(mailbox)) for mailbox in Mailbox.objects.all())


def test_batches_reach_every_row(old_and_new, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)

    assert rotate_column(Mailbox, "smtp_password").rotated == 5


def test_what_a_worker_writes_meanwhile_stays(old_and_new, monkeypatch):
    """The row changes between reading its ciphertext and writing it."""
    real = rotation.again

    def written_first(tally, pk, sealed):
        Mailbox.objects.filter(pk=pk).update(smtp_password="typed just now")
        return real(tally, pk, sealed)

    monkeypatch.setattr(rotation, "again", written_first)

    tally = rotate_column(Mailbox, "smtp_password")

    assert (tally.rotated, tally.changed_meanwhile) == (0, 5)
    assert set(Mailbox.objects.values_list("smtp_password", flat=True)) == {"typed just now"}


def test_missing_key_is_named_and_nothing_is_lost(old_and_new, settings):
    before = [stored(mailbox) for mailbox in Mailbox.objects.order_by("pk")]
    settings.SALT_KEY = ["new"]

    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS or SALT_KEY"):
        run()

    assert [stored(mailbox) for mailbox in Mailbox.objects.order_by("pk")] == before


def test_totp_key_from_before_encryption_is_sealed():
    Authenticator.objects.create(
        user=UserFactory.create(), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
    )

    run()

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert "JBSWY3DPEHPK3PXP" not in str(cursor.fetchone())


def test_no_other_kind_of_encrypted_column_is_used():
    """Rotation finds `SecretField` only."""
    from django.apps import apps  # noqa: PLC0415  # after the registry is filled
    from encrypted_fields.fields import EncryptedFieldMixin  # noqa: PLC0415  # as above

    others = [
        column
        for model in apps.get_models()
        for column in model._meta.local_fields
        if isinstance(column, EncryptedFieldMixin) and not isinstance(column, SecretField)
    ]
    assert others == []
