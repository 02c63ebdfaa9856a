"""Facts this app announces upward, in the transaction that made them true.

import_finished: `lead_import` (LeadImport); heard by campaigns, which enrols its leads
    when options["campaign_id"] asks for it.
"""

from django.dispatch import Signal

import_finished = Signal()

# leads_deleting: `agency`, `lead_ids`, `addresses`; sent before the rows go, in their
#     transaction; heard by campaigns, which stops what is queued for them.
leads_deleting = Signal()
