"""TLS: the certificate is checked, and nothing goes in the clear when it fails."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from mailer.enums import ConnectionSecurity
from mailer.smtp import Connection, Server, SmtpError
from tests.servers.smtp import SmtpServer, free_port, smtp_running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate of 127.0.0.1: (file, key file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = timezone.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
def context(certificate):
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(*certificate)
    return found


def connection(port: int, security: str) -> Connection:
    return Connection(Server("127.0.0.1", port, security), timeout=3)


@pytest.mark.parametrize("security", [ConnectionSecurity.STARTTLS, ConnectionSecurity.TLS])
def test_a_trusted_certificate_is_taken(certificate, context, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with running(context, security) as port:
        opened = connection(port, security).open()
        greeted_again = "SIZE" in opened.features
        opened.close()

    assert greeted_again


@pytest.mark.parametrize("security", [ConnectionSecurity.STARTTLS, ConnectionSecurity.TLS])
def test_an_unknown_certificate_is_refused(context, security):
    with running(context, security) as port, pytest.raises(SmtpError) as caught:
        connection(port, security).open()

    assert (caught.value.stage, "certificate" in caught.value.words) == ("tls", True)


def test_no_starttls_means_no_mail():
    with smtp_running() as server, pytest.raises(SmtpError, match="does not offer STARTTLS"):
        connection(server.port, ConnectionSecurity.STARTTLS).open()


@contextmanager
def running(context: ssl.SSLContext, security: str) -> Iterator[int]:
    """A server with TLS from the start, or on STARTTLS."""
    tls = security == ConnectionSecurity.TLS
    options: dict[str, Any] = {"ssl_context" if tls else "tls_context": context}
    port = free_port()
    controller = Controller(SmtpServer(), hostname="127.0.0.1", port=port, **options)
    with suppress(ssl.SSLError):  # its own self-test does not trust the certificate
        controller.start()
    try:
        yield port
    finally:
        controller.stop()
