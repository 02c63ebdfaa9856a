"""A site of every kind of page a link is looked for on, each with the verdict it deserves.

`KINDS` is data: what is served where, what was agreed, and what must be found. In a page
`@T` stands for the target's address, `@H` for its host and port, `@B` for the blog's
address, `@P` for the port.
"""

from __future__ import annotations

import gzip
import itertools
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import brotli
import zstandard
from aiohttp import web

from tests.servers.web import drop

if TYPE_CHECKING:
    from tests.servers.web import WebServer

BLOG, CLIENT = "blog.test", "acme.test"
_FILLER = " ".join(
    f"Paragraph {number} tells at leisure how bread is baked over an open fire, and why the"
    " flour, the water and the patience matter more than the oven anyone may own."
    for number in range(14)
)
LINK = '<a href="@T">Acme guide</a>'


@dataclass(frozen=True)
class Kind:
    """One kind of page.

    `serve` maps further paths (or `//host/path`) to what they answer; `made` is what the
    page itself answers: markup for the middle of an article, or a response's keywords.
    """

    name: str
    verdict: str
    made: Any = LINK
    rel: str = ""
    anchor: str = ""
    changes: tuple[str, ...] = ()
    says: str = ""
    target: str = "@T"
    path: str = ""
    serve: dict[str, Any] = field(default_factory=dict)


def article(middle: str, *, head: str = "") -> str:
    """Return a page of ordinary length with `middle` in its text."""
    return (
        f"<!doctype html><html><head><title>Bread over fire</title>{head}</head><body>"
        f"<header><a href='/'>Home</a></header><main><p>{_FILLER}</p><p>Read the {middle} before"
        f" you start.</p></main><footer><a href='/about'>About</a></footer></body></html>"
    )


def head(markup: str, middle: str = LINK) -> dict[str, Any]:
    """Return a page with something in its head."""
    return html(article(middle, head=markup))


