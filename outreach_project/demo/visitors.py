"""What people and machines do with a mail they received: open, follow, opt out."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

_LINK = re.compile(r'(?:href|src)="(https?://[^"]+)"')
_PERSON = {
    "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
    "accept-language": "en-GB,en;q=0.9",
}
_SCANNER = {
    "user-agent": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE); +https://www.barracuda.com)"
}


class Visitor:
    """Fetches the URLs of a mail from the product itself, through every middleware."""

    def __init__(self) -> None:
        host = urlsplit(settings.TRACKING_URL).netloc
        self._browser = Client(SERVER_NAME=host.split(":")[0], HTTP_HOST=host)

    def open(self, raw: bytes) -> None:
        """Load the pictures, as a person's mail program does."""
        for url in _urls(raw):
            if "/t/o/" in url:
                self._get(url, _PERSON)

    def click(self, raw: bytes) -> bool:
        """Follow the first link that is not about opting out; say whether there was one."""
        found = [url for url in _urls(raw) if "/t/c/" in url]
        if found:
            self._get(found[0], _PERSON)
        return bool(found)

    def scan(self, raw: bytes) -> None:
        """Fetch every link and picture, unsubscribe included, as a security scanner does."""
        for url in {*_urls(raw), _unsubscribe_url(raw)}:
            self._get(url, _SCANNER)

    def one_click(self, raw: bytes) -> None:
        """Unsubscribe by the header (RFC 8058): one POST, no cookies, no page."""
        self._browser.post(
            _path(_unsubscribe_url(raw)),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )

    def unsubscribe_on_page(self, raw: bytes) -> None:
        """Unsubscribe by the link: look at the page, press its button."""
        path = _path(_unsubscribe_url(raw))
        self._browser.get(path, headers=_PERSON)
        self._browser.post(path, {}, headers=_PERSON)

    def _get(self, url: str, headers: dict[str, str]) -> None:
        self._browser.get(_path(url), headers=headers)


def parse(raw: bytes) -> EmailMessage:
    """Return a received mail, parsed."""
    return message_from_bytes(raw, policy=policy.default)


def _urls(raw: bytes) -> list[str]:
    part = parse(raw).get_body(preferencelist=("html",))
    ours = settings.TRACKING_URL
    html = str(part.get_content()) if part else ""
    return [url for url in _LINK.findall(html.replace("&amp;", "&")) if url.startswith(ours)]


def _unsubscribe_url(raw: bytes) -> str:
    header = str(parse(raw)["List-Unsubscribe"] or "")
    found: list[str] = re.findall(r"<(https?:[^>]+)>", header)
    return found[0]


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
