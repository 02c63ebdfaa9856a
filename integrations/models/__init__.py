"""What is remembered of the sites that are crawled."""

from integrations.models.crawling import CrawlTurn, RobotsFile

__all__ = ["CrawlTurn", "RobotsFile"]
