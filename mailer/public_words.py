"""What recipients read on our pages and under e-mails, in the languages of our regions.

A plain table and not gettext: a dozen sentences in thirteen languages, all seen at one
glance, with no compile step, while the rest of the product speaks one language.
"""

import re

ENGLISH = "en"
KEYS = (
    "unknown_title", "unknown", "ask_title", "ask", "done_title", "done",
    "mistake", "undo", "back_title", "back", "this_address",
)  # fmt: skip

_TABLE: dict[str, tuple[str, ...]] = {
    "en": (
        "This link is not known",
        (
            "It may have been cut off on its way, or its e-mail was erased. Open the e-mail again"
            " and use the link there. To get no more e-mail, answer with the word “unsubscribe”."
        ),
        "Unsubscribe",
        "{who} will get no more e-mail from {sender}, whichever client it writes for.",
        "You are unsubscribed",
        "{who} will get no more e-mail from {sender}. You can close this page.",
        "Was it a mistake?",
        "Take it back",
        "Taken back",
        "{who} may get e-mail from {sender} again.",
        "This address",
    ),
    "de": (
        "Dieser Link ist nicht bekannt",
        (
            "Vielleicht wurde er unterwegs abgeschnitten, oder die E-Mail wurde gelöscht."
            " Öffnen Sie die E-Mail noch einmal und benutzen Sie den Link dort. Wenn Sie keine"
            " E-Mails mehr möchten, antworten Sie mit dem Wort „unsubscribe“."
        ),
        "Abmelden",
        "{who} bekommt keine E-Mails mehr von {sender}, gleich für welchen Kunden.",
        "Sie sind abgemeldet",
        "{who} bekommt keine E-Mails mehr von {sender}. Sie können diese Seite schließen.",
        "War das ein Versehen?",
        "Rückgängig machen",
        "Die Abmeldung ist aufgehoben",
        "{who} kann wieder E-Mails von {sender} bekommen.",
        "Diese Adresse",
    ),
    "fr": (
        "Ce lien n’est pas reconnu",
        (
            "Il a peut-être été coupé en route, ou l’e-mail a été effacé. Rouvrez l’e-mail et"
            " utilisez le lien qui s’y trouve. Pour ne plus recevoir d’e-mails, répondez avec le"
            " mot « unsubscribe »."
        ),
        "Se désinscrire",
        "{who} ne recevra plus d’e-mails de {sender}, quel que soit le client concerné.",
        "Désinscription enregistrée",
        "{who} ne recevra plus d’e-mails de {sender}. Vous pouvez fermer cette page.",
        "C’était une erreur ?",
        "Annuler la désinscription",
        "Désinscription annulée",
        "{who} peut de nouveau recevoir des e-mails de {sender}.",
        "Cette adresse",
    ),
    "es": (
        "Este enlace no se reconoce",
        (
            "Puede que se haya cortado por el camino o que el correo se haya borrado. Abra de nuevo"
            " el correo y use el enlace que contiene. Para no recibir más correos, responda con la"
            " palabra «unsubscribe»."
        ),
        "Darse de baja",
        "{who} no recibirá más correos de {sender}, sea cual sea el cliente.",
        "La baja está hecha",
        "{who} no recibirá más correos de {sender}. Puede cerrar esta página.",
        "¿Ha sido un error?",
        "Deshacer la baja",
        "La baja se ha deshecho",
        "{who} puede volver a recibir correos de {sender}.",
        "Esta dirección",
    ),
    "it": (
        "Questo link non è riconosciuto",
        (
            "Forse è stato tagliato lungo il percorso, oppure l’e-mail è stata cancellata. Riapra"
            " l’e-mail e usi il link che contiene. Per non ricevere altre e-mail, risponda con la"
            " parola «unsubscribe»."
        ),
        "Annulla l’iscrizione",
        "{who} non riceverà più e-mail da {sender}, per qualunque cliente.",
        "Iscrizione annullata",
        "{who} non riceverà più e-mail da {sender}. Può chiudere questa pagina.",
        "È stato un errore?",
        "Ripristina",
        "Annullamento revocato",
        "{who} può ricevere di nuovo e-mail da {sender}.",
        "Questo indirizzo",
    ),
    "nl": (
        "Deze link is niet bekend",
        (
            "Misschien is hij onderweg afgekapt, of is de e-mail gewist. Open de e-mail opnieuw en"
            " gebruik de link daarin. Wilt u geen e-mail meer, antwoord dan met het woord"
            " ‘unsubscribe’."
        ),
        "Afmelden",
        "{who} krijgt geen e-mail meer van {sender}, voor welke klant ook.",
        "U bent afgemeld",
        "{who} krijgt geen e-mail meer van {sender}. U kunt deze pagina sluiten.",
        "Was het een vergissing?",
        "Ongedaan maken",
        "De afmelding is ongedaan gemaakt",
        "{who} kan weer e-mail krijgen van {sender}.",
        "Dit adres",
    ),
    "pt": (
        "Esta ligação não é conhecida",
        (
            "Pode ter sido cortada pelo caminho, ou o e-mail pode ter sido apagado. Abra novamente"
            " o e-mail e use a ligação que lá está. Para não receber mais e-mails, responda com a"
            " palavra «unsubscribe»."
        ),
        "Cancelar a subscrição",
        "{who} não receberá mais e-mails de {sender}, seja qual for o cliente.",
        "Subscrição cancelada",
        "{who} não receberá mais e-mails de {sender}. Pode fechar esta página.",
        "Foi engano?",
        "Anular o cancelamento",
        "O cancelamento foi anulado",
        "{who} pode voltar a receber e-mails de {sender}.",
        "Este endereço",
    ),
    "sv": (
        "Länken är okänd",
        (
            "Den kan ha kapats på vägen, eller så har mejlet raderats. Öppna mejlet igen och använd"
            " länken där. Svara med ordet ”unsubscribe” om du inte vill ha fler mejl."
        ),
        "Avregistrera",
        "{who} får inga fler mejl från {sender}, oavsett för vilken kund.",
        "Du är avregistrerad",
        "{who} får inga fler mejl från {sender}. Du kan stänga den här sidan.",
        "Var det ett misstag?",
        "Ångra",
        "Avregistreringen är ångrad",
        "{who} kan få mejl från {sender} igen.",
        "Den här adressen",
    ),
    "da": (
        "Linket er ukendt",
        (
            "Det kan være blevet klippet over undervejs, eller e-mailen er slettet. Åbn e-mailen"
            " igen, og brug linket i den. Svar med ordet »unsubscribe«, hvis du ikke vil have"
            " flere e-mails."
        ),
        "Afmeld",
        "{who} får ikke flere e-mails fra {sender}, uanset for hvilken kunde.",
        "Du er afmeldt",
        "{who} får ikke flere e-mails fra {sender}. Du kan lukke denne side.",
        "Var det en fejl?",
        "Fortryd",
        "Afmeldingen er fortrudt",
        "{who} kan igen få e-mails fra {sender}.",
        "Denne adresse",
    ),
    "no": (
        "Lenken er ukjent",
        (
            "Den kan ha blitt kuttet underveis, eller e-posten er slettet. Åpne e-posten på nytt og"
            " bruk lenken der. Svar med ordet «unsubscribe» hvis du ikke vil ha flere e-poster."
        ),
        "Meld deg av",
        "{who} får ikke flere e-poster fra {sender}, uansett for hvilken kunde.",
        "Du er meldt av",
        "{who} får ikke flere e-poster fra {sender}. Du kan lukke denne siden.",
        "Var det en feil?",
        "Angre",
        "Avmeldingen er angret",
        "{who} kan få e-post fra {sender} igjen.",
        "Denne adressen",
    ),
    "fi": (
        "Linkkiä ei tunneta",
        (
            "Se on voinut katketa matkalla, tai viesti on poistettu. Avaa viesti uudelleen ja käytä"
            " siinä olevaa linkkiä. Jos et halua enää viestejä, vastaa sanalla ”unsubscribe”."
        ),
        "Peru viestit",
        "{who} ei saa enää sähköpostia lähettäjältä {sender}, minkään asiakkaan puolesta.",
        "Viestit on peruttu",
        "{who} ei saa enää sähköpostia lähettäjältä {sender}. Voit sulkea tämän sivun.",
        "Oliko se vahinko?",
        "Kumoa",
        "Peruutus on kumottu",
        "{who} voi taas saada sähköpostia lähettäjältä {sender}.",
        "Tämä osoite",
    ),
    "pl": (
        "Ten link jest nieznany",
        (
            "Mógł zostać ucięty po drodze albo wiadomość została usunięta. Otwórz wiadomość"
            " ponownie i użyj linku, który się w niej znajduje. Aby nie dostawać więcej wiadomości,"
            " odpowiedz słowem „unsubscribe”."
        ),
        "Wypisz się",
        "{who} nie dostanie więcej wiadomości od firmy {sender}, bez względu na jej klienta.",
        "Wypisano",
        "{who} nie dostanie więcej wiadomości od firmy {sender}. Możesz zamknąć tę stronę.",
        "Czy to była pomyłka?",
        "Cofnij",
        "Wypisanie zostało cofnięte",
        "{who} może znów dostawać wiadomości od firmy {sender}.",
        "Ten adres",
    ),
    "cs": (
        "Tento odkaz neznáme",
        (
            "Mohl se cestou zkrátit, nebo byl e-mail smazán. Otevřete e-mail znovu a použijte odkaz"
            " v něm. Pokud už e-maily nechcete dostávat, odpovězte slovem „unsubscribe“."
        ),
        "Odhlásit se",
        "{who} už nedostane žádné e-maily od společnosti {sender}, ať píše pro kohokoli.",
        "Odhlášení je hotové",
        "{who} už nedostane žádné e-maily od společnosti {sender}. Tuto stránku můžete zavřít.",
        "Byl to omyl?",
        "Vzít zpět",
        "Odhlášení je zrušeno",
        "{who} může opět dostávat e-maily od společnosti {sender}.",
        "Tato adresa",
    ),
}
LANGUAGES = tuple(_TABLE)
_SPOKEN = {
    "AT": "de", "CH": "de", "DE": "de", "LI": "de", "FR": "fr", "LU": "fr", "MC": "fr",
    "ES": "es", "AR": "es", "BO": "es", "CL": "es", "CO": "es", "CR": "es", "CU": "es",
    "DO": "es", "EC": "es", "GT": "es", "HN": "es", "MX": "es", "NI": "es", "PA": "es",
    "PE": "es", "PY": "es", "SV": "es", "UY": "es", "VE": "es", "IT": "it", "SM": "it",
    "NL": "nl", "PT": "pt", "BR": "pt", "AO": "pt", "MZ": "pt", "SE": "sv", "DK": "da",
    "NO": "no", "FI": "fi", "PL": "pl", "CZ": "cs",
}  # fmt: skip
_ALSO = {"nb": "no", "nn": "no"}
_ACCEPTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q=([0-9.]{1,6}))?\s*")


