"""Choices of the directory app, and how a backlink's status may move."""

from foundation.choices import Moves, TonedChoices


class Category(TonedChoices):
    """What kind of site a directory is."""

    BUSINESS_DIRECTORY = "business_directory", "", "Business directory"
    SOCIAL_BOOKMARKING = "social_bookmarking", "", "Social bookmarking"
    PRESS_RELEASE = "press_release", "", "Press release"
    FORUM = "forum", "", "Forum"
    REVIEW_PLATFORM = "review_platform", "", "Review platform"
    RESOURCE_SITE = "resource_site", "", "Resource site"


class LinkType(TonedChoices):
    """What the link's rel says of it."""

    DOFOLLOW = "dofollow", "ok", "Dofollow"
    NOFOLLOW = "nofollow", "mute", "Nofollow"
    UGC = "ugc", "mute", "UGC"
    SPONSORED = "sponsored", "warn", "Sponsored"


class Difficulty(TonedChoices):
    """How much it takes to get listed."""

    EASY = "easy", "ok", "Easy"
    MEDIUM = "medium", "warn", "Medium"
    HARD = "hard", "bad", "Hard"


class SourceType(TonedChoices):
    """Where a backlink comes from."""

    OUTREACH = "outreach", "accent", "Outreach"
    DIRECTORY = "directory_opportunity", "info", "Directory"
    GAP = "competitor_gap", "violet", "Competitor gap"


class ProspectType(TonedChoices):
    """What kind of link an outreach asks for."""

    RESOURCE_PAGE = "resource_page", "", "Resource page"
    GUEST_POST = "guest_post", "", "Guest post"
    BROKEN_LINK = "broken_link", "", "Broken link"
    COMPETITOR_BACKLINK = "competitor_backlink", "", "Competitor backlink"
    MENTION = "mention", "", "Mention"


class BacklinkStatus(TonedChoices):
    """Where a backlink stands; the first seven are outreach's, the others are worked by hand."""

    PROSPECTING = "prospecting", "", "Prospecting"
    OUTREACH_SENT = "outreach_sent", "info", "Outreach sent"
    RESPONDED = "responded", "violet", "Responded"
    AGREED = "agreed", "accent", "Agreed"
    PUBLISHED = "published", "ok", "Published"
    REJECTED = "rejected", "bad", "Rejected"
    NO_RESPONSE = "no_response", "mute", "No response"
    OPPORTUNITY = "opportunity", "", "Opportunity"
    IN_PROGRESS = "in_progress", "accent", "In progress"
    COMPLETED = "completed", "ok", "Completed"
    NOT_APPLICABLE = "not_applicable", "mute", "Not applicable"


OUTREACH_STATUSES = frozenset(
    {
        BacklinkStatus.PROSPECTING,
        BacklinkStatus.OUTREACH_SENT,
        BacklinkStatus.RESPONDED,
        BacklinkStatus.AGREED,
        BacklinkStatus.PUBLISHED,
        BacklinkStatus.REJECTED,
        BacklinkStatus.NO_RESPONSE,
    }
)
OPPORTUNITY_STATUSES = frozenset(
    {
        BacklinkStatus.OPPORTUNITY,
        BacklinkStatus.IN_PROGRESS,
        BacklinkStatus.COMPLETED,
        BacklinkStatus.NOT_APPLICABLE,
    }
)
# The link should be there: what health checks look at.
PLACED = frozenset({BacklinkStatus.PUBLISHED, BacklinkStatus.COMPLETED})

_S = BacklinkStatus

# Moves that follow from a fact: an e-mail went out, an answer came, the page was read.
FACT_MOVES: Moves = {
    _S.PROSPECTING: frozenset({_S.OUTREACH_SENT, _S.REJECTED}),
    _S.OUTREACH_SENT: frozenset({_S.RESPONDED, _S.REJECTED, _S.NO_RESPONSE}),
    _S.RESPONDED: frozenset({_S.AGREED, _S.REJECTED, _S.NO_RESPONSE}),
    _S.AGREED: frozenset({_S.PUBLISHED, _S.REJECTED, _S.NO_RESPONSE}),
    _S.PUBLISHED: frozenset(),
    _S.REJECTED: frozenset(),
    # A late answer is an answer.
    _S.NO_RESPONSE: frozenset({_S.RESPONDED}),
    _S.OPPORTUNITY: frozenset({_S.IN_PROGRESS}),
    _S.IN_PROGRESS: frozenset({_S.COMPLETED}),
    _S.COMPLETED: frozenset(),
    _S.NOT_APPLICABLE: frozenset(),
}

