"""What a reply wants, by rules."""

from decimal import Decimal

import pytest

from mailer.reading.intents import wants
from mailer.reading.prices import Price, price_in

CASES = [
    ("interested", "Yes, this sounds interesting. Please send the outline."),
    ("interested", "We'd be happy to take a look."),
    ("interested", "Das klingt gut, schicken Sie mir gerne den Entwurf."),
    ("interested", "Bonjour, nous sommes intéressés par votre proposition."),
    ("interested", "Hola, nos interesa la propuesta."),
    ("interested", "Buongiorno, siamo interessati."),
    ("interested", "Klinkt goed, stuur maar door."),
    ("interested", "Olá, temos interesse."),
    ("interested", "Hej, det låter bra!"),
    ("interested", "Hej, det lyder godt."),
    ("interested", "Hei, det høres bra ut."),
    ("interested", "Hei, kuulostaa hyvältä."),
    ("interested", "Dzień dobry, jesteśmy zainteresowani."),
    ("interested", "Dobrý den, máme zájem."),
    ("interested", "Not interested in paid links, but we are interested in a guest post."),
    ("not_interested", "Thanks, but we're not interested."),
    ("not_interested", "No thanks."),
    ("not_interested", "Kein Interesse, danke."),
    ("not_interested", "Merci, nous ne sommes pas intéressés."),
    ("not_interested", "No estamos interesados, gracias."),
    ("not_interested", "Grazie, non siamo interessati."),
    ("not_interested", "Bedankt, wij hebben geen interesse."),
    ("not_interested", "Obrigado, não temos interesse."),
    ("not_interested", "Tack, vi är inte intresserade. Nej tack."),
    ("not_interested", "Nej tak, vi har ingen interesse."),
    ("not_interested", "Nei takk."),
    ("not_interested", "Emme ole kiinnostuneita."),
    ("not_interested", "Nie jesteśmy zainteresowani."),
    ("not_interested", "Nemáme zájem, děkujeme."),
    ("not_interested", "We do not accept guest posts."),
    ("other", "Not interested right now, try again in the new year."),
    ("other", "We are not interested in paid links but a mention is possible."),
    ("question", "Not interested yet. Who is your client?"),
    ("question", "Which site is this for?"),
    ("question", "Welche Seite ist das?"),
    ("question", "Combien de mots ?"),
    ("price", "We charge 180 USD for a sponsored post."),
    ("price", "Our fee is €150 per link, ok?"),
    ("price", "Ein Artikel kostet 1.200 Euro."),
    ("price", "Le tarif est de 90 €."),
    ("wrong_person", "I'm not the right person, please contact jo@blog.example."),
    ("wrong_person", "Anna no longer works here."),
    ("wrong_person", "Ich bin dafür nicht zuständig."),
    ("wrong_person", "Je ne suis pas la bonne personne."),
    ("unsubscribe", "Please unsubscribe me."),
    ("unsubscribe", "STOP"),
    ("unsubscribe", "Remove me from your list!"),
    ("unsubscribe", "Please stop emailing me."),
    ("unsubscribe", "Do not contact me again."),
    ("unsubscribe", "Bitte nehmen Sie mich aus dem Verteiler."),
    ("unsubscribe", "Veuillez me désinscrire."),
    ("unsubscribe", "Por favor, quiero darme de baja."),
    ("unsubscribe", "Vi prego di cancellarmi: cancellatemi dalla lista."),
    ("unsubscribe", "Schrijf me uit."),
    ("unsubscribe", "Por favor, remova-me da lista."),
    ("unsubscribe", "Ta bort mig från listan."),
    ("unsubscribe", "Fjern mig fra listen."),
    ("unsubscribe", "Fjern meg fra listen."),
    ("unsubscribe", "Poistakaa minut listalta."),
    ("unsubscribe", "Proszę usunąć mnie z listy."),
    ("unsubscribe", "Odhlaste mě prosím."),
    ("interested", "This could work for us."),
    ("interested", "Can you send some topic ideas?"),
    ("interested", "We no longer accept free posts, but I am happy to discuss a paid one."),
    ("not_interested", "This isn't something we'd be interested in."),
    ("not_interested", "We don't add external links to our articles."),
    ("question", "How much do you pay?"),
    ("price", "Guest post: $80\nLink insertion: $60"),
    ("wrong_person", "I've left Acme. Please reach out to Sam at sam@acme.example."),
    ("unsubscribe", "I would like to be removed from your list"),
    ("other", "Please remove the link to the shop from the article."),
    ("other", "The article is live: https://x.example/post"),
    ("other", "Thank you for your message."),
    ("other", ""),
]
KIND = [
    "Our vacation rentals blog takes guest posts on how to unsubscribe from newsletters.",
    "Please remove the second link and stop by our office.",
    "How do your readers unsubscribe?",
    "Please remove my e-mail from the author box of the article.",
    "Please remove us from the competitors you name and we publish it.",
    "Please remove this paragraph.",
    "Please unsubscribe buttons from the draft, they look bad.",
    "We raised $5 million last year and stop at nothing.",
]


@pytest.mark.parametrize(("intent", "text"), CASES)
def test_intent_of_a_reply(intent, text):
    assert wants(text).intent == intent


@pytest.mark.parametrize("text", KIND)
def test_innocent_words_suppress_nobody(text):
    assert wants(text).intent not in {"unsubscribe", "not_interested"}


def test_footer_that_offers_to_unsubscribe_asks_for_nothing():
    text = "Sounds good, go ahead.\n\nTo unsubscribe from our newsletter click here: unsubscribe"
    assert wants(text).intent == "interested"


def test_reason_quotes_the_sentence():
    assert wants("Hello. Please unsubscribe me.").reasons == (
        "asks not to be written to: “please unsubscribe me.”",
    )


def test_right_person_is_named():
    found = wants("Wrong person! Please contact Jo Berg instead: jo@blog.example", "a@blog.example")
    assert (found.right_address, found.right_name) == ("jo@blog.example", "Jo Berg")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1,200 per post", "1200", "USD"),
        ("1.200,50 EUR", "1200.50", "EUR"),
        ("£90", "90", "GBP"),
        ("CHF 1'200", "1200", "CHF"),
        ("2k USD", "2000", "USD"),
        ("850 zł", "850", "PLN"),
        ("1 500 Kč", "1500", "CZK"),
    ],
)
def test_price_is_read(text, amount, currency):
    assert price_in(text) == Price(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["50%", "in 2026", "1,200 words", "$5 million", "call 555 1234"])
def test_figure_is_no_price(text):
    assert price_in(text) is None
