"""Tag lists as DKIM and DMARC write them (RFC 6376 3.2)."""

import re

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MAX_TAGS = 60


def read_tags(value: str) -> dict[str, str] | None:
    """Return the tags of `a=1; b=2`, trimmed; None when it is no such list or names one twice."""
    tags: dict[str, str] = {}
    parts = [part.strip() for part in value.split(";")]
    if parts and not parts[-1]:
        parts.pop()
    if not parts or len(parts) > _MAX_TAGS:
        return None
    for part in parts:
        name, equals, content = part.partition("=")
        name = name.strip()
        if not equals or not _TAG.fullmatch(name) or name in tags:
            return None
        tags[name] = content.strip()
    return tags
