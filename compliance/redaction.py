"""Taking secrets out of what is kept or logged."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
_LONGEST = 300
_MOST = 60

# Whole words of a field's name, split at `_`, `-`, `.`, spaces and capitals.
_SECRET_WORDS = {
    "password", "passwd", "passphrase", "pass", "pwd", "secret", "secrets", "token", "tokens",
    "apikey", "key", "keys", "authorization", "auth", "cookie", "cookies", "session",
    "sessionid", "csrf", "csrfmiddlewaretoken", "otp", "totp", "pin", "salt", "credential",
    "credentials", "signed", "jwt", "bearer", "code", "codes", "uidb36", "dsn",
}  # fmt: skip
_IN_NAME = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)
# Names in which `key` or `code` is an ordinary word.
_HARMLESS = {
    "campaign_key", "sequence_key", "idempotency_key", "country_code", "postal_code",
    "error_code", "codes", "status_code",
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_IN_TEXT = re.compile(
    r"((?:password|passwd|secret|token|api[_-]?key|key|signature|sig|code)\s*[=:]\s*)[^\s&\"',;]+"
    r"|\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|(://[^/\s:@]+:)[^/\s@]+(?=@)",
    re.IGNORECASE,
)


# A part of a path that carries a token: long, with letters and digits.
_IN_PATH = re.compile(
    r"(?<=[/=])(?=[A-Za-z_:.~-]*\d)(?=[\d_:.~-]*[A-Za-z])[A-Za-z0-9_:.~-]{24,}(?=[/\s?&#'\"]|$)"
)


def hide_tokens(text: str) -> str:
    """Return text of any length with what looks like a secret hidden, in paths too."""
    return _IN_PATH.sub(HIDDEN, _IN_TEXT.sub(_hide, text))


def redact_event(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Hide secrets in a log line (a structlog processor)."""
    return {
        name: HIDDEN
        if is_secret_name(name) and isinstance(value, str)
        else hide_tokens(value)
        if isinstance(value, str)
        else value
        for name, value in event.items()
    }


def redact(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with every secret hidden and long text cut; any depth.

    A secret is known by its field's name (passwords, tokens, keys, codes, cookies…) or
    by how text looks (`token=…`, `Bearer …`, `://user:password@`).
    """
    kept = {}
    for name, value in list(values.items())[:_MOST]:
        plain = storable(str(name)[:80])
        kept[plain] = HIDDEN if value and is_secret_name(plain) else _plain(value)
    return kept


def storable(text: str) -> str:
    """Return text without what PostgreSQL stores in no column: NUL and halves of letters."""
    return _UNSTORABLE.sub("\ufffd", text)


def redact_text(text: str) -> str:
    """Return text with anything that looks like a secret hidden, cut to 300 characters."""
    clean = _IN_TEXT.sub(_hide, storable(text))
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}…"


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a secret."""
    if name.lower() in _HARMLESS:
        return False
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _SECRET_WORDS) or bool(_IN_NAME.search(name))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redact(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in list(value)[:_MOST]]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _hide(match: re.Match[str]) -> str:
    before = match.group(1) or match.group(3) or f"{match.group(2)} "
    return f"{before}{HIDDEN}"
