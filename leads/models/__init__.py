"""Leads, what happened to them, imports, saved views, acts on many."""

from leads.models.imports import ImportReject, LeadImport
from leads.models.lead import Lead, LeadEvent
from leads.models.lists import BulkJob, SavedView

__all__ = ["BulkJob", "ImportReject", "Lead", "LeadEvent", "LeadImport", "SavedView"]
