"""Servers of a benchmark's own, on free ports, so that it never disturbs anybody else's."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_POSTGRES_USER = "postgres"
# No disk of its own survives the benchmark; commit times are what races are judged by.
_OPTIONS = {
    "fsync": "off",
    "track_commit_timestamp": "on",
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "deadlock_timeout": "200ms",
}


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def missing() -> list[str]:
    """Return the programs that are not installed here, in words."""
    wanted = {"redis-server": shutil.which("redis-server"), "initdb (PostgreSQL)": _bin("initdb")}
    return [name for name, found in wanted.items() if not found]


def _bin(name: str) -> str:
    """Return a PostgreSQL program: on the path, or where Debian keeps it, newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(found[0]) if found else "")


def _run(command: list[str], **options: object) -> None:
    subprocess.run(command, check=True, capture_output=True, **options)  # type: ignore[call-overload]  # noqa: S603  # our own commands


@dataclass
class Cluster:
    """A PostgreSQL cluster in a folder of its own; it must not run as root."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """The DATABASE_URL of its database."""
        return f"postgres://{_POSTGRES_USER}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the cluster."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, _POSTGRES_USER, _POSTGRES_USER)
        self._as_owner(
            _bin("initdb"), "-D", str(self.folder / "data"), "-U", _POSTGRES_USER, "-A", "trust"
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
        options += f" -p {self.port} -k {self.folder}"
        log = str(self.folder / "log")
        self._control("-o", options, "-l", log, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` breaks connections off, `immediate` is a crash."""
        self._control("-m", mode, "stop")

    def _control(self, *arguments: str) -> None:
        self._as_owner(_bin("pg_ctl"), "-D", str(self.folder / "data"), "-w", *arguments)

    def _as_owner(self, *command: str) -> None:
        ids = [f"--reuid={_POSTGRES_USER}", f"--regid={_POSTGRES_USER}", "--init-groups"]
        lead = ["setpriv", *ids] if os.geteuid() == 0 else []
        # pg_ctl leaves the server behind with our pipes open: none are given to it.
        subprocess.run(  # noqa: S603  # our own commands
            [*lead, *command],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def private_cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL cluster until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    folder.chmod(0o700)
    cluster = Cluster(folder)
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        with suppress(subprocess.CalledProcessError):
            cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def private_redis() -> Iterator[str]:
    """Run a Redis that keeps nothing, and return its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        command = [
            *(shutil.which("redis-server") or "redis-server", "--port", str(port)),
            *("--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", folder),
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens at port {port}.")


def migrated(environment: dict[str, str]) -> None:
    """Create the tables of the database that `environment` names."""
    _run([sys.executable, "manage.py", "migrate", "-v0"], env=environment)
