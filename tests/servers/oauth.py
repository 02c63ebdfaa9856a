"""A provider on loopback: OAuth 2.0 over HTTP, and SMTP and IMAP that take its tokens only."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socketserver
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.smtp import SmtpServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_ID = "client-of-the-desk"
CLIENT_SECRET = "canary-client-secret"
ACCOUNT = "ann@agency.example"


@dataclass
class Consent:
    """What an authorization code stands for, once."""

    challenge: str
    redirect_uri: str
    account: str


@dataclass
class OAuthServer:
    """The provider's state and what a test scripts: failures, delays, rotation."""

    host: str = "127.0.0.1"
    port: int = 0
    account: str = ACCOUNT
    codes: dict[str, Consent] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    access_tokens: dict[str, str] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    delay: float = 0.0
    seconds: int = 3600
    rotate: bool = False
    grants_refresh: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        """Where an endpoint is."""
        return f"http://{self.host}:{self.port}/{path}"

    @property
    def settings(self) -> dict[str, str]:
        """What the product is set to, to use this provider."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorize_url": self.url("authorize"),
            "token_url": self.url("token"),
            "revoke_url": self.url("revoke"),
        }

    def consent(self, where: str) -> str:
        """Follow an authorization URL as a person who agrees; return where they are sent."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT_ID)
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = Consent(query["code_challenge"], query["redirect_uri"], self.account)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def grant(self) -> tuple[str, str]:
        """Return a new (access token, refresh token) without any consent page."""
        refresh, access = (f"{kind}-{secrets.token_urlsafe(16)}" for kind in ("refresh", "access"))
        self.refresh_tokens[refresh], self.access_tokens[access] = self.account, self.account
        return access, refresh

    def opens(self, username: str, token: str) -> bool:
        """Whether a token opens that account's mailbox."""
        return self.access_tokens.get(token) == username

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint."""
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            return self._from_code(form)
        account = self.refresh_tokens.get(form["refresh_token"])
        if account is None:
            return 400, {"error": "invalid_grant"}
        if self.rotate:
            del self.refresh_tokens[form["refresh_token"]]
        return 200, self._answer(account, with_refresh=self.rotate)

    def _from_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        consent = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if consent is None or (challenge, form["redirect_uri"]) != (
            consent.challenge,
            consent.redirect_uri,
        ):
            return 400, {"error": "invalid_grant"}
        return 200, self._answer(consent.account, with_refresh=self.grants_refresh)

    def _answer(self, account: str, *, with_refresh: bool) -> dict[str, Any]:
        self.account = account
        access, refresh = self.grant()
        claims = {"aud": CLIENT_ID, "email": account, "email_verified": True}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        answer = {
            "access_token": access,
            "expires_in": self.seconds,
            "token_type": "Bearer",
            "id_token": f"e30.{body}.",
        }
        if with_refresh:
            answer["refresh_token"] = refresh
        else:
            del self.refresh_tokens[refresh]
        return answer


def _handler(server: OAuthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            with server.lock:
                server.asked.append(form)
            time.sleep(server.delay)
            status, answer = server.status, {"error": "server_error"}
            if status == 200 and self.path == "/revoke":
                with server.lock:
                    server.revoked.append(form["token"])
                    server.refresh_tokens.pop(form["token"], None)
                answer = {}
            elif status == 200:
                with server.lock:
                    status, answer = server.token(form)
            content = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the client has given up waiting

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def oauth_running() -> Iterator[OAuthServer]:
    """Run the provider's HTTP endpoints on a free port."""
    server = OAuthServer()
    http = ThreadingHTTPServer((server.host, 0), _handler(server))
    http.daemon_threads = True
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join(10)
        http.server_close()


def _bearer(first: bytes) -> tuple[str, str]:
    """Return (user name, token) of an XOAUTH2 or OAUTHBEARER response."""
    parts = first.decode().split("\x01")
    token = next(part[12:] for part in parts if part.startswith("auth=Bearer "))
    name = parts[0].removeprefix("user=")
    return (name.split("a=")[1].rstrip(",") if name.startswith("n,a=") else name), token


