"""Programs by the name they give: scanners, previews and libraries, proxies, mail programs."""

import re
from enum import StrEnum
from functools import lru_cache


class Sort(StrEnum):
    """What kind of program a user agent names."""

    NONE = "none"
    SCANNER = "scanner"
    PREVIEW = "preview"
    ROBOT = "robot"
    LIBRARY = "library"
    PRIVACY = "privacy"
    PROXY = "proxy"
    BROWSER = "browser"
    OTHER = "other"


REASONS = {
    Sort.NONE: "no user agent",
    Sort.SCANNER: "the user agent of a mail security scanner",
    Sort.PREVIEW: "a chat program making a preview",
    Sort.ROBOT: "the user agent of a robot",
    Sort.LIBRARY: "the user agent of a programming library",
    Sort.PRIVACY: "the bare agent of Apple's mail privacy proxy",
    Sort.PROXY: "an image proxy of the mail service",
    Sort.BROWSER: "a browser or mail program",
    Sort.OTHER: "an unknown program",
}

_SCANNERS = re.compile(
    r"barracuda|mimecast|proofpoint|urldefense|symantec|messagelabs|brightmail|cloudmark|"
    r"trend ?micro|forcepoint|websense|fireeye|trellix|mcafee|cisco|ironport|sophos|"
    r"safelinks|avanan|checkpoint|check point|fortinet|fortimail|fortiguard|bitdefender|"
    r"kaspersky|eset\b|vade ?secure|vadesecure|retarus|hornetsecurity|spamtitan|titanhq|"
    r"trustwave|mailguard|mailmarshal|egress|abnormal|area1|netcraft|phish|urlscan|"
    r"virustotal|safe ?browsing|google-safety|zerospam|spamexperts|n-able|libraesva|"
    r"microsoft office existence|exchange online protection|o365|defender",
    re.IGNORECASE,
)
_PREVIEWS = re.compile(
    r"slackbot|slack-imgproxy|skypeuripreview|microsoftpreview|teamsbot|facebookexternalhit|"
    r"facebot|whatsapp/|telegrambot|twitterbot|linkedinbot|discordbot|viber|vkshare|embedly|"
    r"iframely|mattermost|rocket\.chat|snap url preview|redditbot|pinterest\w{0,6}bot|"
    r"google-read-aloud|\bpreview|bingpreview|signal-preview",
    re.IGNORECASE,
)
# CUBOT makes telephones.
_ROBOTS = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot/|crawl|spider|link ?scan|url ?scan|scanner|monitor|"
    r"link ?check|checklink|validator|headless|phantomjs|puppeteer|playwright|selenium|"
    r"slimerjs|lighthouse|zgrab|nmap|nuclei|masscan|censys|expanse|archiver|appengine|"
    r"prerender|feedfetcher|fetcher",
    re.IGNORECASE,
)
_LIBRARIES = re.compile(
    r"^curl|^wget|python|aiohttp|httpx|scrapy|java/|go-http|okhttp|libwww|lwp|httpclient|"
    r"apache-http|\bruby|\bperl|guzzle|postman|insomnia|axios|node-fetch|undici|\bnode\b|"
    r"winhttp|powershell|libcurl|\brest-client|faraday|typhoeus|reqwest|php/|jakarta|"
    r"restsharp|dart/|\bgot\b|urlgrabber|httrack|httpie",
    re.IGNORECASE,
)
# These fetch when the mail is opened, on the reader's behalf.
_PROXIES = re.compile(r"GoogleImageProxy|ggpht|YahooMailProxy|YahooCacheSystem", re.IGNORECASE)
_BROWSERS = re.compile(r"(Chrome|CriOS|Safari|Firefox|FxiOS|Edg|Gecko|AppleWebKit|Trident|OPR)\W")
_MAIL_PROGRAMS = re.compile(
    r"MSOffice|Microsoft Outlook|Outlook-(iOS|Android)|Microsoft Office/|Thunderbird|Airmail|"
    r"Mailbird|eM ?Client|Lotus-Notes|K-9 Mail|MSIE|Opera|Mobile|Windows Phone",
    re.IGNORECASE,
)
_NAMED = (
    (_PROXIES, Sort.PROXY),
    (_SCANNERS, Sort.SCANNER),
    (_PREVIEWS, Sort.PREVIEW),
    (_ROBOTS, Sort.ROBOT),
    (_LIBRARIES, Sort.LIBRARY),
    (_BROWSERS, Sort.BROWSER),
    (_MAIL_PROGRAMS, Sort.BROWSER),
)


@lru_cache(maxsize=4096)
def sort_of(agent: str) -> Sort:
    """Return what kind of program a user agent names; only the first 300 characters count."""
    agent = agent[:300].strip()
    if not agent:
        return Sort.NONE
    if agent == "Mozilla/5.0":
        return Sort.PRIVACY
    return next((sort for pattern, sort in _NAMED if pattern.search(agent)), Sort.OTHER)


_VERSION = re.compile(r"(Chrome|Firefox)/(\d{1,4})\.")
# Released before 2021; people's browsers update themselves, scanners' rarely do.
_OLD = {"Chrome": 88, "Firefox": 85}
# From these on browsers send Sec-Fetch-… headers over https with every request.
_TELLS_MODE = {"Chrome": 80, "Firefox": 90}


@lru_cache(maxsize=4096)
def is_old(agent: str) -> bool:
    """Return whether a user agent names a browser of before 2021."""
    found = _VERSION.search(agent[:300])
    if found is None:  # Outlook names itself after the browser it once borrowed from
        return "MSIE" in agent and "Outlook" not in agent
    return int(found[2]) < _OLD[found[1]]


@lru_cache(maxsize=4096)
def tells_mode(agent: str) -> bool:
    """Return whether the browser named sends Sec-Fetch-… headers over https."""
    found = _VERSION.search(agent[:300])
    return int(found[2]) >= _TELLS_MODE[found[1]] if found else False
