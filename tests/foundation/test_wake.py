import pytest
from celery import Celery
from django.db import transaction

from foundation.wake import wake


@pytest.fixture
def heard() -> list[tuple[object, ...]]:
    return []


@pytest.fixture
def task(heard):
    app = Celery(set_as_current=False)
    app.conf.task_always_eager = True

    def listen(*args: object) -> None:
        heard.append(args)

    return app.task(listen)


@pytest.fixture
def nowhere():
    """A task whose broker does not answer."""
    app = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = {"socket_connect_timeout": 0.2}

    def listen() -> None:
        """Never heard."""

    return app.task(listen)


@pytest.mark.django_db(transaction=True)
def test_wake_runs_the_task_once_committed(task, heard):
    with transaction.atomic():
        wake(task, 1, 2)
        assert heard == []

    assert heard == [(1, 2)]


@pytest.mark.django_db(transaction=True)
def test_wake_is_forgotten_when_the_transaction_is_rolled_back(task, heard):
    with transaction.atomic():
        wake(task)
        transaction.set_rollback(True)

    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_wake_survives_a_broker_that_is_away(nowhere, caplog):
    wake(nowhere)

    assert "broker_away" in caplog.text