def html(text: str, **headers: str) -> dict[str, Any]:
    """Return a whole HTML answer; header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"text": text, "headers": {"Content-Type": "text/html; charset=utf-8", **named}}


def packed(body: bytes, coding: str) -> dict[str, Any]:
    """Return a compressed answer."""
    return {"body": body, "headers": {"Content-Type": "text/html", "Content-Encoding": coding}}


def coded(text: str, codec: str, kind: str = "text/html") -> dict[str, Any]:
    """Return an answer in a character set."""
    return {"body": text.encode(codec), "headers": {"Content-Type": kind}}


def moved(status: int, where: str) -> dict[str, Any]:
    """Return a redirect."""
    return {"status": status, "headers": {"Location": where}}


def _in_turn(*answers: dict[str, Any]) -> Any:
    following = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda _: web.Response(**next(following))


def _later(*answers: dict[str, Any]) -> Any:
    """Answers one after the other, filled in when the site is built."""
    return ("in turn", answers)


LIVE, MISSING, CHANGED = "live", "missing", "changed"
NOINDEX, UNSURE = "not_indexable", "unverifiable"
_ABSENT = "guide that nobody links to"
_WALL = "<html><head><title>{}</title></head><body><p>{}</p></body></html>"

KINDS = (
    Kind("plain link", LIVE, rel="dofollow", anchor="Acme guide", says="Acme guide"),
    Kind("anchor in other case and quotes", LIVE, '<a href="@T">“ACME  Guide”</a>', anchor="acme guide"),
    Kind("anchor broken over lines", LIVE, '<a href="@T">Acme\n   <b>guide</b></a>', anchor="Acme guide"),
    # rel
    Kind("rel nofollow", CHANGED, '<a rel="nofollow" href="@T">x</a>', rel="dofollow", changes=("rel",)),
    Kind("rel nofollow as agreed", LIVE, '<a rel="nofollow" href="@T">x</a>', rel="nofollow"),
    Kind("rel sponsored", CHANGED, '<a rel="sponsored" href="@T">x</a>', rel="dofollow", changes=("rel",)),
    Kind("rel ugc", CHANGED, '<a rel="ugc" href="@T">x</a>', rel="dofollow", changes=("rel",)),
    Kind("rel in capitals between others", CHANGED, '<a rel="noopener NoFollow external" href="@T">x</a>', rel="dofollow", changes=("rel",)),
    Kind("rel nofollow sponsored, agreed nofollow", LIVE, '<a rel="nofollow sponsored" href="@T">x</a>', rel="nofollow"),
    Kind("rel noopener noreferrer", LIVE, '<a rel="noopener noreferrer" href="@T">x</a>', rel="dofollow"),
    Kind("dofollow though nofollow was agreed", LIVE, rel="nofollow", says="better"),
    Kind("page nofollow by meta", CHANGED, head('<meta name="robots" content="index, nofollow">'), rel="dofollow", changes=("rel",)),
    Kind("page nofollow by header", CHANGED, html(article(LINK), X_Robots_Tag="nofollow"), rel="dofollow", changes=("rel",)),
    # anchor
    Kind("other anchor", CHANGED, '<a href="@T">click here</a>', anchor="Acme guide", changes=("anchor",)),
    Kind("image with alt as anchor", LIVE, '<a href="@T"><img src="/i.png" alt="Acme guide"></a>', anchor="Acme guide", says="image"),
    Kind("image without alt", CHANGED, '<a href="@T"><img src="/i.png"></a>', anchor="Acme guide", changes=("anchor",)),
    Kind("image map", LIVE, '<map name="m"><area href="@T" alt="Acme guide"></map>', anchor="Acme guide"),
    # the address as written
    Kind("protocol-relative", LIVE, '<a href="//@H/guide">x</a>'),
    Kind("entity-encoded", LIVE, '<a href="&#104;ttp&colon;//@H/gu&#x69;de">x</a>'),
    Kind("query with &amp;", LIVE, '<a href="@T?a=1&amp;b=2">x</a>', target="@T?a=1&b=2"),
    Kind("query in another order", LIVE, '<a href="@T?b=2&a=1">x</a>', target="@T?a=1&b=2", says="order"),
    Kind("query with another value", CHANGED, '<a href="@T?id=2">x</a>', target="@T?id=1", changes=("target",)),
    Kind("tracking parameters", LIVE, '<a href="@T?utm_source=blog&amp;fbclid=1">x</a>', says="tracking"),
    Kind("trailing slash", LIVE, '<a href="@T/">x</a>', says="slash"),
    Kind("upper and lower case of the path", LIVE, '<a href="http://@H/Guide">x</a>', says="case"),
    Kind("scheme and host in capitals", LIVE, '<a href="HTTP://ACME.TEST:@P/guide">x</a>'),
    Kind("https instead of http", LIVE, '<a href="https://@H/guide">x</a>', says="https"),
    Kind("with www", LIVE, '<a href="http://www.@H/guide">x</a>', says="www"),
    Kind("index file", LIVE, '<a href="http://@H/index.html">x</a>', target="http://@H/", says="index"),
    Kind("fragment", LIVE, '<a href="@T#more">x</a>'),
    Kind("escaped letters", LIVE, '<a href="http://@H/%67uid%65">x</a>'),
    Kind("dot segments", LIVE, '<a href="http://@H/a/../guide">x</a>'),
    Kind("line break and spaces in the address", LIVE, '<a href="  http://@H/gui\nde ">x</a>'),
    Kind("backslashes", LIVE, '<a href="http:\\\\@H\\guide">x</a>'),
    Kind("punycode for Unicode", LIVE, '<a href="http://xn--bckerei-5wa.test/brot">x</a>', target="http://bäckerei.test/brot"),
    Kind("Unicode for punycode", LIVE, '<a href="http://BÄCKEREI.test/br%C3%B6t">x</a>', target="http://xn--bckerei-5wa.test/bröt"),
    Kind("unquoted attribute", LIVE, "<a href=@T>x</a>"),
    Kind("attributes in capitals", LIVE, '<A HREF="@T">x</A>'),
    Kind("base element", LIVE, head('<base href="http://@H/">', '<a href="guide">x</a>')),
    Kind("base that leads elsewhere", MISSING, head('<base href="http://other.test/">', '<a href="guide">x</a>')),
    # where it leads
    Kind("other page of the site", CHANGED, '<a href="http://@H/other">Acme guide</a>', changes=("target",)),
    Kind("other site", MISSING, '<a href="http://rival.test/guide">Acme guide</a>'),
    Kind("site that only contains the name", MISSING, '<a href="http://notacme.test/guide">Acme guide</a>'),
    Kind("old address that redirects to the target", CHANGED, '<a href="http://@H/old">x</a>', changes=("redirect",), serve={"//acme.test/old": moved(301, "/guide"), "//acme.test/guide": "the guide"}),
    Kind("own redirect to the target", CHANGED, '<a href="/go/acme">x</a>', changes=("redirect",), serve={"/go/acme": moved(302, "@T"), "//acme.test/guide": "the guide"}),
    Kind("own redirect to somebody else", MISSING, '<a href="/go/other">x</a>', serve={"/go/other": moved(302, "@B/elsewhere"), "/elsewhere": "x"}),
    Kind("address inside another site's address", CHANGED, '<a href="http://out.test:@P/away?u=http%3A%2F%2F@H%2Fguide">x</a>', changes=("redirect",), serve={"//out.test/away": moved(302, "@T"), "//acme.test/guide": "the guide"}),
    Kind("several links, one good", LIVE, '<a rel="nofollow" href="@T">x</a> and <a href="@T">Acme guide</a>', rel="dofollow", anchor="Acme guide"),
    # not a link to a visitor or a search engine
    Kind("commented out", MISSING, f"<!-- {LINK} -->", says="commented out"),
    Kind("inside a template element", MISSING, f"<template>{LINK}</template>", says="template"),
    Kind("inside noscript", CHANGED, f"<noscript>{LINK}</noscript>", changes=("visibility",)),
    Kind("hidden by style", CHANGED, f'<div style="display:none">{LINK}</div>', changes=("visibility",)),
    Kind("hidden by attribute", CHANGED, f"<div hidden>{LINK}</div>", changes=("visibility",)),
    Kind("moved off the screen", CHANGED, f'<div style="position:absolute; left:-9999px">{LINK}</div>', changes=("visibility",)),
    Kind("javascript: address", MISSING, "<a href=\"javascript:window.open('@T')\">x</a>", says="script"),
    Kind("opened by onclick", MISSING, "<span onclick=\"location.href='@T'\">x</span>", says="script"),
    Kind("plain text", MISSING, "page at @T", says="plain text"),
    Kind("inside a textarea", MISSING, f"<textarea>{LINK}</textarea>"),
    Kind("link in a script's text", UNSURE, "<script>document.write('<a href=\"@T\">x</a>')</script>", says="script"),
    Kind("iframe with the link", CHANGED, '<iframe src="/frame"></iframe>', changes=("frame",), serve={"/frame": f"<p>{LINK}</p>"}),
    Kind("iframe written in the page", CHANGED, '<iframe srcdoc="&lt;a href=&quot;@T&quot;&gt;x&lt;/a&gt;"></iframe>', changes=("frame",)),
    Kind("iframe without the link", MISSING, '<iframe src="/empty"></iframe>', serve={"/empty": "<p>x</p>"}),
    # search engines
    Kind("noindex by meta", NOINDEX, head('<meta name="robots" content="noindex">'), changes=("indexing",)),
    Kind("none by meta", NOINDEX, head('<META NAME="ROBOTS" CONTENT="NONE">'), changes=("indexing",)),
    Kind("noindex for Googlebot", NOINDEX, head('<meta name="googlebot" content="noindex, follow">'), changes=("indexing",)),
    Kind("noindex for another robot", LIVE, head('<meta name="yandex" content="noindex">')),
    Kind("noindex by header", NOINDEX, html(article(LINK), X_Robots_Tag="noindex, nofollow"), changes=("indexing",)),
    Kind("noindex by header for Googlebot", NOINDEX, html(article(LINK), X_Robots_Tag="googlebot: noindex"), changes=("indexing",)),
    Kind("noindex by header for another robot", LIVE, html(article(LINK), X_Robots_Tag="otherbot: noindex")),
    Kind("unavailable since", NOINDEX, html(article(LINK), X_Robots_Tag="unavailable_after: 25 Jun 2010 15:00:00 GMT"), changes=("indexing",)),
    Kind("unavailable much later", LIVE, html(article(LINK), X_Robots_Tag="unavailable_after: 25 Jun 2090 15:00:00 GMT")),
    Kind("canonical of itself", LIVE, head('<link rel="canonical" href="@B/canonical-of-itself/">')),
    Kind("canonical elsewhere", CHANGED, head('<link rel="canonical" href="http://original.test/bread">'), changes=("canonical",)),
    Kind("canonical elsewhere by header", CHANGED, html(article(LINK), Link='<http://original.test/bread>; rel="canonical"'), changes=("canonical",)),
    Kind("canonical in the body", LIVE, f'<link rel="canonical" href="http://original.test/"> {LINK}'),
    # redirects of the page
    Kind("moved for good", LIVE, moved(301, "/new-home"), says="stands at", serve={"/new-home": article(LINK)}),
    Kind("moved for now", LIVE, moved(302, "/now-here"), serve={"/now-here": article(LINK)}),
    Kind("moved with 307 and 308", LIVE, moved(307, "/step"), serve={"/step": moved(308, "/arrived"), "/arrived": article(LINK)}),
    Kind("sent to the home page", MISSING, moved(301, "/home"), serve={"/home": article(_ABSENT)}),
    Kind("meta refresh", LIVE, html('<meta http-equiv="refresh" content="0; url=/refreshed">'), says="meta refresh", serve={"/refreshed": article(LINK)}),
    Kind("redirect by script", LIVE, html("<script>window.location.href = '/scripted';</script>"), says="script", serve={"/scripted": article(LINK)}),
    Kind("redirects without end", UNSURE, moved(302, "/redirects-without-end")),
    # encodings
    Kind("gzip", LIVE, ("gzip", LINK)),
    Kind("deflate", LIVE, ("deflate", LINK)),
    Kind("brotli", LIVE, ("br", LINK)),
    Kind("zstd", LIVE, ("zstd", LINK)),
    Kind("UTF-16 with mark", LIVE, ("utf-16", LINK), says="Acme guide"),
    Kind("UTF-16 by header", LIVE, ("utf-16-be", LINK)),
    Kind("windows-1251 by meta", LIVE, ("cp1251", '<a href="@T">Хлеб на огне</a>'), anchor="Хлеб на огне"),
    Kind("Shift_JIS by header", LIVE, ("shift_jis", '<a href="@T">焚き火のパン</a>'), anchor="焚き火のパン"),
    # broken or odd markup
    Kind("unclosed everything", LIVE, html(f"<html><p><div><b>{_FILLER}<a href='@T'>Acme guide<p></i><table><tr>"), anchor="Acme guide"),
    Kind("fifteen hundred divs deep", LIVE, "<div>" * 1500 + LINK + "</div>" * 1500),
    Kind("deeper than can be read", UNSURE, "<div>" * 6000 + LINK),
    Kind("NUL in the text", LIVE, f"a\0b {LINK}"),
    Kind("XHTML", LIVE, {"text": '<?xml version="1.0" encoding="utf-8"?>' + article(LINK), "headers": {"Content-Type": "application/xhtml+xml"}}),
    Kind("link after a closed html", LIVE, html(article("") + LINK)),
    Kind("page of 5 MB, link early", LIVE, ("padded", LINK)),
    Kind("page over 5 MB, link late", UNSURE, ("late", LINK), says="5 MB"),
    # walls
    Kind("403", UNSURE, {"status": 403, "text": "Forbidden"}),
    Kind("401", UNSURE, {"status": 401, "text": "Who are you?"}),
    Kind("500", UNSURE, {"status": 500, "text": "Oops"}),
    Kind("login form", UNSURE, html(_WALL.format("Log in", '<form><input type="password"></form>'))),
    Kind("sent to the login", UNSURE, moved(302, "/wp-login.php"), serve={"/wp-login.php": html(_WALL.format("Welcome", "Please enter your name."))}),
    Kind("captcha", UNSURE, html(_WALL.format("Just a moment...", "Checking your browser before you proceed."))),
    Kind("paywall", UNSURE, html(_WALL.format("Bread", "Subscribe to continue reading this article."))),
    Kind("built by JavaScript", UNSURE, html('<html><body><div id="root"></div><script src="/app.js"></script></body></html>')),
    Kind("asks for JavaScript", UNSURE, html(_WALL.format("App", "<noscript>You need to enable JavaScript to run this app.</noscript><span>Loading the article, please wait a little while.</span>"))),
    Kind("empty page", UNSURE, html("")),
    Kind("429 then 200", LIVE, _later({"status": 429, "headers": {"Retry-After": "1"}}, html(article(LINK)))),
    Kind("503 then 200", LIVE, _later({"status": 503, "headers": {"Retry-After": "0"}}, html(article(LINK)))),
    Kind("429 for an hour", UNSURE, {"status": 429, "headers": {"Retry-After": "3600"}}),
    Kind("connection that breaks", UNSURE, drop),
    Kind("forbidden by robots.txt", UNSURE, LINK, path="/robots-forbid/page", says="robots.txt"),
    Kind("a PDF", UNSURE, {"body": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}}),
    # gone
    Kind("404", MISSING, {"status": 404, "text": "No"}),
    Kind("410", MISSING, {"status": 410, "text": "No"}),
    Kind("soft 404", MISSING, html(_WALL.format("Page not found", "Sorry, nothing here.")), says="does not exist"),
    Kind("parked domain", MISSING, html(_WALL.format("blog.test", "This domain is for sale. Buy this domain now.")), says="parked"),
    Kind("ordinary page without the link", MISSING, _ABSENT, says="No link"),
)  # fmt: skip


def path_of(kind: Kind) -> str:
    """Return where a kind's page stands."""
    return kind.path or "/" + kind.name.lower().replace(" ", "-").replace(",", "").replace("'", "")


