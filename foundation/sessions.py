"""Sessions in the database, encrypted: half-finished log-ins and set-ups lie in them."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.serializers import JSONSerializer

from foundation.secrets import KeyMissingError, seal, unseal


class SessionStore(DatabaseSessions):
    """The database's sessions, sealed; one whose key is gone is an empty one."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return the session's data sealed."""
        return seal(JSONSerializer().dumps(session_dict).decode("latin-1"))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the session's data."""
        text = session_data.decode() if isinstance(session_data, bytes) else session_data
        try:
            found: dict[str, Any] = json.loads(unseal(text))
        except (KeyMissingError, ValueError):
            return {}
        return found