class TokenSmtp(SmtpServer):
    """The scripted SMTP server, logging in by bearer token only."""

    def __init__(self, oauth: OAuthServer, mechanism: str = "XOAUTH2") -> None:
        super().__init__()
        self.oauth, self.logins = oauth, 0
        setattr(self, f"auth_{mechanism}", self._bearer)

    async def _bearer(self, server: SMTP, args: list[str]) -> AuthResult:
        self.logins += 1
        username, token = _bearer(base64.b64decode(args[1]))
        if self.oauth.opens(username, token):
            return AuthResult(success=True, auth_data=username)
        await server.push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        assert server._reader is not None
        answer = base64.b64decode(await server._reader.readline())
        await server.push(
            "535 5.7.8 Username and token not accepted" if answer in {b"", b"\x01"} else "501 what"
        )
        return AuthResult(success=False, handled=True)


@contextmanager
def token_smtp_running(oauth: OAuthServer, mechanism: str = "XOAUTH2") -> Iterator[TokenSmtp]:
    """Run it on a free port."""
    server = TokenSmtp(oauth, mechanism)
    server.port = free_port()
    warnings.filterwarnings("ignore", "Requiring AUTH", UserWarning)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        auth_required=True,
        auth_require_tls=False,
        auth_exclude_mechanism=["PLAIN", "LOGIN"],
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


class TokenImap:
    """What the IMAP stand-in keeps: one mail in INBOX."""

    mail = b"From: e@site.example\r\nMessage-ID: <a@site.example>\r\nSubject: Hi\r\n\r\nYes.\r\n"

    def __init__(self, oauth: OAuthServer, mechanism: str) -> None:
        self.oauth, self.mechanism, self.port, self.logins = oauth, mechanism, 0, 0


class _ImapHandler(socketserver.StreamRequestHandler):
    """One IMAP connection to `owner`."""

    owner: TokenImap

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("* OK stand-in")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            if rest.upper().startswith("AUTHENTICATE"):
                self.authenticate(tag)
                continue
            for start, answer in self.answers().items():
                if rest.upper().startswith(start):
                    self.wfile.write(answer + b"\r\n")
            self.say(f"{tag} OK done")
            if rest.upper() == "LOGOUT":
                return

    def answers(self) -> dict[str, bytes]:
        mail = self.owner.mail
        return {
            "CAPABILITY": f"* CAPABILITY IMAP4rev1 AUTH={self.owner.mechanism}".encode(),
            "STATUS": b'* STATUS "INBOX" (UIDVALIDITY 7)',
            "SELECT": b"* 1 EXISTS",
            "EXAMINE": b"* 1 EXISTS",
            "UID SEARCH": b"* SEARCH 1",
            "UID FETCH": f"* 1 FETCH (UID 1 BODY[]<0> {{{len(mail)}}}\r\n".encode() + mail + b")",
        }

    def authenticate(self, tag: str) -> None:
        self.owner.logins += 1
        self.say("+ ")
        username, token = _bearer(base64.b64decode(self.rfile.readline()))
        if self.owner.oauth.opens(username, token):
            self.say(f"{tag} OK welcome")
            return
        self.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
        self.rfile.readline()
        self.say(f"{tag} NO [AUTHENTICATIONFAILED] token not accepted")


@contextmanager
def token_imap_running(oauth: OAuthServer, mechanism: str = "XOAUTH2") -> Iterator[TokenImap]:
    """Run it on a free port."""
    server = TokenImap(oauth, mechanism)
    socketserver.ThreadingTCPServer.daemon_threads = True
    tcp = socketserver.ThreadingTCPServer(
        ("127.0.0.1", 0), type("Handler", (_ImapHandler,), {"owner": server})
    )
    server.port = tcp.server_address[1]
    thread = threading.Thread(target=tcp.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        tcp.shutdown()
        thread.join(10)
        tcp.server_close()
