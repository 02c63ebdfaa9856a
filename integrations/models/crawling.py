"""Politeness that outlives a process: whose turn it is at a host, and its robots.txt."""

from django.db import models


class CrawlTurn(models.Model):
    """The turn at one host: one request at a time, and a rest after each (all agencies')."""

    host = models.CharField(max_length=255, primary_key=True)
    # Seconds since 1970 by the database's clock, which all workers share.
    free_at = models.FloatField(db_index=True)
    holder = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.host


class RobotsFile(models.Model):
    """The robots.txt of one origin as last read (RFC 9309)."""

    origin = models.CharField(max_length=300, primary_key=True)
    status = models.PositiveSmallIntegerField("HTTP status", help_text="0 when nothing answered.")
    body = models.TextField(blank=True)
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.origin
