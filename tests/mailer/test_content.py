"""The look at an e-mail's content: what is remarked, where, and what honest letters get."""

import time

import pytest

from mailer.deliverability.content import GMAIL_CLIPS, Content, Report, check_content

LETTER = (
    "Hello Elena,\n\nyour guide to dehydrated food has helped me on two long walks, and the part"
    " about packing weights is the best I have read. We have tested twelve meals in the field and"
    " written down what each one costs in fuel. Would a short comparison fit under your section"
    " on stoves? I can send an outline this week.\n\nMaya"
)


def looked(text: str = LETTER, **changes) -> Report:
    values = {"subject": "Your guide to trail food", "sender_domain": "agency.example"}
    return check_content(Content(**(values | {"text": text} | changes)))


def remarked(text: str = LETTER, **changes) -> set[str]:
    return {f"{remark.place}: {remark.text}" for remark in looked(text, **changes).remarks}


def link(href: str, label: str = "the guide") -> str:
    return f'<p>{LETTER}</p><p>See <a href="{href}">{label}</a></p>'


def test_honest_letter_gets_nothing():
    report = looked(html=link("https://northbeam.example/guide"))

    assert (report.remarks, report.tone) == ([], "ok")


@pytest.mark.parametrize(
    "text",
    [
        (
            "Guten Tag Frau Huber,\n\nIhr Beitrag über Almhütten hat mir gefallen. Hätten Sie"
            " Interesse an einem Vergleich von zwölf Kochern?\n\nMaya"
        ),
        (
            "Bonjour Claire,\n\nvotre guide des refuges m'a beaucoup aidé. Un comparatif de douze"
            " réchauds vous intéresserait-il ?\n\nMaya"
        ),
        (
            "Hola Marta,\n\nsu guía de refugios me ha ayudado mucho. ¿Le interesaría una"
            " comparación de doce hornillos?\n\nMaya"
        ),
    ],
)
def test_honest_letters_in_other_languages_get_nothing(text: str):
    assert looked(text).remarks == []


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Re: our talk", "pretends to answer"),
        ("FWD: prices", "pretends to answer"),
        ("AW: Angebot", "pretends to answer"),
        ("Re[2]: our talk", "pretends to answer"),
        ("A" * 90, "90 characters"),
        ("Look 🚀🚀", "2 emoji"),
        ("Really?! Yes!", "several exclamation"),
        ("READ THIS NOW please", "in capitals"),
        ("Free money for you", "“free money”"),
    ],
)
def test_subject_is_remarked(subject: str, words: str):
    found = [one for one in remarked(subject=subject) if one.startswith("Subject")]

    assert any(words in one for one in found)


def test_answer_may_say_re():
    assert remarked(subject="Re: our talk", answers=True) == set()


@pytest.mark.parametrize(
    "words",
    ["Click here now", "jetzt kaufen", "ceci n'est pas un spam", "gana dinero", "zarób pieniądze"],
)
def test_spam_words_are_found_in_several_languages(words: str):
    assert any("filters weigh" in one for one in remarked(f"{LETTER} {words.upper()}!"))


def test_words_inside_words_are_not():
    assert remarked(LETTER + " Dealing with pbnation and cashmere.") == set()


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (link("https://bit.ly/abc"), "hides where it leads"),
        (link("https://evil.example/", "www.yourbank.example"), "but leads to evil.example"),
        (link("https://evil.example/", "https://good.example/page"), "but leads to evil.example"),
        (link("http://northbeam.example/"), "without encryption"),
        (link("https://203.0.113.9/x"), "bare address"),
        (link("https://xn--pple-43d.com/"), "mixes alphabets"),
        (link("https://bücher.example/"), "outside ASCII"),
        (link("https://a.example/") * 4, "4 links"),
        ('<img src="cid:a">', "picture"),
    ],
)
def test_links_and_pictures_are_remarked(markup: str, words: str):
    text = "" if "img" in markup else LETTER

    assert any(words in one for one in remarked(text, html=markup))


@pytest.mark.parametrize(
    "markup",
    [
        link("https://www.good.example/page", "good.example"),
        link("https://blog.good.example/page", "https://good.example"),
        link("https://good.example/page", "see good.example for more"),
        link("mailto:ann@agency.example", "ann@agency.example"),
    ],
)
def test_links_that_say_where_they_lead_are_fine(markup: str):
    assert remarked(html=markup) == set()


def test_tracking_under_another_name_is_remarked():
    markup = link("https://northbeam.example/")

    other = remarked(html=markup, tracking_host="track.desk.example")
    own = remarked(html=markup, tracking_host="go.agency.example")

    assert any("lead through track.desk.example" in one for one in other)
    assert own == set()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"html_size": GMAIL_CLIPS + 1}, "Gmail cuts it off"),
        ({"html_size": 90 * 1024}, "Gmail cuts off"),
        ({"size": 600 * 1024}, "600 kB"),
        ({"has_unsubscribe": False}, "no way to unsubscribe"),
        ({"text": "", "html": f"<p>{LETTER}</p>"}, "no plain text"),
        ({"text": LETTER + " BUY THIS VERY GOOD THING"}, "words in capitals"),
        ({"text": LETTER + " Wow!!"}, "exclamation marks"),
    ],
)
def test_rest_is_remarked(changes: dict, words: str):
    assert any(words in one for one in remarked(**({"text": LETTER} | changes)))


def test_points_add_up_to_a_verdict():
    report = looked(
        "Click here now! FREE MONEY GUARANTEED TODAY!!!", subject="RE: YOU ARE A WINNER"
    )

    assert report.tone == "bad"
    assert report.verdict == f"{report.score} points: likely to be filtered"
    assert [one.points for one in report.remarks] == sorted(
        (one.points for one in report.remarks), reverse=True
    )


@pytest.mark.parametrize(
    "markup",
    ["<![", "<a href=", "<a " * 20_000, "<" * 50_000, "&#x110000;" * 5_000, "<!--" * 10_000],
)
def test_no_markup_breaks_it_or_takes_long(markup: str):
    started = time.process_time()

    looked("x" * 200_000 + "!" * 50_000, html=markup)

    # CPU of this process only; the inputs took minutes where a check was not linear.
    assert time.process_time() - started < 5