# Moves only a person may make: judgements, and taking back what was wrong.
PERSON_MOVES: Moves = {
    _S.PROSPECTING: frozenset(),
    _S.OUTREACH_SENT: frozenset({_S.PROSPECTING}),
    _S.RESPONDED: frozenset({_S.OUTREACH_SENT}),
    _S.AGREED: frozenset({_S.RESPONDED}),
    _S.PUBLISHED: frozenset({_S.AGREED}),
    _S.REJECTED: frozenset({_S.PROSPECTING, _S.OUTREACH_SENT, _S.RESPONDED, _S.AGREED}),
    _S.NO_RESPONSE: frozenset({_S.PROSPECTING, _S.OUTREACH_SENT, _S.AGREED}),
    _S.OPPORTUNITY: frozenset({_S.NOT_APPLICABLE}),
    _S.IN_PROGRESS: frozenset({_S.OPPORTUNITY, _S.NOT_APPLICABLE}),
    _S.COMPLETED: frozenset({_S.IN_PROGRESS}),
    _S.NOT_APPLICABLE: frozenset({_S.OPPORTUNITY, _S.IN_PROGRESS}),
}

# Every status progression of a backlink, whoever moves it.
MOVES: Moves = {status: FACT_MOVES[status] | PERSON_MOVES[status] for status in BacklinkStatus}

# When a status was reached, for those the register shows.
STAMPS: dict[str, str] = {
    _S.OUTREACH_SENT: "outreach_sent_at",
    _S.RESPONDED: "responded_at",
    _S.AGREED: "agreed_at",
    _S.PUBLISHED: "published_at",
    _S.COMPLETED: "completed_at",
}


class Verdict(TonedChoices):
    """What a check of the page found."""

    LIVE = "live", "ok", "Live"
    MISSING = "missing", "bad", "Missing"
    CHANGED = "changed", "warn", "Changed"
    NOT_INDEXABLE = "not_indexable", "warn", "Not indexable"
    UNVERIFIABLE = "unverifiable", "mute", "Cannot verify"


# Verdicts somebody should look at.
FAULTS = frozenset({Verdict.MISSING, Verdict.CHANGED, Verdict.NOT_INDEXABLE})


class CheckSource(TonedChoices):
    """Who looked."""

    CRAWLER = "crawler", "", "Our crawler"
    LINK_DATA = "link_data", "", "Link data provider"
    PERSON = "person", "", "A person"


class BacklinkEventKind(TonedChoices):
    """One thing that happened to a backlink."""

    CREATED = "created", "", "Added"
    STATUS = "status", "info", "Status"
    STEP = "step", "", "Step"
    NOTE = "note", "", "Note"
    ASSIGNED = "assigned", "", "Assigned"
    CHANGED = "changed", "", "Changed"
    EXPECTED = "expected", "accent", "Terms"
    MAIL = "mail", "accent", "E-mail"
    REPLY = "reply", "violet", "Reply"
    PROOF = "proof", "", "Proof"
    CHECKED = "checked", "", "Checked"
    ALARM = "alarm", "bad", "Alarm"
    RESTORED = "restored", "ok", "Restored"


class MatchStatus(TonedChoices):
    """How far a search for opportunities has come."""

    QUEUED = "queued", "info", "Waiting"
    RUNNING = "running", "accent", "Searching"
    FINISHED = "finished", "ok", "Finished"
    FAILED = "failed", "bad", "Failed"


MATCH_MOVES: Moves = {
    MatchStatus.QUEUED: frozenset({MatchStatus.RUNNING}),
    # A run that died is claimed again.
    MatchStatus.RUNNING: frozenset({MatchStatus.RUNNING, MatchStatus.FINISHED, MatchStatus.FAILED}),
    MatchStatus.FINISHED: frozenset(),
    MatchStatus.FAILED: frozenset(),
}


class GapStatus(TonedChoices):
    """How far a search for a competitor gap has come."""

    DRAFT = "draft", "", "Files wanted"
    QUEUED = "queued", "info", "Waiting"
    RUNNING = "running", "accent", "Searching"
    FINISHED = "finished", "ok", "Finished"
    FAILED = "failed", "bad", "Failed"


GAP_MOVES: Moves = {
    GapStatus.DRAFT: frozenset({GapStatus.QUEUED}),
    GapStatus.QUEUED: frozenset({GapStatus.RUNNING, GapStatus.DRAFT}),
    # A search whose worker died is taken up again; a stopped one goes back to its files.
    GapStatus.RUNNING: frozenset(
        {GapStatus.RUNNING, GapStatus.FINISHED, GapStatus.FAILED, GapStatus.DRAFT}
    ),
    GapStatus.FINISHED: frozenset(),
    GapStatus.FAILED: frozenset({GapStatus.QUEUED, GapStatus.DRAFT}),
}


class GapDomainStatus(TonedChoices):
    """What became of a domain of a gap."""

    OPEN = "open", "", "Open"
    TAKEN = "taken", "ok", "In the register"
    ENROLLED = "enrolled", "accent", "Lead"
    DISMISSED = "dismissed", "mute", "Dismissed"
