"""Why a page without the link may not be the page a visitor sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from directory.pages.addresses import address

if TYPE_CHECKING:
    from directory.pages.document import Document
    from integrations.crawler.pages import Page

_SHORT = 1500  # characters of text up to which a page may be nothing but a wall
_EMPTY = 250
_ROOTS = re.compile(
    r"""<(?:div|main|section)[^>]+id=["'](?:root|app|__next|__nuxt|___gatsby|svelte|q-app)["']"""
    r"""|<app-root|ng-app|data-reactroot""",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(
    r"just a moment|verify (?:that )?you are (?:a )?human|are you a robot|not a robot|captcha"
    r"|checking your browser|attention required|unusual traffic|access denied|request blocked"
    r"|pardon our interruption|bot detection|enable javascript and cookies to continue|ddos",
    re.IGNORECASE,
)
_CAPTCHA_MARKUP = re.compile(
    r"cf-chl|challenge-platform|g-recaptcha|h-captcha|px-captcha|datadome|geo\.captcha"
    r"|cf-turnstile|_incapsula_|awswafcaptcha",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|members? only|anmelden|einloggen|connexion|iniciar sesi[oó]n|accedi)\b",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:wp-login|log-?in|sign-?in|auth|sso|account/login|users/sign_in|session)\b", re.IGNORECASE
)
_PAYWALL = re.compile(
    r"subscribe to (?:continue|read|keep)|subscribers? only|for subscribers|already a subscriber"
    r"|register to (?:continue|read)|to continue reading",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"/(?:consent|cookie-?wall|privacy-?gate)\b|^consent\.", re.IGNORECASE)
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|turn on|requires?|needs?|activate|without) (?:\w+ ){0,2}java ?script"
    r"|java ?script (?:is )?(?:required|disabled|needed)",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b404\b|\b410\b|(?:page|article|post|content|site)\W+(?:was |is |could |has |can ?not )?"
    r"(?:not (?:be )?found|no longer|been (?:removed|deleted)|be found|unavailable)"
    r"|not found|nothing (?:was )?found|doesn.t exist|does not exist|no longer (?:available|exists)"
    r"|seite nicht gefunden|nicht gefunden|page (?:introuvable|non trouv[ée]e)|no encontrad[ao]"
    r"|pagina non trovata|niet gevonden|n[ãa]o encontrad[ao]|nie znaleziono|hittades inte",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"(?:this |the )?domain (?:name )?(?:\S+ )?(?:is|may be) (?:for sale|parked|available)"
    r"|buy this domain|domain (?:is )?parked|parked free|sedoparking|hugedomains|dan\.com"
    r"|this website is for sale|domain has expired|expired domain|parkingcrew|bodis\.com"
    r"|account (?:has been |is )?suspended",
    re.IGNORECASE,
)


def gone(document: Document) -> str:
    """Return in words why a page answered with 200 is none any more, "" when it is one."""
    if len(document.text) < _SHORT and _PARKED.search(document.text + document.title):
        return "The domain is parked or for sale: the site is gone."
    if _NOT_FOUND.search(document.title) and len(document.text) < 2 * _SHORT:
        return f"The page says it does not exist (“{document.title[:80]}”), with status 200."
    return ""


def obstacle(page: Page, document: Document) -> str:
    """Return in words what keeps us from seeing the page itself, "" when nothing does."""
    return (
        _challenge(page, document)
        or _login(page, document)
        or _script(page, document)
        or (_too_big() if page.truncated else "")
    )


def _challenge(page: Page, document: Document) -> str:
    if "challenge" in page.headers.get("cf-mitigated", ""):
        return "The site asks visitors to prove that they are human."
    if len(document.text) > _SHORT:
        return ""
    asks = _CAPTCHA.search(f"{document.title} {document.text}")
    marked = _CAPTCHA_MARKUP.search(page.text) and len(document.text) < _EMPTY
    return "The site asks visitors to prove that they are human." if asks or marked else ""


def _login(page: Page, document: Document) -> str:
    here = address(page.final_url or page.url)
    moved = len(page.chain) > 1
    if here and moved and _CONSENT.search(here.path if here.path != "/" else here.host):
        return "The site asks for consent before it shows the page."
    asks = document.has_password_field and (
        _LOGIN.search(document.title) or len(document.text) < _SHORT
    )
    if asks or (here and moved and _LOGIN_PATH.search(here.path)):
        return "The page is shown only after a login."
    if len(document.text) < 2 * _SHORT and _PAYWALL.search(document.text):
        return "The rest of the page is shown only to subscribers."
    return ""


def _script(page: Page, document: Document) -> str:
    words = "The page is built by JavaScript, which the check does not run."
    short = len(document.text)
    if not page.text.strip():
        return "The page is empty."
    if short < _EMPTY and (_ROOTS.search(page.text) or "<script" in page.text.lower()):
        return words
    if short >= _SHORT:
        return ""
    noscript = " ".join("".join(one.itertext()) for one in document.root.iter("noscript"))
    needs = _NEEDS_SCRIPT.search(noscript) or _NEEDS_SCRIPT.search(document.text)
    return words if needs else ""


def _too_big() -> str:
    return "The page is larger than 5 MB; the link is not in the first 5 MB."
