"""What a load balancer asks."""

import pytest
from django.db import connection
from django.test import Client as Browser

from outreach_project import health


@pytest.fixture(autouse=True)
def fresh() -> None:
    health._check_migrations.cache_clear()


def test_living_process_says_so_without_a_database(client: Browser) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_process_says_so(client: Browser) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_missing_migration_is_named(client: Browser) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts'")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["migrations"] == "not all applied"


@pytest.mark.django_db
def test_broker_away_is_named(client: Browser, settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    health.app.conf.broker_url = health.app.conf.broker_write_url = settings.CELERY_BROKER_URL
    try:
        response = client.get("/readyz")
    finally:
        health.app.conf.broker_url = health.app.conf.broker_write_url = "memory://"

    assert response.status_code == 503
    assert response.json()["broker"] == "does not answer"


@pytest.mark.django_db
def test_cache_away_is_named(client: Browser, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }

    assert client.get("/readyz").json()["cache"] == "does not answer"


@pytest.mark.django_db
def test_answers_are_not_cached(client: Browser) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]
