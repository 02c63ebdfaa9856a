"""Which encoding a file of text was written in.

In this order: a byte order mark, the zero bytes of UTF-16 and UTF-32, the escapes of
ISO 2022, strict UTF-8 over the whole file, and last the legacy encoding whose reading
of a bounded sample some language would most likely write.
"""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from foundation.encodings.legacy import likeliest

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CHUNK = 1 << 20
_HEAD = 1 << 16
# Bytes of lines with foreign letters that are enough to tell an encoding by.
_SAMPLE = 1 << 16
# A UTF-8 file may hold this share of broken bytes before it is taken for something else.
_BROKEN_SHARE = 0.02
_ESCAPES = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$[B@]|\x1b\([JI]"), "iso2022_jp_ext"),
    (re.compile(rb"~\{[!-}]{2,}~\}"), "hz"),
)


@dataclass(frozen=True)
class Encoding:
    """A codec name Python knows, and whether the whole file could be read with it."""

    name: str
    certain: bool


def detect_encoding(file: BinaryIO) -> Encoding:
    """Return the encoding of `file`, read from its start and left at its start."""
    head = file.read(_HEAD)
    file.seek(0)
    announced = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if not announced and b"\0" in head:
        announced = _wide(head)
    if announced:
        return Encoding(announced, certain=True)
    found = _Scan(file)
    file.seek(0)
    if found.ascii:
        return Encoding(_escaped(head), certain=True)
    if found.utf8 or found.mostly_utf8:
        return Encoding("utf-8", certain=found.utf8)
    return Encoding(likeliest(found.sample), certain=False)


def _wide(head: bytes) -> str:
    """Name the UTF-16 or UTF-32 that reads the most plain ASCII; "" when none reads."""
    best, name = 0, ""
    for codec in _WIDE:
        width = 4 if codec.startswith("utf-32") else 2
        text = head[: len(head) // width * width].decode(codec, "ignore")
        plain = sum(1 for letter in text if " " <= letter <= "~" or letter in "\r\n\t")
        if plain > best and plain * width * 8 > len(head):
            best, name = plain, codec
    return name


def _escaped(head: bytes) -> str:
    return next((name for pattern, name in _ESCAPES if pattern.search(head)), "utf-8")


class _Scan:
    """One pass over a file: is it ASCII, is it UTF-8, and a sample of what is foreign."""

    def __init__(self, file: BinaryIO) -> None:
        self.ascii = self.utf8 = True
        self.sample = b""
        self._foreign = self._broken = 0
        decoder = codecs.getincrementaldecoder("utf-8")()
        tail = b""
        while chunk := file.read(_CHUNK):
            if not chunk.isascii():
                self.ascii = False
                tail = self._collect(tail + chunk)
                self._count(chunk)
            if self.utf8:
                self.utf8 = _accepts(decoder, chunk)
        if self.utf8:
            self.utf8 = _accepts(decoder, b"", final=True)

    @property
    def mostly_utf8(self) -> bool:
        """Whether a UTF-8 file was damaged in places, rather than written as another."""
        return self._foreign > 0 and self._broken <= self._foreign * _BROKEN_SHARE

    def _collect(self, chunk: bytes) -> bytes:
        if len(self.sample) >= _SAMPLE:
            return b""
        lines = chunk.split(b"\n")
        tail = lines.pop()[-_HEAD:]
        room = _SAMPLE - len(self.sample)
        foreign = b"\n".join(line[:4096] for line in lines if not line.isascii())
        self.sample += foreign[:room]
        if not self.sample and not tail.isascii():
            self.sample = tail[:_HEAD]
        return tail

    def _count(self, chunk: bytes) -> None:
        if self.utf8 or self._foreign < 1 << 20:
            text = chunk.decode("utf-8", "replace")
            broken = text.count("\ufffd")
            self._broken += broken
            self._foreign += len(text) - len(text.encode("ascii", "ignore"))


def _accepts(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
