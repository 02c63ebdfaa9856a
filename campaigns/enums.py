"""Choices of the campaigns app, and how campaigns, enrolments and reviews may move."""

from foundation.choices import Moves, TonedChoices


class CampaignKind(TonedChoices):
    """What a campaign is for."""

    LINK_BUILDING = "link_building", "accent", "Link building"
    GENERAL = "general", "", "General outreach"


class ProspectType(TonedChoices):
    """What kind of link is asked for."""

    GUEST_POST = "guest_post", "", "Guest post"
    RESOURCE_PAGE = "resource_page", "", "Resource page"
    BROKEN_LINK = "broken_link", "", "Broken link"
    COMPETITOR_BACKLINK = "competitor_backlink", "", "Competitor backlink"
    MENTION = "mention", "", "Unlinked mention"


class CampaignStatus(TonedChoices):
    """Where a campaign stands."""

    DRAFT = "draft", "", "Draft"
    IN_REVIEW = "in_review", "warn", "In review"
    APPROVED = "approved", "info", "Approved"
    RUNNING = "running", "ok", "Running"
    PAUSED = "paused", "warn", "Paused"
    COMPLETED = "completed", "violet", "Completed"
    ARCHIVED = "archived", "mute", "Archived"


# Draft means: nobody was ever written to. What was launched once goes back to paused
# instead, so that its people, threads and figures are never mistaken for a new plan's.
# A change to a running campaign pauses it; from there it is submitted and approved again.
CAMPAIGN_MOVES: Moves = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.IN_REVIEW, CampaignStatus.ARCHIVED}),
    CampaignStatus.IN_REVIEW: frozenset(
        {CampaignStatus.APPROVED, CampaignStatus.DRAFT, CampaignStatus.PAUSED}
    ),
    CampaignStatus.APPROVED: frozenset(
        {CampaignStatus.RUNNING, CampaignStatus.DRAFT, CampaignStatus.PAUSED}
    ),
    CampaignStatus.RUNNING: frozenset({CampaignStatus.PAUSED, CampaignStatus.COMPLETED}),
    CampaignStatus.PAUSED: frozenset(
        {CampaignStatus.RUNNING, CampaignStatus.COMPLETED, CampaignStatus.IN_REVIEW}
    ),
    CampaignStatus.COMPLETED: frozenset({CampaignStatus.ARCHIVED, CampaignStatus.PAUSED}),
    CampaignStatus.ARCHIVED: frozenset({CampaignStatus.DRAFT, CampaignStatus.COMPLETED}),
}


class WaitUnit(TonedChoices):
    """What a step's wait counts."""

    DAYS = "days", "", "days"
    BUSINESS_DAYS = "business_days", "", "business days"


class ThreadMode(TonedChoices):
    """Whether a follow-up answers the first e-mail or starts anew."""

    SAME = "same", "", "Same thread"
    NEW = "new", "", "New subject"


class VariantStatus(TonedChoices):
    """Whether a variant takes part."""

    ACTIVE = "active", "ok", "Active"
    PAUSED = "paused", "mute", "Paused"


class EnrolmentStatus(TonedChoices):
    """Where one lead stands in one campaign."""

    PENDING = "pending", "", "Waiting"
    ACTIVE = "active", "accent", "In sequence"
    PAUSED = "paused", "warn", "Paused"
    FINISHED = "finished", "mute", "Finished"


ENROLMENT_MOVES: Moves = {
    EnrolmentStatus.PENDING: frozenset(
        {EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED, EnrolmentStatus.FINISHED}
    ),
    EnrolmentStatus.ACTIVE: frozenset({EnrolmentStatus.PAUSED, EnrolmentStatus.FINISHED}),
    EnrolmentStatus.PAUSED: frozenset({EnrolmentStatus.ACTIVE, EnrolmentStatus.FINISHED}),
    EnrolmentStatus.FINISHED: frozenset(),
}


class StopReason(TonedChoices):
    """Why an enrolment finished."""

    REPLIED = "replied", "violet", "Replied"
    COMPLETED = "completed", "ok", "All steps sent"
    BOUNCED = "bounced", "bad", "Bounced"
    UNSUBSCRIBED = "unsubscribed", "bad", "Unsubscribed"
    COMPLAINED = "complained", "bad", "Complained"
    WON = "won", "ok", "Link won"
    REMOVED = "removed", "mute", "Removed by hand"
    BLOCKED = "blocked", "bad", "Not allowed to write"
    DOMAIN_REPLIED = "domain_replied", "violet", "Someone at the site replied"


class Review(TonedChoices):
    """What the reviewer said of one e-mail."""

    DRAFTED = "drafted", "", "To review"
    APPROVED = "approved", "ok", "Approved"
    SKIPPED = "skipped", "mute", "Skipped"


REVIEW_MOVES: Moves = {
    Review.DRAFTED: frozenset({Review.APPROVED, Review.SKIPPED}),
    Review.APPROVED: frozenset({Review.DRAFTED, Review.SKIPPED}),
    Review.SKIPPED: frozenset({Review.DRAFTED}),
}


class SkipReason(TonedChoices):
    """Why a lead was not enrolled."""

    ALREADY = "already", "", "Already in this campaign"
    NO_ADDRESS = "no_address", "", "No e-mail address"
    INVALID = "invalid", "bad", "Address cannot receive mail"
    SUPPRESSED = "suppressed", "bad", "Must not be written to"
    WRONG_CLIENT = "wrong_client", "warn", "Belongs to another client"
    COOLDOWN = "cooldown", "warn", "Written to recently"
    ELSEWHERE = "elsewhere", "warn", "In another running campaign"


class RunStatus(TonedChoices):
    """How far an enrolment of many leads has come."""

    QUEUED = "queued", "info", "Waiting"
    RUNNING = "running", "accent", "Enrolling"
    FINISHED = "finished", "ok", "Finished"
    FAILED = "failed", "bad", "Failed"


class Delay(TonedChoices):
    """Why an e-mail of a campaign is not sent yet."""

    QUEUED = "queued", "info", "In the outbox, about to go"
    READY = "ready", "ok", "Goes out next"
    WINDOW = "window", "", "Waits for sending hours"
    WAIT = "wait", "", "Waits for its place in the sequence"
    START_DATE = "start_date", "", "The campaign has not started"
    MAILBOX_CAP = "mailbox_cap", "warn", "The mailbox is full for the day"
    CAMPAIGN_CAP = "campaign_cap", "warn", "The campaign is full for the day"
    REVIEW = "review", "warn", "Waits for review"
    NOT_APPROVED = "not_approved", "warn", "The sequence is not approved"
    NOT_RUNNING = "not_running", "warn", "The campaign is not running"
    OUT_OF_OFFICE = "out_of_office", "", "The recipient is away"
    UNRESOLVED = "unresolved", "bad", "Something is missing in the text"
    BY_HAND = "by_hand", "mute", "Paused"
    MAILBOX_AWAY = "mailbox_away", "bad", "Its mailbox cannot send"
    NO_MAILBOX = "no_mailbox", "bad", "No mailbox is chosen"
    AFTER = "after", "mute", "Follows an e-mail that is held"
    BEYOND = "beyond", "mute", "Later than 60 days from now"
