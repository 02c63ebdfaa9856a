"""Words that filters weigh, in the languages of our regions, and hosts that shorten links.

Own lists: small, because a long one flags honest letters. Weights are points: 1 is worth a
thought, 3 is seldom found outside of spam.
"""

# One a line would be longer than the module.
# fmt: off
_HEAVY = (
    # en
    "100% free", "act now", "buy followers", "buy now", "cash bonus", "casino bonus", "cheap seo",
    "click here now", "congratulations you won", "double your income", "earn money fast",
    "extra income", "free money", "get rich", "guaranteed results", "lose weight",
    "make money fast", "miracle cure", "no credit check", "once in a lifetime", "online casino",
    "rank #1", "risk free", "this is not spam", "viagra", "work from home",
    "you have been selected", "you are a winner", "page 1 of google", "da 50+ backlinks",
    # de
    "geld verdienen", "garantiert gewinnen", "jetzt kaufen", "kein spam", "schnell reich",
    # fr
    "gagnez de l'argent", "argent facile", "offre exclusive gratuite", "ceci n'est pas un spam",
    # es
    "gana dinero", "dinero rápido", "haz clic aquí ahora", "esto no es spam",
    # it
    "guadagna subito", "soldi facili", "clicca qui ora", "questo non è spam",
    # nl, pt, pl
    "snel geld", "ganhe dinheiro", "dinheiro fácil", "zarób pieniądze", "szybkie pieniądze",
)
_MIDDLE = (
    "amazing offer", "apply now", "best price", "bonus", "call now", "cheap", "click below",
    "click here", "dear friend", "discount", "do not delete", "exclusive deal", "free trial",
    "guarantee", "guaranteed", "increase traffic", "incredible deal", "limited time",
    "lowest price", "no obligation", "order now", "satisfaction guaranteed", "special promotion",
    "urgent", "while supplies last", "winner",
    "angebot nur heute", "hier klicken", "kostenlos testen", "rabatt", "dringend",
    "cliquez ici", "dernière chance", "gratuit", "offre limitée",
    "haga clic aquí", "oferta limitada", "gratis", "última oportunidad",
    "clicca qui", "offerta limitata", "sconto",
    "klik hier", "korting", "clique aqui", "desconto", "kliknij tutaj", "promocja",
)
_LIGHT = (
    "100%", "as seen on", "cash", "deal", "earn", "for free", "income", "instant",
    "profit", "promise you", "sale", "save big", "sponsored post price", "dofollow", "do-follow",
    "guest post service", "high da", "link insertion price", "pbn",
)
SHORTENERS = frozenset(
    {
        "adf.ly", "b.link", "bit.do", "bit.ly", "bl.ink", "buff.ly", "cutt.ly", "dub.sh", "fb.me",
        "goo.gl", "hubs.ly", "is.gd", "j.mp", "lnkd.in", "ow.ly", "qr.ae", "rb.gy", "rebrand.ly",
        "s.id", "short.gy", "short.io", "shorturl.at", "soo.gd", "spoo.me", "t.co", "t.ly",
        "t2m.io", "tiny.cc", "tinyurl.com", "tr.im", "trib.al", "urlz.fr", "v.gd", "x.gd",
    }
)
# fmt: on
WEIGHTS: dict[str, int] = (
    dict.fromkeys(_LIGHT, 1) | dict.fromkeys(_MIDDLE, 2) | dict.fromkeys(_HEAVY, 3)
)
