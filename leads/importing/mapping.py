"""Which column of a file is which field of a lead, guessed from names, then from values."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from foundation.words import squash, word_set

CUSTOM = "custom:"
# Columns that a file of rejected rows adds at its end, in this order.
REJECT_COLUMNS = ("line", "column", "value", "reason")

# Field → names it goes by, likeliest first: our own, then those of Ahrefs, Semrush, Apollo,
# Hunter, LinkedIn, BuzzStream, Instantly and Smartlead, then other languages.
_NAMES: Mapping[str, str] = {
    "email": (
        "email, email address, e mail, mail, contact email, work email, business email,"
        " primary email, email 1, emails, email id, correo electronico, correo, adresse"
        " email, courriel, e mail adresse, mailadresse, indirizzo email, endereco de email,"
        " adres email, e postadress, e post, sahkoposti, eposta, электронная почта, почта, имейл,"
        " メールアドレス, メール,"
        " 邮箱, 电子邮件, 郵箱, 電子郵件, 이메일, 메일"
    ),
    "first_name": (
        "first name, firstname, given name, forename, fname, contact first name, vorname, prenom,"
        " nombre, nome proprio, imie, fornamn, fornavn, etunimi, ad, jmeno, keresztnev, voornaam,"
        " имя, 名, 이름"
    ),
    "last_name": (
        "last name, lastname, surname, family name, lname, contact last name, nachname,"
        " familienname, nom de famille, apellido, apellidos, cognome, sobrenome, apelido,"
        " nazwisko, efternamn, efternavn, sukunimi, soyad, prijmeni, vezeteknev, achternaam,"
        " фамилия, 姓, 성"
    ),
    "name": (
        "full name, fullname, contact name, name, contact, person, person name, contact person,"
        " your name, vollstandiger name, ansprechpartner, nom complet, nombre completo,"
        " nome completo, imie i nazwisko, имя и фамилия, фио, 氏名, 名前, 姓名, 성명"
    ),
    "job_title": (
        "job title, title, position, role, jobtitle, contact title, occupation, headline,"
        " berufsbezeichnung, poste, fonction, cargo, puesto, ruolo, stanowisko, должность, 役職,"
        " 职位, 직책"
    ),
    "company": (
        "company, company name, organization, organisation, organization name, account name,"
        " business name, business, employer, current company, site name, website name, link"
        " partner name, link partner, publisher, firma, unternehmen, entreprise, societe, empresa,"
        " azienda, bedrijf, foretag, yritys, sirket, компания, организация, 会社名, 会社,"
        " 公司, 회사"
    ),
    "website": (
        "website, website url, web site, site, url, domain, company domain, company website,"
        " referring page url, source url, referring domain, source domain, root domain, link"
        " partner domain, homepage, web, blog, blog url, site url, page url, target site,"
        " publisher url, prospect url, webseite, internetseite, site web, sitio web, pagina web,"
        " sito web, sito, strona, strona www, hemsida, сайт, вебсайт, ウェブサイト, 网站,"
        " 網站, 웹사이트"
    ),
    "phone": (
        "phone, phone number, telephone, tel, mobile, mobile phone, work phone, work direct phone,"
        " direct phone, contact phone, company phone, corporate phone, cell, telefon,"
        " telefonnummer, telefono, telefone, puhelin, телефон, 電話番号, 电话, 전화"
    ),
    "linkedin": (
        "linkedin, linkedin url, linkedin profile, person linkedin url, linkedin profile url,"
        " linkedin link, contact linkedin, profile url, linkedin contact profile url"
    ),
    "city": (
        "city, town, contact city, locality, person city, stadt, ort, ville, ciudad, cidade,"
        " citta, miasto, ort stadt, kaupunki, sehir, город, 市, 城市, 도시"
    ),
    "region": (
        "region, state, province, county, state region, contact state, person state, bundesland,"
        " etat, estado, provincia, wojewodztwo, регион, область, 都道府県, 省"
    ),
    "country": (
        "country, country code, country name, contact country, person country, country region,"
        " land, pays, pais, paese, kraj, maa, ulke, zeme, orszag, страна, 国, 国家, 國家, 국가"
    ),
    "time_zone": "time zone, timezone, tz, zeitzone, fuseau horaire, zona horaria",
    "domain_rating": "domain rating, dr, ahrefs dr, ahrefs domain rating, domain rating dr",
    "verification": (
        "verification, email status, verification status, email verification, hunter status,"
        " hunter verification, email verification status, deliverability"
    ),
}
FIELDS = tuple(_NAMES)
# The rank of a guess by values: poorer than any by name.
_BY_VALUE = 100
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"(?: \(\d+\))?$")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LINKEDIN = re.compile(r"(?:https?://)?(?:\w+\.)?linkedin\.com/", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://)\S+|(?:www\.)\S+", re.IGNORECASE)
_VERDICTS = word_set(
    "valid invalid accept_all webmail disposable unknown verified risky deliverable undeliverable"
    " guessed unverified"
)


_RANKS: dict[str, tuple[str, int]] = {}
for _field, _names in _NAMES.items():
    for _rank, _name in enumerate(_names.split(",")):
        _RANKS.setdefault(squash(_name), (_field, _rank))


def slug(name: str) -> str:
    """Return the template variable a column's values are known by: `Page ascore` → page_ascore."""
    plain = unicodedata.normalize("NFKC", name.casefold())
    text = _SEPARATORS.sub("_", plain).strip("_")[:50].rstrip("_") or "column"
    if text[0].isdigit():
        text = f"column_{text}"
    return f"{text}_column" if text in _RESERVED else text


