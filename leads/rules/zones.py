"""Which time zone a place keeps."""

import zoneinfo
from functools import cache, lru_cache
from importlib.resources import files

from babel.core import get_global

from foundation.words import squash

# Zone of most people where zone.tab does not list it first.
_MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
    "CD": "Africa/Kinshasa",
}
_SHORT = {
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "eastern": "America/New_York",
    "easterntime": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "central": "America/Chicago",
    "centraltime": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mountain": "America/Denver",
    "mountaintime": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "pacifictime": "America/Los_Angeles",
    "gmt": "Etc/GMT",
    "utc": "UTC",
    "bst": "Europe/London",
    "cet": "Europe/Paris",
    "cest": "Europe/Paris",
    "eet": "Europe/Helsinki",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
    "msk": "Europe/Moscow",
}
# Country → zone → its states, provinces and larger cities.
_REGIONS = {
    "US": {
        "America/New_York": "CT Connecticut, DE Delaware, FL Florida, GA Georgia, ME Maine,"
        " MD Maryland, MA Massachusetts, MI Michigan, NH New Hampshire, NJ New Jersey, NY New York,"
        " NC North Carolina, OH Ohio, PA Pennsylvania, RI Rhode Island, SC South Carolina,"
        " VT Vermont, VA Virginia, WV West Virginia, DC District of Columbia, IN Indiana,"
        " KY Kentucky; New York City, Brooklyn, Boston, Philadelphia, Washington DC, Miami,"
        " Orlando, Tampa, Jacksonville, Atlanta, Charlotte, Raleigh, Pittsburgh, Cleveland,"
        " Columbus, Cincinnati, Detroit, Baltimore, Richmond, Buffalo, Indianapolis, Louisville",
        "America/Chicago": "AL Alabama, AR Arkansas, IL Illinois, IA Iowa, KS Kansas, LA Louisiana,"
        " MN Minnesota, MS Mississippi, MO Missouri, NE Nebraska, ND North Dakota, OK Oklahoma,"
        " SD South Dakota, TN Tennessee, TX Texas, WI Wisconsin; Chicago, Houston, Dallas, Austin,"
        " San Antonio, Fort Worth, New Orleans, Minneapolis, Saint Paul, Milwaukee, St Louis,"
        " Kansas City, Nashville, Memphis, Oklahoma City, Omaha",
        "America/Denver": "CO Colorado, ID Idaho, MT Montana, NM New Mexico, UT Utah, WY Wyoming;"
        " Denver, Boulder, Salt Lake City, Albuquerque, Boise, El Paso",
        "America/Phoenix": "AZ Arizona; Phoenix, Tucson, Scottsdale, Mesa",
        "America/Los_Angeles": "CA California, NV Nevada, OR Oregon, WA Washington; Los Angeles,"
        " San Francisco, San Diego, San Jose, Sacramento, Oakland, Seattle, Portland, Las Vegas,"
        " Palo Alto, Mountain View, Long Beach",
        "America/Anchorage": "AK Alaska; Anchorage",
        "Pacific/Honolulu": "HI Hawaii; Honolulu",
    },
    "CA": {
        "America/Toronto": "ON Ontario, QC Quebec, PQ Province of Quebec; Toronto, Ottawa,"
        " Montreal, Mississauga, Hamilton, London",
        "America/Vancouver": "BC British Columbia; Vancouver, Victoria, Surrey, Burnaby",
        "America/Edmonton": "AB Alberta, NT Northwest Territories; Calgary, Edmonton",
        "America/Winnipeg": "MB Manitoba; Winnipeg",
        "America/Regina": "SK Saskatchewan; Regina, Saskatoon",
        "America/Halifax": "NS Nova Scotia, NB New Brunswick, PE Prince Edward Island; Halifax",
        "America/St_Johns": "NL Newfoundland and Labrador, NF Newfoundland; St Johns",
        "America/Whitehorse": "YT Yukon; Whitehorse",
        "America/Iqaluit": "NU Nunavut; Iqaluit",
    },
    "AU": {
        "Australia/Sydney": "NSW New South Wales, ACT Australian Capital Territory; Sydney,"
        " Canberra, Newcastle, Wollongong",
        "Australia/Melbourne": "VIC Victoria; Melbourne, Geelong",
        "Australia/Brisbane": "QLD Queensland; Brisbane, Gold Coast, Cairns",
        "Australia/Perth": "WA Western Australia; Perth",
        "Australia/Adelaide": "SA South Australia; Adelaide",
        "Australia/Hobart": "TAS Tasmania; Hobart",
        "Australia/Darwin": "NT Northern Territory; Darwin",
    },
    "BR": {
        "America/Sao_Paulo": "SP Sao Paulo, RJ Rio de Janeiro, MG Minas Gerais, ES Espirito Santo,"
        " PR Parana, SC Santa Catarina, RS Rio Grande do Sul, GO Goias, DF Distrito Federal;"
        " Brasilia, Belo Horizonte, Curitiba, Porto Alegre, Campinas",
        "America/Bahia": "BA Bahia; Salvador",
        "America/Fortaleza": "CE Ceara, MA Maranhao, PI Piaui, RN Rio Grande do Norte, PB Paraiba;"
        " Natal, Teresina",
        "America/Recife": "PE Pernambuco",
        "America/Maceio": "AL Alagoas, SE Sergipe",
        "America/Belem": "PA Para, AP Amapa",
        "America/Araguaina": "TO Tocantins",
        "America/Campo_Grande": "MS Mato Grosso do Sul",
        "America/Cuiaba": "MT Mato Grosso",
        "America/Manaus": "AM Amazonas",
        "America/Porto_Velho": "RO Rondonia",
        "America/Boa_Vista": "RR Roraima",
        "America/Rio_Branco": "AC Acre",
    },
    "MX": {
        "America/Tijuana": "BC Baja California; Mexicali, Ensenada",
        "America/Hermosillo": "SO Sonora",
        "America/Mazatlan": "SI Sinaloa, BS Baja California Sur, NA Nayarit; Culiacan, La Paz",
        "America/Cancun": "QR Quintana Roo; Playa del Carmen",
        "America/Chihuahua": "CH Chihuahua",
        "America/Monterrey": "NL Nuevo Leon, CO Coahuila, DG Durango",
        "America/Merida": "YU Yucatan, CM Campeche",
    },
    "RU": {
        "Europe/Moscow": "MOW Moscow Oblast, SPE Saint Petersburg, Leningrad Oblast, Tatarstan,"
        " Krasnodar; Kazan, Sochi, Nizhny Novgorod, Voronezh, Rostov on Don, Москва,"
        " Санкт-Петербург, Казань, Краснодар",
        "Europe/Kaliningrad": "KGD Kaliningrad Oblast; Калининград",
        "Europe/Samara": "SAM Samara Oblast; Togliatti, Самара",
        "Asia/Yekaterinburg": "SVE Sverdlovsk Oblast, CHE Chelyabinsk, PER Perm, BA Bashkortostan,"
        " TYU Tyumen; Ekaterinburg, Ufa, Екатеринбург, Челябинск, Уфа, Пермь, Тюмень",
        "Asia/Omsk": "OMS Omsk Oblast; Омск",
        "Asia/Novosibirsk": "NVS Novosibirsk Oblast; Новосибирск",
        "Asia/Krasnoyarsk": "KYA Krasnoyarsk Krai; Красноярск",
        "Asia/Irkutsk": "IRK Irkutsk Oblast; Иркутск",
        "Asia/Vladivostok": "PRI Primorsky Krai, KHA Khabarovsk; Владивосток, Хабаровск",
    },
    "ES": {"Atlantic/Canary": "CN Canarias, Canary Islands, Las Palmas, Tenerife; Santa Cruz"},
    "PT": {"Atlantic/Azores": "Azores, Acores", "Atlantic/Madeira": "Madeira; Funchal"},
    "ID": {"Asia/Makassar": "Bali, BA, Sulawesi; Denpasar", "Asia/Jayapura": "Papua, Maluku"},
}
_UPPER_CODE = 3


