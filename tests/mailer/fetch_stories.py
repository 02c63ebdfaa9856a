"""Stories of fetches as servers see them, each with who it really was.

A story is one message's visits: (seconds after sending, kind, link, user agent, network,
hints, method, busy). `H` marks a person's, `M` a program's; opens by image proxies count
as the person's who opened the mail. Written for these tests from how the programs
announce themselves and behave.
"""

from typing import NamedTuple

from mailer.fetchers import Fetch, network_of

HOME, OFFICE, MOBILE, VPN = "84.112.7.9", "212.58.20.4", "2a02:3030:80::1", "51.68.10.3"
AWS, AZURE, GOOGLE, HETZNER, DO = (
    "54.72.1.9",
    "40.94.20.7",
    "66.249.84.2",
    "88.198.4.4",
    "159.89.3.2",
)
PROOFPOINT, MIMECAST = "67.231.152.9", "207.211.30.4"
BARRACUDA, MESSAGELABS = "64.235.150.3", "85.158.137.2"
APPLE_RELAY = "172.225.9.20"
WIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME, OLD_CHROME = (
    f"{WIN}Chrome/142.0.0.0 Safari/537.36",
    f"{WIN}Chrome/79.0.3945.88 Safari/537.36",
)
EDGE = f"{WIN}Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
OUTLOOK = (
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0;"
    " Microsoft Outlook 16.0.17928; ms-office; MSOffice 16)"
)
B = "lms"  # a modern browser over https
PEOPLE_BROWSERS = {
    "chrome": (CHROME, B),
    "edge": (EDGE, B),
    "firefox": (FIREFOX, B),
    "safari": (f"{MAC} Version/18.5 Safari/605.1.15", B),
    "iphone": (IPHONE, B),
    "android": (ANDROID, B),
    "samsung": (ANDROID.replace("Chrome", "SamsungBrowser/28.0 Chrome"), B),
    "opera": (f"{CHROME} OPR/120.0.0.0", B),
    "linux": ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", B),
    "cubot telephone": (ANDROID.replace("SM-S918B", "CUBOT NOTE 50"), B),
    "old telephone": (ANDROID.replace("Chrome/141", "Chrome/81"), B),
    "over http": (CHROME, "l"),
    "slack's own window": (f"{WIN}Slack/4.41.105 Chrome/132.0 Electron/34.2 Safari/537.36", B),
    "facebook's own window": (f"{IPHONE} [FBAN/FBIOS;FBAV/480.0;FBBV/650]", B),
    "avast browser": (f"{CHROME} Avast/131.0", B),
}
PEOPLE_MAIL = {
    "apple mail": (MAC, "l"),
    "iphone mail": (IPHONE.replace("Version/18.6 ", "").replace(" Safari/604.1", ""), "l"),
    "outlook": (OUTLOOK, ""),
    "outlook on the telephone": ("Outlook-iOS/723.4128.1013.prod.iphone (4.28.0)", ""),
    "outlook on android": ("Outlook-Android/2.0", ""),
    "thunderbird": (FIREFOX.replace("Firefox", "Thunderbird"), "l"),
    "gmail": (GMAIL, ""),
    "yahoo": (YAHOO, ""),
    "gmx in firefox": (FIREFOX, B),
    "em client": ("eM Client/10.0.3530", ""),
    "outlook on the web": (EDGE, B),
    "airmail": ("Airmail 5.7 rv:725 (Macintosh; Mac OS X 14.6; en_GB)", ""),
}
NAMED_PROGRAMS = (
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE); +https://www.barracuda.com)",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "Mozilla/5.0 (Windows NT 10.0) Mimecast-URL-Protect/1.0 Chrome/120.0",
    "Cisco-IronPort-WSA/12.5",
    "Symantec Email Security.cloud Link Following",
    "MessageLabs Skeptic",
    "BitDefender LinkScan/7",
    "Sophos Email Time-of-Click",
    "Mozilla/5.0 (compatible; TrendMicro WRS)",
    "FortiMail-URL/7.2",
    "Microsoft Office Existence Discovery",
    "Mozilla/5.0 (Windows NT 6.1) SafeLinks/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Twitterbot/1.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "W3C-checklink/4.81 libwww-perl/6.67",
    f"{WIN}HeadlessChrome/128.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python/3.11 aiohttp/3.10.5",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Java/17.0.11",
    "Apache-HttpClient/5.3 (Java/21)",
    "axios/1.7.2",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "Mozilla/5.0 (compatible; Netcraft SSL Survey)",
    "VirusTotal cloud; urlscan",
    "Mozilla/5.0",
    "",
)


