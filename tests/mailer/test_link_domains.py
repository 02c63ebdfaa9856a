"""An agency's own link domain: proved over https, then used, then kept apart from the rest."""

import datetime as dt
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from mailer.models import Mailbox, Message, TrackingDomain
from mailer.selectors_links import forget_hosts
from mailer.services.link_domains import check_link_domain, proof_of
from mailer.services.mailboxes import change_mailbox
from mailer.tokens import Purpose, make_token
from mailer.wire import public_url
from tests.factories.mailer import MailboxFactory, MessageFactory


@pytest.fixture(autouse=True)
def nothing_remembered():
    forget_hosts()
    yield
    forget_hosts()


def certificate(folder, name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def front(settings, tmp_path):
    """A web server that stands in for the operator's proxy in front of us."""
    answers = {"body": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers["body"].encode())

        def log_message(self, *args):
            pass

    pem = certificate(tmp_path, "localhost")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.LINK_DOMAIN_PORT = server.server_port
    settings.LINK_DOMAIN_CA = str(pem)
    settings.ALLOW_PRIVATE_MAIL_HOSTS = True
    yield answers
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mailbox(db: None) -> Mailbox:
    return MailboxFactory.create(tracking_domain="localhost")


def test_a_domain_that_leads_here_is_used(mailbox: Mailbox, front):
    front["body"] = proof_of("localhost")
    assert "localhost" not in public_url(mailbox, "/x")

    assert check_link_domain(mailbox)

    assert public_url(mailbox, "/x") == "https://localhost/x"
    assert TrackingDomain.objects.get().agency == mailbox.agency


def test_a_domain_that_leads_elsewhere_is_not(mailbox: Mailbox, front):
    front["body"] = "somebody else"

    assert not check_link_domain(mailbox)
    assert "does not lead here" in mailbox.tracking_problem
    assert not TrackingDomain.objects.exists()


def test_a_wrong_certificate_is_named(mailbox: Mailbox, front, settings):
    settings.LINK_DOMAIN_CA = ""

    assert not check_link_domain(mailbox)
    assert "no valid certificate" in mailbox.tracking_problem


def test_a_private_address_is_never_asked(mailbox: Mailbox, settings):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False

    assert not check_link_domain(mailbox)
    assert "private network" in mailbox.tracking_problem


def test_nothing_that_listens_is_said_plainly(mailbox: Mailbox, settings):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.LINK_DOMAIN_PORT = free.getsockname()[1]

    assert not check_link_domain(mailbox)
    assert "could not be reached" in mailbox.tracking_problem


def test_another_agencys_domain_is_refused(mailbox: Mailbox, front):
    front["body"] = proof_of("localhost")
    TrackingDomain.objects.create(agency=MailboxFactory.create().agency, host="localhost")

    assert not check_link_domain(mailbox)
    assert "another agency" in mailbox.tracking_problem


def test_another_name_must_be_checked_again(mailbox: Mailbox, front):
    front["body"] = proof_of("localhost")
    check_link_domain(mailbox)

    change_mailbox(mailbox, values={"address": mailbox.address, "tracking_domain": "go.x.example"})

    mailbox.refresh_from_db()
    assert mailbox.tracking_verified_at is None


# What such a host serves --------------------------------------------------------------------


@pytest.fixture
def hosted(db: None) -> Message:
    message = MessageFactory.create(sent=True, links=["https://site.example/"])
    TrackingDomain.objects.create(agency=message.agency, host="go.agency.example")
    return message


def ask(path: str, host: str = "go.agency.example"):
    return Browser(headers={"host": host, "user-agent": "x"}).get(path)


def click(message: Message) -> str:
    token = make_token(Purpose.CLICK, agency_id=message.agency_id, message_id=message.pk)
    return reverse("mailer_public:click", args=[token])


def test_own_host_serves_the_agencys_links(hosted: Message, settings):
    settings.ALLOWED_HOSTS = ["desk.example"]
    settings.SITE_URL = "https://desk.example"

    assert ask(click(hosted)).headers["Location"] == "https://site.example/"
    assert ask("/u/forged").status_code == 404


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/w/x/"])
def test_own_host_serves_nothing_else(hosted: Message, path: str):
    assert ask(path).status_code == 404


def test_own_host_refuses_another_agencys_links(hosted: Message):
    theirs = MessageFactory.create(sent=True, links=["https://theirs.example/"])

    assert ask(click(theirs)).status_code == 404


def test_unknown_host_gets_nothing(hosted: Message, settings):
    settings.ALLOWED_HOSTS = ["desk.example"]

    assert ask("/u/forged", host="evil.example").status_code == 400


def test_any_host_that_reaches_us_gets_its_own_proof(db: None):
    assert ask("/t/here", host="new.agency.example").content.decode() == proof_of(
        "new.agency.example"
    )
