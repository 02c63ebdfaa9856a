"""Certificates of our own making: good ones, and each way to be a bad one."""

from __future__ import annotations

import datetime as dt
import errno
import ipaddress
import ssl
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("good", "expired", "other_name", "self_signed")


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the client has gone before the handshake; the library forgets to."""

    def getpeername(self) -> Any:
        try:
            return super().getpeername()
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                self.close()
            raise

    def recv(self, *limits: int) -> bytes:
        try:
            return super().recv(*limits)
        except OSError as error:
            if error.errno in {errno.ECONNRESET, errno.EPIPE}:
                self.close()
            raise


class Certificates:
    """An authority whose certificate lies in `authority`, and servers' contexts by kind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._issuer = _name("Test authority")
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(_pem(self._signed(self._issuer, self._key, own=True)))
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, kind: str) -> ssl.SSLContext:
        """Return a server's context with a certificate of that kind."""
        if kind not in self._contexts:
            self._contexts[kind] = self._made(kind)
        return self._contexts[kind]

    def _made(self, kind: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        files = self._folder / f"{kind}.pem", self._folder / f"{kind}-key.pem"
        if kind == "self_signed":
            built = self._signed(_name("127.0.0.1"), key, issuer=key)
        else:
            built = self._signed(
                _name("mail server"),
                key,
                host="10.9.8.7" if kind == "other_name" else "127.0.0.1",
                days=-1 if kind == "expired" else 2,
            )
        files[0].write_bytes(_pem(built))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sslsocket_class = _TidySocket
        context.load_cert_chain(*files)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        host: str = "127.0.0.1",
        days: int = 2,
        own: bool = False,
        issuer: ec.EllipticCurvePrivateKey | None = None,
    ) -> x509.Certificate:
        now = timezone.now()
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        signer = issuer or self._key
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer else self._issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=3))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(signer, hashes.SHA256())
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