@lru_cache(maxsize=4096)
def zone_named(text: str) -> str:
    """Return the IANA zone a text names: its own name, Windows' name or a short form."""
    text = text.strip()
    if text in zoneinfo.available_timezones():
        return text
    windows = get_global("windows_zone_mapping")
    key = squash(text)
    return _SHORT.get(key) or _squashed_zones().get(key) or str(windows.get(text, ""))


@lru_cache(maxsize=4096)
def zone_of_place(country: str, region: str = "", city: str = "") -> tuple[str, bool]:
    """Return the zone of a place, and whether region or city decided among several.

    With neither known it is the zone where most people of the country live.
    """
    zones = _zones_by_country().get(country, ())
    if not zones:
        return "", False
    if len(zones) > 1:
        places = _places(country)
        for text in (region, city):
            found = places.get(squash(text)) if text else None
            if found:
                return found, True
    return _MOST_PEOPLE.get(country, zones[0]), False


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    zones: dict[str, tuple[str, ...]] = {"XK": ("Europe/Belgrade",)}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    return zones


@cache
def _places(country: str) -> dict[str, str]:
    """Squashed names of a country's regions and cities, and the zone of each."""
    places = {squash(zone.rpartition("/")[2]): zone for zone in _zones_by_country()[country]}
    for zone, text in _REGIONS.get(country, {}).items():
        for name in text.replace(";", ",").split(","):
            code, _, rest = name.strip().partition(" ")
            if rest and code.isupper() and len(code) <= _UPPER_CODE:
                places[squash(code)] = zone
                places[squash(rest)] = zone
            places[squash(name)] = zone
    return places


@cache
def _squashed_zones() -> dict[str, str]:
    return {squash(zone): zone for zone in sorted(zoneinfo.available_timezones(), reverse=True)}