def words(language: str) -> dict[str, str]:
    """Return every text by its key, with {who} and {sender} where names belong."""
    return dict(zip(KEYS, _TABLE.get(language, _TABLE[ENGLISH]), strict=True))


def language_of(*, accepted: str = "", country: str = "", address: str = "") -> str:
    """Return the language of a reader.

    Args:
        accepted: the browser's Accept-Language (RFC 9110, 12.5.4), which counts first.
        country: two letters, as known of the person.
        address: whose top-level domain may name a country.
    """
    asked = _asked_for(accepted)
    if asked:
        return asked
    top_level = address.rpartition(".")[2].upper()
    return _SPOKEN.get(country.upper()) or (ENGLISH if country else _SPOKEN.get(top_level, ENGLISH))


def html_lang(language: str) -> str:
    """Return the value of a page's `lang` attribute."""
    return "nb" if language == "no" else language


def _asked_for(accepted: str) -> str:
    """Return the language asked for most that we have; "" when there is none."""
    best, found = 0.0, ""
    for part in accepted[:300].split(","):
        match = _ACCEPTED.fullmatch(part)
        if match is None:
            continue
        name = match[1].lower()
        name = _ALSO.get(name, name)
        try:
            weight = min(float(match[2] or 1), 1.0)
        except ValueError:
            continue
        if name in _TABLE and weight > best:
            best, found = weight, name
    return found
