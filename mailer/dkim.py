"""Signs e-mails (DKIM, RFC 6376) with RSA and Ed25519 keys (RFC 8463), relaxed/relaxed.

Our own because the one maintained library computes RSA in Python and takes about 7 ms a
mail where `cryptography` takes 0.4; the tests have that library verify what this signs.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from mailer.enums import DkimAlgorithm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

RSA_BITS = 2048
# Signed where present. RFC 8058 4 demands both List-Unsubscribe headers.
SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "In-Reply-To", "References", "Reply-To", "List-Unsubscribe",
    "List-Unsubscribe-Post",
)  # fmt: skip
# Signed once more than present, so that a second one cannot be added (RFC 6376 8.15).
OVERSIGNED = frozenset({"from"})
_TXT_STRING = 255
_LINE = 72
_WSP = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class SigningKey:
    """A private key and where its public half is published."""

    domain: str
    selector: str
    algorithm: str
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature of canonical header data."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        # RFC 8463 3: the hash of the data is what is signed.
        return self.private.sign(hashlib.sha256(data).digest())


def generate_key(algorithm: str) -> tuple[str, str]:
    """Return a new private key as PEM, and what its DNS record says after `p=`."""
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == DkimAlgorithm.RSA:
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    else:
        private = ed25519.Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode(), base64.b64encode(public).decode()


def load_key(*, domain: str, selector: str, algorithm: str, pem: str) -> SigningKey:
    """Return a stored key ready to sign; raises `ValueError` for what is no such key."""
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError(algorithm)
    return SigningKey(domain, selector, algorithm, private)


def txt_strings(value: str) -> list[str]:
    """Return a TXT value in strings of at most 255 octets (RFC 1035 3.3), cut anywhere."""
    return [value[at : at + _TXT_STRING] for at in range(0, len(value), _TXT_STRING)]


def sign(content: bytes, keys: Sequence[SigningKey], *, now: datetime) -> bytes:
    """Return `content` with one DKIM-Signature header for each key before it.

    Args:
        content: exactly what DATA will be given, lines ending in CRLF.
        keys: the strongest first; none gives `content` back.
        now: the time of signing (t=).
    """
    if not keys:
        return content
    head, _, body = content.partition(b"\r\n\r\n")
    headers = [_split(line) for line in re.split(rb"\r\n(?![ \t])", head)]
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    names = _signed_names([name for name, _ in headers])
    data = _header_data(headers, names)
    signatures = [_signature(key, names, data, digest, int(now.timestamp())) for key in keys]
    return b"".join([*signatures, content])


def relaxed_body(body: bytes) -> bytes:
    """Return a body in relaxed canonical form (RFC 6376 3.4.4), in linear time."""
    short = _WSP.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(short)
    while short[end - 2 : end] == b"\r\n" and end > 0:
        end -= 2
    return short[:end] + b"\r\n" if end else b""


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """Return a header field in relaxed canonical form (RFC 6376 3.4.2), without CRLF."""
    text = _WSP.sub(b" ", value.replace(b"\r\n", b""))
    return name.strip().lower() + b":" + text.strip(b" ")


def _split(line: bytes) -> tuple[str, bytes]:
    name, _, value = line.partition(b":")
    return name.decode("ascii", "replace"), value


def _signed_names(present: Sequence[str]) -> list[str]:
    lower = [name.strip().lower() for name in present]
    names = []
    for name in SIGNED:
        extra = 1 if name.lower() in OVERSIGNED else 0
        names += [name] * (lower.count(name.lower()) + extra)
    return names


def _header_data(headers: Sequence[tuple[str, bytes]], names: Sequence[str]) -> bytes:
    """Return the canonical headers, each name's from the bottom up (RFC 6376 5.4.2)."""
    left = {name.lower(): [v for n, v in headers if n.strip().lower() == name.lower()]
            for name in names}  # fmt: skip
    lines = [
        relaxed_header(name.encode(), left[name.lower()].pop())
        for name in names
        if left[name.lower()]
    ]
    return b"".join(line + b"\r\n" for line in lines)


def _signature(key: SigningKey, names: Sequence[str], data: bytes, digest: str, at: int) -> bytes:
    tags = (
        f"v=1; a={key.algorithm}-sha256; c=relaxed/relaxed; d={key.domain};",
        f"s={key.selector}; t={at};",
        *_folded_names(names),
        f"bh={digest};",
        "b=",
    )
    value = "\r\n ".join(tags).encode("ascii")
    signed = key.sign(data + relaxed_header(b"dkim-signature", value))
    text = base64.b64encode(signed).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return b"DKIM-Signature: " + value + "\r\n ".join(lines).encode("ascii") + b"\r\n"


def _folded_names(names: Sequence[str]) -> list[str]:
    lines, line = [], "h="
    for position, name in enumerate(names):
        end = ";" if position == len(names) - 1 else ":"
        if len(line) + len(name) + 1 > _LINE:
            lines.append(line)
            line = ""
        line += f"{name}{end}"
    return [*lines, line]
