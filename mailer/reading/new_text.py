"""The new words of a reply: without quotes, attribution lines and signatures.

Answers written between or below the quoted lines stay; a forwarded mail without a
word of its own keeps what was forwarded.
"""

import re

from mailer.reading import quoting
from mailer.reading.phrases import pattern

MAX_LINES = 4_000
# What may follow a row of dashes and still be a signature.
SIGNATURE_LINES = 8
SENTENCE_WORDS = 3
# A quoted line this long was probably wrapped, its end landing unquoted on the next.
WRAPPED_LENGTH = 55

_QUOTE = re.compile(r"\s{0,3}(?:[A-Z]{1,3})?[>|](?!\w*</)")
# Of stripped lines.
_RULE = re.compile(r"[-=~#*]{4,}$|-[-\s]{4,}-$")
_UNDERSCORES = re.compile(r"_{4,}$")
_MOBILE = pattern("mobile_signature")
_SPACES: dict[int, str | None] = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)
_SPACES.update(dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2008\u2009\u202f\u3000"), " "))


def new_text(text: str) -> str:
    """Return what the writer added."""
    lines = _lines(text)
    lines = _cut_dividers(lines)
    lines = _cut_mobile_signature(lines)
    lines = _cut_header_block(lines)
    lines = _without_attributed_quotes(lines)
    return _tidy(_without_trailing_quotes(lines))


def without_quotes(text: str) -> str:
    """Return the lines of a new text that are not quotes kept for inline answers."""
    return "\n".join(line for line in text.split("\n") if not is_quote(line))


def is_quote(line: str) -> bool:
    """Return whether a line is marked as quoted."""
    return _QUOTE.match(line[:20]) is not None


def _lines(text: str) -> list[str]:
    text = text.translate(_SPACES).replace("\r\n", "\n").replace("\r", "\n")
    kept: list[str] = []
    for line in text.split("\n")[:MAX_LINES]:
        kept.extend(part.rstrip() for part in quoting.split_shared_line(line))
    return _unwrap_quotes(kept)


def _unwrap_quotes(lines: list[str]) -> list[str]:
    """Mark the ends of wrapped quoted lines as quoted too."""
    out = list(lines)
    for index in range(1, len(out) - 1):
        before, line, after = out[index - 1], out[index], out[index + 1]
        if not line.strip() or is_quote(line) or not is_quote(before):
            continue
        head = line.lstrip()[0]
        linked = head in "(<" and is_quote(after)
        if linked or (len(before) >= WRAPPED_LENGTH and head.islower() and is_quote(after)):
            out[index] = f"> {line}"
    return out


def _has_words(lines: list[str]) -> bool:
    return any(line.strip() and not is_quote(line) for line in lines)


def _cut_dividers(lines: list[str]) -> list[str]:
    """Keep what stands above the first divider or signature, or below it when nothing does."""
    for index, line in enumerate(lines):
        if is_quote(line) or not line.strip():
            continue
        if not _divides(lines, index):
            continue
        above = lines[:index]
        if _has_words(above):
            return above
        if (
            line.rstrip() in {"--", "-- "}
            or _RULE.match(line.strip())
            or _UNDERSCORES.match(line.strip())
        ):
            continue
        below = lines[index + 1 :]
        return above + below if not any(is_quote(one) for one in above) else above
    return lines


def _divides(lines: list[str], index: int) -> bool:
    line = lines[index]
    if line.strip() == "--" or _UNDERSCORES.match(line.strip()) or quoting.is_divider(line):
        return True
    if not _RULE.match(line.strip()):
        return False
    rest = [one for one in lines[index + 1 :] if one.strip()]
    return len(rest) <= SIGNATURE_LINES and not any(_is_sentence(one) for one in rest)


def _is_sentence(line: str) -> bool:
    return line.rstrip()[-1:] in ".?!" and len(line.split()) > SENTENCE_WORDS


def _cut_mobile_signature(lines: list[str]) -> list[str]:
    """Drop "Sent from my phone", and what follows it unless answers are mixed in below."""
    for index, line in enumerate(lines):
        if len(line) > 120 or not _MOBILE.match(line) or quoting.header_kind(line):  # noqa: PLR2004  # one short line
            continue
        rest = lines[index + 1 :]
        first_quote = next((n for n, one in enumerate(rest) if is_quote(one)), None)
        answered = first_quote is not None and _has_words(rest[first_quote:])
        if _has_words(lines[:index]) and not answered:
            return lines[:index]
        return lines[:index] + rest
    return lines


def _cut_header_block(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if is_quote(line):
            continue
        length = quoting.header_block(lines, index)
        if length:
            above = _without_last_rule(lines[:index])
            return above if _has_words(above) else above + lines[index + length :]
    return lines


def _without_last_rule(lines: list[str]) -> list[str]:
    """Drop the row of dashes a mail program puts before what it quotes."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1].strip())):
        end -= 1
    return lines[:end]


def _without_attributed_quotes(lines: list[str]) -> list[str]:
    index = 0
    while index < len(lines):
        span = 0 if is_quote(lines[index]) else quoting.attribution_span(lines, index)
        if not span:
            index += 1
            continue
        above, below = lines[:index], lines[index + span :]
        return _above_and_answers(above, below)
    return lines


def _above_and_answers(above: list[str], below: list[str]) -> list[str]:
    """Join what stands above an attribution with the answers below the quote."""
    first = next((line for line in below if line.strip()), "")
    spoken = _has_words(above)
    if not is_quote(first):
        return above if spoken else _without_attributed_quotes(below)
    end = _quote_end(below)
    rest = below[end:]
    if not _has_words(rest):
        return above
    if any(is_quote(line) for line in rest):
        later = _without_attributed_quotes(rest)
        return _joined(above, below[:end] + later) if spoken else below[:end] + later
    return _joined(above, _without_attributed_quotes(rest))


def _joined(above: list[str], below: list[str]) -> list[str]:
    """Join two texts with one empty line; a quote may follow at once, if it did."""
    gap = [""] if not above[-1:] or not above[-1].strip() or not is_quote(below[0]) else []
    while above and not above[-1].strip():
        above = above[:-1]
    start = next((n for n, line in enumerate(below) if line.strip()), len(below))
    return [*above, *gap, *below[start:]]


def _quote_end(lines: list[str]) -> int:
    """Return where the first run of quoted and empty lines ends."""
    for index, line in enumerate(lines):
        if line.strip() and not is_quote(line):
            return index
    return len(lines)


def _without_trailing_quotes(lines: list[str]) -> list[str]:
    if not _has_words(lines):
        return [] if _only_an_old_mail(lines) else lines
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_quote(lines[end - 1])):
        end -= 1
    return lines[:end]


def _only_an_old_mail(lines: list[str]) -> bool:
    """Return whether quoted lines without an answer begin with "On …, … wrote:"."""
    bare = [line.lstrip(" >|") for line in lines if line.strip(" >|")]
    return bool(bare) and quoting.attribution_span(bare, 0) > 0


def _tidy(lines: list[str]) -> str:
    start = 0
    while start < len(lines) and not lines[start].strip():
        start += 1
    return "\n".join(lines[start:]).rstrip()
