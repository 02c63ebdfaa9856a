"""The new words of a reply, however its quote is marked."""

import time

import pytest

from mailer.reading.new_text import new_text

ATTRIBUTIONS = [
    "On Tue, 3 Nov 2026 at 10:15, Maya Lind <maya@agency.example> wrote:",
    "On Nov 3, 2026, at 10:15 AM, Maya Lind wrote:",
    "Am Di., 3. Nov. 2026 um 10:15 Uhr schrieb Maya Lind <maya@agency.example>:",
    "Maya Lind <maya@agency.example> schrieb am Di., 3. Nov. 2026 um 10:15:",
    "Le mar. 3 nov. 2026 à 10:15, Maya Lind <maya@agency.example> a écrit :",
    "El mar, 3 nov 2026 a las 10:15, Maya Lind (<maya@agency.example>) escribió:",
    "Il giorno mar 3 nov 2026 alle ore 10:15 Maya Lind <maya@agency.example> ha scritto:",
    "Op di 3 nov 2026 om 10:15 schreef Maya Lind <maya@agency.example>:",
    "Em ter., 3 de nov. de 2026 às 10:15, Maya Lind <maya@agency.example> escreveu:",
    "Den tis 3 nov. 2026 kl 10:15 skrev Maya Lind <maya@agency.example>:",
    "tir. 3. nov. 2026 kl. 10.15 skrev Maya Lind <maya@agency.example>:",
    "ti 3. marrask. 2026 klo 10.15 Maya Lind (maya@agency.example) kirjoitti:",
    "wt., 3 lis 2026 o 10:15 Maya Lind <maya@agency.example> napisał(a):",
    "út 3. 11. 2026 v 10:15 odesílatel Maya Lind <maya@agency.example> napsal:",
]
DIVIDERS = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "-----Mensaje original-----",
    "----- Messaggio originale -----",
    "-----Oorspronkelijk bericht-----",
    "-----Mensagem original-----",
    "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----",
    "-----Opprinnelig melding-----",
    "-----Alkuperäinen viesti-----",
    "-----Oryginalna wiadomość-----",
    "-----Původní zpráva-----",
    "---------- Forwarded message ---------",
]
HEADER_BLOCKS = [
    "From: Maya Lind <maya@agency.example>\nSent: Tuesday, 3 November\nTo: Anna\nSubject: Idea",
    "Von: Maya Lind <maya@agency.example>\nGesendet: 3. November\nAn: Anna\nBetreff: Idee",
    "De : Maya Lind <maya@agency.example>\nEnvoyé : 3 novembre\nÀ : Anna\nObjet : Idée",
    "De: Maya Lind <maya@agency.example>\nEnviado: 3 de noviembre\nPara: Anna\nAsunto: Idea",
    "Da: Maya Lind <maya@agency.example>\nInviato: 3 novembre\nA: Anna\nOggetto: Idea",
    "Van: Maya Lind <maya@agency.example>\nVerzonden: 3 november\nAan: Anna\nOnderwerp: Idee",
    "Från: Maya Lind <maya@agency.example>\nSkickat: den 3 november\nTill: Anna\nÄmne: Idé",
    "Fra: Maya Lind <maya@agency.example>\nSendt: 3. november 2026\nTil: Anna\nEmne: Idé",
    "Lähettäjä: Maya <maya@agency.example>\nLähetetty: 3.11.\nVastaanottaja: Anna\nAihe: Idea",
    "Od: Maya Lind <maya@agency.example>\nWysłano: 3 listopada\nDo: Anna\nTemat: Pomysł",
    "Od: Maya Lind <maya@agency.example>\nOdesláno: úterý 3. listopadu\nKomu: Anna\nPředmět: Nápad",
    "*From:* Maya Lind <maya@agency.example>\n*Date:* Tuesday\n*To:* Anna\n*Subject:* Idea",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_quote_below_an_attribution_is_cut(line):
    assert new_text(f"Sounds good.\n\nAnna\n\n{line}\n> Would you read it?\n") == (
        "Sounds good.\n\nAnna"
    )


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_unmarked_quote_below_an_attribution_is_cut(line):
    assert new_text(f"Sounds good.\n\n{line}\n\nWould you read it?\n") == "Sounds good."


@pytest.mark.parametrize("line", [line for line in ATTRIBUTIONS if "<" in line])
def test_attribution_wrapped_at_the_address_is_found(line):
    wrapped = line.replace("<", "<\n", 1)
    assert new_text(f"Sounds good.\n\n{wrapped}\n\n> Would you?\n") == "Sounds good."


@pytest.mark.parametrize("line", DIVIDERS)
def test_divider_cuts(line):
    assert new_text(f"Sounds good.\n\n{line}\nWould you read it?") == "Sounds good."


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_header_block_cuts(block):
    assert new_text(f"Sounds good.\n\n{block}\n\nWould you read it?") == "Sounds good."


@pytest.mark.parametrize(
    "signature",
    [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi Android",
        "Inviato da iPhone",
        "Verzonden vanaf mijn iPhone",
        "Enviado do meu Samsung",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
    ],
)
def test_mobile_signature_is_cut(signature):
    assert new_text(f"Sounds good.\n\n{signature}\n\nWould you read it?") == "Sounds good."


def test_signature_after_its_delimiter_is_cut():
    assert new_text("Yes.\n\nAnna\n-- \nAnna Ek\nEditor, Blog\n+46 8 123") == "Yes.\n\nAnna"


def test_answers_between_the_quotes_stay():
    text = "On 3 Nov 2026, Maya wrote:\n> Price?\n100\n> When?\nMonday\n> Bye"
    assert new_text(text) == "> Price?\n100\n> When?\nMonday"


def test_answer_below_the_quote_stays():
    text = "On 3 Nov 2026 at 10:15, Maya wrote:\n> Would you?\n\nYes, gladly."
    assert new_text(text) == "Yes, gladly."


def test_forwarded_mail_without_a_word_keeps_what_was_forwarded():
    text = (
        "---------- Forwarded message ---------\nFrom: Anna <anna@blog.example>\n"
        "Date: Tue, 3 Nov 2026\nSubject: Idea\nTo: <b@blog.example>\n\nCan you take this?"
    )
    assert new_text(text) == "Can you take this?"


@pytest.mark.parametrize(
    "text",
    [
        "On this day\nI wrote something nice about you.",
        "Address: 1 High Street\nTime: 10:00\n\nSee you there.",
        "Our rules:\n\n- one link\n- no casino\n\nTo: be honest, that is all.",
        "We stop by the office. Am 3. Mai schrieb ich dir bereits.",
        "1. First\n2. Second\n\n--- that is the order ---\nThird",
        "Fee: $50 -- per post.",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert new_text(text) == text


@pytest.mark.parametrize(
    "body",
    [
        "On " * 20_000,
        "On \n" * 20_000,
        "> " * 50_000,
        "From: a@b.example\n" * 20_000,
        "-" * 100_000,
        "a@" * 50_000,
        "wrote: " * 20_000,
        "\n" * 100_000,
    ],
)
def test_hostile_bodies_take_linear_time(body):
    started = time.process_time()
    new_text(body)
    assert time.process_time() - started < 2
