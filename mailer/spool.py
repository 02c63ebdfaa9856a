"""Append-only files that take what must not be lost faster than a table can.

Each process writes a file of its own, one record a line, each with one write(2) to a
descriptor opened with O_APPEND: once that returns the record is the kernel's, and no
SIGKILL of the process takes it back. (The machine losing power may lose what the kernel
has not written out yet, some seconds; `SPOOL_SYNC` makes every record wait for the disk.)

A file is locked (shared) for as long as somebody may still write to it. Who reads it
deletes it once everything in it is in the tables and the lock can be had: the kernel
gives a dead process's lock back. A name is never used twice.
"""

import fcntl
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

MAX_BYTES = 16 * 1024 * 1024  # then the next file is begun
_SUFFIX = ".spool"
_LOCK = ".drain"


class SpoolError(OSError):
    """A record could not be written whole: the disk is full or read-only."""


class SpoolWriter:
    """One process's file; any thread may write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = os.getpid()
        self._descriptor: int | None = None
        self._written = 0
        self._lock = threading.Lock()

    def append(self, record: bytes) -> None:
        """Write one record (no line break in it); raises `SpoolError` when it cannot."""
        # The leading line break ends whatever a full disk may have cut off before.
        line = b"\n" + record + b"\n"
        try:
            # Under the lock no other thread closes this file and takes its number. It is
            # held for the write alone: some microseconds.
            with self._lock:
                descriptor = self._current(len(line))
                written = os.write(descriptor, line)
                if settings.SPOOL_SYNC:
                    os.fdatasync(descriptor)
        except OSError as error:
            raise SpoolError(*error.args) from error
        if written != len(line):
            raise SpoolError(f"Only {written} of {len(line)} bytes were written.")

    def close(self) -> None:
        """Let the file go; the next record begins another."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _current(self, size: int) -> int:
        if self._descriptor is not None and self._written + size > MAX_BYTES:
            os.close(self._descriptor)
            self._descriptor = None
        if self._descriptor is None:
            self._descriptor = self._begin()
            self._written = 0
        self._written += size
        return self._descriptor

    def _begin(self) -> int:
        """Open a new file, and only show it to readers once it is locked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns()}-{socket.gethostname()[:40]}-{self.pid}-{uuid.uuid4().hex}"
        hidden = self.folder / f".{name}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(hidden, flags, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        hidden.rename(self.folder / f"{name}{_SUFFIX}")
        return descriptor


_writer: SpoolWriter | None = None
_choosing = threading.Lock()


def append(record: bytes) -> None:
    """Write one record to this process's spool; raises `SpoolError` when it cannot."""
    writer = _writer
    if writer is None or writer.pid != os.getpid() or writer.folder != settings.SPOOL_DIR:
        writer = _own_writer()
    writer.append(record)


def _own_writer() -> SpoolWriter:
    global _writer  # noqa: PLW0603  # one a process
    with _choosing:
        writer = _writer
        if writer is None or writer.pid != os.getpid() or writer.folder != settings.SPOOL_DIR:
            if writer is not None:
                writer.close()  # a parent's, which keeps its own descriptor and lock
            writer = _writer = SpoolWriter(settings.SPOOL_DIR)
        return writer


def files() -> list[Path]:
    """Return this host's spool files, the oldest first."""
    return sorted(settings.SPOOL_DIR.glob(f"*{_SUFFIX}"))


def waiting_bytes() -> int:
    """Return how much lies in this host's spool, read or not."""
    total = 0
    for path in files():
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


@contextmanager
def reader(*, wait: bool) -> Iterator[bool]:
    """Be this host's only reader within the block; yields False when another one is.

    Args:
        wait: until the other one has finished.
    """
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.SPOOL_DIR / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def read_lines(path: Path, position: int, most: int) -> tuple[list[bytes], int]:
    """Return the whole lines after `position`, and the position after them.

    Args:
        path: the file.
        position: in bytes.
        most: how many bytes to look at.
    """
    with path.open("rb") as file:
        file.seek(position)
        data = file.read(most)
    end = data.rfind(b"\n") + 1
    return [line for line in data[:end].split(b"\n") if line], position + end


def remove_finished(path: Path, position: int) -> bool:
    """Delete a file read to its end that nobody can write to any more."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        size = os.fstat(file.fileno()).st_size
        if b"\n" in os.pread(file.fileno(), max(size - position, 0), position):
            return False  # written since; what has no end was cut off and never answered for
        path.unlink(missing_ok=True)
    return True


def set_aside(line: bytes) -> None:
    """Keep a record that cannot be stored, for a person to look at."""
    path = settings.SPOOL_DIR / "set_aside"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, line + b"\n")
    finally:
        os.close(descriptor)
