"""Reads that span models or feed a page."""

from leads.selectors.filters import filtered_leads
from leads.selectors.people import leads_by_address

__all__ = ["filtered_leads", "leads_by_address"]
