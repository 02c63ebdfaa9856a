"""Reads DKIM key records (RFC 6376 3.6.1, RFC 8463)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailer.deliverability.tags import read_tags

# RFC 8301 3.2: shorter ones must not be trusted; 2048 is what should be used.
LEAST_BITS, GOOD_BITS = 1024, 2048
_ED25519_BITS = 256
_MAX_KEY = 8_000


@dataclass(frozen=True)
class KeyRecord:
    """A published key: what it is, or the problem that keeps receivers from using it."""

    algorithm: str = "rsa"
    public_key: str = ""
    bits: int = 0
    is_revoked: bool = False
    is_testing: bool = False
    problem: str = ""


class _KeyProblemError(ValueError):
    """Why receivers cannot use a key."""


def read_key(value: str) -> KeyRecord:
    """Return a key record as a receiver reads it."""
    try:
        tags = _key_tags(value)
    except _KeyProblemError as error:
        return KeyRecord(problem=str(error))
    algorithm = tags.get("k", "rsa").lower()
    testing = "y" in _listed(tags.get("t", ""))
    key = re.sub(r"\s+", "", tags["p"])
    if not key:
        return KeyRecord(algorithm, is_revoked=True, problem="its key was revoked (p= is empty).")
    bits = 0
    try:
        raw = base64.b64decode(key[:_MAX_KEY], validate=True)
        bits = _bits(algorithm, raw)
        _check_size(algorithm, bits)
    except binascii.Error:
        problem = "its key is not base64; it was probably cut or quoted wrongly."
    except _KeyProblemError as error:
        problem = str(error)
    else:
        problem = ""
    return KeyRecord(algorithm, key, bits, is_testing=testing, problem=problem)


def _key_tags(value: str) -> dict[str, str]:
    tags = read_tags(value)
    if tags is None:
        raise _KeyProblemError("it is not a list of tags like “k=rsa; p=…”.")
    if tags.get("v", "DKIM1") != "DKIM1":
        raise _KeyProblemError("its version is not DKIM1.")
    if "p" not in tags:
        raise _KeyProblemError("it has no p= tag, so no key.")
    if "sha256" not in _listed(tags.get("h", "sha256")):
        raise _KeyProblemError("it does not allow SHA-256 (h=), the only hash still in use.")
    return tags


def _listed(value: str) -> list[str]:
    return value.lower().replace(" ", "").split(":")


def _bits(algorithm: str, raw: bytes) -> int:
    """Return how long a key is, in bits."""
    if algorithm == "ed25519":
        return len(raw) * 8
    if algorithm != "rsa":
        raise _KeyProblemError(f"receivers do not know the key type “{algorithm[:20]}”.")
    try:
        public = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _KeyProblemError("its key cannot be read; it was probably cut.") from error
    if not isinstance(public, rsa.RSAPublicKey):
        raise _KeyProblemError("its key is not an RSA key.")
    return public.key_size


def _check_size(algorithm: str, bits: int) -> None:
    if algorithm == "ed25519" and bits != _ED25519_BITS:
        raise _KeyProblemError("its Ed25519 key is not 32 octets long.")
    if algorithm == "rsa" and bits < LEAST_BITS:
        raise _KeyProblemError(f"its key has {bits} bits; receivers refuse less than 1,024.")
