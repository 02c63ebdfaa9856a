"""Templates a new agency starts with: short, honest, each asking for one thing."""

from typing import NamedTuple


class Starter(NamedTuple):
    """One template of the starter set."""

    name: str
    category: str
    subject: str
    body: str


_HELLO = 'Hi {{ first_name | default: "there" }},'
_BYE = "Best,\n{{ sender_first_name }}"


def _body(*paragraphs: str) -> str:
    return "\n\n".join((_HELLO, *paragraphs, _BYE))


STARTERS = (
    Starter(
        "Guest post: three ideas",
        "Guest post",
        'An article for {{ company | default: "your readers" }}?',
        _body(
            'I read {{ company | default: "your site" }} and would like to write something for it.'
            " I work with {{ client_name }}, who know a lot about"
            ' {{ core_offer | default: "their field" }}.',
            "Three things your readers might like:\n"
            "- What we learned in a year, with the numbers\n"
            "- The mistakes nearly everyone makes at first\n"
            "- A checklist they can print",
            "Each would be written for you alone and free of advertising. Which one, if any,"
            " should I draft?",
        ),
    ),
    Starter(
        "Guest post: one strong idea",
        "Guest post",
        "An idea for {{ domain }}",
        _body(
            "Do you take articles from outside? I have one in mind that I have not seen on"
            ' {{ company | default: domain }} yet: {{ topic | default: "a piece with figures'
            ' of our own" }}.',
            "It would run to about 1,200 words, with sources and our own pictures. I follow"
            " your guidelines, and you have the last word on every line.",
            "Shall I send an outline first?",
        ),
    ),
    Starter(
        "Resource page: a suggestion",
        "Resource page",
        "A suggestion for your resource page",
        _body(
            "Your list of resources{% if page_url %} ({{ page_url }}){% endif %} helped me"
            " today, thank you for keeping it up.",
            "One page you may want to add: {{ target_url }}. It covers"
            ' {{ target_title | default: "the same subject" }}, is free, and needs no sign-up.',
            "If it does not fit, no harm done. Would you have a look?",
        ),
    ),
    Starter(
        "Broken link: a replacement",
        "Broken link",
        "A dead link on {{ domain }}",
        _body(
            "A quick note: on {{ page_url | default: domain }} the link to"
            ' {{ broken_url | default: "one of the sources" }} leads nowhere any more.',
            "If you would like to keep the paragraph, this page covers the same ground:"
            " {{ target_url }}.",
            "Either way, I thought you would want to know.",
        ),
    ),
    Starter(
        "Unlinked mention: thank you",
        "Unlinked mention",
        "Thank you for mentioning {{ client_name }}",
        _body(
            "Thank you for mentioning {{ client_name }}"
            "{% if page_url %} in {{ page_url }}{% endif %}. The team was glad to see it.",
            "Would you make the name a link to {{ target_url }}? It saves your readers a search.",
        ),
    ),
    Starter(
        "Competitor link: a newer source",
        "Competitor backlink",
        'A newer source for {{ company | default: "your article" }}',
        _body(
            'You link to {{ competitor | default: "another guide" }}'
            "{% if page_url %} in {{ page_url }}{% endif %}. It is good, though some of it"
            " has aged.",
            "{{ client_name }} published a newer one: {{ target_url }}."
            "{% if key_differentiator %} What is different: {{ key_differentiator }}.{% endif %}",
            "Would it be worth a mention beside the one you have?",
        ),
    ),
    Starter(
        "Directory: is our listing complete?",
        "Directory",
        "Our listing on {{ domain }}",
        _body(
            "We sent {{ client_name }} ({{ client_domain }}) to"
            ' {{ company | default: "your directory" }} a while ago and do not see it yet.',
            "Is anything missing? I can send a longer description, a logo or the company's"
            " papers today.",
        ),
    ),
    Starter(
        "Follow-up: short",
        "Follow-up",
        "Following up",
        _body(
            "Did my note reach you? A word is enough: yes, no, or later.",
        ),
    ),
    Starter(
        "Follow-up: something to look at",
        "Follow-up",
        "The outline, in case it helps",
        _body(
            "It may be easier to decide with something to look at, so here is how the piece"
            " would run:\n"
            "- The question your readers ask, in their words\n"
            "- What our own figures say, with a table\n"
            "- Three things to do on Monday morning",
            "Say so if another angle would suit you better.",
        ),
    ),
    Starter(
        "Follow-up: the last one",
        "Follow-up",
        "Closing the loop",
        _body(
            "I will not write again about this. If it becomes useful later, my address stays"
            " the same.",
            "Thank you for reading, and good luck with {{ company | default: domain }}.",
        ),
    ),
)