class Step(NamedTuple):
    """One visit of a story."""

    at: float
    kind: str
    agent: str
    address: str = ""
    hints: str = ""
    link: int = 0
    method: str = "GET"
    busy: bool = False
    human: bool = False

    def fetch(self) -> Fetch:
        """Return it as the rules see it."""
        return Fetch(
            kind=self.kind,
            at=self.at,
            agent=self.agent,
            link=self.link,
            network=network_of(self.address),
            method=self.method,
            hints=self.hints,
            busy=self.busy,
        )


Story = list[Step]
HOUR = 3600.0


def _people() -> dict[str, Story]:
    found: dict[str, Story] = {}
    for name, (agent, hints) in PEOPLE_MAIL.items():
        where = GOOGLE if agent is GMAIL else OFFICE
        found[f"{name} opens"] = [Step(HOUR, "opened", agent, where, hints, human=True)]
        found[f"{name} opens, a browser follows"] = [
            Step(900, "opened", agent, where, hints, human=True),
            Step(925, "clicked", CHROME, OFFICE, B, human=True),
        ]
    places = (HOME, OFFICE, MOBILE)
    for number, (name, (agent, hints)) in enumerate(PEOPLE_BROWSERS.items()):
        where = places[number % 3]
        found[f"{name} follows, pictures off"] = [
            Step(2 * HOUR, "clicked", agent, where, hints, human=True)
        ]
        found[f"{name} opens and follows"] = [
            Step(40, "opened", agent, where, hints, human=True),
            Step(64, "clicked", agent, where, hints, human=True),
        ]
        found[f"{name} reads two links in turn"] = [
            Step(HOUR, "clicked", agent, where, hints, human=True),
            Step(HOUR + 45, "clicked", agent, where, hints, link=1, human=True),
        ]
    found["clicks twice, impatient"] = [
        Step(500 + n * 0.4, "clicked", CHROME, HOME, B, human=True) for n in range(3)
    ]
    found["reads again every day"] = [
        Step(day * 24 * HOUR, "opened", GMAIL, GOOGLE, human=True) for day in range(1, 6)
    ]
    found["through a company VPN"] = [
        Step(HOUR, "opened", OUTLOOK, VPN, human=True),
        Step(HOUR + 30, "clicked", EDGE, VPN, B, human=True),
    ]
    found["without https headers"] = [Step(HOUR, "clicked", FIREFOX, HOME, "l", human=True)]
    found["behind a hidden address"] = [Step(HOUR, "clicked", CHROME, "127.0.0.1", B, human=True)]
    found["no language, nothing else odd"] = [Step(HOUR, "clicked", IPHONE, HOME, "ms", human=True)]
    found["three links over a minute"] = [
        Step(700 + 20 * n, "clicked", CHROME, HOME, B, link=n, human=True) for n in range(3)
    ]
    return found


