"""Which country a text, a domain or a telephone number names."""

import re
from functools import cache, lru_cache

from babel import localedata
from babel.core import get_global

from foundation.words import squash, word_set

_LANGUAGES = (
    "de fr es pt it nl sv da nb fi pl cs sk hu ro hr sl sq lt lv et tr is ca gl eu ga cy vi el ru"
    " uk bg be sr mk he ar fa th ja zh zh_Hant ko hi id ms sw ka hy az kk"
)
# What people write and CLDR does not.
_ALIASES = {
    "GB": "UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland, U.K.,"
    " Großbritannien, Grande-Bretagne, Gran Bretaña, Gran Bretagna, Reino Unido, Великобритания",
    "US": "USA, U.S., U.S.A., United States of America, America, the United States, Vereinigte"
    " Staaten von Amerika, Etats Unis d'Amerique, EEUU, EE.UU., EUA",
    "NL": "Holland, The Netherlands",
    "CZ": "Czech Republic, Ceska republika",
    "KR": "Korea, Republic of Korea, Korea South, Korea Republic of",
    "KP": "Korea North, Democratic People's Republic of Korea",
    "RU": "Russian Federation",
    "AE": "UAE, U.A.E., Emirates",
    "CI": "Ivory Coast, Cote d'Ivoire",
    "MM": "Burma, Myanmar",
    "TR": "Turkey",
    "VN": "Viet Nam",
    "HK": "Hong Kong, Hong Kong SAR",
    "MO": "Macau, Macao",
    "PS": "Palestine",
    "MK": "Macedonia, FYROM",
    "SZ": "Swaziland",
    "CV": "Cape Verde",
    "TL": "East Timor",
    "CD": "DR Congo, DRC, Democratic Republic of the Congo, Congo Kinshasa",
    "CG": "Republic of the Congo, Congo Brazzaville, Congo",
    "TW": "Taiwan Province of China, Republic of China, Chinese Taipei",
    "CN": "PRC, People's Republic of China, Mainland China",
    "IR": "Iran Islamic Republic of, Islamic Republic of Iran",
    "SY": "Syrian Arab Republic",
    "TZ": "Tanzania United Republic of, United Republic of Tanzania",
    "MD": "Moldova Republic of, Republic of Moldova",
    "VE": "Venezuela Bolivarian Republic of",
    "BO": "Bolivia Plurinational State of",
    "LA": "Lao People's Democratic Republic, Laos",
    "IE": "Republic of Ireland, Eire",
    "VA": "Vatican, Holy See",
    "BN": "Brunei Darussalam",
    "FM": "Micronesia Federated States of",
    "BA": "Bosnia, Bosnia and Herzegovina, Bosnia Herzegovina, BiH",
}
# Country domains sold to anyone.
_SOLD = word_set(
    "ac ag ai bz cc cf co fm ga gg gq im io la ly me ml ms mu nu pw sc sh so st tk to tv vc ws"
    " eu su asia"
)
_TLDS = {
    "uk": "GB",
    "gov": "US",
    "edu": "US",
    "mil": "US",
    "рф": "RU",
    "xn--p1ai": "RU",
    "бел": "BY",
    "укр": "UA",
    "срб": "RS",
    "бг": "BG",
    "ελ": "GR",
    "中国": "CN",
    "中國": "CN",
    "한국": "KR",
    "香港": "HK",
    "台灣": "TW",
    "ישראל": "IL",
    "ไทย": "TH",
    "भारत": "IN",
    "cat": "ES",
    "scot": "GB",
    "wales": "GB",
    "london": "GB",
    "berlin": "DE",
    "hamburg": "DE",
    "koeln": "DE",
    "bayern": "DE",
    "wien": "AT",
    "paris": "FR",
    "bzh": "FR",
    "amsterdam": "NL",
    "vlaanderen": "BE",
    "brussels": "BE",
    "swiss": "CH",
    "moscow": "RU",
    "istanbul": "TR",
    "nyc": "US",
    "tokyo": "JP",
    "sydney": "AU",
    "melbourne": "AU",
    "kiwi": "NZ",
}
_CALLING = (
    "20EG 211SS 212MA 213DZ 216TN 218LY 220GM 221SN 222MR 223ML 224GN 225CI 226BF 227NE 228TG"
    " 229BJ 230MU 231LR 232SL 233GH 234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG 243CD"
    " 244AO 245GW 246IO 248SC 249SD 250RW 251ET 252SO 253DJ 254KE 255TZ 256UG 257BI 258MZ 260ZM"
    " 261MG 262RE 263ZW 264NA 265MW 266LS 267BW 268SZ 269KM 27ZA 290SH 291ER 297AW 298FO 299GL"
    " 30GR 31NL 32BE 33FR 34ES 350GI 351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FI 359BG 36HU"
    " 370LT 371LV 372EE 373MD 374AM 375BY 376AD 377MC 378SM 379VA 380UA 381RS 382ME 383XK 385HR"
    " 386SI 387BA 389MK 39IT 40RO 41CH 420CZ 421SK 423LI 43AT 44GB 45DK 46SE 47NO 48PL 49DE 500FK"
    " 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 508PM 509HT 51PE 52MX 53CU 54AR 55BR 56CL 57CO"
    " 58VE 590GP 591BO 592GY 593EC 594GF 595PY 596MQ 597SR 598UY 599CW 60MY 61AU 62ID 63PH 64NZ"
    " 65SG 66TH 670TL 672NF 673BN 674NR 675PG 676TO 677SB 678VU 679FJ 680PW 681WF 682CK 683NU"
    " 685WS 686KI 687NC 688TV 689PF 690TK 691FM 692MH 7RU 76KZ 77KZ 81JP 82KR 84VN 850KP 852HK"
    " 853MO 855KH 856LA 86CN 880BD 886TW 90TR 91IN 92PK 93AF 94LK 95MM 960MV 961LB 962JO 963SY"
    " 964IQ 965KW 966SA 967YE 968OM 970PS 971AE 972IL 973BH 974QA 975BT 976MN 977NP 98IR 992TJ"
    " 993TM 994AZ 995GE 996KG 998UZ 1US"
    # The rest of the North American plan: Canada, then the islands.
    " 1204CA 1226CA 1236CA 1249CA 1250CA 1263CA 1289CA 1306CA 1343CA 1354CA 1365CA 1367CA 1368CA"
    " 1382CA 1387CA 1403CA 1416CA 1418CA 1428CA 1431CA 1437CA 1438CA 1450CA 1468CA 1474CA 1506CA"
    " 1514CA 1519CA 1548CA 1579CA 1581CA 1584CA 1587CA 1604CA 1613CA 1639CA 1647CA 1672CA 1683CA"
    " 1705CA 1709CA 1742CA 1753CA 1778CA 1780CA 1782CA 1807CA 1819CA 1825CA 1867CA 1873CA 1879CA"
    " 1902CA 1905CA 1242BS 1246BB 1264AI 1268AG 1284VG 1340VI 1345KY 1441BM 1473GD 1649TC 1658JM"
    " 1664MS 1670MP 1671GU 1684AS 1721SX 1758LC 1767DM 1784VC 1787PR 1809DO 1829DO 1849DO 1868TT"
    " 1869KN 1876JM 1939PR"
)
_PREFIXES = {entry.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"): entry[-2:] for entry in _CALLING.split()}
_LONGEST = max(map(len, _PREFIXES))
_SHAPED_CODE = re.compile(r"[A-Za-z]{2}")
_NO_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"))


@lru_cache(maxsize=4096)
def country_named(text: str) -> str:
    """Return the ISO code of a country written as code or name in many languages; "" if unknown."""
    key = squash(text)
    if not key:
        return ""
    found: str | None = _english().get(key) or _code(text.strip())
    if not found and "," in text:
        before, after = (part.strip() for part in text.rsplit(",", 1))
        found = _english().get(squash(f"{after} {before}")) or _english().get(squash(after))
    return found or _all_languages().get(key, "")


@lru_cache(maxsize=8192)
def country_of_domain(domain: str) -> str:
    """Return the country whose top-level domain this is; "" where anyone may have one."""
    labels = domain.lower().rstrip(".").split(".")
    tld = labels[-1]
    if tld in _TLDS:
        return _TLDS[tld]
    sold = tld in _SOLD and not (len(labels) > 2 and labels[-2] in {"com", "gov", "edu", "org"})  # noqa: PLR2004
    return "" if sold or len(tld) != 2 else _code(tld)  # noqa: PLR2004  # country codes


def country_of_phone(phone: str) -> str:
    """Return the country of an international number (+… or 00…); "" of any other."""
    text = phone.strip()
    if not text.startswith(("+", "00")):
        return ""
    digits = re.sub(r"\D", "", text.removeprefix("00"))
    lengths = range(min(_LONGEST, len(digits)), 0, -1)
    return next((_PREFIXES[digits[:n]] for n in lengths if digits[:n] in _PREFIXES), "")


def country_name(code: str) -> str:
    """Return the English name of a country; the code itself when there is none."""
    return _names().get(code, code)


@cache
def country_choices() -> list[tuple[str, str]]:
    """Return (code, English name) of every country, by name."""
    return sorted(_names().items(), key=lambda item: item[1])


def _code(text: str) -> str:
    upper = text.upper()
    if _SHAPED_CODE.fullmatch(upper) and upper in _names():
        return upper
    aliases: list[str] = get_global("territory_aliases").get(upper, [])
    return aliases[0] if len(aliases) == 1 and aliases[0] in _names() else ""


@cache
def _names() -> dict[str, str]:
    return _territories("en")


@cache
def _english() -> dict[str, str]:
    found = {squash(name): code for code, name in _names().items()}
    for code, names in _ALIASES.items():
        found |= {squash(name): code for name in names.split(",")}
    return found


@cache
def _all_languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES.split():
        for code, name in _territories(language).items():
            found.setdefault(squash(name), code)
    # The locales read here are tens of megabytes that nothing else needs.
    localedata._cache.clear()  # noqa: SLF001
    return found


def _territories(language: str) -> dict[str, str]:
    names: dict[str, object] = localedata.load(language)["territories"]
    return {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and isinstance(name, str) and code not in _NO_COUNTRIES  # noqa: PLR2004
    }
