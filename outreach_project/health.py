"""Whether this process can do its work: what a load balancer and an operator ask."""

from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from outreach_project.celery import app

# Seconds the broker may take to answer before it counts as away.
BROKER_PATIENCE = 2


class UnmigratedError(Exception):
    """The code is newer than the database."""


def problems() -> dict[str, str]:
    """Return what keeps the process from working, by part; empty when it is ready."""
    checks = {"database": _database, "migrations": _migrations, "broker": _broker, "cache": _cache}
    answers: dict[str, str] = {}
    for part, check in checks.items():
        if part == "migrations" and "database" in answers:
            continue
        answer = check()
        if answer:
            answers[part] = answer
    return answers


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return ""


def _migrations() -> str:
    try:
        _check_migrations()
    except UnmigratedError:
        return "not all applied"
    except DatabaseError:
        return "cannot be read"
    return ""


@lru_cache(maxsize=1)
def _check_migrations() -> None:
    """Raise when some are missing; what is applied stays applied, so a pass is remembered."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise UnmigratedError


def _broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        return ""
    try:
        with app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=BROKER_PATIENCE)
    except (OperationalError, OSError):
        return "does not answer"
    return ""


def _cache() -> str:
    try:
        cache.get("ready")
    except Exception:  # noqa: BLE001  # every backend raises its own when away
        return "does not answer"
    return ""
