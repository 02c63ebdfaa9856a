"""Which characters a page's bytes are: byte order mark, header, meta, then a guess.

The order and the labels are those of the WHATWG Encoding and HTML standards: a page that
says ISO-8859-1 means windows-1252, as every browser reads it.
"""

import codecs
import re
from contextlib import suppress

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_META = re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
# Labels that browsers read as something wider than their name.
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs", "tis-620": "cp874", "utf-16": "utf-16-le",
}  # fmt: skip
_SAMPLE = 4096


def decode(content: bytes, content_type: str) -> tuple[str, str]:
    """Return a page's text and the codec it was read with; bytes it lacks become U+FFFD."""
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace"), codec
    codec = _known(_HEADER.search(content_type)) or _inside(content)
    if not codec:
        with suppress(UnicodeDecodeError):
            return content.decode("utf-8"), "utf-8"
        codec = "utf-8" if _mostly_utf8(content) else "cp1252"
    return content.decode(codec, "replace"), codec


def _inside(content: bytes) -> str:
    head = content[:_SAMPLE]
    if head[:2] in {b"<\0", b"\0<"}:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    codec = _known(_META.search(head) or _XML.search(head))
    # The tag could be read, so the page is no UTF-16, whatever it says.
    return "utf-8" if codec.startswith("utf-16") else codec


def _known(found: "re.Match[str] | re.Match[bytes] | None") -> str:
    if found is None:
        return ""
    label = found[1] if isinstance(found[1], str) else found[1].decode("ascii")
    try:
        info = codecs.lookup(label.removeprefix("x-"))
        # Not every codec is one of texts: hex, rot13, and punycode are refused here.
        text = info._is_text_encoding  # noqa: SLF001  # what bytes.decode itself asks
    except LookupError:
        return ""
    name = info.name
    risky = name in {
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "undefined",
    }
    return _WIDER.get(name, name) if text and not risky else ""


def _mostly_utf8(content: bytes) -> bool:
    """Return whether a page that breaks UTF-8 somewhere was still meant as UTF-8."""
    text = content.decode("utf-8", "replace")
    broken = text.count("�")
    good = sum(1 for character in text[:100_000] if ord(character) > 127) - broken  # noqa: PLR2004  # past ASCII
    return good > 2 * broken