_RESERVED = frozenset((*FIELDS, "full_name", "domain", "owner_name", "client", "agency", "sender"))


def known_names(cells: Sequence[str]) -> int:
    """Return how many of these cells are names of fields."""
    return len({_RANKS[key][0] for key in map(squash, cells) if key in _RANKS})


def guess_mapping(columns: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, str]:
    """Return column → field, `custom:<slug>`, or "" for the columns of a rejects file.

    `rows` are some of the file's first rows; their values decide where names do not.
    """
    values = {column: _values(rows, position) for position, column in enumerate(columns)}
    left_out = set(reject_columns(columns))
    guesses = {
        column: _guess(column, values[column]) for column in columns if column not in left_out
    }
    if "connectedon" in map(squash, columns) and "URL" in guesses:
        guesses["URL"] = ("linkedin", 0)  # LinkedIn's own export says only URL
    best: dict[str, str] = {}
    for column in sorted(guesses, key=lambda column: guesses[column][1]):
        field = guesses[column][0]
        if field and field not in best.values():
            best[column] = field
    if "first_name" in best.values() and "last_name" in best.values():
        best = {column: field for column, field in best.items() if field != "name"}
    return _with_custom(
        {column: "" if column in left_out else best.get(column) for column in columns}
    )


def _with_custom(found: Mapping[str, str | None]) -> dict[str, str]:
    """Name every column left without a field, each name once."""
    mapping: dict[str, str] = {}
    for column, field in found.items():
        target = f"{CUSTOM}{slug(column)}" if field is None else field
        number = 2
        while target and target in mapping.values():
            target = f"{CUSTOM}{slug(column)}_{number}"
            number += 1
        mapping[column] = target
    return mapping


def reject_columns(columns: Sequence[str]) -> list[str]:
    """Return the last four columns when they are those of our own file of rejected rows."""
    last = list(columns[-len(REJECT_COLUMNS) :])
    names = [_NUMBERED.sub("", column) for column in last]
    return last if names == list(REJECT_COLUMNS) else []


def _values(rows: Sequence[Sequence[str]], position: int) -> list[str]:
    cells = (row[position].strip() for row in rows if position < len(row))
    return [cell for cell in cells if cell]


def _guess(column: str, values: Sequence[str]) -> tuple[str, int]:
    """Return a field ("" for none) and how poor the guess is."""
    field, rank = _RANKS.get(squash(column), ("", 0))
    if field == "website" and _mostly(_LINKEDIN, values):
        return "linkedin", rank
    if field:
        return (field if _plausible(field, rank, values) else ""), rank
    if _mostly(_EMAIL, values):
        return "email", _BY_VALUE
    return _guess_url(column, values), _BY_VALUE


def _plausible(field: str, rank: int, values: Sequence[str]) -> bool:
    """A column called Contact or Status may hold something else: its values say."""
    if field == "email" and rank and values:
        return _mostly(_EMAIL, values)
    return field != "verification" or _verdicts(values)


def _guess_url(column: str, values: Sequence[str]) -> str:
    if _mostly(_LINKEDIN, values):
        return "linkedin"
    return "website" if column.startswith("Column ") and _mostly(_WEB, values) else ""


def _mostly(pattern: re.Pattern[str], values: Sequence[str]) -> bool:
    return bool(values) and sum(1 for v in values if pattern.match(v)) * 2 > len(values)


def _verdicts(values: Sequence[str]) -> bool:
    known = sum(1 for v in values if v.lower().replace("-", "_").replace(" ", "_") in _VERDICTS)
    return not values or known * 2 > len(values)
