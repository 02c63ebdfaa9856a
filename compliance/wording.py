"""The actions of the audit log in words: what was done to what, never the name of a route."""

# The last word of an action, as it reads when done.
_DONE = {
    "accept": "accepted", "add": "added", "again": "sent again", "approve": "approved",
    "archive": "archived", "arrived": "marked as arrived", "assign": "assigned",
    "bulk": "changed in bulk", "cancel": "cancelled", "check": "checked", "choose": "chosen",
    "columns": "columns chosen", "correct": "corrected", "delete": "deleted",
    "disconnect": "disconnected", "dismiss": "dismissed", "done": "done",
    "duplicate": "duplicated", "edit": "changed", "erase": "erased", "export": "exported",
    "import": "imported", "lost": "marked as lost", "move": "moved", "new": "added",
    "override": "let through", "pause": "paused", "preview": "previewed",
    "reject": "rejected", "remove": "removed", "rename": "renamed", "reopen": "reopened",
    "resend": "sent again", "resume": "resumed", "return": "sent back",
    "revoke": "revoked", "save": "saved", "skip": "skipped", "snooze": "snoozed",
    "start": "started", "stop": "stopped", "test": "tested", "unarchive": "brought back",
    "undo": "undone", "unread": "marked as unread", "update": "changed", "upload": "uploaded",
    "withdraw": "withdrawn",
}  # fmt: skip

# Actions whose name is only a verb, or says less than what was done.
_WHOLE = {
    "accounts:client_choose": "Client chosen to work on",
    "accounts:close": "Agency closed",
    "accounts:invite": "Invitation sent",
    "accounts:leave": "Left the agency",
    "accounts:member_role": "Role of a member changed",
    "campaigns:approval_approve": "E-mail approved",
    "campaigns:approval_edit": "E-mail changed in review",
    "campaigns:approval_reopen": "E-mail taken back to review",
    "campaigns:approval_skip": "E-mail skipped in review",
    "campaigns:approval_sequence_approve": "Sequence approved",
    "campaigns:approval_sequence_return": "Sequence sent back to writing",
    "campaigns:approve_clean": "E-mails without remarks approved",
    "campaigns:enrol": "Leads enrolled",
    "campaigns:enrol_file": "Leads enrolled from a file",
    "campaigns:enrol_into": "Leads enrolled",
    "campaigns:gap_enrol": "Sites of a gap enrolled",
    "campaigns:leads_bulk": "Leads of a campaign changed",
    "campaigns:move": "Campaign moved on",
    "campaigns:settings": "Settings of a campaign saved",
    "campaigns:person_act": "Person stopped or resumed",
    "campaign.launched_despite": "Campaign launched although a check failed",
    "directory:opportunity_bulk": "Opportunities changed",
    "directory:opportunity_step": "Step of an opportunity ticked",
    "leads:bulk": "Leads changed",
    "leads:status": "Status of a lead changed",
    "leads:note": "Note added to a lead",
    "mailer:connect_start": "Sign-in at a mail provider begun",
    "mailer:mailbox_deliverability": "Mailbox checked for deliverability",
    "mailer:mailbox_links": "Links of a mailbox saved",
    "mailer:mailbox_signing": "Signing keys of a mailbox changed",
    "mailer:mailbox_trial": "Test e-mail sent",
    "mailer:message_again": "E-mail sent again",
    "mailer:read_now": "Inbox read",
    "mailer:reply_take_back": "Reply taken back",
    "mailer:sandbox_answer": "Sandbox e-mail answered",
    "mailer:set_aside_again": "Unread mail tried again",
    "mailer:set_aside_dismiss": "Unread mail dismissed",
    "mailer:thread_reply": "Reply written",
}


def action_words(action: str) -> str:
    """Return an action as a person reads it: `campaigns:step_edit` is “Step changed”."""
    if action in _WHOLE:
        return _WHOLE[action]
    area, colon, name = action.partition(":")
    if not colon:
        words = action.replace("dkim.", "Signing keys ").replace("_", " ").replace(".", " ")
        return f"{words[:1].upper()}{words[1:]}"
    *nouns, verb = name.split("_")
    if verb in _DONE:
        thing = " ".join(nouns) or area.removesuffix("s")
        return f"{thing} {_DONE[verb]}".capitalize()
    thing = " ".join([*nouns, verb])
    return f"{thing} saved".capitalize()
