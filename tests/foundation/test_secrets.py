import pickle
import traceback

import pytest
from django.core import serializers
from django.db import connection

from foundation.secrets import KeyMissingError, LostSecret, SecretField, is_current, seal, unseal
from mailer.models import Mailbox
from tests.factories.mailer import MailboxFactory


def stored(mailbox: Mailbox, name: str = "smtp_password") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM mailer_mailbox WHERE id = %s", [mailbox.pk])  # noqa: S608  # a column's name
        return cursor.fetchone()[0]


def test_what_was_sealed_opens_again():
    assert unseal(seal("grüße")) == "grüße"


def test_older_salts_and_keys_still_open(settings):
    settings.SECRET_KEY, settings.SALT_KEY = "old-key", ["old"]
    sealed = seal("hush")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-key", ["old-key"]
    settings.SALT_KEY = ["new", "old"]

    assert (unseal(sealed), is_current(sealed)) == ("hush", False)


def test_missing_key_is_said_so(settings):
    sealed = seal("hush")
    settings.SALT_KEY = ["another"]

    with pytest.raises(KeyMissingError):
        unseal(sealed)


def test_library_reads_what_we_seal():
    """The column's format stays that of django-fernet-encrypted-fields."""
    field = SecretField()

    assert field.f.decrypt(seal("hush").encode()) == b"hush"


def test_secret_does_not_show_itself():
    secret = unseal(seal("hush"))

    assert "hush" not in repr({"password": secret})


def test_secret_does_not_show_itself_in_a_traceback_with_locals():
    def connect(password):
        raise OSError("refused")

    try:
        connect(unseal(seal("hush")))
    except OSError as error:
        lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()

    assert "hush" not in "".join(lines).replace('seal("hush")', "").replace("hush_", "")


@pytest.mark.django_db
def test_field_stores_ciphertext_and_reads_the_secret():
    mailbox = MailboxFactory.create(smtp_password="hush")
    mailbox.refresh_from_db()

    assert mailbox.smtp_password == "hush"
    assert "hush" not in stored(mailbox)


@pytest.mark.django_db
def test_field_without_its_key_is_empty_and_survives_a_save(settings):
    mailbox = MailboxFactory.create(smtp_password="hush")
    before = stored(mailbox)
    settings.SALT_KEY = ["another"]

    found = Mailbox.objects.get()
    found.save()

    assert isinstance(found.smtp_password, LostSecret)
    assert (found.smtp_password, stored(mailbox)) == ("", before)


@pytest.mark.django_db
def test_dump_holds_ciphertext_that_loads_again():
    MailboxFactory.create(smtp_password="hush")
    text = serializers.serialize("json", Mailbox.objects.all())

    (loaded,) = serializers.deserialize("json", text)

    assert "hush" not in text
    assert loaded.object.smtp_password == "hush"


def test_secret_survives_pickling():
    assert pickle.loads(pickle.dumps(unseal(seal("hush")))) == "hush"  # noqa: S301  # our own