def _scanned_first() -> dict[str, Story]:
    """A gateway looks, then the person reads: both in one story, often from one office."""
    found: dict[str, Story] = {}
    gateways = {
        "proofpoint": PROOFPOINT,
        "mimecast": MIMECAST,
        "barracuda": BARRACUDA,
        "safelinks": AZURE,
    }
    for name, address in gateways.items():
        scan = [Step(3 + n * 0.2, "clicked", CHROME, address, "", link=n) for n in range(4)]
        found[f"{name} scans, then a person reads"] = [
            *scan,
            Step(5 * HOUR, "opened", OUTLOOK, OFFICE, human=True),
            Step(5 * HOUR + 20, "clicked", EDGE, OFFICE, B, human=True),
        ]
    found["the office's own gateway, then its people"] = [
        Step(5, "clicked", "Cisco-IronPort-WSA/12.5", OFFICE, "", link=0),
        Step(20, "clicked", CHROME, OFFICE, "", link=1),
        Step(3 * HOUR, "clicked", CHROME, OFFICE, B, human=True),
    ]
    found["apple's proxy, then the person"] = [
        Step(300, "opened", "Mozilla/5.0", APPLE_RELAY),
        Step(9 * HOUR, "clicked", IPHONE, MOBILE, B, human=True),
    ]
    found["time of click check, then the person"] = [
        Step(HOUR, "opened", OUTLOOK, OFFICE, human=True),
        Step(HOUR + 9, "clicked", OLD_CHROME, AZURE, ""),
        Step(HOUR + 10, "clicked", EDGE, OFFICE, B, human=True),
    ]
    found["a preview in the team's chat, then colleagues"] = [
        Step(HOUR, "clicked", "Slackbot-LinkExpanding 1.0", AWS, ""),
        Step(HOUR + 60, "clicked", CHROME, HOME, B, human=True),
    ]
    return found


def _programs() -> dict[str, Story]:
    found: dict[str, Story] = {}
    for agent in NAMED_PROGRAMS:
        name = agent[:40] or "nothing"
        found[f"{name} follows"] = [Step(HOUR, "clicked", agent, AWS)]
    for name, address in {
        "aws": AWS, "azure": AZURE, "hetzner": HETZNER, "digitalocean": DO,
        "messagelabs": MESSAGELABS, "proofpoint": PROOFPOINT, "mimecast": MIMECAST,
    }.items():  # fmt: skip
        found[f"{name} follows unread, as a browser"] = [Step(400, "clicked", CHROME, address, B)]
        found[f"{name} opens right after delivery"] = [Step(20, "opened", CHROME, address, "l")]
        found[f"{name} with an old browser after a reading"] = [
            Step(HOUR, "opened", GMAIL, GOOGLE, human=True),
            Step(2 * HOUR, "clicked", OLD_CHROME, address, ""),
        ]
    for seconds in (-1.0, 0.5, 2.0, 7.0):
        found[f"{seconds} s after sending"] = [Step(seconds, "clicked", CHROME, HOME, B)]
        found[f"pixel {seconds} s after sending"] = [Step(seconds, "opened", FIREFOX, HOME, B)]
    for gap in (0.0, 0.3, 1.5):
        found[f"five links {gap} s apart"] = [
            Step(600 + gap * n, "clicked", EDGE, OFFICE, B, link=n) for n in range(5)
        ]
    found["two links at once"] = [Step(600, "clicked", IPHONE, HOME, B, link=n) for n in range(2)]
    found["picture and link as one"] = [
        Step(30, "opened", FIREFOX, OFFICE, B),
        Step(30.4, "clicked", FIREFOX, OFFICE, B),
    ]
    found["many messages at once"] = [Step(HOUR, "clicked", CHROME, OFFICE, B, busy=True)]
    for hints in ("pl", "plms"):
        found[f"a prefetch {hints}"] = [Step(HOUR, "clicked", CHROME, HOME, hints)]
    found["head, then get"] = [
        Step(HOUR, "clicked", CHROME, OFFICE, B, method="HEAD"),
        Step(HOUR + 1, "clicked", CHROME, OFFICE, B),
    ]
    found["caught in the trap"] = [
        Step(90, "clicked", CHROME, OFFICE, B),
        Step(95, "trapped", CHROME, OFFICE, B),
        Step(160, "clicked", EDGE, OFFICE, B, link=1),
        Step(170, "opened", EDGE, OFFICE, B),
    ]
    found["an image proxy following a link"] = [Step(HOUR, "clicked", GMAIL, GOOGLE)]
    found["an old browser without a language"] = [Step(HOUR, "clicked", OLD_CHROME, HOME, "")]
    found["a modern browser without its headers"] = [Step(HOUR, "clicked", CHROME, HOME, "s")]
    return found


STORIES: dict[str, Story] = {**_people(), **_scanned_first(), **_programs()}
