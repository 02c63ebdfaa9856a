"""Logging in with a bearer token: XOAUTH2 (Google, Microsoft) and OAUTHBEARER (RFC 7628)."""

from collections.abc import Collection

MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
# What a client answers to the reason of a refusal, so that the refusal itself follows.
AFTER_REASON = {"XOAUTH2": b"", "OAUTHBEARER": b"\x01"}


def choose(offered: Collection[str]) -> str:
    """Return the mechanism to use; "" when the server offers others only."""
    if not offered:
        return MECHANISMS[0]
    return next((one for one in MECHANISMS if one in offered), "")


def first_response(mechanism: str, *, username: str, token: str, host: str, port: int) -> bytes:
    """Return the initial client response, not yet in base64."""
    if mechanism == "XOAUTH2":
        return f"user={username}\x01auth=Bearer {token}\x01\x01".encode()
    name = username.replace("=", "=3D").replace(",", "=2C")
    where = f"host={host}\x01port={port}\x01"
    return f"n,a={name},\x01{where}auth=Bearer {token}\x01\x01".encode()
