"""Words by which people say they are away, in the languages of our regions."""

import datetime as dt
import re

from mailer.reading.dates import dates_in, weekdays_in
from mailer.reading.phrases import pattern

# Subjects that programs write.
_AWAY_SUBJECT = pattern("away_subject")
_AUTO_SUBJECT = pattern("automatic_subject")
# What somebody away says, in the present or the future: "I was away" is no absence.
_AWAY = pattern("away")
# A machine that acknowledges.
_RECEIPT = pattern("receipt")
_TWO_YEARS = 730
_PHRASE = 45
_BACK = re.compile(
    r"\b(?:back|return|returning|zurück|wieder|retour|vuelvo|regreso|rientro|torno|terug|weer"
    r"|volto|regresso|åter|tillbaka|tilbage|tilbake|palaan|wracam|vrátím se)\s"
    r"(?:in (?:the )?office |to (?:the )?office |to work |on |am |le |el |il |op |na |på |v |w )?"
)
# A notice says so in one of its first sentences, a greeting among them.
_OPENING = 5
_SETTLED = re.compile(r"\b(?:was|were|have been|been|had been|war|étais|estaba|ero|was)\b")
_UNTIL = pattern("until")
# Sentences any notice may add.
_HEDGE = pattern("hedge")
_WILL_ANSWER = pattern("will_answer")


def away_subject(subject: str) -> bool:
    """Return whether a program wrote the subject of an absence."""
    return len(subject) <= 200 and _AWAY_SUBJECT.search(_bare(subject)) is not None  # noqa: PLR2004  # a subject


def automatic_subject(subject: str) -> bool:
    """Return whether a subject says that a program answers."""
    return _AUTO_SUBJECT.search(subject[:300]) is not None


def says_away(text: str) -> bool:
    """Return whether the writer begins by saying that they are away now."""
    return any(_is_away(sentence) for sentence in _sentences(text)[:_OPENING])


def _is_away(sentence: str) -> bool:
    return _AWAY.search(sentence) is not None and _SETTLED.search(sentence) is None


def says_received(text: str) -> bool:
    """Return whether a machine acknowledges the mail."""
    return _RECEIPT.search(text[:1500].lower()) is not None


def besides_absence(text: str) -> str:
    """Return what a notice says besides the absence, when it ends and that one will answer."""
    rest = []
    for sentence in _sentences(text):
        if "?" in sentence:
            rest.append(sentence)
        elif _is_away(sentence):
            turn = _HEDGE.search(sentence)
            rest.append(sentence[turn.end() :] if turn else "")
        elif not _WILL_ANSWER.search(sentence):
            rest.append(sentence)
    return ". ".join(one for one in rest if one)


def return_date(text: str, today: dt.date, *, month_first: bool = False) -> dt.date | None:
    """Return the day an absence ends: the one after "until" or "back", or the last named."""
    low = " ".join(text[:3000].lower().split())
    found = dates_in(low, today, month_first=month_first)
    if not found:
        return None
    back = _BACK.search(low)
    if back:
        said = [day for place, day in weekdays_in(low, today).items() if place == back.end()]
        latest = max(day for _, day in found)
        if said and not any(0 <= place - back.start() <= _PHRASE for place, _ in found):
            return said[0] + dt.timedelta(weeks=max(0, -(-(latest - said[0]).days // 7)))
    ahead = [(place, day) for place, day in found if abs((day - today).days) <= _TWO_YEARS]
    for trigger in _UNTIL.finditer(low):
        after = [day for place, day in ahead if 0 <= place - trigger.start() <= _PHRASE]
        if after:
            return after[0]
    return max((day for _, day in ahead), default=None)


def _sentences(text: str) -> list[str]:
    low = text[:2000].lower().replace("\n\n", ". ").replace("\n", " ")
    return [one.strip() for one in re.split(r"(?<=\D[.!?。])\s+", low)][:12]


def _bare(subject: str) -> str:
    """Return a subject, or "" for an answer's: "Out of office: hi" counts, "Re: vacation" not."""
    low = subject.strip().lower()
    if low.startswith(("re:", "aw:", "sv:", "vs:", "odp:", "rif:", "ref:", "fwd:", "fw:")):
        return ""
    return low
