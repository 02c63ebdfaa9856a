"""Letting go of what no longer tells anything."""

from datetime import timedelta

from django.utils import timezone

from integrations.crawler import turns
from integrations.models import ProviderCall, RobotsFile
from integrations.services.providers import KEEP_DAYS

_ROBOTS_DAYS = 30


def prune() -> int:
    """Forget old calls, and hosts that were long not asked for; return how many rows."""
    now = timezone.now()
    calls = ProviderCall.objects.filter(at__lt=now - timedelta(days=KEEP_DAYS)).delete()[0]
    old = RobotsFile.objects.filter(expires_at__lt=now - timedelta(days=_ROBOTS_DAYS))
    return calls + old.delete()[0] + turns.prune()
