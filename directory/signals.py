"""Facts this app announces upward, in the transaction that made them true.

backlink_moved: `agency_id`, `backlink_ids`, `to` (BacklinkStatus), `actor` (User or None).
link_live: `backlink`, `check` (BacklinkCheck); the link was found for the first time.
link_broken: `backlink`, `check`; a link that was live is missing, re-checked.
link_changed: `backlink`, `check`; it is there, but not as expected (`check.changes`).
link_restored: `backlink`, `check`; it was broken or changed and is as expected again.
"""

from django.dispatch import Signal

backlink_moved = Signal()
link_live = Signal()
link_broken = Signal()
link_changed = Signal()
link_restored = Signal()
