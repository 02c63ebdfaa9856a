"""Bodies read with a bound on what comes out, not on what came in: bombs stop there."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import brotli
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 5 * 1024 * 1024  # bytes, inflated
ACCEPTED = "gzip, deflate, br, zstd"
_PIECE = 64 * 1024


class BodyError(Exception):
    """A body that is not what its Content-Encoding says."""


class Inflater(Protocol):
    """Turns pieces of a coded body into at most so many bytes."""

    def feed(self, piece: bytes, room: int) -> bytes:
        """Return up to about `room` bytes more; raises `BodyError`."""


class Body:
    """What has been read of one body, never more than `MOST` bytes of it."""

    def __init__(self, encoding: str, *, most: int = MOST) -> None:
        self.content = bytearray()
        self.truncated = False
        self._most = most
        self._inflaters = [_inflater(name) for name in _names(encoding)]

    def feed(self, piece: bytes) -> bool:
        """Take a piece as it came over the line; return whether more is wanted."""
        for inflater in self._inflaters:
            # One byte above the bound shows that there would have been more.
            piece = inflater.feed(piece, self._most + 1 - len(self.content))
        self.content += piece
        if len(self.content) > self._most:
            del self.content[self._most :]
            self.truncated = True
        return not self.truncated


def _names(encoding: str) -> list[str]:
    named = [name.strip().lower() for name in encoding.split(",")]
    codings = [name for name in named if name not in {"", "identity"}]
    if len(codings) > 2:  # noqa: PLR2004  # nobody honest codes a page three times
        msg = "The page is compressed too many times over."
        raise BodyError(msg)
    return codings[::-1]


def _inflater(name: str) -> Inflater:
    makers: dict[str, Callable[[], Inflater]] = {
        "gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate, "br": _Brotli, "zstd": _Zstd,
    }  # fmt: skip
    if name not in makers:
        msg = f"The page is compressed as “{name[:20]}”, which is not understood."
        raise BodyError(msg)
    return makers[name]()


class _Gzip:
    """gzip, RFC 1952; also several members one after the other."""

    def __init__(self) -> None:
        self._open = zlib.decompressobj(31)

    def feed(self, piece: bytes, room: int) -> bytes:
        out = bytearray()
        while piece and len(out) < room:
            out += _inflate(self._open, piece, room - len(out))
            piece = self._open.unconsumed_tail
            if self._open.eof:
                piece = self._open.unused_data
                if not piece.startswith(b"\x1f\x8b"):
                    break
                self._open = zlib.decompressobj(31)
        return bytes(out)


class _Deflate:
    """deflate: zlib's format by RFC 9110, or the bare one that many servers send."""

    def __init__(self) -> None:
        self._open: zlib._Decompress | None = None

    def feed(self, piece: bytes, room: int) -> bytes:
        if self._open is None and piece:
            self._open = zlib.decompressobj(15 if piece[0] & 0x0F == 8 else -15)  # noqa: PLR2004  # RFC 1950: CM = 8
        return _inflate(self._open, piece, room) if self._open else b""


def _inflate(coder: zlib._Decompress, piece: bytes, room: int) -> bytes:
    try:
        return coder.decompress(piece, max(room, 1))
    except zlib.error as error:
        raise BodyError("The page's compression is broken.") from error


class _Brotli:
    """Brotli, RFC 7932."""

    def __init__(self) -> None:
        self._open = brotli.Decompressor()

    def feed(self, piece: bytes, room: int) -> bytes:
        out = bytearray()
        try:
            out += self._open.process(piece, output_buffer_limit=_PIECE)
            while len(out) < room and not self._open.can_accept_more_data():
                out += self._open.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise BodyError("The page's compression is broken.") from error
        return bytes(out)


class _Zstd:
    """Zstandard with windows up to 8 MB, RFC 9659."""

    def __init__(self) -> None:
        self._coded = bytearray()
        self._out = _Sink()
        coder = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
        self._writer = coder.stream_writer(self._out, write_size=_PIECE)  # type: ignore[arg-type]  # it only writes

    def feed(self, piece: bytes, room: int) -> bytes:
        self._out.room = room
        try:
            self._writer.write(piece)
        except _FullError:
            pass
        except zstandard.ZstdError as error:
            raise BodyError("The page's compression is broken.") from error
        return self._out.take()


class _FullError(Exception):
    """The sink has all it may hold."""


class _Sink:
    """Where zstd writes, until it is full."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.room = 0

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= self.room:
            raise _FullError
        return len(data)

    def take(self) -> bytes:
        out, self._held = bytes(self._held), bytearray()
        return out
