"""What is remembered of the sites that are crawled, and accounts at other companies."""

from integrations.models.crawling import CrawlTurn, RobotsFile
from integrations.models.providers import ProviderAccount, ProviderCall, ProviderUsage

__all__ = ["CrawlTurn", "ProviderAccount", "ProviderCall", "ProviderUsage", "RobotsFile"]
