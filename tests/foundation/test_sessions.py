import pytest
from django.contrib.sessions.models import Session

from foundation.sessions import SessionStore


@pytest.mark.django_db
def test_session_is_stored_sealed_and_read_again():
    store = SessionStore()
    store["invitation"] = "token-of-an-invitation"
    store.save()

    row = Session.objects.get()
    again = SessionStore(store.session_key)

    assert row.session_data.startswith("gAAAA")
    assert again["invitation"] == "token-of-an-invitation"


@pytest.mark.django_db
def test_session_of_a_missing_key_is_empty(settings):
    store = SessionStore()
    store["a"] = 1
    store.save()
    settings.SALT_KEY = ["another"]

    assert dict(SessionStore(store.session_key).items()) == {}