def filled(text: str, port: int) -> str:
    """Return a text with the addresses of the local site in it."""
    named = {
        "@T": f"http://{CLIENT}:{port}/guide", "@H": f"{CLIENT}:{port}",
        "@B": f"http://{BLOG}:{port}", "@P": str(port),
    }  # fmt: skip
    return re.sub("@[THBP]", lambda found: named[found[0]], text)


def build(site: WebServer) -> None:
    """Publish every kind of page."""
    site.page("/robots.txt", {"text": "User-agent: *\nDisallow: /robots-forbid/"}, host=BLOG)
    for kind in KINDS:
        site.page(path_of(kind), _answer(kind.made, site.port), host=BLOG)
        for place, made in kind.serve.items():
            host, path = place[2:].split("/", 1) if place.startswith("//") else (BLOG, place[1:])
            site.page(f"/{path}", _answer(made, site.port), host=host)


def _answer(made: Any, port: int) -> Any:
    if isinstance(made, str):
        whole = made if made.startswith(("<!doctype", "the ")) else article(made)
        return html(filled(whole, port))
    if isinstance(made, dict):
        text = {"text": filled(made["text"], port)} if "text" in made else {}
        headers = {name: filled(value, port) for name, value in made.get("headers", {}).items()}
        return {**made, **text, "headers": headers}
    if isinstance(made, tuple) and made[0] == "in turn":
        return _in_turn(*(_answer(one, port) for one in made[1]))
    return _packed(made[0], made[1], port) if isinstance(made, tuple) else made


def _packed(how: str, middle: str, port: int) -> dict[str, Any]:
    text = filled(article(middle), port)
    compress = {
        "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }  # fmt: skip
    if how in compress:
        return packed(compress[how](text.encode()), how)
    if how in {"padded", "late"}:
        padding = "<p>" + "bread " * 100 + "</p>"
        room = 5 * 1024 * 1024 - len(text) - 1000
        parts = text.split("<main>")
        copies = room // len(padding) + (0 if how == "padded" else 10)
        order = (parts[0], parts[1], padding * copies)
        return html("".join(order if how == "padded" else (parts[0], padding * copies, parts[1])))
    if how == "cp1251":
        text = text.replace("<head>", '<head><meta charset="windows-1251">')
        return coded(text, how)
    return coded(text, how, "text/html" if how == "utf-16" else f"text/html; charset={how}")
